//! Runs every vector of `rules/vectors/`: natively with `cargo test`, and as WebAssembly in a browser.

use tests::{cases, check};

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

const LISTS: &[&str] = &[include_str!("../rules/vectors/decide.jsonl"), include_str!("../rules/vectors/notices.jsonl")];

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn every_case_is_decided_as_expected() {
    for list in LISTS {
        let cases = cases(list).unwrap();
        assert!(!cases.is_empty());
        assert_eq!(check(&cases), Vec::<String>::new());
    }
}

/// Guards against a check that accepts everything.
#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn the_check_sees_what_is_wrong() {
    let mut cases = cases(LISTS[0]).unwrap();
    for case in &mut cases {
        case.expect.insert("outcome".to_owned(), "perhaps".into());
    }
    assert_eq!(check(&cases).len(), cases.len());
}
