//! What a terminal sends, as events: keys, the mouse, pasted text (ECMA-48; xterm's control
//! sequences; kitty's keyboard protocol).
//!
//! A sequence that breaks off must not swallow what is typed behind it. A control character ends
//! any sequence, as the standard has it (ECMA-48, 5.4; every terminal does so for output), and one
//! that waits too long for its rest is given up: see
//! [`Bytes::patience`] and [`Bytes::give_up`].

use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use std::time::Duration;

/// The key Esc is told from the beginning of a sequence by what comes within this.
const ESCAPE: Duration = Duration::from_millis(50);
/// The rest of any other sequence comes within this.
const REST: Duration = Duration::from_millis(500);
/// And the rest of what is pasted.
const PASTE: Duration = Duration::from_secs(1);
/// More bytes are no sequence of keys or mouse any more.
const LONGEST: usize = 64;
/// More bytes are not pasted at once; what comes behind is left out.
const MOST_PASTED: usize = 1 << 20;

/// What was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// Somebody did something.
    Event(Event),
    /// The terminal can tell keys apart that others cannot.
    CanEnhance,
}

/// The bytes that came and are no whole event yet.
#[derive(Debug, Default)]
pub(super) struct Bytes {
    open: Vec<u8>,
    /// What is being pasted.
    pasted: Option<Vec<u8>>,
}

/// What the beginning of some bytes is.
enum Begin {
    /// So many bytes, and what they mean, if anything.
    Whole(usize, Option<Sent>),
    /// More has to come.
    Open,
    /// A paste begins behind so many.
    Paste(usize),
}

impl Bytes {
    /// Takes in what was read at once; gives what is whole.
    pub(super) fn take(&mut self, read: &[u8]) -> Vec<Sent> {
        let mut sent = Vec::new();
        // Somebody pressed Ctrl-C: what is pasted comes in larger pieces, and terminals leave it
        // out there.
        if self.pasted.is_some() && is_interrupt(read) {
            sent.extend(self.give_up());
        }
        self.open.extend_from_slice(read);
        let mut at = 0;
        loop {
            if let Some(pasted) = &mut self.pasted {
                let Some(n) = end_of_paste(&self.open[at..], pasted) else {
                    self.open.drain(..at);
                    self.keep_pasting();
                    return sent;
                };
                at += n;
                sent.extend(self.pasted());
            }
            match begin(&self.open[at..]) {
                Begin::Whole(n, what) => {
                    at += n;
                    sent.extend(what);
                }
                Begin::Paste(n) => {
                    at += n;
                    self.pasted = Some(Vec::new());
                }
                Begin::Open => {
                    self.open.drain(..at);
                    return sent;
                }
            }
        }
    }

    /// How long to wait for the rest of what has begun; `None` where nothing has.
    pub(super) fn patience(&self) -> Option<Duration> {
        match (&self.pasted, &*self.open) {
            (Some(_), _) => Some(PASTE),
            (None, []) => None,
            (None, [0x1b]) => Some(ESCAPE),
            (None, _) => Some(REST),
        }
    }

    /// The rest does not come: what was pasted so far is taken, Esc is the key, and a broken
    /// sequence is nothing.
    pub(super) fn give_up(&mut self) -> Vec<Sent> {
        let open = std::mem::take(&mut self.open);
        match &mut self.pasted {
            Some(pasted) => {
                pasted.extend_from_slice(&open);
                self.pasted().into_iter().collect()
            }
            None => match &*open {
                [0x1b] => vec![key(KeyCode::Esc, KeyModifiers::NONE)],
                // Alt and a letter that begins sequences too.
                [0x1b, letter @ (b'[' | b'O')] => {
                    vec![key(KeyCode::Char(char::from(*letter)), KeyModifiers::ALT)]
                }
                _ => Vec::new(),
            },
        }
    }

    /// Moves what is surely pasted out of the open bytes; the beginning of an end mark stays.
    fn keep_pasting(&mut self) {
        let Some(pasted) = &mut self.pasted else { return };
        let kept =
            (1..PASTE_END.len()).rev().find(|n| self.open.ends_with(&PASTE_END[..*n])).unwrap_or(0);
        let n = self.open.len() - kept;
        let room = MOST_PASTED.saturating_sub(pasted.len());
        pasted.extend(self.open.drain(..n).take(room));
    }

    fn pasted(&mut self) -> Option<Sent> {
        let text = self.pasted.take()?;
        Some(Sent::Event(Event::Paste(String::from_utf8_lossy(&text).into_owned())))
    }
}

const PASTE_END: &[u8] = b"\x1b[201~";

/// Whether `read` is Ctrl-C and nothing else, however the terminal sends it.
fn is_interrupt(read: &[u8]) -> bool {
    let wanted = key(KeyCode::Char('c'), KeyModifiers::CONTROL);
    matches!(begin(read), Begin::Whole(n, Some(sent)) if n == read.len() && sent == wanted)
}

/// Adds what comes before the end mark in `bytes` to `pasted`; how long that and the mark are, if
/// it is there.
fn end_of_paste(bytes: &[u8], pasted: &mut Vec<u8>) -> Option<usize> {
    let at = bytes.windows(PASTE_END.len()).position(|window| window == PASTE_END)?;
    let room = MOST_PASTED.saturating_sub(pasted.len());
    pasted.extend_from_slice(&bytes[..at.min(room)]);
    Some(at + PASTE_END.len())
}

fn begin(bytes: &[u8]) -> Begin {
    match bytes {
        [] | [0x1b] | [0x1b, b'O'] => Begin::Open,
        // The second one may begin a sequence, and Ctrl-C is always Ctrl-C.
        [0x1b, 0x1b | 0x03, ..] => Begin::Whole(1, Some(key(KeyCode::Esc, KeyModifiers::NONE))),
        [0x1b, b'[', rest @ ..] => control_sequence(rest),
        [0x1b, b'O', letter, ..] if (0x20..0x7f).contains(letter) => {
            Begin::Whole(3, key_of_letter(*letter).map(|code| key(code, KeyModifiers::NONE)))
        }
        [0x1b, b'O', ..] => Begin::Whole(2, Some(key(KeyCode::Char('O'), KeyModifiers::ALT))),
        [0x1b, rest @ ..] => match character(rest) {
            Begin::Whole(n, Some(Sent::Event(Event::Key(mut with)))) => {
                with.modifiers |= KeyModifiers::ALT;
                Begin::Whole(n + 1, Some(Sent::Event(Event::Key(with))))
            }
            Begin::Whole(n, other) => Begin::Whole(n + 1, other),
            other => other,
        },
        _ => character(bytes),
    }
}

/// A character or a control character.
fn character(bytes: &[u8]) -> Begin {
    let Some(first) = bytes.first() else { return Begin::Open };
    let (code, modifiers) = match first {
        b'\r' => (KeyCode::Enter, KeyModifiers::NONE),
        b'\t' => (KeyCode::Tab, KeyModifiers::NONE),
        0x7f => (KeyCode::Backspace, KeyModifiers::NONE),
        0 => (KeyCode::Char(' '), KeyModifiers::CONTROL),
        c @ 0x01..=0x1a => (KeyCode::Char(char::from(c - 1 + b'a')), KeyModifiers::CONTROL),
        c @ 0x1c..=0x1f => (KeyCode::Char(char::from(c - 0x1c + b'4')), KeyModifiers::CONTROL),
        _ => {
            let n = match first {
                0x00..=0x7f => 1,
                0xc2..=0xdf => 2,
                0xe0..=0xef => 3,
                0xf0..=0xf4 => 4,
                _ => return Begin::Whole(1, None),
            };
            let character = &bytes[..n.min(bytes.len())];
            return match std::str::from_utf8(character) {
                Ok(text) => {
                    let shift = |c: char| {
                        if c.is_uppercase() { KeyModifiers::SHIFT } else { KeyModifiers::NONE }
                    };
                    Begin::Whole(n, text.chars().next().map(|c| key(KeyCode::Char(c), shift(c))))
                }
                Err(error) if error.error_len().is_none() => Begin::Open,
                // What follows may be a key of its own.
                Err(error) => Begin::Whole(error.error_len().unwrap_or(1), None),
            };
        }
    };
    Begin::Whole(1, Some(key(code, modifiers)))
}

/// What stands behind `ESC [`.
fn control_sequence(rest: &[u8]) -> Begin {
    match rest {
        // The Linux console's F1 to F5.
        [b'[', letter @ b'A'..=b'E', ..] => {
            return Begin::Whole(4, Some(key(KeyCode::F(letter - b'A' + 1), KeyModifiers::NONE)));
        }
        // The oldest mouse: three bytes, which are no control characters.
        [b'M', rest @ ..] if rest.iter().take(3).any(|b| *b < 0x20) => {
            return Begin::Whole(3 + rest.iter().position(|b| *b < 0x20).unwrap_or(0), None);
        }
        [b'M', what, x, y, ..] => {
            let place = |n: &u8| u16::from(n.saturating_sub(33));
            return Begin::Whole(
                6,
                mouse(u16::from(what.saturating_sub(32)), place(x), place(y), true),
            );
        }
        [b'[' | b'M'] | [b'M', _] | [b'M', _, _] => return Begin::Open,
        _ => {}
    }
    let Some(n) = rest.iter().position(|b| !(0x20..0x40).contains(b)) else {
        return if rest.len() > LONGEST { Begin::Whole(2 + rest.len(), None) } else { Begin::Open };
    };
    let (inside, last) = (&rest[..n], rest[n]);
    if !(0x40..0x7f).contains(&last) {
        // A control character, or what is no part of any sequence: that counts, and the sequence
        // does not.
        return Begin::Whole(2 + n, None);
    }
    if (inside, last) == (b"200", b'~') {
        return Begin::Paste(2 + n + 1);
    }
    Begin::Whole(2 + n + 1, meaning(inside, last))
}

/// What a whole control sequence means.
fn meaning(inside: &[u8], last: u8) -> Option<Sent> {
    let text = std::str::from_utf8(inside).ok()?;
    if let Some(numbers) = text.strip_prefix('<') {
        let mut numbers = numbers.split(';').map(str::parse::<u16>);
        let (what, x, y) = (numbers.next()?.ok()?, numbers.next()?.ok()?, numbers.next()?.ok()?);
        return match last {
            b'M' | b'm' => mouse(what, x.saturating_sub(1), y.saturating_sub(1), last == b'M'),
            _ => None,
        };
    }
    if text.starts_with('?') {
        return (last == b'u').then_some(Sent::CanEnhance);
    }
    let mut parts =
        text.split(';').map(|part| part.split(':').map(|number| number.parse::<u32>().ok()));
    let mut codes = parts.next()?;
    let (code, shifted) = (codes.next().flatten(), codes.next().flatten());
    let mut how = parts.next().into_iter().flatten();
    let (mask, kind) = (how.next().flatten().unwrap_or(1).saturating_sub(1), how.next().flatten());
    let third = parts.next().and_then(|mut part| part.next().flatten());
    let mut modifiers = KeyModifiers::NONE;
    for (bit, modifier) in [
        (1, KeyModifiers::SHIFT),
        (2, KeyModifiers::ALT),
        (4, KeyModifiers::CONTROL),
        (8, KeyModifiers::SUPER),
    ] {
        modifiers.set(modifier, mask & bit != 0);
    }
    let of = |code: KeyCode, modifiers: KeyModifiers| {
        let kind = match kind {
            Some(2) => KeyEventKind::Repeat,
            Some(3) => KeyEventKind::Release,
            _ => KeyEventKind::Press,
        };
        Some(Sent::Event(Event::Key(KeyEvent::new_with_kind(code, modifiers, kind))))
    };
    match last {
        b'I' => Some(Sent::Event(Event::FocusGained)),
        b'O' => Some(Sent::Event(Event::FocusLost)),
        b'Z' => of(KeyCode::BackTab, modifiers | KeyModifiers::SHIFT),
        b'~' => of(key_of_number(code?)?, modifiers),
        b'u' => {
            let code = key_of_code(code?)?;
            match shifted
                .and_then(char::from_u32)
                .filter(|_| modifiers.contains(KeyModifiers::SHIFT))
            {
                Some(shifted) => of(KeyCode::Char(shifted), modifiers - KeyModifiers::SHIFT),
                None => of(code, modifiers),
            }
        }
        // rxvt's mouse, counted as the oldest one is.
        b'M' => {
            let place = |n: u32| u16::try_from(n).unwrap_or(u16::MAX).saturating_sub(1);
            mouse(
                u16::try_from(code?.saturating_sub(32)).ok()?,
                place(mask + 1),
                place(third?),
                true,
            )
        }
        letter => of(key_of_letter(letter)?, modifiers),
    }
}

fn key(code: KeyCode, modifiers: KeyModifiers) -> Sent {
    Sent::Event(Event::Key(KeyEvent::new(code, modifiers)))
}

/// The keys of `ESC [ letter` and `ESC O letter`.
fn key_of_letter(letter: u8) -> Option<KeyCode> {
    Some(match letter {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        b'M' => KeyCode::Enter,
        b'P'..=b'S' => KeyCode::F(letter - b'P' + 1),
        _ => return None,
    })
}

/// The keys of `ESC [ number ~`.
fn key_of_number(number: u32) -> Option<KeyCode> {
    let f = |n: u32| u8::try_from(n).ok().map(KeyCode::F);
    match number {
        1 | 7 => Some(KeyCode::Home),
        2 => Some(KeyCode::Insert),
        3 => Some(KeyCode::Delete),
        4 | 8 => Some(KeyCode::End),
        5 => Some(KeyCode::PageUp),
        6 => Some(KeyCode::PageDown),
        11..=15 => f(number - 10),
        17..=21 => f(number - 11),
        23..=26 => f(number - 12),
        28..=29 => f(number - 15),
        31..=34 => f(number - 17),
        _ => None,
    }
}

/// The keys of `ESC [ code u`: a character, or one of the number pad and others that kitty numbers
/// from 57344 on.
fn key_of_code(code: u32) -> Option<KeyCode> {
    Some(match code {
        27 => KeyCode::Esc,
        13 | 57414 => KeyCode::Enter,
        9 => KeyCode::Tab,
        127 => KeyCode::Backspace,
        57399..=57408 => KeyCode::Char(char::from_digit(code - 57399, 10)?),
        57409 => KeyCode::Char('.'),
        57410 => KeyCode::Char('/'),
        57411 => KeyCode::Char('*'),
        57412 => KeyCode::Char('-'),
        57413 => KeyCode::Char('+'),
        57415 => KeyCode::Char('='),
        57417 => KeyCode::Left,
        57418 => KeyCode::Right,
        57419 => KeyCode::Up,
        57420 => KeyCode::Down,
        57421 => KeyCode::PageUp,
        57422 => KeyCode::PageDown,
        57423 => KeyCode::Home,
        57424 => KeyCode::End,
        57426 => KeyCode::Delete,
        57344..=63743 => return None,
        code => KeyCode::Char(char::from_u32(code)?),
    })
}

/// What the mouse did, by its number: two low bits for the button, 32 for movement, 64 for the
/// wheel.
fn mouse(what: u16, column: u16, row: u16, is_down: bool) -> Option<Sent> {
    let button = match what & 3 {
        0 => Some(MouseButton::Left),
        1 => Some(MouseButton::Middle),
        2 => Some(MouseButton::Right),
        // The oldest mouse does not say which button was let go.
        _ => None,
    };
    let kind = match (what & 64 != 0, what & 32 != 0, button) {
        (true, _, Some(MouseButton::Left)) => MouseEventKind::ScrollUp,
        (true, _, Some(MouseButton::Middle)) => MouseEventKind::ScrollDown,
        (true, ..) => return None,
        (false, true, Some(button)) => MouseEventKind::Drag(button),
        (false, true, None) => MouseEventKind::Moved,
        (false, false, Some(button)) if is_down => MouseEventKind::Down(button),
        (false, false, button) => MouseEventKind::Up(button.unwrap_or(MouseButton::Left)),
    };
    let mut modifiers = KeyModifiers::NONE;
    for (bit, modifier) in
        [(4, KeyModifiers::SHIFT), (8, KeyModifiers::ALT), (16, KeyModifiers::CONTROL)]
    {
        modifiers.set(modifier, what & bit != 0);
    }
    Some(Sent::Event(Event::Mouse(MouseEvent { kind, column, row, modifiers })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What came, in short: keys by name, `(…)` what was pasted.
    fn short(sent: &[Sent]) -> String {
        let held = |modifiers: KeyModifiers| {
            let names = [
                (KeyModifiers::CONTROL, "ctrl-"),
                (KeyModifiers::ALT, "alt-"),
                (KeyModifiers::SHIFT, "shift-"),
            ];
            names
                .iter()
                .filter(|(modifier, _)| modifiers.contains(*modifier))
                .map(|(_, name)| *name)
                .collect::<String>()
        };
        let one = |sent: &Sent| match sent {
            Sent::CanEnhance => "enhance".to_owned(),
            Sent::Event(Event::Key(key)) => {
                let kind = if key.kind == KeyEventKind::Press {
                    String::new()
                } else {
                    format!(" {:?}", key.kind)
                };
                let code = match key.code {
                    KeyCode::Char(c) => c.to_string(),
                    other => format!("{other:?}"),
                };
                format!("{}{code}{kind}", held(key.modifiers))
            }
            Sent::Event(Event::Mouse(mouse)) => {
                format!("{}{:?} {},{}", held(mouse.modifiers), mouse.kind, mouse.column, mouse.row)
            }
            Sent::Event(Event::Paste(text)) => format!("({text})"),
            Sent::Event(other) => format!("{other:?}"),
        };
        sent.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    /// Pieces read one after the other; `~` where the rest did not come in time.
    fn typed(pieces: &[&str]) -> String {
        let mut bytes = Bytes::default();
        let all: Vec<Sent> = pieces
            .iter()
            .flat_map(
                |piece| if *piece == "~" { bytes.give_up() } else { bytes.take(piece.as_bytes()) },
            )
            .collect();
        short(&all)
    }

    #[test]
    fn whole_sequences() {
        for (pieces, want) in [
            (&["aG中é"][..], "a shift-G 中 é"),
            (&["\r\t\x7f\0\x03\x1a\x1f"], "Enter Tab Backspace ctrl-  ctrl-c ctrl-z ctrl-7"),
            (
                &["\x1b[A\x1bOB\x1b[1;2C\x1b[1;5D\x1b[H\x1b[F"],
                "Up Down shift-Right ctrl-Left Home End",
            ),
            (
                &["\x1b[3~\x1b[5~\x1b[6;5~\x1b[15~\x1bOP\x1b[[B\x1b[24~"],
                "Delete PageUp ctrl-PageDown F(5) F(1) F(2) F(12)",
            ),
            (&["\x1ba\x1bA\x1b中"], "alt-a alt-shift-A alt-中"),
            (&["\x1b[Z"], "shift-BackTab"),
            (
                &["\x1b[99;5u\x1b[97;2u\x1b[97:65;2u\x1b[27u\x1b[106;1:3u\x1b[57399u"],
                "ctrl-c shift-a A Esc j Release 0",
            ),
            (
                &["\x1b[<0;3;4M\x1b[<0;3;4m\x1b[<32;5;6M\x1b[<64;1;1M\x1b[<65;1;1M"],
                "Down(Left) 2,3 Up(Left) 2,3 Drag(Left) 4,5 ScrollUp 0,0 ScrollDown 0,0",
            ),
            (&["\x1b[M !\""], "Down(Left) 0,1"),
            (&["\x1b[32;5;6M"], "Down(Left) 4,5"),
            (&["\x1b[I\x1b[O"], "FocusGained FocusLost"),
            (&["\x1b[?1u\x1b[?62;22c"], "enhance"),
            (&["\x1b[200~two\nlines\x1b[A\x1b[201~q"], "(two\nlines\x1b[A) q"),
            // Torn at any place.
            (
                &["\x1b", "[", "<0;3", ";4M", "\x1b[20", "0~ab\x1b[2", "01~", "q"],
                "Down(Left) 2,3 (ab) q",
            ),
            (&["\x1b", "~", "q"], "Esc q"),
            (&["\x1b\x1b", "~"], "Esc Esc"),
            (&["\x1b\x03"], "Esc ctrl-c"),
            (&["\x1b[", "~", "\x1bO", "~"], "alt-[ alt-O"),
        ] {
            assert_eq!(typed(pieces), want, "{pieces:?}");
        }
        let mut bytes = Bytes::default();
        let torn: Vec<Sent> =
            "中é".as_bytes().iter().flat_map(|byte| bytes.take(&[*byte])).collect();
        assert_eq!(short(&torn), "中 é");
    }

    #[test]
    fn what_breaks_off_swallows_nothing() {
        for (pieces, want) in [
            // A key that may end it is lost with it; the next one is not.
            (&["\x1b[<", "q", "q"][..], "q"),
            (&["\x1b[<", "~", "q"], "q"),
            (&["\x1b[<0;1", "~", "q"], "q"),
            (&["\x1b[<", "\x03"], "ctrl-c"),
            (&["\x1b[<0;1;", "\x1b[A"], "Up"),
            (&["\x1b[<0;1中q"], "中 q"),
            (&["\x1b[M", "~", "q"], "q"),
            (&["\x1b[M", "\x03"], "ctrl-c"),
            (&["\x1b[M a", "\x1b[A"], "Up"),
            (&["\x1b[200~", "~", "q"], "() q"),
            (&["\x1b[200~", "some text", "~", "q"], "(some text) q"),
            (&["\x1b[200~some", "\x03"], "(some) ctrl-c"),
            (&["\x1b[200~some", "\x1b[99;5u", "q"], "(some) ctrl-c q"),
            // With Num Lock on.
            (&["\x1b[200~some", "\x1b[99;133u", "q"], "(some) ctrl-c q"),
            (&["\x1b[200~some\x1b[20", "~", "q"], "(some\x1b[20) q"),
            (&["\x1b[201~q"], "q"),
            (&["\x1bO\x03"], "alt-O ctrl-c"),
            (
                &["\x1b[<x;y;zM\x1b[<1M\x1b[999999999999;1u\x1b[;;;u\x1b[1;99999999999Aq"],
                "; y ; z shift-M Up q",
            ),
        ] {
            assert_eq!(typed(pieces), want, "{pieces:?}");
        }
        let mut bytes = Bytes::default();
        assert_eq!(short(&bytes.take(b"\xff\xc3q\xe4\xb8q")), "q q");
        assert_eq!(
            short(&bytes.take(format!("\x1b[{}qq", "1;".repeat(1000)).as_bytes())).chars().last(),
            Some('q')
        );
        let endless = "1;".repeat(40);
        assert_eq!(typed(&["\x1b[", &endless, "q"]), "q", "not waited for without end");
        let mut bytes = Bytes::default();
        assert_eq!(short(&bytes.take(b"\x1b[200~")), "");
        for _ in 0..5 {
            bytes.take(&[b'x'; 1 << 19]);
        }
        let Some(Sent::Event(Event::Paste(text))) = bytes.give_up().pop() else {
            panic!("nothing pasted")
        };
        assert_eq!(text.len(), MOST_PASTED);
    }

    #[test]
    fn how_long_it_waits() {
        for (piece, want) in [
            ("", None),
            ("q", None),
            ("\x1b", Some(ESCAPE)),
            ("\x1b[<", Some(REST)),
            ("\x1b[200~", Some(PASTE)),
            ("\x1b[200~ab", Some(PASTE)),
        ] {
            let mut bytes = Bytes::default();
            bytes.take(piece.as_bytes());
            assert_eq!(bytes.patience(), want, "{piece:?}");
        }
    }

    proptest! {
        /// Whatever came before: what is typed after the patience is over arrives.
        #[test]
        fn nothing_is_swallowed(noise in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(b"\x1b[<0;M~OI?u2".to_vec())], 0..40)) {
            let mut bytes = Bytes::default();
            bytes.take(&noise);
            bytes.give_up();
            prop_assert_eq!(bytes.patience(), None);
            prop_assert_eq!(short(&bytes.take(b"q\x03")), "q ctrl-c");
        }

        /// How it is torn into pieces changes nothing, but for a single Ctrl-C in what is pasted.
        #[test]
        fn pieces_do_not_matter(noise in prop::collection::vec(prop_oneof![4u8..=255, prop::sample::select(b"\x1b[<0;M~OI?u21".to_vec())], 0..60), n in 1..9usize) {
            let (mut whole, mut torn) = (Bytes::default(), Bytes::default());
            let mut at_once = whole.take(&noise);
            at_once.extend(whole.give_up());
            let mut in_pieces: Vec<Sent> = noise.chunks(n).flat_map(|piece| torn.take(piece)).collect();
            in_pieces.extend(torn.give_up());
            prop_assert_eq!(short(&at_once), short(&in_pieces));
        }
    }
}
