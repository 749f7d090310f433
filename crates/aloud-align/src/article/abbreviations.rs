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

/// Titles and words that always go on.
const NEVER: &str = " mr mrs ms mx dr prof gen sen rep gov lt col sgt capt cpt maj cmdr rev hon fr pres supt messrs mt \
    vs v cf viz e.g i.e eg ie ca approx incl excl z.b d.h u.a o.ä bzw vgl sog evtl ggf hr hrn mme mlle sra srta dña d.ª ";

/// Words that go on before a number.
const BEFORE_NUMBER: &str = " no nos nr nrn núm n.º p pp s vol vols ch chap fig figs eq eqs sec art bd abb tel ext op cat ver \
    jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun ";

/// Words that may end a sentence and often do not.
const BEFORE_STARTER: &str = " inc ltd co corp bros jr sr esq ph.d m.d b.a m.a d.c a.m p.m am pm st ave blvd rd etc usw al dept univ \
    est assn gmbh ag llc plc cie s.a ed eds trans mass calif conn ";

/// Words that typically begin a sentence and seldom follow an abbreviation inside one.
const STARTERS: &str = " the a an he she it they we i you his her its their our my in on at by for from with as if but and or so yet \
    then now this that these those there when while where what why how who which some many most one all no not after before since \
    until although though because however still also even only once here is are was were do does did can will would let \
    er sie es wir ich der die das ein eine und aber in il elle ils nous je le la les un une et mais el los las ella ellos yo y pero ";

/// What the dot after `token`, written without it, means.
pub(super) fn ending(token: &str) -> Ending {
    let lower = token.to_lowercase();
    let is_in = |table: &str| !lower.is_empty() && !lower.contains(' ') && table.contains(&format!(" {lower} "));
    if is_in(NEVER) {
        Ending::Never
    } else if is_in(BEFORE_NUMBER) {
        Ending::BeforeNumber
    } else if is_in(BEFORE_STARTER) || is_dotted(token) {
        Ending::BeforeStarter
    } else {
        Ending::Free
    }
}

/// Whether `word` typically begins a sentence.
pub(super) fn is_starter(word: &str) -> bool {
    let lower = word.to_lowercase();
    !lower.is_empty() && STARTERS.contains(&format!(" {lower} "))
}

/// Whether `word` goes on after a number with a dot, as German dates do ("am 3. März").
pub(super) fn follows_ordinal(word: &str) -> bool {
    const WORDS: [&str; 14] = [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
        "Jahrhundert",
        "Mal",
    ];
    WORDS.contains(&word)
}

/// Whether `token` is single letters with dots between ("U.S", "N.A.S.A").
fn is_dotted(token: &str) -> bool {
    token.contains('.') && token.split('.').all(|part| part.chars().count() == 1 && part.chars().all(char::is_alphabetic))
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
