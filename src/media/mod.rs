//! Which media keys were pressed, and what does the desktop show of what plays?
//!
//! A desktop sends the media keys of keyboards and headphones to the players that stand on the
//! session bus by MPRIS (D-Bus), and shows what they play. Elsewhere, and without a session bus,
//! nothing is shown and no key comes. The only room that names zbus. It never knows what is being
//! said, and nobody who tells it something waits for the bus.

#[cfg(not(all(feature = "media-keys", unix, not(target_os = "macos"))))]
#[path = "absent.rs"]
mod bus;
#[cfg(all(feature = "media-keys", unix, not(target_os = "macos")))]
mod bus;
// Without a bus nobody is told.
#[cfg_attr(not(all(feature = "media-keys", unix, not(target_os = "macos"))), allow(dead_code))]
mod playing;

pub use bus::{MediaKeys, reachable};
pub use playing::{About, Now};

use crate::time::Timestamp;

/// What somebody wants who is not at the keys of the terminal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Request {
    /// Play or pause.
    Toggle,
    /// Play.
    Play,
    /// Pause.
    Pause,
    /// So many chapters on, or back where it is negative.
    Step(i32),
    /// So many milliseconds on, or back where it is negative.
    By(i64),
    /// To this moment.
    To(Timestamp),
    /// As fast as this; any finite number.
    Rate(f32),
    /// As loud as this, 1 being as recorded; any finite number.
    Volume(f32),
    /// The end of the program.
    Quit,
}
