//! Many channels to one. Knows channels by number only: which of them carries low-frequency effects
//! is for the caller to say.

/// Appends one sample to `mono` for every frame of `interleaved`: the mean of its channels, each
/// with the same weight, so that nothing can clip that did not clip before. The channels whose bit
/// is set in `lfe` carry low-frequency effects (bit 0 is the first channel): they hold no speech
/// and are left out, as ITU-R BS.775 does when it mixes down. A last incomplete frame is ignored.
pub fn mix(interleaved: &[f32], channels: usize, lfe: u64, mono: &mut Vec<f32>) {
    let is_heard = |channel: usize| channel >= 64 || lfe >> channel & 1 == 0;
    let heard = (0..channels).filter(|&channel| is_heard(channel)).count();
    match (channels, heard) {
        (0, _) => {}
        (1, _) => mono.extend_from_slice(interleaved),
        (2, 2) => mono.extend(
            interleaved.as_chunks::<2>().0.iter().map(|[left, right]| (left + right) * 0.5),
        ),
        // Nothing but effects: then they are what there is.
        (_, 0) => mix(interleaved, channels, 0, mono),
        _ => {
            let weight = 1.0 / heard as f32;
            mono.extend(interleaved.chunks_exact(channels).map(|frame| {
                frame
                    .iter()
                    .enumerate()
                    .filter(|&(channel, _)| is_heard(channel))
                    .map(|(_, sample)| sample)
                    .sum::<f32>()
                    * weight
            }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::mix;
    use proptest::prelude::*;

    #[test]
    fn channels_become_one() {
        let surround = [0.5, 0.1, 0.3, 1.0, 0.0, 0.1];
        for (channels, lfe, input, want) in [
            (1, 0, &[0.1, -0.2][..], &[0.1, -0.2][..]),
            (2, 0, &[0.5, 0.1, 1.0, -1.0], &[0.3, 0.0]),
            (2, 0, &[0.5, 0.1, 0.9], &[0.3]),
            (6, 0b1000, &surround, &[0.2]),
            (6, 0, &surround, &[1.0 / 3.0]),
            (2, 0b10, &[0.5, 1.0], &[0.5]),
            (3, 0b111, &[0.3, 0.3, 0.3], &[0.3]),
            (0, 0, &[0.5], &[]),
            (4, 0, &[], &[]),
        ] {
            let mut mono = Vec::new();
            mix(input, channels, lfe, &mut mono);
            assert_eq!(mono.len(), want.len(), "{channels} channels");
            assert!(
                mono.iter().zip(want).all(|(a, b)| (a - b).abs() < 1e-6),
                "{channels} channels: {mono:?}"
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        /// Mixing adds no loudness, whatever the layout.
        #[test]
        fn never_louder_than_the_loudest(channels in 1usize..80, lfe: u64, samples in prop::collection::vec(-1.0f32..1.0, 0..400)) {
            let mut mono = Vec::new();
            mix(&samples, channels, lfe, &mut mono);
            prop_assert_eq!(mono.len(), samples.len() / channels);
            let loudest = samples.iter().fold(0.0f32, |a, b| a.max(b.abs()));
            prop_assert!(mono.iter().all(|x| x.abs() <= loudest + 1e-6));
        }
    }
}
