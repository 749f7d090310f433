//! How does a meaning look? The only place that names colours.
//!
//! Colours are those of the 256-colour table, which nearly every terminal has and none needs to be
//! asked about, and what is to be read stands out from its ground by 4.5 to 1 (WCAG 2.2, 1.4.3);
//! `plain` keeps to the terminal's own sixteen, `bare` (for `NO_COLOR`) to bold, underline and
//! reverse.

use super::marks::{Meaning, Meanings};
use super::page::Kind;
use ratatui_core::style::{Color, Modifier, Style};

/// A look for everything on the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Theme {
    /// Its name in the settings.
    pub name: &'static str,
    /// Whether signs say what other themes say by colour.
    pub has_signs: bool,
    /// Text to come, and the background.
    pub page: Style,
    /// Text that was heard.
    pub heard: Style,
    /// Text that is not spoken.
    pub unread: Style,
    /// The sentence being spoken.
    pub sentence: Style,
    /// The word being spoken.
    pub word: Style,
    /// The word being spoken where that is a guess.
    pub guess: Style,
    /// Doubtful words.
    pub doubtful: Style,
    /// Where text and sound differ.
    pub differs: Style,
    /// The part being repeated.
    pub looped: Style,
    /// A word with a bookmark, and the sign for one.
    pub bookmark: Style,
    /// A hit.
    pub hit: Style,
    /// What is only like what was searched for.
    pub near: Style,
    /// The hit last gone to.
    pub hit_here: Style,
    /// The sign for a hit.
    pub hit_sign: Style,
    /// The article's title.
    pub title: Style,
    /// Headings.
    pub heading: Style,
    /// Passages said but not written.
    pub insert: Style,
    /// The text beside the text.
    pub beside: Style,
    /// Everything that should hardly be noticed.
    pub faint: Style,
    /// Times, rates, and what is written in windows.
    pub plain: Style,
    /// Keys, the playhead.
    pub accent: Style,
    /// The bar before the playhead.
    pub played: Style,
    /// The bar after it.
    pub coming: Style,
    /// The bar where nothing was recognised yet.
    pub unknown: Style,
    /// The chosen line of a list, and a prompt's cursor.
    pub chosen: Style,
    /// Something is wrong.
    pub trouble: Style,
}

const fn fg(colour: u8) -> Style {
    Style::new().fg(Color::Indexed(colour))
}

const fn on(colour: u8, ground: u8) -> Style {
    fg(colour).bg(Color::Indexed(ground))
}

const fn ansi(colour: Color) -> Style {
    Style::new().fg(colour)
}

const PLAIN: Style = Style::new();

const DARK: Theme = Theme {
    name: "dark",
    has_signs: false,
    page: on(252, 234),
    heard: fg(247),
    unread: fg(103),
    sentence: fg(231),
    word: on(234, 222),
    guess: fg(222),
    doubtful: PLAIN.underline_color(Color::Indexed(243)).add_modifier(Modifier::UNDERLINED),
    differs: fg(174),
    looped: PLAIN.bg(Color::Indexed(236)),
    bookmark: fg(179),
    hit: on(255, 24),
    near: fg(117).add_modifier(Modifier::UNDERLINED),
    hit_here: on(16, 117),
    hit_sign: fg(74),
    title: fg(223).add_modifier(Modifier::BOLD),
    heading: fg(223).add_modifier(Modifier::BOLD),
    insert: fg(109),
    beside: fg(109),
    faint: fg(245),
    plain: fg(248),
    accent: fg(222),
    played: fg(179),
    coming: fg(243),
    unknown: fg(239),
    chosen: on(234, 222),
    trouble: fg(210),
};

const LIGHT: Theme = Theme {
    name: "light",
    has_signs: false,
    page: on(236, 255),
    heard: fg(241),
    unread: fg(60),
    sentence: fg(16),
    word: on(16, 222),
    guess: fg(94),
    doubtful: PLAIN.underline_color(Color::Indexed(245)).add_modifier(Modifier::UNDERLINED),
    differs: fg(125),
    looped: PLAIN.bg(Color::Indexed(254)),
    bookmark: fg(94),
    hit: on(16, 153),
    near: fg(25).add_modifier(Modifier::UNDERLINED),
    hit_here: on(231, 25),
    hit_sign: fg(25),
    title: fg(94).add_modifier(Modifier::BOLD),
    heading: fg(94).add_modifier(Modifier::BOLD),
    insert: fg(24),
    beside: fg(24),
    faint: fg(242),
    plain: fg(240),
    accent: fg(94),
    played: fg(130),
    coming: fg(244),
    unknown: fg(249),
    chosen: on(16, 222),
    trouble: fg(124),
};

const CONTRAST: Theme = Theme {
    name: "contrast",
    has_signs: false,
    page: on(231, 16),
    heard: fg(252),
    unread: fg(248),
    sentence: fg(226).add_modifier(Modifier::BOLD),
    word: on(16, 226).add_modifier(Modifier::BOLD),
    guess: fg(226).add_modifier(Modifier::BOLD.union(Modifier::UNDERLINED)),
    doubtful: PLAIN.add_modifier(Modifier::UNDERLINED),
    differs: fg(213).add_modifier(Modifier::UNDERLINED),
    looped: PLAIN.bg(Color::Indexed(238)),
    bookmark: fg(51).add_modifier(Modifier::BOLD),
    hit: on(16, 51),
    near: fg(51).add_modifier(Modifier::UNDERLINED),
    hit_here: on(16, 46).add_modifier(Modifier::BOLD),
    hit_sign: fg(51),
    title: fg(231).add_modifier(Modifier::BOLD),
    heading: fg(231).add_modifier(Modifier::BOLD),
    insert: fg(123),
    beside: fg(123),
    faint: fg(250),
    plain: fg(231),
    accent: fg(226).add_modifier(Modifier::BOLD),
    played: fg(226),
    coming: fg(250),
    unknown: fg(244),
    chosen: on(16, 226).add_modifier(Modifier::BOLD),
    trouble: fg(210).add_modifier(Modifier::BOLD),
};

const SIXTEEN: Theme = Theme {
    name: "plain",
    has_signs: true,
    page: PLAIN,
    heard: ansi(Color::DarkGray),
    unread: ansi(Color::DarkGray),
    sentence: PLAIN.add_modifier(Modifier::BOLD),
    word: ansi(Color::Black).bg(Color::Yellow),
    guess: ansi(Color::Yellow).add_modifier(Modifier::BOLD),
    doubtful: PLAIN.add_modifier(Modifier::UNDERLINED),
    differs: ansi(Color::Magenta),
    looped: PLAIN,
    bookmark: ansi(Color::Yellow),
    hit: ansi(Color::Black).bg(Color::Cyan),
    near: ansi(Color::Cyan).add_modifier(Modifier::UNDERLINED),
    hit_here: ansi(Color::Black).bg(Color::Green),
    hit_sign: ansi(Color::Cyan),
    title: ansi(Color::Yellow).add_modifier(Modifier::BOLD),
    heading: ansi(Color::Yellow).add_modifier(Modifier::BOLD),
    insert: ansi(Color::Cyan),
    beside: ansi(Color::Cyan),
    faint: ansi(Color::DarkGray),
    plain: PLAIN,
    accent: ansi(Color::Yellow),
    played: ansi(Color::Yellow),
    coming: ansi(Color::DarkGray),
    unknown: ansi(Color::DarkGray),
    chosen: ansi(Color::Black).bg(Color::Yellow),
    trouble: ansi(Color::Red),
};

const BARE: Theme = Theme {
    name: "bare",
    has_signs: true,
    page: PLAIN,
    heard: PLAIN,
    unread: PLAIN,
    sentence: PLAIN.add_modifier(Modifier::BOLD),
    word: PLAIN.add_modifier(Modifier::BOLD.union(Modifier::REVERSED)),
    guess: PLAIN.add_modifier(Modifier::BOLD),
    doubtful: PLAIN,
    differs: PLAIN.add_modifier(Modifier::UNDERLINED),
    looped: PLAIN,
    bookmark: PLAIN.add_modifier(Modifier::BOLD),
    hit: PLAIN.add_modifier(Modifier::UNDERLINED),
    near: PLAIN.add_modifier(Modifier::UNDERLINED.union(Modifier::ITALIC)),
    hit_here: PLAIN.add_modifier(Modifier::UNDERLINED.union(Modifier::REVERSED)),
    hit_sign: PLAIN,
    title: PLAIN.add_modifier(Modifier::BOLD),
    heading: PLAIN.add_modifier(Modifier::BOLD),
    insert: PLAIN,
    beside: PLAIN,
    faint: PLAIN,
    plain: PLAIN,
    accent: PLAIN.add_modifier(Modifier::BOLD),
    played: PLAIN.add_modifier(Modifier::BOLD),
    coming: PLAIN,
    unknown: PLAIN,
    chosen: PLAIN.add_modifier(Modifier::REVERSED),
    trouble: PLAIN.add_modifier(Modifier::BOLD),
};

impl Theme {
    /// Every theme, in the order in which a key goes through them.
    pub const ALL: [&'static Theme; 5] = [&DARK, &LIGHT, &CONTRAST, &SIXTEEN, &BARE];

    /// The theme called `name`.
    pub fn named(name: &str) -> Option<&'static Theme> {
        Self::ALL.into_iter().find(|theme| theme.name == name)
    }

    /// The theme to begin with: what `NO_COLOR` asks for, else the one wished for, else the dark
    /// one.
    pub fn choose(wished: Option<&str>, is_no_color: bool) -> &'static Theme {
        if is_no_color { &BARE } else { wished.and_then(Self::named).unwrap_or(&DARK) }
    }

    /// The theme that needs no colours.
    pub fn bare() -> &'static Theme {
        &BARE
    }

    /// The nearest theme that needs no more than the terminal's own sixteen.
    pub fn of_sixteen(&self) -> &'static Theme {
        if self.name == BARE.name { &BARE } else { &SIXTEEN }
    }

    /// The theme after this one.
    pub fn next(&self) -> &'static Theme {
        let at = Self::ALL.into_iter().position(|theme| theme.name == self.name).unwrap_or(0);
        Self::ALL[(at + 1) % Self::ALL.len()]
    }

    /// Text of `kind` that means `meanings`.
    pub fn text(&self, kind: Kind, meanings: Meanings) -> Style {
        let mut style = match kind {
            Kind::Title => self.page.patch(self.title),
            Kind::Heading => self.page.patch(self.heading),
            Kind::Insert => self.page.patch(self.insert),
            Kind::Beside => self.page.patch(self.beside),
            Kind::Text | Kind::Item | Kind::Quote | Kind::Caption => self.page,
        };
        let is_guess = meanings.has(Meaning::Estimate);
        for (meaning, look) in [
            (Meaning::Heard, self.heard),
            (Meaning::Unread, self.unread),
            (Meaning::Sentence, self.sentence),
            (Meaning::Doubtful, self.doubtful),
            (Meaning::Differs, self.differs),
            (Meaning::Looped, self.looped),
            (Meaning::Bookmark, self.bookmark),
            (Meaning::Hit, self.hit),
            (Meaning::Near, self.near),
            (Meaning::HitHere, self.hit_here),
            (Meaning::Word, if is_guess { self.guess } else { self.word }),
        ] {
            if meanings.has(meaning) {
                style = style.patch(look);
            }
        }
        style
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choosing() {
        for (wished, is_no_color, want) in [
            (None, false, "dark"),
            (Some("light"), false, "light"),
            (Some("light"), true, "bare"),
            (Some("pink"), false, "dark"),
        ] {
            assert_eq!(Theme::choose(wished, is_no_color).name, want);
        }
        assert_eq!(
            Theme::ALL.map(|t| t.next().name),
            ["light", "contrast", "plain", "bare", "dark"]
        );
    }

    /// What must be told apart looks different in each theme, and without colours by attributes
    /// alone.
    #[test]
    fn meanings_look_different() {
        for theme in Theme::ALL {
            let set =
                |list: &[Meaning]| list.iter().fold(Meanings::default(), |set, m| set.with(*m));
            let looks = [
                set(&[]),
                set(&[Meaning::Sentence]),
                set(&[Meaning::Sentence, Meaning::Word]),
                set(&[Meaning::Hit]),
                set(&[Meaning::Near]),
                set(&[Meaning::HitHere]),
            ]
            .map(|meanings| theme.text(Kind::Text, meanings));
            for (i, look) in looks.iter().enumerate() {
                assert!(!looks[..i].contains(look), "{}: {i}", theme.name);
            }
        }
        let all = [
            BARE.page,
            BARE.word,
            BARE.hit,
            BARE.played,
            BARE.faint,
            BARE.trouble,
            BARE.chosen,
            BARE.bookmark,
        ];
        assert!(all.iter().all(|style| style.fg.is_none() && style.bg.is_none()));
    }

    /// The relative luminance of a colour of the 256-colour table (WCAG 2.2), from 0 to 1.
    fn luminance(colour: Color) -> f64 {
        let Color::Indexed(index) = colour else { panic!("{colour:?} is not of the table") };
        let levels = [0u8, 95, 135, 175, 215, 255];
        let level = |index: u8| levels[usize::from(index % 6)];
        let rgb = match index {
            16..=231 => [level((index - 16) / 36), level((index - 16) / 6), level(index - 16)],
            232.. => [8 + 10 * (index - 232); 3],
            _ => panic!("{index} is the terminal's own"),
        };
        let linear = rgb.map(|part| match f64::from(part) / 255.0 {
            dark if dark <= 0.04045 => dark / 12.92,
            light => ((light + 0.055) / 1.055).powf(2.4),
        });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    #[test]
    fn text_stands_out_and_bars_are_seen() {
        for theme in [&DARK, &LIGHT, &CONTRAST] {
            let Theme {
                heard,
                unread,
                sentence,
                word,
                guess,
                differs,
                bookmark,
                hit,
                near,
                hit_here,
                hit_sign,
                ..
            } = *theme;
            let Theme {
                title, heading, insert, beside, faint, plain, accent, chosen, trouble, ..
            } = *theme;
            let text = [
                theme.page, heard, unread, sentence, word, guess, differs, bookmark, hit, near,
                hit_here, hit_sign, title, heading, insert, beside, faint, plain, accent, chosen,
                trouble,
            ];
            let all = text
                .map(|style| (style, 4.5))
                .into_iter()
                .chain([(theme.played, 3.0), (theme.coming, 3.0)]);
            for (style, least) in all {
                let style = theme.page.patch(style);
                let (front, ground) = (luminance(style.fg.unwrap()), luminance(style.bg.unwrap()));
                let contrast = (front.max(ground) + 0.05) / (front.min(ground) + 0.05);
                assert!(contrast >= least, "{}: {style:?} {contrast:.2}", theme.name);
            }
        }
    }
}
