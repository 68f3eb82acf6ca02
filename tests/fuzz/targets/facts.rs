//! Fuzz target: every line gets an answer, and parsed facts are decided the same after serialisation.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use rules::Policy;

static POLICY: LazyLock<Policy> = LazyLock::new(Policy::published);

fuzz_target!(|line: &[u8]| {
    let answer = api::decision::explain_line(&POLICY, line, 1);
    if let (_, Ok(facts)) = api::facts::read(line) {
        let written = serde_json::to_vec(&api::Facts::from(&facts)).unwrap();
        let again = api::decision::explain_line(&POLICY, &written, 1).unwrap();
        let answer = answer.unwrap();
        assert_eq!((again.reasons, again.duties, again.trace), (answer.reasons, answer.duties, answer.trace));
        rules::first_day_allowed(&POLICY, &facts);
    }
});
