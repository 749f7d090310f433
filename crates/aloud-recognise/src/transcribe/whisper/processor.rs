//! Whether this processor can run what whisper.cpp was built for.
//!
//! A program that was built for a newer one is ended by the system at the first instruction that is
//! not there, without a word. Nothing of whisper.cpp may run before this was asked but the flags
//! of its build: what it does to say more of itself uses these instructions already.

use crate::reason::Reason;
use whisper_rs::SystemInfo;

/// An instruction set: its name, whether the build uses it, and whether the processor has it.
type Wanted = (&'static str, bool, bool);

/// Whether this processor can run what whisper.cpp was built for.
///
/// # Errors
/// When it lacks instructions that the build uses.
pub fn check() -> Result<(), Reason> {
    lacking(&wanted())
}

#[cfg(target_arch = "x86_64")]
fn wanted() -> [Wanted; 4] {
    let SystemInfo { avx, avx2, fma, f16c } = SystemInfo::default();
    [
        ("AVX", avx, is_x86_feature_detected!("avx")),
        ("AVX2", avx2, is_x86_feature_detected!("avx2")),
        ("FMA", fma, is_x86_feature_detected!("fma")),
        ("F16C", f16c, is_x86_feature_detected!("f16c")),
    ]
}

/// Of other processors the wrapper tells nothing.
#[cfg(not(target_arch = "x86_64"))]
fn wanted() -> [Wanted; 0] {
    []
}

fn lacking(wanted: &[Wanted]) -> Result<(), Reason> {
    let names: Vec<&str> = wanted
        .iter()
        .filter(|(_, is_used, is_there)| *is_used && !is_there)
        .map(|(name, ..)| *name)
        .collect();
    if names.is_empty() {
        return Ok(());
    }
    let why = format!(
        "this program recognises speech with instructions that this processor lacks ({})",
        names.join(", ")
    );
    Err(Reason::new(why)
        .hint("build it on this machine, for which it then is made (`cargo install --path .`), or put `aloud-without-avx2` beside it, which its archive brings"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_processor_lacks() {
        for (wanted, want) in [
            (vec![], None),
            (vec![("AVX", true, true), ("AVX2", false, false)], None),
            (
                vec![("AVX", true, true), ("AVX2", true, false), ("FMA", true, false)],
                Some("(AVX2, FMA)"),
            ),
        ] {
            let found = lacking(&wanted).err().map(|reason| reason.why);
            assert_eq!(found.is_some(), want.is_some(), "{wanted:?}");
            assert!(found.zip(want).is_none_or(|(why, names)| why.ends_with(names)), "{wanted:?}");
        }
        // Here it was built.
        assert_eq!(check(), Ok(()));
    }
}
