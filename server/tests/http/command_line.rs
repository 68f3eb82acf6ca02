//! `skranke decide`, and the same facts over HTTP.

use std::{io::Write, process::Stdio};

use reqwest::Method;
use serde_json::{Value, json};

use crate::common::{MONDAY, Records, binary};

fn decide(lines: &[u8]) -> (Vec<Value>, Option<i32>) {
    let mut process = std::process::Command::new(binary())
        .arg("decide")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    process.stdin.take().unwrap().write_all(lines).unwrap();
    let output = process.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    (text.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), output.status.code())
}

#[test]
fn a_bad_line_is_answered_in_its_place_and_the_run_goes_on() {
    let good = r#"{"id":"good","at":"2020-11-02T09:00:00+01:00","question":"ask-to-upload"}"#;
    let mut lines = Vec::new();
    for line in [
        good.as_bytes(),
        b"{\"id\":\"unknown field\",\"at\":\"2020-11-02T09:00:00+01:00\",\"question\":\"duties\",\"colour\":1}",
        b"\xff\xfe",
        b"",
        format!("{{\"id\":\"{}\"}}", "x".repeat(10_000_000)).as_bytes(),
        b"{\"id\":7,\"at\":\"2020-11-02T09:00:00+01:00\",\"question\":\"duties\"}",
        b"{\"id\":\"twice\",\"at\":\"2020-11-02T09:00:00+01:00\",\"question\":\"duties\",\"work\":{\"starts\":\"2020-11-09\",\"starts\":\"2020-11-09\"}}",
        good.as_bytes(),
    ] {
        lines.extend_from_slice(line);
        lines.push(b'\n');
    }
    let (answers, status) = decide(&lines);
    let short: Vec<Value> = answers
        .iter()
        .map(|answer| match answer.get("error") {
            Some(error) => json!([answer["id"], answer["line"], error["code"], error["field"]]),
            None => json!([answer["id"], answer["outcome"]]),
        })
        .collect();
    assert_eq!(
        short,
        [
            json!(["good", "refused"]),
            json!(["unknown field", 2, "invalid-facts", "colour"]),
            json!([null, 3, "invalid-json", null]),
            json!([null, 4, "invalid-json", null]),
            json!([null, 5, "invalid-json", null]),
            json!([null, 6, "invalid-facts", "id"]),
            json!(["twice", 7, "invalid-facts", "work.starts"]),
            json!(["good", "refused"]),
        ]
    );
    assert_eq!(status, Some(1));
}

#[test]
fn good_lines_alone_end_well() {
    let (answers, status) = decide(b"{\"at\":\"2020-11-02T09:00:00+01:00\",\"question\":\"duties\"}");
    assert_eq!((answers.len(), status), (1, Some(0)));
}

/// The command line, the server and the crate give the same bytes.
#[tokio::test]
async fn every_case_is_answered_alike_on_every_way() {
    let records = Records::new(0).await;
    let server = records.open(MONDAY).await;
    let visitor = server.visitor();
    let policy = rules::Policy::published();
    for case in tests::cases(include_str!("../../../rules/vectors/decide.jsonl")).unwrap() {
        let facts = serde_json::to_string(&case.facts).unwrap();
        let here = serde_json::to_string(&api::decision::answer_line(&policy, facts.as_bytes(), 1).unwrap()).unwrap();
        let request = visitor.request(Method::POST, "/api/decide").header("content-type", "application/json");
        let there = request.body(facts).send().await.unwrap().text().await.unwrap();
        assert_eq!(here, there, "{}", case.id);
    }
}
