//! The codes that languages have in files: the short one of a long one.

/// ISO 639-2 (for terminology and for bibliographies) and 639-3, each before ISO 639-1. Norwegian
/// Bokmål is called Norwegian.
const LONG: &str = "afr af aka ak amh am ara ar aze az bel be ben bn bod bo bos bs bre br bul bg cat ca ces cs cze cs cmn zh cym cy \
    wel cy dan da deu de ger de ell el gre el eng en epo eo est et eus eu baq eu fao fo fas fa per fa pes fa fin fi fra fr fre fr \
    gle ga glg gl guj gu hat ht hau ha heb he hin hi hrv hr hun hu hye hy arm hy ind id isl is ice is ita it jav jv jpn ja kan kn \
    kat ka geo ka kaz kk khm km kor ko lao lo lat la lav lv lin ln lit lt ltz lb mal ml mar mr mkd mk mac mk mlg mg mlt mt mon mn \
    mri mi mao mi msa ms may ms mya my bur my nep ne nld nl dut nl nno nn nob no nor no oci oc ori or pan pa pol pl por pt pus ps \
    ron ro rum ro rus ru san sa sin si slk sk slo sk slv sl sna sn snd sd som so spa es sqi sq alb sq srp sr sun su swa sw swe sv \
    tam ta tat tt tel te tgk tg tgl tl tha th tib bo tuk tk tur tr ukr uk urd ur uzb uz vie vi yid yi yor yo zho zh chi zh zul zu";

/// The code of two letters (ISO 639-1) for `long`, one of three; `None` for any other.
pub fn short(long: &str) -> Option<&'static str> {
    let mut codes = LONG.split_whitespace();
    std::iter::from_fn(|| Some((codes.next()?, codes.next()?)))
        .find(|(known, _)| *known == long)
        .map(|(_, short)| short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_one() {
        let codes: Vec<&str> = LONG.split_whitespace().collect();
        for pair in codes.chunks(2) {
            assert_eq!(
                (pair[0].len(), pair[1].len(), short(pair[0])),
                (3, 2, Some(pair[1])),
                "{pair:?}"
            );
        }
        assert_eq!((short("en"), short("xyz"), short("")), (None, None, None));
    }
}
