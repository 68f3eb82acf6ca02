//! Fuzz target: every policy document is parsed, or refused with faults on existing lines. With a parsed document every
//! question gets an answer.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use rules::{
    document::{self, PolicyDocument},
    published::NOTICES,
};

static OTHERS: LazyLock<Vec<PolicyDocument>> =
    LazyLock::new(|| NOTICES.iter().map(|text| document::read(text).unwrap()).collect());

/// Two questions: a passport in Oslo during quarantine, and a failed upload.
const LINES: [&str; 2] = [
    r#"{"at":"2021-03-22T09:00:00+01:00","question":"book","entry":{"on":"2021-03-15","quarantine":true},"application":{"type":"passport","district":"oslo"},"work":{"starts":"2021-03-22"},"citizenships":["GB"]}"#,
    r#"{"at":"2021-03-22T09:00:00+01:00","question":"upload","application":{"type":"work","district":"oslo"},"invitation":{"issued":"2021-03-20","problem":"technical"}}"#,
];

fuzz_target!(|text: &str| {
    let lines = text.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let document = match document::read(text) {
        Ok(document) => document,
        Err(faults) => {
            assert!(!faults.is_empty());
            assert!(faults.iter().all(|fault| (1..=lines).contains(&fault.line)), "{faults:?}");
            return;
        }
    };
    for documents in [vec![document.clone()], [OTHERS.as_slice(), &[document]].concat()] {
        if let Ok(policy) = document::combine(&documents) {
            for line in LINES {
                api::decision::explain_line(&policy, line.as_bytes(), 1).unwrap();
                let facts = api::facts::read(line.as_bytes()).1.unwrap();
                rules::first_day_allowed(&policy, &facts);
            }
        }
    }
});
