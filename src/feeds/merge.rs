//! What a feed says now, added to what is known of its show. Nothing that is known is lost.

use super::{Item, Show};
use crate::feed::{Entry, Feed};
use crate::time::Timestamp;
use std::collections::{BTreeMap, HashMap};

/// What a feed brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    /// How many entries were not known.
    pub n_new: usize,
    /// The texts of entries, by their identifiers.
    pub texts: BTreeMap<String, String>,
}

/// Adds what `feed` says to `show`. Where it `is_whole`, entries that it does not have are gone
/// from it; what was fetched of them stays known, as does everything that a damaged feed does not
/// say.
pub fn merge(show: &mut Show, feed: Feed, is_whole: bool) -> Merged {
    if !feed.title.is_empty() {
        show.title = feed.title;
    }
    show.link = feed.link.or(show.link.take());
    show.language = feed.language.or(show.language.take());
    let by_id: HashMap<String, usize> =
        show.items.iter().enumerate().map(|(place, item)| (item.id.clone(), place)).collect();
    let sounds = show
        .items
        .iter()
        .enumerate()
        .filter_map(|(place, item)| Some((item.sound.clone()?, place)));
    let by_sound: HashMap<String, usize> = sounds.collect();
    let mut known: Vec<Option<Item>> =
        std::mem::take(&mut show.items).into_iter().map(Some).collect();
    let mut merged = Merged::default();
    let came = show.n_updates + 1;
    let claimed: Vec<Option<usize>> =
        feed.entries.iter().map(|entry| by_id.get(&entry.id).copied()).collect();
    let mut is_stray = vec![true; known.len()];
    claimed.iter().flatten().for_each(|place| is_stray[*place] = false);
    let mut items = Vec::with_capacity(feed.entries.len());
    for (entry, own) in feed.entries.into_iter().zip(&claimed) {
        let url = entry.sound.as_ref().map(|sound| sound.url.as_str());
        // Feeds give an entry another identifier now and then; its recording stays.
        let by_sound =
            || url.and_then(|url| by_sound.get(url).copied()).filter(|place| is_stray[*place]);
        let old = own.or_else(by_sound).and_then(|place| known.get_mut(place)?.take());
        if let Some(text) = &entry.text {
            merged.texts.insert(entry.id.clone(), text.clone());
        }
        merged.n_new += usize::from(old.is_none());
        items.push(told(old.unwrap_or_else(|| Item { came, ..Item::default() }), entry));
    }
    if merged.n_new > 0 {
        show.n_updates = came;
    }
    items.extend(
        known.into_iter().flatten().map(|item| Item { is_gone: item.is_gone || is_whole, ..item }),
    );
    show.items = items;
    merged
}

/// What is known of an item, and what `entry` says of it.
fn told(known: Item, entry: Entry) -> Item {
    let (sound, kind, bytes) = match entry.sound {
        Some(sound) => (Some(sound.url), sound.kind, sound.bytes),
        None => (known.sound, known.kind, known.bytes),
    };
    let transcripts: Vec<_> =
        entry.transcripts.into_iter().map(|link| (link.url, link.kind, link.language)).collect();
    Item {
        id: entry.id,
        title: if entry.title.is_empty() { known.title } else { entry.title },
        date: entry.date.or(known.date),
        // What was measured is no longer a matter of the feed's word.
        length: known
            .length
            .filter(|_| known.hash.is_some())
            .or(entry.length.map(Timestamp::millis))
            .or(known.length),
        sound,
        kind,
        bytes,
        link: entry.link.or(known.link),
        chapters: entry.chapters.or(known.chapters),
        transcripts: if transcripts.is_empty() { known.transcripts } else { transcripts },
        came: known.came,
        since: known.since,
        is_gone: false,
        file: known.file,
        hash: known.hash,
        is_complete: known.is_complete,
    }
}
