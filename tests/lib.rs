//! Shared parts of the tests of the rules: vectors as data, the one check that runs them natively and in a browser, facts
//! by chance, and digests of answers.
//!
//! The tests and benchmarks of this package use it, and so do the tests of `server`. It depends on `api` and `rules`
//! alone, so that there is no circle. What needs a database or a server process is in `server/tests/common/`.

pub mod chance;

use api::{Decision, decision::answer_line};
use rules::Policy;
use serde::Deserialize;
use serde_json::{Map, Value};

/// One test vector: the facts, and the fields expected in the decision.
#[derive(Deserialize)]
pub struct Case {
    pub id: String,
    pub facts: Map<String, Value>,
    pub expect: Map<String, Value>,
}

/// The vectors of a list in JSON Lines. `Err` if a line is not a vector.
pub fn cases(list: &str) -> Result<Vec<Case>, serde_json::Error> {
    list.lines().map(serde_json::from_str).collect()
}

/// The differences from the expected decisions, one for each failing vector; empty if all pass.
pub fn check(cases: &[Case]) -> Vec<String> {
    let policy = Policy::published();
    cases.iter().filter_map(|case| wrong(&policy, case).map(|wrong| format!("{}: {wrong}", case.id))).collect()
}

fn wrong(policy: &Policy, case: &Case) -> Option<String> {
    let facts = serde_json::to_vec(&case.facts).ok()?;
    let decision = match answer_line(policy, &facts, 1) {
        Ok(decision) => decision,
        Err(error) => return Some(format!("the facts cannot be read: {error:?}")),
    };
    case.expect.iter().find_map(|(name, expected)| {
        let got = in_short(&decision, name);
        (got != *expected).then(|| format!("{name} is {got}, not {expected}"))
    })
}

/// A field of the decision in the notation of the vectors: codes without sources, a contact as its number.
fn in_short(decision: &Decision, name: &str) -> Value {
    let codes = |list: &[api::decision::Sourced]| list.iter().map(|sourced| Value::from(&*sourced.code)).collect();
    match name {
        "reasons" => codes(&decision.reasons),
        "duties" => codes(&decision.duties),
        "contact" => decision.contact.as_ref().map(|contact| contact.phone.clone()).into(),
        _ => serde_json::to_value(decision).ok().and_then(|value| value.get(name).cloned()).unwrap_or_default(),
    }
}

/// The answer to a line, as `skranke decide` prints it.
pub fn answer(policy: &Policy, line: &str) -> String {
    match answer_line(policy, line.as_bytes(), 1) {
        Ok(decision) => serde_json::to_string(&decision),
        Err(error) => serde_json::to_string(&error),
    }
    .unwrap_or_else(|error| error.to_string())
}

/// Number of lines that share a digest.
pub const CHUNK: u64 = 1000;

/// Number of lines that the parity tests compare: the environment variable `PARITY`, or 100,000. Panics if the variable
/// is no number.
pub fn lines_to_compare() -> u64 {
    std::env::var("PARITY").ok().map_or(100_000, |count| count.parse().unwrap())
}

/// SHA-256 over the answers to the lines of a chunk.
pub fn digest<'a>(answers: impl Iterator<Item = &'a str>) -> String {
    use sha2::{Digest, Sha256};
    let mut hasher = Sha256::new();
    for answer in answers {
        hasher.update(answer);
        hasher.update("\n");
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
