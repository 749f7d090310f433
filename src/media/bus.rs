//! The session bus: MPRIS, as <https://specifications.freedesktop.org/mpris-spec/latest/> describes
//! it.
//!
//! A thread of its own keeps the connection and sends what changed. Calls come on a thread of zbus;
//! they only send requests on, so that both the screen and the bus have their answers at once.

use super::playing::{Changes, Playing};
use super::{About, Now, Request};
use crate::printable;
use crate::refusal;
use crate::time::Timestamp;
use std::collections::HashMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use zbus::fdo::RequestNameFlags;
use zbus::object_server::{InterfaceRef, SignalEmitter};
use zbus::{Connection, ObjectPath, Variant, block_on, connection, fdo, interface};

/// The name on the bus of the first player; others add their process to it.
const NAME: &str = "org.mpris.MediaPlayer2.aloud";
/// Where MPRIS has a player stand.
const PATH: &str = "/org/mpris/MediaPlayer2";
/// An answer of the bus comes within this time, or there is none.
const PATIENCE: Duration = Duration::from_secs(5);

type Wisher = Arc<dyn Fn(Request) + Send + Sync>;

/// Media keys, while this lives.
pub struct MediaKeys {
    playing: Arc<Mutex<Playing>>,
    news: Sender<Changes>,
}

impl MediaKeys {
    /// Takes them for the recording that `about` tells of: `request` is called with what is wanted,
    /// on another thread. Returns at once; where no session bus is, nothing ever comes. `None`
    /// where the system gives no thread.
    #[must_use]
    pub fn take(about: About, request: impl Fn(Request) + Send + Sync + 'static) -> Option<Self> {
        let playing = Arc::new(Mutex::new(Playing::new(about.length, Instant::now())));
        let (news, inbox) = channel();
        let shown = Arc::clone(&playing);
        let serve = move || {
            if let Err(e) = serve(about, Arc::new(request), shown, &inbox) {
                log::info!("no media keys: {e}");
            }
        };
        match thread::Builder::new().name("media keys".into()).spawn(serve) {
            Ok(_) => Some(Self { playing, news }),
            Err(e) => {
                log::info!("no media keys: {}", refusal::no_thread(&e));
                None
            }
        }
    }

    /// Tells how it plays now. Waits for nobody.
    pub fn tell(&self, now: Now) {
        let changes = locked(&self.playing).tell(now, Instant::now());
        if changes.is_any() {
            // Nobody listens where there is no bus.
            let _ = self.news.send(changes);
        }
    }
}

/// Where media keys come from.
///
/// # Errors
/// With the reason where none can come.
pub fn reachable() -> Result<String, String> {
    let (sender, answer) = channel();
    let ask = move || {
        let asked = block_on(connection::Builder::session().method_timeout(PATIENCE).build());
        let _ = sender.send(
            asked
                .map(|_| "by MPRIS, on the session bus".to_owned())
                .map_err(|e| format!("no session bus: {e}")),
        );
    };
    thread::Builder::new()
        .name("bus".into())
        .spawn(ask)
        .map_err(|e| refusal::no_thread(&e).to_string())?;
    answer
        .recv_timeout(PATIENCE)
        .unwrap_or_else(|_| Err("the session bus does not answer".to_owned()))
}

fn locked(playing: &Mutex<Playing>) -> MutexGuard<'_, Playing> {
    playing.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Stands on the bus until nobody tells anything more.
fn serve(
    about: About,
    request: Wisher,
    playing: Arc<Mutex<Playing>>,
    inbox: &Receiver<Changes>,
) -> zbus::Result<()> {
    let track = ObjectPath::try_from(format!("/aloud/{}", about.id))?.into_owned();
    let player = Player { about, track, request: Arc::clone(&request), playing };
    let (connection, player) = block_on(stand(Root { request }, player))?;
    while let Ok(changes) = inbox.recv() {
        block_on(send(&player, changes))?;
    }
    block_on(connection.close())
}

async fn stand(root: Root, player: Player) -> zbus::Result<(Connection, InterfaceRef<Player>)> {
    let builder = connection::Builder::session()
        .method_timeout(PATIENCE)
        .serve_at(PATH, root)
        .serve_at(PATH, player);
    let connection = builder.build().await?;
    // Whoever waits in a queue for the name of another has none meanwhile.
    match connection.request_name_with_flags(NAME, RequestNameFlags::DO_NOT_QUEUE).await {
        Err(zbus::Error::NameTaken) => {
            connection.request_name(format!("{NAME}.instance{}", std::process::id())).await?;
        }
        named => {
            named?;
        }
    }
    let player = connection.object_server().interface(PATH).await?;
    Ok((connection, player))
}

async fn send(player: &InterfaceRef<Player>, changes: Changes) -> zbus::Result<()> {
    let (shown, emitter) = (player.get().await, player.signal_emitter());
    if changes.status {
        shown.playback_status_changed(emitter).await?;
    }
    if changes.rate {
        shown.rate_changed(emitter).await?;
    }
    if changes.volume {
        shown.volume_changed(emitter).await?;
    }
    if changes.jumped {
        let at = micros(locked(&shown.playing).position(Instant::now()));
        player.seeked(at).await?;
    }
    Ok(())
}

/// The program.
struct Root {
    request: Wisher,
}

#[interface(name = "org.mpris.MediaPlayer2", introspection_docs = false, spawn = false)]
impl Root {
    fn raise(&self) {}

    fn quit(&self) {
        (self.request)(Request::Quit);
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn can_quit(&self) -> bool {
        true
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn can_raise(&self) -> bool {
        false
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn has_track_list(&self) -> bool {
        false
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn identity(&self) -> &str {
        "aloud"
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn supported_uri_schemes(&self) -> Vec<String> {
        Vec::new()
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn supported_mime_types(&self) -> Vec<String> {
        Vec::new()
    }
}

/// What plays.
struct Player {
    about: About,
    track: ObjectPath<'static>,
    request: Wisher,
    playing: Arc<Mutex<Playing>>,
}

impl Player {
    /// Has what was wished for be told at once: it is on its way.
    fn assume(&self, change: impl FnOnce(&mut Now)) {
        let mut playing = locked(&self.playing);
        let moment = Instant::now();
        let mut now = Now { at: playing.position(moment), ..playing.now };
        change(&mut now);
        playing.tell(now, moment);
    }
}

#[interface(name = "org.mpris.MediaPlayer2.Player", introspection_docs = false, spawn = false)]
impl Player {
    fn next(&self) {
        (self.request)(Request::Step(1));
    }

    fn previous(&self) {
        (self.request)(Request::Step(-1));
    }

    fn pause(&self) {
        (self.request)(Request::Pause);
    }

    fn play_pause(&self) {
        (self.request)(Request::Toggle);
    }

    /// As a pause: to begin an episode of hours again is seldom what the key was pressed for.
    fn stop(&self) {
        (self.request)(Request::Pause);
    }

    fn play(&self) {
        (self.request)(Request::Play);
    }

    #[zbus(name = "Seek")]
    fn seek(&self, offset: i64) {
        (self.request)(Request::By(offset / 1000));
    }

    /// A place in another recording, or outside of this one, is none.
    fn set_position(&self, track_id: ObjectPath<'_>, position: i64) {
        let (length, is_this) = (self.about.length, track_id.into_owned() == self.track);
        let at = u64::try_from(position).ok().map(|micros| Timestamp::from_millis(micros / 1000));
        let at = at.filter(|at| is_this && (length == Timestamp::ZERO || *at <= length));
        if let Some(at) = at {
            (self.request)(Request::To(at));
        }
    }

    fn open_uri(&self, _uri: &str) -> fdo::Result<()> {
        Err(fdo::Error::NotSupported(
            "aloud opens recordings by its command line and its shelf".to_owned(),
        ))
    }

    #[zbus(signal)]
    async fn seeked(emitter: &SignalEmitter<'_>, position: i64) -> zbus::Result<()>;

    #[zbus(property)]
    fn playback_status(&self) -> &str {
        locked(&self.playing).status()
    }

    #[zbus(property)]
    fn rate(&self) -> f64 {
        shown_rate(locked(&self.playing).now.rate)
    }

    /// MPRIS has 0 mean a pause.
    #[zbus(property)]
    fn set_rate(&self, rate: f64) {
        if rate == 0.0 {
            (self.request)(Request::Pause);
        } else if rate.is_finite() {
            let rate = (rate as f32).clamp(crate::player::MIN_SPEED, crate::player::MAX_SPEED);
            self.assume(|now| now.rate = rate);
            (self.request)(Request::Rate(rate));
        }
    }

    #[zbus(property)]
    fn metadata(&self) -> HashMap<String, Variant<'static>> {
        metadata(&self.about, &self.track)
    }

    #[zbus(property)]
    fn volume(&self) -> f64 {
        f64::from(locked(&self.playing).now.volume)
    }

    #[zbus(property)]
    fn set_volume(&self, volume: f64) {
        if volume.is_finite() {
            let volume = (volume as f32).clamp(0.0, crate::player::MAX_VOLUME);
            self.assume(|now| now.volume = volume);
            (self.request)(Request::Volume(volume));
        }
    }

    #[zbus(property(emits_changed_signal = "false"))]
    fn position(&self) -> i64 {
        micros(locked(&self.playing).position(Instant::now()))
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn minimum_rate(&self) -> f64 {
        f64::from(crate::player::MIN_SPEED)
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn maximum_rate(&self) -> f64 {
        f64::from(crate::player::MAX_SPEED)
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn can_go_next(&self) -> bool {
        true
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn can_go_previous(&self) -> bool {
        true
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn can_play(&self) -> bool {
        true
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn can_pause(&self) -> bool {
        true
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn can_seek(&self) -> bool {
        true
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn can_control(&self) -> bool {
        true
    }
}

fn micros(at: Timestamp) -> i64 {
    i64::try_from(at.millis().saturating_mul(1000)).unwrap_or(i64::MAX)
}

/// A rate as it is shown, without what an `f32` adds to it.
fn shown_rate(rate: f32) -> f64 {
    (f64::from(rate) * 100.0).round() / 100.0
}

/// What a desktop shows of it. Texts have no character in them that a bus refuses or a panel obeys.
fn metadata(about: &About, track: &ObjectPath<'static>) -> HashMap<String, Variant<'static>> {
    let line = |text: &str| printable::line(text).into_owned();
    let mut told = HashMap::from([
        ("mpris:trackid".to_owned(), Variant::from(track.clone())),
        ("xesam:title".to_owned(), Variant::from(line(&about.title))),
    ]);
    if about.length > Timestamp::ZERO {
        told.insert("mpris:length".to_owned(), Variant::from(micros(about.length)));
    }
    if let Some(show) = &about.show {
        told.insert("xesam:album".to_owned(), Variant::from(line(show)));
    }
    if let Some(artist) = &about.artist {
        told.insert("xesam:artist".to_owned(), Variant::from(vec![line(artist)]));
    }
    told
}
