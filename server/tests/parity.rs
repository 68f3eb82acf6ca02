//! Parity of the rules and the server: on the same facts both give the same bytes. `PARITY=10000000` sets the number of
//! lines. The crate's answers are compared with those in a browser by `tests/parity.rs` and `tests/parity_in_browser.rs`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "in a test, an unwrap that fails is a finding"
)]

mod common;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use common::{MONDAY, Records};
use reqwest::Method;
use rules::Policy;
use serde_json::{Value, json};
use tests::{answer, chance, lines_to_compare};

/// Concurrent requests.
const AT_ONCE: usize = 16;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_answers_as_the_rules_do() {
    let count = lines_to_compare();
    let records = Records::new(0).await;
    let server = records.open(MONDAY).await;
    let next = Arc::new(AtomicU64::new(0));
    let mut asking = Vec::new();
    for _ in 0..AT_ONCE {
        let (visitor, next) = (server.visitor(), next.clone());
        asking.push(tokio::spawn(async move {
            let policy = Policy::published();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return;
                }
                let line = chance::line(number);
                let here = answer(&policy, &line);
                let request = visitor.request(Method::POST, "/api/decide").header("content-type", "application/json");
                let there = request.body(line.clone()).send().await.unwrap();
                let refused = there.status() == 422;
                let there = there.text().await.unwrap();
                if refused {
                    // A problem has more fields than a line. The shared fields are equal.
                    let problem: Value = serde_json::from_str(&there).unwrap();
                    let said = json!({ "id": problem["id"], "line": problem["line"], "error": problem["error"] });
                    assert_eq!(said, serde_json::from_str::<Value>(&here).unwrap(), "{line}");
                } else {
                    assert_eq!(there, here, "{line}");
                }
            }
        }));
    }
    for asked in asking {
        asked.await.unwrap();
    }
}
