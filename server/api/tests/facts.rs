//! Facts over the wire: nothing that a decision rests on is lost when they are written and read again.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "in a test, an unwrap that fails is a finding"
)]

#[path = "../../../rules/tests/strategies/mod.rs"]
mod strategies;

use proptest::prelude::*;
use rules::{Policy, explain};
use strategies::facts;

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn facts_that_are_written_and_read_again_are_decided_alike(facts in facts()) {
        let policy = Policy::published();
        let written = serde_json::to_vec(&api::Facts::from(&facts)).unwrap();
        let (_, read) = api::facts::read(&written);
        let read = read.map_err(|error| TestCaseError::fail(format!("{error:?}")))?;
        prop_assert_eq!(explain(&policy, &read), explain(&policy, &facts));
    }
}
