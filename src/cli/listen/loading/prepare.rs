//! The thread that makes ready what has come. Opening a recording, and counting its packets up to
//! a place, can take longer than the time between two pictures.

use super::fetch::Loading;
use crate::decode::Source;
use crate::time::Timestamp;
use crate::tui::Event;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender};

/// What is handed over is made ready from so much before what is heard: decoders have to hear up to
/// a second before a place.
const BEFORE: Timestamp = Timestamp::from_millis(2_000);

/// What a player wants that is to go on with all that is here.
pub struct Order {
    /// Bytes that are here.
    pub have: u64,
    /// What is heard now, where sound goes on without a gap.
    pub heard: Option<Timestamp>,
}

/// A source of all that is here.
pub struct More {
    /// It stands a little before what was heard.
    pub source: Source,
    /// It has so many bytes, or more.
    pub have: u64,
}

/// Answers each of `orders` with what is to be played of the file at `part`, until nobody orders
/// any more; with nothing where that does not open.
pub fn prepare(
    part: &Path,
    orders: &Receiver<Order>,
    answers: &Sender<Option<More>>,
    loading: &Loading,
) {
    for order in orders {
        let more = open(part, &order);
        let has_come = more.is_some();
        if answers.send(more).is_err() {
            return;
        }
        // The screen sleeps until something happens, and looks for answers then.
        if has_come {
            loading.show(Event::Progress(loading.come().progress()));
        }
    }
}

fn open(part: &Path, order: &Order) -> Option<More> {
    // A file that has got its name meanwhile ends the screen in a moment.
    let mut source = Source::open(part).ok()?;
    if let Some(heard) = order.heard.filter(|_| source.wants_index()) {
        // It counts all packets before a place, which takes longer after hours than sound lies
        // ready: they are counted here, and only the last few again when it is to sound.
        let from = heard.minus(BEFORE.millis()).secs() * f64::from(source.rate());
        // It has to have decoded there: of a packet that only waits it would lose count. What
        // fails here fails again where it is told.
        let _ = source.seek(from as u64).and_then(|()| source.next_frames().map(drop));
    }
    Some(More { source, have: order.have })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    #[test]
    fn what_is_made_ready_stands_a_little_before_what_is_heard() {
        let sound = Path::new(env!("CARGO_MANIFEST_DIR")).join("audio/old-radio.zh.mp3");
        for (heard, from) in
            [(None, 0.0..=0.0), (Some(60_000), 57.0..=59.0), (Some(500), 0.0..=0.2)]
        {
            let order = Order { have: 7, heard: heard.map(Timestamp::from_millis) };
            let More { source, have } = open(&sound, &order).unwrap();
            let at = source.position() as f64 / f64::from(source.rate());
            assert!(have == 7 && from.contains(&at), "{heard:?}: {at}");
        }
        let order = Order { have: 7, heard: None };
        assert!(open(&PathBuf::from("/nowhere.mp3"), &order).is_none());
    }
}
