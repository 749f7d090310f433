//! Sound cards, through cpal. The only file that names it.

use super::Card;
use super::callback::Outlet;
use super::clock::{Clock, Trouble};
use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{
    BufferSize, Device, ErrorKind, FromSample, SampleFormat, SizedSample, Stream, StreamConfig,
};

/// How long one call of the callback is asked to last; cpal lets ALSA keep two.
const PERIODS_PER_SECOND: u32 = 50;
/// Samples that are converted at once where a device wants another format.
const SCRATCH: usize = 4096;
/// ALSA offers its bin for samples as a device too.
const BIN: &str = "Discard all samples";

/// Every output device.
///
/// cpal names a default device on ALSA even where there is no card, and libasound writes about it
/// to standard error; so a device counts only when it tells its form, and whoever shows a screen
/// calls this in another process.
///
/// # Errors
/// The sound system's own reason.
pub fn cards() -> Result<Vec<Card>, String> {
    let host = host()?;
    let default = host.default_output_device().map(|device| device.to_string());
    let devices = host.output_devices().map_err(|e| e.to_string())?;
    let card = |device: Device| {
        let name = device.to_string();
        let form = device.default_output_config().ok().map(|c| (c.sample_rate(), c.channels()));
        Card { is_default: default.as_ref() == Some(&name), name, form }
    };
    let is_card = |card: &Card| card.form.is_some() && !card.name.starts_with(BIN);
    Ok(devices.map(card).filter(is_card).collect())
}

/// The system's usual host. cpal's own way to it panics when the host cannot start.
fn host() -> Result<cpal::Host, String> {
    let id = cpal::available_hosts().into_iter().next().ok_or("this system has no sound")?;
    cpal::host_from_id(id).map_err(|e| e.to_string())
}

/// A stream that is built and waits to be started.
pub(super) struct Opened {
    pub(super) name: String,
    stream: Stream,
}

impl Opened {
    /// Lets it call for sound.
    pub(super) fn start(&self) -> Result<(), String> {
        self.stream.play().map_err(|e| e.to_string())
    }
}

/// Opens the device called `name`, or the usual one, and lets it play what `outlet` gives for its
/// rate. May wait for a sound server.
///
/// # Errors
/// Why it cannot be, in words.
pub(super) fn open<T: Trouble>(
    name: Option<&str>,
    clock: Clock,
    trouble: &T,
    mut outlet: impl FnMut(u32) -> Result<Outlet, String>,
) -> Result<Opened, String> {
    let host = host()?;
    let device = match name {
        None => host.default_output_device().ok_or("there is no sound card")?,
        Some(name) => find(&host, name)?,
    };
    let told = |e: cpal::Error| format!("the sound card cannot be used: {}", words(&e));
    let config = device.default_output_config().map_err(told)?;
    let mut wanted = config.config();
    let mut build = |wanted: StreamConfig| -> Result<Result<Stream, cpal::Error>, String> {
        let outlet = outlet(wanted.sample_rate)?;
        build_for(config.sample_format(), &device, wanted, outlet, clock, trouble.clone())
    };
    wanted.buffer_size = BufferSize::Fixed(wanted.sample_rate / PERIODS_PER_SECOND);
    let stream = match build(wanted)? {
        // Not every device takes every size; then it may choose.
        Err(error) if error.kind() == ErrorKind::UnsupportedConfig => {
            wanted.buffer_size = BufferSize::Default;
            build(wanted)?
        }
        built => built,
    };
    Ok(Opened { name: device.to_string(), stream: stream.map_err(told)? })
}

/// By its name or its identifier, in full or, if that is not there, in part.
fn find(host: &cpal::Host, name: &str) -> Result<Device, String> {
    let devices: Vec<Device> = host.output_devices().map_err(|e| e.to_string())?.collect();
    let names = |device: &Device| {
        let id = device.id().map(|id| id.id().to_owned()).unwrap_or_default();
        [device.to_string(), id].map(|name| name.to_lowercase())
    };
    let name_low = name.to_lowercase();
    let is_whole = |device: &&Device| names(device).contains(&name_low);
    let is_part = |device: &&Device| names(device).iter().any(|one| one.contains(&name_low));
    let found = devices.iter().find(is_whole).or_else(|| devices.iter().find(is_part));
    found
        .cloned()
        .ok_or_else(|| format!("there is no sound card `{name}`; `aloud doctor` lists them"))
}

fn words(error: &cpal::Error) -> String {
    match error.kind() {
        ErrorKind::DeviceBusy => "another program holds it".to_owned(),
        ErrorKind::DeviceNotAvailable => "it is not there".to_owned(),
        ErrorKind::PermissionDenied => "the system does not permit it".to_owned(),
        ErrorKind::HostUnavailable => "the sound server does not run".to_owned(),
        _ => error.to_string(),
    }
}

fn build_for<T: Trouble>(
    format: SampleFormat,
    device: &Device,
    config: StreamConfig,
    outlet: Outlet,
    clock: Clock,
    trouble: T,
) -> Result<Result<Stream, cpal::Error>, String> {
    Ok(match format {
        SampleFormat::F32 => build_plain(device, config, outlet, clock, trouble),
        SampleFormat::F64 => build::<f64, T>(device, config, outlet, clock, trouble),
        SampleFormat::I8 => build::<i8, T>(device, config, outlet, clock, trouble),
        SampleFormat::I16 => build::<i16, T>(device, config, outlet, clock, trouble),
        SampleFormat::I24 => build::<cpal::I24, T>(device, config, outlet, clock, trouble),
        SampleFormat::I32 => build::<i32, T>(device, config, outlet, clock, trouble),
        SampleFormat::U8 => build::<u8, T>(device, config, outlet, clock, trouble),
        SampleFormat::U16 => build::<u16, T>(device, config, outlet, clock, trouble),
        SampleFormat::U32 => build::<u32, T>(device, config, outlet, clock, trouble),
        other => return Err(format!("the sound card wants {other}, which aloud cannot give")),
    })
}

/// When what is handed over now will be heard.
fn heard_ns(clock: Clock, info: &cpal::OutputCallbackInfo) -> u64 {
    let times = info.timestamp();
    let latency = times.playback.checked_duration_since(times.callback).unwrap_or_default();
    clock.now_ns() + latency.as_nanos() as u64
}

fn build_plain<T: Trouble>(
    device: &Device,
    config: StreamConfig,
    mut outlet: Outlet,
    clock: Clock,
    trouble: T,
) -> Result<Stream, cpal::Error> {
    let channels = usize::from(config.channels);
    let call = move |out: &mut [f32], info: &cpal::OutputCallbackInfo| {
        outlet.fill(out, channels, heard_ns(clock, info));
    };
    device.build_output_stream(config, call, move |error| report(&trouble, &error), None)
}

/// The same for devices that want other samples.
fn build<S: SizedSample + FromSample<f32>, T: Trouble>(
    device: &Device,
    config: StreamConfig,
    mut outlet: Outlet,
    clock: Clock,
    trouble: T,
) -> Result<Stream, cpal::Error> {
    let channels = usize::from(config.channels);
    let portion = SCRATCH / channels.max(1) * channels.max(1);
    let mut scratch = vec![0.0f32; portion.max(channels)];
    let ns_per_sample = 1e9 / f64::from(config.sample_rate) / channels.max(1) as f64;
    let call = move |out: &mut [S], info: &cpal::OutputCallbackInfo| {
        let heard = heard_ns(clock, info);
        let size = scratch.len();
        for (i, part) in out.chunks_mut(size).enumerate() {
            let scratch = &mut scratch[..part.len()];
            outlet.fill(scratch, channels, heard + ((i * size) as f64 * ns_per_sample) as u64);
            part.iter_mut().zip(scratch).for_each(|(sample, x)| *sample = S::from_sample(*x));
        }
    };
    device.build_output_stream(config, call, move |error| report(&trouble, &error), None)
}

fn report(trouble: &impl Trouble, error: &cpal::Error) {
    match error.kind() {
        ErrorKind::DeviceChanged | ErrorKind::RealtimeDenied => {}
        ErrorKind::Xrun | ErrorKind::DeviceBusy | ErrorKind::BackendError => {
            trouble.stumbled(&|| words(error));
        }
        _ => trouble.lost(words(error)),
    }
}
