//! A program with all of `rules` and nothing else, so that `make bench` can measure the crate's size as wasm.
//!
//! It reaches every question, with and without the trace, and every sentence in both languages.

use std::hint::black_box;

use chrono::DateTime;
use rules::{Facts, Policy, Question, decide, explain, first_day_allowed, notice};

fn main() {
    let policy = Policy::published();
    // The black box hides the facts from the optimiser, so that it cannot remove a rule.
    let facts = black_box(Facts {
        at: DateTime::UNIX_EPOCH,
        question: Question::Duties,
        citizenships: Vec::new(),
        entry: None,
        told_to_report_within_week: false,
        appointment: None,
        work: None,
    });
    black_box(decide(&policy, &facts));
    let (decision, steps) = explain(&policy, &facts);
    for step in &steps {
        black_box((step.saw.code(), step.saw.values()));
    }
    black_box((decision, first_day_allowed(&policy, &facts)));
    for notice in notice::published_by(facts.day()) {
        black_box(notice);
    }
}
