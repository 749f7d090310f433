//! Events that wait. What is only of use in its latest form waits once, and whoever wants to end
//! passes everybody.

use super::event::{Event, Mouse, MouseKind};
use super::keys::{Code, Key};
use std::collections::VecDeque;

/// So many keys are typed ahead by people; more come from a paste, or were typed while the program
/// was busy, and Ctrl-C is not meant for what they lead to.
const TYPED_AHEAD: usize = 32;

/// Events in the order in which they are to be taken in.
#[derive(Debug, Default)]
pub(super) struct Backlog(VecDeque<Event>);

impl Backlog {
    /// Lets `event` wait.
    pub fn push(&mut self, event: Event) {
        match event {
            Event::Quit => self.0.push_front(event),
            Event::Key(key)
                if is_ctrl_c(key)
                    && self.0.iter().filter(|other| is_input(other)).count() > TYPED_AHEAD =>
            {
                self.0.retain(|other| !is_input(other));
                self.0.push_front(event);
            }
            Event::Resize(..) => self.replace(event, |other| matches!(other, Event::Resize(..))),
            Event::Mouse(Mouse { kind: MouseKind::Move, .. }) => {
                // The way there is nobody's concern.
                if self.0.back().is_some_and(|last| {
                    matches!(last, Event::Mouse(Mouse { kind: MouseKind::Move, .. }))
                }) {
                    self.0.pop_back();
                }
                self.0.push_back(event);
            }
            Event::Reading(_) => self.replace(event, |other| matches!(other, Event::Reading(_))),
            Event::Progress(_) => self.replace(event, |other| matches!(other, Event::Progress(_))),
            event => self.0.push_back(event),
        }
    }

    /// The next one.
    pub fn pop(&mut self) -> Option<Event> {
        self.0.pop_front()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn replace(&mut self, event: Event, is_like: impl Fn(&Event) -> bool) {
        self.0.retain(|other| !is_like(other));
        self.0.push_back(event);
    }
}

fn is_ctrl_c(key: Key) -> bool {
    key.ctrl && key.code == Code::Char('c')
}

fn is_input(event: &Event) -> bool {
    matches!(event, Event::Key(_) | Event::Paste(_) | Event::Mouse(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::Notice;

    fn order(events: Vec<Event>) -> String {
        let mut backlog = Backlog::default();
        events.into_iter().for_each(|event| backlog.push(event));
        let name = |event: &Event| match event {
            Event::Key(key) => key.to_string(),
            Event::Resize(width, _) => format!("{width}"),
            Event::Notice(_) => "notice".into(),
            other => format!("{other:?}"),
        };
        std::iter::from_fn(|| backlog.pop()).map(|event| name(&event)).collect::<Vec<_>>().join(" ")
    }

    fn key(name: &str) -> Event {
        Event::Key(name.parse().expect("a key"))
    }

    #[test]
    fn who_waits_for_whom() {
        let notice = || Event::Notice(Notice::Clear);
        let many = |n: usize| (0..n).map(|_| key("a"));
        assert_eq!(
            order(vec![key("a"), key("b"), key("ctrl-c")]),
            "a b ctrl-c",
            "typed by hand: each key counts"
        );
        assert_eq!(
            order(many(3000).chain([notice(), key("ctrl-c"), key("q")]).collect()),
            "ctrl-c notice q"
        );
        assert_eq!(order(vec![key("a"), Event::Quit, key("b")]), "Quit a b");
        let point = |x| Event::Mouse(Mouse { kind: MouseKind::Move, x, y: 0 });
        assert_eq!(
            order(vec![point(1), point(2), key("a"), point(3), point(4)]).matches("Move").count(),
            2
        );
        assert_eq!(
            order(vec![Event::Resize(1, 1), key("a"), Event::Resize(2, 1), Event::Resize(3, 1)]),
            "a 3"
        );
    }
}
