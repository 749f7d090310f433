//! Which tensors a Whisper network of a given shape consists of, and how many bytes each takes.
//!
//! Names and shapes are those that whisper.cpp 1.8 asks for when it loads a model; block sizes are
//! ggml's. Pure: this file never opens a model (`header` does).

use std::collections::BTreeMap;

/// The form in which the big tensors of a model are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(non_camel_case_types, reason = "these are the forms' names in the field")]
pub enum Weights {
    /// 32-bit floats.
    F32,
    /// 16-bit floats.
    F16,
    /// 16-bit floats with the range of 32-bit ones.
    BF16,
    /// Blocks of 4 bits with a scale.
    Q4_0,
    /// Blocks of 4 bits with a scale and an offset.
    Q4_1,
    /// Blocks of 5 bits with a scale.
    Q5_0,
    /// Blocks of 5 bits with a scale and an offset.
    Q5_1,
    /// Blocks of 8 bits with a scale.
    Q8_0,
    /// Super-blocks of 2 bits.
    Q2_K,
    /// Super-blocks of 3 bits.
    Q3_K,
    /// Super-blocks of 4 bits.
    Q4_K,
    /// Super-blocks of 5 bits.
    Q5_K,
    /// Super-blocks of 6 bits.
    Q6_K,
}

/// The form, its number in a file's header (`ggml_ftype`), its number before a tensor
/// (`ggml_type`), values per block, bytes per block, name. The forms that whisper.cpp's converter
/// and quantiser write; ggml's other numbers make it assert or have no Whisper models.
const FORMS: [(Weights, i32, i32, u64, u64, &str); 13] = [
    (Weights::F32, 0, 0, 1, 4, "f32"),
    (Weights::F16, 1, 1, 1, 2, "f16"),
    (Weights::BF16, 24, 30, 1, 2, "bf16"),
    (Weights::Q4_0, 2, 2, 32, 18, "q4_0"),
    (Weights::Q4_1, 3, 3, 32, 20, "q4_1"),
    (Weights::Q5_0, 8, 6, 32, 22, "q5_0"),
    (Weights::Q5_1, 9, 7, 32, 24, "q5_1"),
    (Weights::Q8_0, 7, 8, 32, 34, "q8_0"),
    (Weights::Q2_K, 10, 10, 256, 84, "q2_k"),
    (Weights::Q3_K, 11, 11, 256, 110, "q3_k"),
    (Weights::Q4_K, 12, 12, 256, 144, "q4_k"),
    (Weights::Q5_K, 13, 13, 256, 176, "q5_k"),
    (Weights::Q6_K, 14, 14, 256, 210, "q6_k"),
];

impl Weights {
    fn row(self) -> (Weights, i32, i32, u64, u64, &'static str) {
        // The table has a row for each; a test holds it so, and F32 stands first.
        FORMS.iter().copied().find(|row| row.0 == self).unwrap_or(FORMS[0])
    }

    /// The form that a file's header means by `number`, less the thousands, which count versions of
    /// the quantiser.
    pub fn of_file(number: i32) -> Option<Self> {
        let number = if number < 0 { return None } else { number % 1000 };
        FORMS.iter().find(|row| row.1 == number).map(|row| row.0)
    }

    /// Its number before a tensor.
    pub(super) fn tensor_number(self) -> i32 {
        self.row().2
    }

    /// Its number in a file's header.
    #[cfg(any(test, feature = "testing"))]
    pub(super) fn file_number(self) -> i32 {
        self.row().1
    }

    /// How many values stand or fall together; rows are whole multiples of it.
    pub fn block_values(self) -> u64 {
        self.row().3
    }

    /// The bytes that `values` of it take, in whole blocks.
    fn bytes(self, values: u64) -> u64 {
        values / self.block_values() * self.row().4
    }

    /// Its name, as model files' names have it.
    pub fn name(self) -> &'static str {
        self.row().5
    }
}

/// The shape of a Whisper network, as the head of its file gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hparams {
    /// Tokens, timestamps included: 51864 English, 51865 multilingual, 51866 with Cantonese.
    pub n_vocab: u32,
    /// Positions of sound, 20 ms each: 1500.
    pub n_audio_ctx: u32,
    /// Width of the encoder.
    pub n_audio_state: u32,
    /// Attention heads of an encoder layer.
    pub n_audio_head: u32,
    /// Encoder layers.
    pub n_audio_layer: u32,
    /// Positions of text: 448.
    pub n_text_ctx: u32,
    /// Width of the decoder; the same as the encoder's.
    pub n_text_state: u32,
    /// Attention heads of a decoder layer.
    pub n_text_head: u32,
    /// Decoder layers.
    pub n_text_layer: u32,
    /// Mel bands: 80, or 128 since large v3.
    pub n_mels: u32,
    /// The form of its big tensors.
    pub weights: Weights,
}

/// One tensor's place in the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tensor {
    /// Its extent in up to three directions, fastest first; 1 beyond those it has.
    pub(super) dims: [u32; 3],
    /// How many directions a file gives.
    pub(super) n_dims: u32,
    /// The form of its values.
    pub(super) weights: Weights,
}

impl Tensor {
    /// The bytes of its values.
    pub(super) fn bytes(&self) -> u64 {
        self.weights.bytes(self.dims.iter().map(|&dim| u64::from(dim)).product())
    }

    /// The bytes of its values and of what stands before them in a file.
    #[cfg(test)]
    pub(super) fn bytes_in_file(&self, name: &str) -> u64 {
        12 + 4 * u64::from(self.n_dims) + name.len() as u64 + self.bytes()
    }
}

/// Collects tensors of one network under their names.
struct Plan {
    tensors: BTreeMap<String, Tensor>,
    weights: Weights,
}

impl Plan {
    fn add(&mut self, name: String, dims: &[u32], weights: Weights) {
        let mut all = [1; 3];
        all[..dims.len()].copy_from_slice(dims);
        self.tensors.insert(name, Tensor { dims: all, n_dims: dims.len() as u32, weights });
    }

    /// A matrix in the model's form.
    fn matrix(&mut self, name: String, columns: u32, rows: u32) {
        self.add(name, &[columns, rows], self.weights);
    }

    /// A vector, which is always kept in 32 bits.
    fn vector(&mut self, name: String, len: u32) {
        self.add(name, &[len], Weights::F32);
    }

    /// The two vectors of a layer norm.
    fn norm(&mut self, name: &str, len: u32) {
        self.vector(format!("{name}.weight"), len);
        self.vector(format!("{name}.bias"), len);
    }

    /// The layer norm before an attention, and its four projections; keys have no bias.
    fn attention(&mut self, name: &str, state: u32) {
        self.norm(&format!("{name}_ln"), state);
        for part in ["query", "key", "value", "out"] {
            self.matrix(format!("{name}.{part}.weight"), state, state);
            if part != "key" {
                self.vector(format!("{name}.{part}.bias"), state);
            }
        }
    }

    /// One layer of encoder or decoder.
    fn block(&mut self, name: &str, state: u32, has_cross_attention: bool) {
        self.attention(&format!("{name}.attn"), state);
        if has_cross_attention {
            self.attention(&format!("{name}.cross_attn"), state);
        }
        self.norm(&format!("{name}.mlp_ln"), state);
        self.matrix(format!("{name}.mlp.0.weight"), state, 4 * state);
        self.vector(format!("{name}.mlp.0.bias"), 4 * state);
        self.matrix(format!("{name}.mlp.2.weight"), 4 * state, state);
        self.vector(format!("{name}.mlp.2.bias"), state);
    }
}

/// Every tensor of a network of this shape, by name.
pub(super) fn expected(shape: &Hparams) -> BTreeMap<String, Tensor> {
    let (audio, text) = (shape.n_audio_state, shape.n_text_state);
    let convolution = if shape.weights == Weights::F32 { Weights::F32 } else { Weights::F16 };
    let mut plan = Plan { tensors: BTreeMap::new(), weights: shape.weights };

    plan.add("encoder.positional_embedding".into(), &[audio, shape.n_audio_ctx], Weights::F32);
    plan.add("encoder.conv1.weight".into(), &[3, shape.n_mels, audio], convolution);
    plan.add("encoder.conv1.bias".into(), &[1, audio], Weights::F32);
    plan.add("encoder.conv2.weight".into(), &[3, audio, audio], convolution);
    plan.add("encoder.conv2.bias".into(), &[1, audio], Weights::F32);
    plan.norm("encoder.ln_post", audio);
    for layer in 0..shape.n_audio_layer {
        plan.block(&format!("encoder.blocks.{layer}"), audio, false);
    }

    plan.add("decoder.positional_embedding".into(), &[text, shape.n_text_ctx], Weights::F32);
    plan.matrix("decoder.token_embedding.weight".into(), text, shape.n_vocab);
    plan.norm("decoder.ln", text);
    for layer in 0..shape.n_text_layer {
        plan.block(&format!("decoder.blocks.{layer}"), text, true);
    }
    plan.tensors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_has_its_row() {
        for row in FORMS {
            assert_eq!(row.0.row(), row);
            assert_eq!(Weights::of_file(row.1), Some(row.0));
            assert_eq!(
                Weights::of_file(2000 + row.1),
                Some(row.0),
                "a quantiser's version stands before it"
            );
        }
        for number in [-1, 4, 5, 6, 15, 26, i32::MIN, i32::MAX] {
            assert_eq!(Weights::of_file(number), None, "{number}");
        }
    }
}
