//! Native answers to facts by chance. Digests of them go to `target/parity/digests`, with which `parity_in_browser.rs`
//! compares WebAssembly. The server's half is `server/tests/parity.rs`.
#![cfg(not(target_arch = "wasm32"))]

use std::fs;

use rules::{Coded, Policy};
use serde_json::Value;
use tests::{CHUNK, answer, chance, digest, lines_to_compare};

#[test]
fn the_answers_of_this_machine_are_written_down() {
    let policy = Policy::published();
    let written: String = (0..lines_to_compare().div_ceil(CHUNK))
        .map(|chunk| {
            let answers: Vec<String> =
                (chunk * CHUNK..(chunk + 1) * CHUNK).map(|number| answer(&policy, &chance::line(number))).collect();
            format!("{}\n", digest(answers.iter().map(String::as_str)))
        })
        .collect();
    assert!(!written.is_empty());
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/parity");
    fs::create_dir_all(folder).unwrap();
    fs::write(format!("{folder}/digests"), written).unwrap();
}

/// Guards against random facts that are always alike.
#[test]
fn the_lines_ask_for_everything() {
    let policy = Policy::published();
    let mut codes = std::collections::BTreeMap::<String, u32>::new();
    for number in 0..20_000 {
        let answer: Value = serde_json::from_str(&answer(&policy, &chance::line(number))).unwrap();
        for list in ["reasons", "duties"] {
            for code in answer[list].as_array().into_iter().flatten() {
                *codes.entry(code["code"].to_string()).or_default() += 1;
            }
        }
        *codes.entry(answer["error"]["code"].to_string()).or_default() += 1;
        *codes.entry(answer["outcome"].to_string()).or_default() += 1;
    }
    let all = rules::Reason::ALL.len() + rules::Duty::ALL.len() + rules::Outcome::ALL.len() + 2;
    assert!(codes.len() >= all, "{codes:?}");
    assert!(codes.values().all(|count| *count >= 5), "{codes:?}");
}
