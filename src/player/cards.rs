//! The sound cards that cpal sees.

use super::Card;
use cpal::traits::{DeviceTrait, HostTrait};

/// Every output device.
///
/// cpal names a default device on ALSA even where there is no card, and libasound writes about it
/// to standard error; so a device counts only when it tells its form, and whoever shows a screen
/// calls this in another process.
///
/// # Errors
/// The sound system's own reason.
pub fn cards() -> Result<Vec<Card>, String> {
    let host = cpal::default_host();
    let default = host.default_output_device().map(|device| device.to_string());
    let devices = host.output_devices().map_err(|e| e.to_string())?;
    let card = |device: cpal::Device| {
        let name = device.to_string();
        let form = device.default_output_config().ok().map(|c| (c.sample_rate(), c.channels()));
        Card { is_default: default.as_ref() == Some(&name), name, form }
    };
    // ALSA offers its bin for samples as a device too.
    let is_card = |card: &Card| card.form.is_some() && !card.name.starts_with("Discard all samples");
    Ok(devices.map(card).filter(is_card).collect())
}
