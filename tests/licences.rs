//! Nothing that enters the binary may be under a licence that binds its users.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Permissive licences, and MPL-2.0, whose terms end at its own files.
const ALLOWED: [&str; 13] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
];
const ALSO_ALLOWED: [&str; 2] = ["Zlib", "MIT-0"];

/// Whether an SPDX expression can be met with allowed licences alone.
fn is_met(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ");
    let strip =
        |part: &str| part.trim().trim_start_matches('(').trim_end_matches(')').trim().to_owned();
    // `AND` binds tighter than `OR`; a bracketed `OR` inside an `AND` is met when one of its sides
    // is.
    if let Some((left, right)) = split_outside(&expression, " AND ") {
        return is_met(&left) && is_met(&right);
    }
    if let Some((left, right)) = split_outside(&expression, " OR ") {
        return is_met(&left) || is_met(&right);
    }
    let name = strip(&expression);
    if name != expression.trim() {
        return is_met(&name);
    }
    ALLOWED.contains(&name.as_str()) || ALSO_ALLOWED.contains(&name.as_str())
}

fn split_outside(text: &str, by: &str) -> Option<(String, String)> {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ if depth == 0 && text[at..].starts_with(by) => {
                return Some((text[..at].to_owned(), text[at + by.len()..].to_owned()));
            }
            _ => {}
        }
    }
    None
}

#[test]
fn expressions() {
    for (expression, want) in [
        ("MIT", true),
        ("MIT/Apache-2.0", true),
        ("GPL-3.0-only", false),
        ("GPL-3.0-only OR MIT", true),
        ("MIT AND GPL-2.0", false),
        ("(Apache-2.0 OR MIT) AND BSD-3-Clause", true),
        ("(MIT OR Apache-2.0) AND LGPL-2.1", false),
        ("Apache-2.0 WITH LLVM-exception", true),
    ] {
        assert_eq!(is_met(expression), want, "{expression}");
    }
}

#[test]
fn every_dependency_has_an_allowed_licence() {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    // Packages for other systems need not have been fetched.
    let output = if output.status.success() {
        output
    } else {
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
        Command::new(cargo)
            .args(["metadata", "--format-version", "1", "--locked"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap()
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let licences: BTreeMap<&str, &str> = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (p["id"].as_str().unwrap(), p["license"].as_str().unwrap_or("none named")))
        .collect();
    // From the program along everything but development dependencies.
    let nodes: BTreeMap<&str, &serde_json::Value> = metadata["resolve"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| (n["id"].as_str().unwrap(), n))
        .collect();
    let mut open = vec![metadata["resolve"]["root"].as_str().unwrap()];
    let mut seen = BTreeSet::new();
    while let Some(id) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        for dependency in nodes[id]["deps"].as_array().unwrap() {
            let is_built_in =
                dependency["dep_kinds"].as_array().unwrap().iter().any(|k| k["kind"] != "dev");
            if is_built_in {
                open.push(dependency["pkg"].as_str().unwrap());
            }
        }
    }
    assert!(seen.len() > 50, "only {} packages were looked at", seen.len());
    let bad: Vec<_> = seen
        .iter()
        .filter(|id| !is_met(licences[*id]))
        .map(|id| format!("{id}: {}", licences[*id]))
        .collect();
    assert!(bad.is_empty(), "{bad:#?}");
}
