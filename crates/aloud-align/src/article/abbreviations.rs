//! Which dots belong to an abbreviation, and what may follow them?

/// What the dot after a word means for the sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// An ordinary full stop.
    Free,
    /// Never an end: a title before a name, "e.g.".
    Never,
    /// No end before a number ("No. 5", "Jan. 20").
    BeforeNumber,
    /// An end only before a word that typically begins a sentence ("Inc.", "U.S.").
    BeforeStarter,
}

/// Titles and words that always go on: English, German, Dutch, Scandinavian, French, Spanish,
/// Portuguese, Italian, Polish, Czech, Slovak, Russian and Ukrainian, Greek, Hungarian, Turkish,
/// Hindi.
const NEVER: &str = " mr mrs ms mx dr prof gen sen rep gov lt col sgt capt cpt maj cmdr rev hon fr pres supt messrs mt \
    vs v cf viz e.g i.e eg ie ca approx incl excl \
    tsd gr z.b d.h u.a o.ä bzw vgl sog evtl ggf hr hrn frl z d u o inkl exkl zzt geb gest verh ehem insb lt hrsg hl mio mrd tel std str allg phil jur rer nat \
    bijv dhr mevr mw drs ir mr o.a d.w.z m.b.t t.a.v i.p.v t.o.v m.a.w nl resp zgn aanw vnw \
    bl.a f.eks t.ex dvs kl fig jf ang \
    mme mlle mgr pr av p.ex c.-à-d \
    lic sra srta srl dra sras srs sres dras dres profa arq dña d.ª ud uds p.ej ej pág págs núm avda exmo exma sr dra drª prof.ª \
    l'on sig sig.ra sig.na prof.ssa dott dott.ssa avv ing geom egr spett pag \
    np tzn tj m.in ul bałt św ks inż lek hab zob \
    nám tř prim napr např tzv tj t.j ing mgr mudr judr rndr č čl ods sv \
    вул просп акад доц т.е т.к т.н т.ч напр ул см рис стр проф акад ср св тов гр кв пос пл обл тел тыс т г-н г-жа \
    π.χ δηλ κ κα καθ αρ σελ βλ δρ \
    kb ún pl ifj özv özl bkz sn डॉ प्रो पं स्व ";

/// Words that go on before a number.
const BEFORE_NUMBER: &str = " no nos nr nrn núm n.º p pp s vol vols ch chap fig figs eq eqs sec art abb tel ext op cat ver \
    jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun \
    abs kap tab lfd blz afb hfst fasc rozdz poz str ok гл п пп ст табл д корп оф ";

/// Words that may end a sentence and often do not.
const BEFORE_STARTER: &str = " fa doc bd bc arch gent env med им inc ltd co corp bros jr sr esq ph.d m.d b.a m.a d.c a.m p.m am pm st ave blvd rd etc usw al dept univ \
    est assn gmbh ag llc plc cie s.a ed eds trans mass calif conn \
    jh jhd jhdt enz e.d osv m.m etc ecc uu ee itd itp r w atď atp apod aj т.д т.п др г гг в вв руб коп млн млрд куб м мин ч сек к.λπ κ.ά κ.λ.π μ.χ ";

/// Words that end a list or a sum, so that a capital behind them begins a sentence where there was
/// room for one.
const CLOSERS: &str =
    " etc usw etw enz ecc osv m.m itd itp atd apod atp др т.д т.п руб коп k.λπ κ.λπ κ.ά κ.λ.π ";

/// Letters for years, centuries and sums, which do the same behind a number; elsewhere they are a
/// town, a lord, or an initial.
const BEHIND_NUMBERS: &str = " г гг в вв р r rr w zł kč kr ft eur hod kg km cm mm ml ";

/// Words that typically begin a sentence and seldom follow an abbreviation inside one.
const STARTERS: &str = " the a an he she it they we i you his her its their our my in on at by for from with as if but and or so yet \
    then now this that these those there when while where what why how who which some many most one all no not after before since \
    until although though because however still also even only once here is are was were do does did can will would let \
    er sie es wir ich der die das ein eine und aber in dann doch nun heute zudem dies diese dieser \
    il elle ils nous je le la les un une et mais ce cette el los las ella ellos yo y pero no \
    lei lui io noi loro questo questa ma hij zij wij ik de het een maar en dit dat \
    он она оно они мы я вы это но и а в на у к то так как потом затем on ona oni ale to ten tá jej jeho bol bola byl byla \
    αυτός αυτή αυτό ο η το οι τα και όμως ";

/// Whether `word` stands in a table.
fn is_in(table: &str, word: &str) -> bool {
    !word.is_empty() && !word.contains(' ') && table.contains(&format!(" {word} "))
}

/// Whether the dot after `token` may end a sentence before any capital: it closes a list or a sum.
/// `before` is the word before it.
pub(super) fn is_closer(token: &str, before: &str) -> bool {
    let lower = token.to_lowercase();
    let is_number = || {
        before.chars().any(|c| c.is_ascii_digit())
            || (!before.is_empty() && before.chars().all(|c| "IVXLC".contains(c)))
    };
    is_in(CLOSERS, &lower) || (is_in(BEHIND_NUMBERS, &lower) && is_number())
}

/// What the dot after `token`, written without it, means.
pub(super) fn ending(token: &str) -> Ending {
    let lower = token.to_lowercase();
    // An article may have lost its vowel before it ("l'ing. Rossi").
    let bare = lower.rsplit(['\'', '’']).next().unwrap_or_default();
    // A street has its name before it ("Hauptstr. 5").
    let is_street = || lower.len() > 4 && lower.ends_with("str");
    let is_in = |table: &str| is_in(table, &lower);
    if is_in(NEVER) || self::is_in(NEVER, bare) {
        Ending::Never
    } else if is_in(BEFORE_NUMBER) || is_street() {
        Ending::BeforeNumber
    } else if is_in(BEFORE_STARTER) || is_dotted(token) || has_no_vowel(token) {
        Ending::BeforeStarter
    } else {
        Ending::Free
    }
}

/// Whether `token` is two or three letters that nobody can say as a word ("Ltn", "kpt"), and no
/// name in capitals ("BBC"). Letters that are not known are no consonants; r and l carry syllables
/// ("vlk", "trh"), and some sounds are words ("Hmm").
fn has_no_vowel(token: &str) -> bool {
    const CONSONANTS: &str = "bcdfghjklmnpqrstvxzčćďłňńřśšťžźбвгджзклмнпрстфхцчшщβγδζθκλμνξπρστφχψ";
    const SOUNDS: &str = " hmm mhm shh pst tsk brr grr psst ";
    let lower = token.to_lowercase();
    let letters: Vec<char> = lower.chars().collect();
    (2..=3).contains(&letters.len())
        && token.chars().skip(1).all(char::is_lowercase)
        && letters.iter().all(|c| CONSONANTS.contains(*c))
        && !matches!(letters[..], [_, 'r' | 'l', _])
        && !is_in(SOUNDS, &lower)
}

/// Whether `word` is a number in digits or in Roman ones.
pub(super) fn is_number(word: &str) -> bool {
    word.starts_with(char::is_numeric)
        || (word.chars().count() > 1 && word.chars().all(|c| "IVXLC".contains(c)))
}

/// Whether `word` typically begins a sentence.
pub(super) fn is_starter(word: &str) -> bool {
    let lower = word.to_lowercase();
    !lower.is_empty() && STARTERS.contains(&format!(" {lower} "))
}

/// Whether `word` goes on after a number with a dot, as dates and centuries do ("am 3. März", "19.
/// storočie").
pub(super) fn follows_ordinal(word: &str) -> bool {
    const WORDS: &str = " januar jänner februar märz april mai juni juli august september oktober november dezember jahrhundert mal \
        weltkrieg jahrestag geburtstag stock kapitel klasse platz bundesliga \
        januára februára marca apríla mája júna júla augusta septembra októbra novembra decembra storočie storočia \
        ledna února března dubna května června července srpna září října listopadu prosince století \
        stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia wieku \
        januar februar mars juni juli oktober desember december århundrede maj január február március április május június július \
        augusztus október yüzyıl ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık ";
    let lower = word.to_lowercase();
    !lower.is_empty() && WORDS.contains(&format!(" {lower} "))
}

/// Whether `line` is written in a language whose ordinals have a dot, by words that are frequent
/// there and not in English or French: a number with a dot and a noun are one there ("der 2.
/// Weltkrieg").
pub(super) fn has_dotted_ordinals(line: &str) -> bool {
    const WORDS: &str = " der das und ist nicht mit den dem des ein eine wurde im zum vom og det ikke til af blev och är inte som sa sú bol bola \
        alebo že ktorý byl byla který když nie jest oraz został az egy és nem volt bir ve için ja on oli ";
    let words = line
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase());
    words.filter(|word| !word.is_empty() && WORDS.contains(&format!(" {word} "))).take(2).count()
        == 2
}

/// Whether `token` is single letters with dots between ("U.S", "N.A.S.A").
fn is_dotted(token: &str) -> bool {
    token.contains('.')
        && token
            .split('.')
            .all(|part| part.chars().count() == 1 && part.chars().all(char::is_alphabetic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings() {
        for (token, want) in [
            ("Mr", Ending::Never),
            ("e.g", Ending::Never),
            ("Jan", Ending::BeforeNumber),
            ("No", Ending::BeforeNumber),
            ("Inc", Ending::BeforeStarter),
            ("U.S", Ending::BeforeStarter),
            ("N.A.S.A", Ending::BeforeStarter),
            ("home", Ending::Free),
            ("24.3", Ending::Free),
            ("", Ending::Free),
        ] {
            assert_eq!(ending(token), want, "{token}");
        }
        assert!(is_starter("The") && is_starter("I") && !is_starter("Finch") && !is_starter(""));
    }
}
