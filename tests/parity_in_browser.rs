//! Parity of WebAssembly and native code: in a browser, the rules give the answers whose digests `parity.rs` has
//! written.

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

use rules::Policy;
use tests::{CHUNK, answer, chance, digest};

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn wasm_answers_as_this_machine_does() {
    let policy = Policy::published();
    let mut chunks = 0;
    for (chunk, expected) in (0..).zip(include_str!(env!("PARITY_DIGESTS")).lines()) {
        let lines = chunk * CHUNK..(chunk + 1) * CHUNK;
        let answers: Vec<String> = lines.clone().map(|number| answer(&policy, &chance::line(number))).collect();
        assert_eq!(digest(answers.iter().map(String::as_str)), expected, "among the lines {lines:?}");
        chunks += 1;
    }
    assert!(chunks > 0);
}
