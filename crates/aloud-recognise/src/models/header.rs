//! Is this file a whole Whisper model? Reads everything but the weights' values.
//!
//! whisper.cpp trusts the numbers in a model file: a wrong one makes it read past a buffer, ask for
//! any amount of memory, or end the process. So each file is walked here first, from its magic
//! number through hyperparameters, mel filters, vocabulary and every tensor's head to its exact
//! end, and compared with the network that whisper.cpp will build. The checks answer
//! `whisper_model_load` of whisper.cpp 1.8. Whether the bytes are the right ones is `verify`'s
//! question.

use super::tensors::{self, Hparams, Weights};
use super::{Fault, ModelError};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

/// What a model file says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModelInfo {
    /// The network's shape.
    pub hparams: Hparams,
    /// The file's length in bytes.
    pub bytes: u64,
    /// Whether it holds weights. whisper.cpp's own test files do not: they load, and recognise
    /// nothing.
    pub has_weights: bool,
}

impl ModelInfo {
    /// Whether it knows more than English.
    pub fn is_multilingual(&self) -> bool {
        self.hparams.n_vocab >= 51_865
    }
}

/// "ggml" as the number that opens every file of the format.
const MAGIC: u32 = 0x6767_6d6c;
/// Values per mel filter: half of whisper.cpp's window of 400 samples, and one.
const N_FFT: u32 = 201;
/// No token of Whisper's vocabulary is longer than 33 bytes; a damaged length is.
const LONGEST_WORD: u32 = 1024;
/// No tensor's name is longer than 45 bytes.
const LONGEST_NAME: u32 = 128;

/// Whether the file at `path` is a whole model that whisper.cpp can load.
///
/// # Errors
/// [`ModelError::Unreadable`] when the file cannot be opened, [`ModelError::Unusable`] with the
/// [`Fault`] when it is not a model or a damaged one.
pub fn check(path: &Path) -> Result<ModelInfo, ModelError> {
    let unreadable = |source| ModelError::Unreadable { path: path.to_owned(), source };
    // A folder opens like a file, and opening a pipe may wait for ever.
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(unreadable(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file")));
    }
    check_reader(File::open(path).map_err(unreadable)?).map_err(|fault| match fault {
        Fault::Io(source) => unreadable(source),
        fault => ModelError::unusable(path, fault),
    })
}

/// Whether `reader` holds a whole model, from its start to its end. Memory stays below a megabyte
/// whatever the input.
///
/// # Errors
/// The first [`Fault`] met.
pub fn check_reader<R: Read + Seek>(reader: R) -> Result<ModelInfo, Fault> {
    let mut walk = Walk::start(reader)?;
    let hparams = walk.head()?;
    walk.filters(&hparams)?;
    walk.vocabulary(&hparams)?;
    let has_weights = walk.left() > 0;
    if has_weights {
        walk.tensors(&hparams)?;
    }
    Ok(ModelInfo { hparams, bytes: walk.len, has_weights })
}

/// A place in a file whose length is known, so that nothing is asked for that is not there.
struct Walk<R> {
    reader: BufReader<R>,
    at: u64,
    len: u64,
}

impl<R: Read + Seek> Walk<R> {
    fn start(mut reader: R) -> Result<Self, Fault> {
        let len = reader.seek(SeekFrom::End(0))?;
        reader.rewind()?;
        Ok(Self { reader: BufReader::new(reader), at: 0, len })
    }

    fn left(&self) -> u64 {
        self.len - self.at
    }

    fn need(&self, bytes: u64, what: &'static str) -> Result<(), Fault> {
        if bytes > self.left() { Err(Fault::CutShort { what, bytes: self.len }) } else { Ok(()) }
    }

    fn skip(&mut self, bytes: u64, what: &'static str) -> Result<(), Fault> {
        self.need(bytes, what)?;
        let step = i64::try_from(bytes).map_err(|_| Fault::CutShort { what, bytes: self.len })?;
        self.reader.seek_relative(step)?;
        self.at += bytes;
        Ok(())
    }

    fn number(&mut self, what: &'static str) -> Result<i32, Fault> {
        self.need(4, what)?;
        let mut bytes = [0; 4];
        self.reader.read_exact(&mut bytes)?;
        self.at += 4;
        Ok(i32::from_le_bytes(bytes))
    }

    /// A number that must lie in `range`.
    fn number_in(
        &mut self,
        field: &'static str,
        range: std::ops::RangeInclusive<u32>,
    ) -> Result<u32, Fault> {
        let value = self.number(field)?;
        match u32::try_from(value) {
            Ok(value) if range.contains(&value) => Ok(value),
            _ => Err(Fault::Absurd { field, value, least: *range.start(), most: *range.end() }),
        }
    }

    /// Magic number and hyperparameters. The ranges are wider than any published model and narrow
    /// enough that whisper.cpp's own arithmetic holds.
    fn head(&mut self) -> Result<Hparams, Fault> {
        if self.len == 0 {
            return Err(Fault::Empty);
        }
        let mut first = Vec::new();
        self.reader.by_ref().take(64).read_to_end(&mut first)?;
        self.reader.rewind()?;
        if let Some(kind) = other_kind(&first) {
            return Err(Fault::OtherKind(kind));
        }
        self.number("magic number")?;
        // Fewer tokens than these and whisper.cpp's timestamps lie outside the network; more and it
        // looks for languages that it has no names for.
        let n_vocab = self.number_in("n_vocab", 51_864..=51_866)?;
        let n_audio_ctx = self.number_in("n_audio_ctx", 1..=1500)?;
        let n_audio_state = self.number_in("n_audio_state", 1..=4096)?;
        let n_audio_head = self.number_in("n_audio_head", 1..=256)?;
        let n_audio_layer = self.number_in("n_audio_layer", 1..=64)?;
        let n_text_ctx = self.number_in("n_text_ctx", 16..=4096)?;
        let n_text_state = self.number_in("n_text_state", n_audio_state..=n_audio_state)?;
        let n_text_head = self.number_in("n_text_head", 1..=256)?;
        let n_text_layer = self.number_in("n_text_layer", 1..=64)?;
        let n_mels = self.number_in("n_mels", 1..=256)?;
        let number = self.number("ftype")?;
        let weights = Weights::of_file(number).ok_or(Fault::UnknownWeights(number))?;
        for (field, heads) in [("n_audio_head", n_audio_head), ("n_text_head", n_text_head)] {
            if n_audio_state % heads != 0 {
                return Err(Fault::Uneven { field, value: heads, state: n_audio_state });
            }
        }
        if u64::from(n_audio_state) % weights.block_values() != 0 {
            return Err(Fault::Uneven {
                field: weights.name(),
                value: weights.block_values() as u32,
                state: n_audio_state,
            });
        }
        Ok(Hparams {
            n_vocab,
            n_audio_ctx,
            n_audio_state,
            n_audio_head,
            n_audio_layer,
            n_text_ctx,
            n_text_state,
            n_text_head,
            n_text_layer,
            n_mels,
            weights,
        })
    }

    fn filters(&mut self, shape: &Hparams) -> Result<(), Fault> {
        let bands = self.number_in("number of mel filters", shape.n_mels..=shape.n_mels)?;
        let width = self.number_in("width of a mel filter", N_FFT..=N_FFT)?;
        for _ in 0..bands * width {
            let value = f32::from_bits(self.number("mel filters")?.cast_unsigned());
            if !(0.0..=1.0).contains(&value) {
                return Err(Fault::Filter(value));
            }
        }
        Ok(())
    }

    fn vocabulary(&mut self, shape: &Hparams) -> Result<(), Fault> {
        let words = self.number_in("number of words", 1..=shape.n_vocab)?;
        for _ in 0..words {
            let len = self.number_in("length of a word", 0..=LONGEST_WORD)?;
            self.skip(u64::from(len), "vocabulary")?;
        }
        Ok(())
    }

    /// Every tensor once, in any order, and then nothing.
    fn tensors(&mut self, shape: &Hparams) -> Result<(), Fault> {
        let expected = tensors::expected(shape);
        let mut seen = BTreeSet::new();
        while seen.len() < expected.len() {
            if self.left() == 0 {
                return Err(Fault::Missing { found: seen.len(), expected: expected.len() });
            }
            let name = self.tensor(&expected)?;
            if seen.contains(&name) {
                return Err(Fault::Twice { name });
            }
            seen.insert(name);
        }
        match self.left() {
            0 => Ok(()),
            bytes => Err(Fault::Trailing { bytes }),
        }
    }

    /// One tensor; gives its name.
    fn tensor(
        &mut self,
        expected: &std::collections::BTreeMap<String, tensors::Tensor>,
    ) -> Result<String, Fault> {
        // whisper.cpp writes as many extents as the file says into room for four.
        let n_dims = self.number_in("a tensor's number of dimensions", 1..=3)?;
        let name_len = self.number_in("length of a tensor's name", 1..=LONGEST_NAME)?;
        let form = self.number("form of a tensor")?;
        let mut dims = [1; 3];
        for dim in &mut dims[..n_dims as usize] {
            *dim = self.number_in("extent of a tensor", 1..=i32::MAX as u32)?;
        }
        self.need(u64::from(name_len), "a tensor's name")?;
        let mut name = vec![0; name_len as usize];
        self.reader.read_exact(&mut name)?;
        self.at += u64::from(name_len);

        let name = String::from_utf8_lossy(&name).escape_debug().to_string();
        let Some(tensor) = expected.get(&name) else { return Err(Fault::UnknownTensor { name }) };
        if tensor.dims != dims {
            return Err(Fault::Shape { name, found: dims, expected: tensor.dims });
        }
        // whisper.cpp compares only sizes, and reads one kind of 16 bits as the other.
        if tensor.weights.tensor_number() != form {
            return Err(Fault::Form { name, found: form, expected: tensor.weights.name() });
        }
        self.skip(tensor.bytes(), "weights")?;
        Ok(name)
    }
}

/// What a file that is no Whisper model of ours appears to be, by its first bytes.
fn other_kind(first: &[u8]) -> Option<&'static str> {
    let is_ggml = first.get(..4).is_some_and(|magic| magic == MAGIC.to_le_bytes());
    match first {
        // Silero's converter writes the length and the letters of its name first.
        _ if is_ggml && first[4..].starts_with(b"\x0a\0\0\0silero") => {
            Some("a speech detector (Silero), not a recogniser")
        }
        _ if is_ggml => None,
        _ if first.starts_with(b"GGUF") => {
            Some("a GGUF file, and whisper.cpp reads its own `ggml-*.bin` files only")
        }
        _ if first.starts_with(b"PK\x03\x04") => {
            Some("a zip archive or a PyTorch model, not one converted for whisper.cpp")
        }
        _ if first.starts_with(b"version https://git-lfs") => {
            Some("a Git LFS pointer: the model itself was not fetched")
        }
        _ if first.first() == Some(&b'<') => Some("a web page"),
        _ if first.iter().all(|byte| *byte == 0) => Some("nothing but zeros"),
        _ => Some("something else"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::sample;
    use proptest::prelude::*;
    use std::io::Cursor;

    fn fault_of(bytes: &[u8]) -> String {
        check_reader(Cursor::new(bytes)).unwrap_err().to_string()
    }

    #[test]
    fn a_whole_model_of_each_form_passes() {
        for weights in
            [Weights::F32, Weights::F16, Weights::BF16, Weights::Q4_0, Weights::Q5_1, Weights::Q8_0]
        {
            let bytes = sample::model(weights);
            let info = check_reader(Cursor::new(&bytes)).unwrap();
            assert_eq!(
                (info.bytes, info.has_weights, info.hparams.weights),
                (bytes.len() as u64, true, weights)
            );
            assert!(!info.is_multilingual());
        }
    }

    #[test]
    fn the_models_at_hand() {
        let micro = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/ggml-micro.bin");
        if micro.exists() {
            let info = check(&micro).unwrap();
            assert_eq!(
                (info.hparams.weights, info.has_weights, info.hparams.n_audio_state),
                (Weights::Q8_0, true, 192)
            );
            assert!(info.is_multilingual(), "by its vocabulary, though it speaks English only");
        }
        if let Some(shared) = sample::shared("models") {
            let info = check(&shared.join("for-tests-ggml-tiny-no-weights.bin")).unwrap();
            assert_eq!((info.has_weights, info.hparams.n_audio_state), (false, 384));
            let silero = check(&shared.join("ggml-silero-v6.2.0.bin")).unwrap_err().to_string();
            assert!(silero.contains("Silero"), "{silero}");
        }
    }

    #[test]
    fn what_is_no_model_is_named() {
        for (bytes, says) in [
            (&b""[..], "empty"),
            (b"<!DOCTYPE html>", "web page"),
            (b"GGUF\x03\0\0\0", "GGUF"),
            (b"version https://git-lfs.github.com/spec/v1", "Git LFS"),
            (b"lm", "something else"),
            (&[0; 100], "zeros"),
            (b"lmgg", "cut short"),
            (b"lmgg\x98\xca", "cut short"),
        ] {
            assert!(fault_of(bytes).contains(says), "{bytes:?}: {}", fault_of(bytes));
        }
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        // Where there are no pipes with names, it is a missing file.
        let _ = std::process::Command::new("mkfifo").arg(&pipe).status();
        for path in [dir.path(), &pipe] {
            let error = check(path).unwrap_err();
            assert!(matches!(error, ModelError::Unreadable { .. }), "{error}");
        }
    }

    /// One number of the head changed: offset, value, what the refusal names.
    #[test]
    fn absurd_numbers_are_named() {
        let model = sample::model(Weights::Q4_0);
        for (at, value, says) in [
            (4, 51_867, "n_vocab"),
            (4, -1, "n_vocab"),
            (8, 1_000_000, "n_audio_ctx"),
            (12, 0, "n_audio_state"),
            (16, 3, "n_audio_head"),
            (20, i32::MAX, "n_audio_layer"),
            (24, 0, "n_text_ctx"),
            (28, 64, "n_text_state"),
            (32, 7, "n_text_head"),
            (36, 0, "n_text_layer"),
            (40, 79, "mel filters"),
            (44, 99, "99"),
            (44, 12, "q4_k"),
            (48, 79, "mel filters"),
            (52, i32::MAX, "mel filter"),
            (56, -1, "a mel filter has the value NaN"),
            (60, i32::from_le_bytes(1e30_f32.to_le_bytes()), "a mel filter has the value 1e30"),
            (
                52 + 80 * 201 * 4,
                i32::from_le_bytes((-0.5_f32).to_le_bytes()),
                "a mel filter has the value -5e-1",
            ),
            (56 + 80 * 201 * 4, i32::MAX, "number of words"),
            (60 + 80 * 201 * 4, -2, "length of a word"),
            (44, 1, "decoder.blocks.0.attn.key.weight"),
        ] {
            let mut bytes = model.clone();
            bytes[at..at + 4].copy_from_slice(&i32::to_le_bytes(value));
            assert!(fault_of(&bytes).contains(says), "{at} {value}: {}", fault_of(&bytes));
        }
    }

    #[test]
    fn damaged_tensors_are_named() {
        let model = sample::model(Weights::Q4_0);
        let first = sample::tensors_at();
        // The first tensor in name order: decoder.blocks.0.attn.key.weight [32, 32].
        for (at, value, says) in [
            (first, 9, "number of dimensions"),
            (first + 4, 100_000, "name"),
            (first + 8, 1, "is stored as number 1"),
            (first + 12, 16, "[16, 32, 1]"),
            (first + 20, i32::from_le_bytes(*b"xxxx"), "xxxxder.blocks"),
            (first + 20, i32::from_le_bytes(*b"\x1b[2J"), "\\u{1b}[2J"),
        ] {
            let mut bytes = model.clone();
            bytes[at..at + 4].copy_from_slice(&i32::to_le_bytes(value));
            assert!(fault_of(&bytes).contains(says), "{says}: {}", fault_of(&bytes));
        }
        let first_tensor = 12 + 8 + "decoder.blocks.0.attn.key.weight".len() + 32 * 32 / 32 * 18;
        let mut twice = model[..first + first_tensor].to_vec();
        twice.extend_from_slice(&model[first..]);
        assert!(fault_of(&twice).contains("twice"), "{}", fault_of(&twice));
        assert!(
            fault_of(&model[..first + first_tensor]).contains("1 of "),
            "{}",
            fault_of(&model[..first + first_tensor])
        );
        let mut longer = model.clone();
        longer.extend_from_slice(b"GARBAGE");
        assert!(fault_of(&longer).contains("7 bytes"), "{}", fault_of(&longer));
        assert!(fault_of(&model[..model.len() - 1]).contains("cut short"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

        /// However a model is cut, no prefix of it passes but the one that ends before the weights.
        #[test]
        fn no_prefix_passes(cut in 0_usize..sample::model(Weights::Q4_0).len()) {
            let model = sample::model(Weights::Q4_0);
            let result = check_reader(Cursor::new(&model[..cut]));
            prop_assert_eq!(result.is_ok(), cut == sample::tensors_at());
        }

        /// Any numbers in any places of the head or of the tensors' heads: an answer, never a
        /// panic.
        #[test]
        fn no_damage_panics(places in prop::collection::vec((0_usize..40_000, any::<u32>()), 1..6), near in any::<bool>()) {
            let mut model = sample::model(Weights::Q4_0);
            for (place, value) in places {
                let at = if near { place % 64 } else { sample::tensors_at() - 4 + place % 3000 };
                model[at..at + 4].copy_from_slice(&value.to_le_bytes());
            }
            let _ = check_reader(Cursor::new(&model));
        }
    }
}
