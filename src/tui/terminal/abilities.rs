//! What can this terminal do? As far as its name and its environment tell; nothing is asked of it.

/// Names of terminals without colours begin so.
const MONOCHROME: [&str; 7] = ["vt52", "vt100", "vt102", "vt2", "vt3", "vt4", "vt5"];
/// Names of terminals with sixteen colours begin so.
const SIXTEEN: [&str; 6] = ["linux", "ansi", "cons25", "cygwin", "rxvt-16color", "vt525"];
/// Terminals that take text from a program into the clipboard without being told to begin so.
const TAKING: [&str; 6] =
    ["xterm-kitty", "alacritty", "foot", "xterm-ghostty", "wezterm", "contour"];

/// What a terminal can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abilities {
    /// Whether text can be put anywhere on it. Where not there is no screen.
    pub has_places: bool,
    /// How many colours it has.
    pub colours: Colours,
    /// Whether it has a second page for programs, and shows the first one again behind it.
    pub has_two_pages: bool,
    /// Where a program's text goes that is to be pasted elsewhere.
    pub clipboard: Clipboard,
}

/// How many colours a terminal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Colours {
    /// None, but bold, underline and reverse.
    None,
    /// The terminal's own sixteen.
    Sixteen,
    /// The table of 256.
    Table,
    /// 16 million.
    All,
}

impl Colours {
    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "no colours",
            Self::Sixteen => "16 colours",
            Self::Table => "256 colours",
            Self::All => "16 million colours",
        }
    }
}

/// Where copied text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clipboard {
    /// Into tmux's own buffer, and from there into the clipboard as tmux is set.
    Tmux,
    /// Into the system's clipboard (OSC 52).
    Terminal,
    /// There too, where the terminal allows it, which it does not tell.
    Perhaps,
    /// Nowhere.
    None,
}

impl Clipboard {
    /// For people: how well copying works.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tmux => "copies into tmux's buffer",
            Self::Terminal => "copies into the clipboard",
            Self::Perhaps => "copies, if the terminal lets programs copy",
            Self::None => "cannot copy",
        }
    }
}

impl Abilities {
    /// Of the terminal that the variables of the process tell of.
    pub fn of_process() -> Self {
        Self::of(|name| std::env::var(name).ok())
    }

    /// Of the terminal that `variable` tells of, by a variable's name.
    pub fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let get = |name: &str| variable(name).filter(|value| !value.is_empty());
        // Without a name: the consoles of Windows have none; elsewhere nothing is known of it.
        let unnamed = if cfg!(windows) { "" } else { "dumb" };
        let term = get("TERM").unwrap_or_else(|| unnamed.to_owned());
        let is_one_of = |names: &[&str]| names.iter().any(|name| term.starts_with(name));
        let is_bare = !is_one_of(&SIXTEEN) && is_one_of(&MONOCHROME)
            || term.ends_with("-m")
            || term.ends_with("-mono");
        let colours = match get("COLORTERM").as_deref() {
            _ if term == "dumb" => Colours::None,
            Some("truecolor" | "24bit") => Colours::All,
            _ if is_bare => Colours::None,
            _ if is_one_of(&SIXTEEN) || term.ends_with("-16color") => Colours::Sixteen,
            _ => Colours::Table,
        };
        let program = get("TERM_PROGRAM").unwrap_or_default();
        let clipboard = match () {
            () if get("TMUX").is_some() => Clipboard::Tmux,
            () if term == "dumb"
                || is_bare
                || is_one_of(&SIXTEEN)
                || program == "Apple_Terminal" =>
            {
                Clipboard::None
            }
            // Behind GNU screen stands another terminal.
            () if get("STY").is_some() => Clipboard::Perhaps,
            () if is_one_of(&TAKING)
                || ["WezTerm", "ghostty"].contains(&program.as_str())
                || get("WT_SESSION").is_some() =>
            {
                Clipboard::Terminal
            }
            () => Clipboard::Perhaps,
        };
        Self {
            has_places: term != "dumb",
            colours,
            has_two_pages: !is_bare && !is_one_of(&SIXTEEN),
            clipboard,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_by_their_names() {
        for (variables, places, colours, pages, clipboard) in [
            #[cfg(windows)]
            ("", true, Colours::Table, true, Clipboard::Perhaps),
            #[cfg(unix)]
            ("", false, Colours::None, true, Clipboard::None),
            #[cfg(unix)]
            ("TERM=", false, Colours::None, true, Clipboard::None),
            ("TERM=dumb", false, Colours::None, true, Clipboard::None),
            ("TERM=dumb COLORTERM=truecolor", false, Colours::None, true, Clipboard::None),
            ("TERM=vt100", true, Colours::None, false, Clipboard::None),
            ("TERM=vt220", true, Colours::None, false, Clipboard::None),
            ("TERM=xterm-mono", true, Colours::None, false, Clipboard::None),
            ("TERM=linux", true, Colours::Sixteen, false, Clipboard::None),
            ("TERM=linux COLORTERM=", true, Colours::Sixteen, false, Clipboard::None),
            ("TERM=xterm-16color", true, Colours::Sixteen, true, Clipboard::Perhaps),
            ("TERM=xterm", true, Colours::Table, true, Clipboard::Perhaps),
            ("TERM=xterm-256color", true, Colours::Table, true, Clipboard::Perhaps),
            (
                "TERM=xterm-256color COLORTERM=truecolor",
                true,
                Colours::All,
                true,
                Clipboard::Perhaps,
            ),
            (
                "TERM=xterm-256color TERM_PROGRAM=Apple_Terminal",
                true,
                Colours::Table,
                true,
                Clipboard::None,
            ),
            ("TERM=xterm-256color WT_SESSION=1", true, Colours::Table, true, Clipboard::Terminal),
            ("TERM=xterm-kitty COLORTERM=truecolor", true, Colours::All, true, Clipboard::Terminal),
            ("TERM=tmux-256color TMUX=/tmp/t,1,0", true, Colours::Table, true, Clipboard::Tmux),
            ("TERM=screen STY=1.pts", true, Colours::Table, true, Clipboard::Perhaps),
            ("TERM=linux TMUX=/tmp/t,1,0", true, Colours::Sixteen, false, Clipboard::Tmux),
        ] {
            let get = |name: &str| {
                variables
                    .split(' ')
                    .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=').map(str::to_owned))
            };
            let want = Abilities { has_places: places, colours, has_two_pages: pages, clipboard };
            assert_eq!(Abilities::of(get), want, "{variables}");
        }
    }
}
