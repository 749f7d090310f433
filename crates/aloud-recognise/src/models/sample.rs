//! Small whole model files for tests, and where shared ones lie. Never part of the program.

use super::tensors::{self, Hparams, Weights};
use std::io::Write;
use std::path::{Path, PathBuf};

/// One layer, 32 wide: about a megabyte, nearly all of it the token embedding.
pub fn shape(weights: Weights) -> Hparams {
    Hparams {
        n_vocab: 51_864,
        n_audio_ctx: 16,
        n_audio_state: 32,
        n_audio_head: 2,
        n_audio_layer: 1,
        n_text_ctx: 16,
        n_text_state: 32,
        n_text_head: 2,
        n_text_layer: 1,
        n_mels: 80,
        weights,
    }
}

/// Where the first tensor of [`model`] begins.
pub fn tensors_at() -> usize {
    48 + 8 + 80 * 201 * 4 + 4 + 2 * 4 + "aloud".len()
}

/// A whole model file with a vocabulary of two words and weights that count upwards.
pub fn model(weights: Weights) -> Vec<u8> {
    let shape = shape(weights);
    let mut file = 0x6767_6d6c_u32.to_le_bytes().to_vec();
    let mut put = |number: u32| file.extend_from_slice(&number.to_le_bytes());
    put(shape.n_vocab);
    put(shape.n_audio_ctx);
    put(shape.n_audio_state);
    put(shape.n_audio_head);
    put(shape.n_audio_layer);
    put(shape.n_text_ctx);
    put(shape.n_text_state);
    put(shape.n_text_head);
    put(shape.n_text_layer);
    put(shape.n_mels);
    put(2000 + weights.file_number() as u32);
    put(80);
    put(201);
    (0..80 * 201).for_each(|_| put(0));
    put(2);
    put(5);
    file.extend_from_slice(b"aloud");
    file.extend_from_slice(&0_u32.to_le_bytes());
    for (name, tensor) in tensors::expected(&shape) {
        for number in [tensor.n_dims, name.len() as u32, tensor.weights.tensor_number() as u32] {
            file.extend_from_slice(&number.to_le_bytes());
        }
        for dim in &tensor.dims[..tensor.n_dims as usize] {
            file.extend_from_slice(&dim.to_le_bytes());
        }
        file.extend_from_slice(name.as_bytes());
        file.extend((0..tensor.bytes()).map(|i| i as u8));
    }
    file
}

/// Says that the test that asks does nothing here, and why, past what the harness holds back:
/// `scripts/tests.sh` gathers it.
pub fn skip(why: &str) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    let _ = writeln!(std::io::stderr(), "\nskipped: {test}: {why}");
}

/// A folder of files that are shared between projects and not part of this one; says so and gives
/// `None` where it is missing.
pub fn shared(folder: &str) -> Option<PathBuf> {
    let root = std::env::var_os("ALOUD_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let path = root.join(folder);
    if path.is_dir() {
        return Some(path);
    }
    skip(&format!("no shared files at `{}` (set ALOUD_SHARED)", path.display()));
    None
}
