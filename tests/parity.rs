//! Parity of the rules and the server: on the same facts both give the same bytes. `PARITY=10000000` sets the number of
//! lines. The digests of the answers go to `target/parity/digests` for the comparison in a browser.
#![cfg(not(target_arch = "wasm32"))]

#[path = "http/counter.rs"]
#[allow(dead_code, reason = "only the server itself is needed here")]
mod counter;

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use counter::{MONDAY, Records};
use reqwest::Method;
use rules::{Coded, Policy};
use serde_json::{Value, json};
use tests::{CHUNK, answer, chance, digest};

/// Concurrent requests.
const AT_ONCE: usize = 16;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_answers_as_the_rules_do() {
    let count: u64 = std::env::var("PARITY").ok().map_or(100_000, |count| count.parse().unwrap());
    let chunks = count.div_ceil(CHUNK);
    let records = Records::new(0).await;
    let counter = records.open(MONDAY).await;
    let next = Arc::new(AtomicU64::new(0));
    let mut asking = Vec::new();
    for _ in 0..AT_ONCE {
        let (visitor, next) = (counter.visitor(), next.clone());
        asking.push(tokio::spawn(async move {
            let policy = Policy::published();
            let mut digests = Vec::new();
            loop {
                let chunk = next.fetch_add(1, Ordering::Relaxed);
                if chunk >= chunks {
                    return digests;
                }
                let mut answers = Vec::new();
                for number in chunk * CHUNK..(chunk + 1) * CHUNK {
                    let line = chance::line(number);
                    let here = answer(&policy, &line);
                    let request =
                        visitor.request(Method::POST, "/api/decide").header("content-type", "application/json");
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
                    answers.push(here);
                }
                digests.push((chunk, digest(answers.iter().map(String::as_str))));
            }
        }));
    }
    let mut digests = Vec::new();
    for asked in asking {
        digests.extend(asked.await.unwrap());
    }
    digests.sort();
    let written: String = digests.iter().map(|(_, digest)| format!("{digest}\n")).collect();
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
