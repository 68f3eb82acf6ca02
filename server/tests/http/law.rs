//! Policies and decisions from outside: an office's own policy, explanations, and receipts.

use std::{
    fs,
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::common::{FRIDAY, MONDAY, Records, answer, binary};

const VEST: &str = r#"id = "vest-2021-05-03"
version = 1
publisher = "Vest politidistrikt"
published = 2021-05-03
changed = 2021-05-03
original = "nb"
title = { nb = "Passkontorene i Bergen", en = "The passport offices in Bergen" }

[[sentence]]
id = "window"
says = "forbids"
nb = "Fra og med 10. mai til og med 21. mai 2021 nedskalerer vi passkontorene."
en = "From 10 May to 21 May 2021, both days included, we reduce the capacity of the passport offices."

[[reduced-passport-capacity]]
districts = ["vest"]
first = 2021-05-10
last = 2021-05-21
sentence = "window"
"#;

fn skranke(arguments: &[&str], input: &str) -> Output {
    skranke_with(&[], arguments, input)
}

fn skranke_with(settings: &[(&str, &str)], arguments: &[&str], input: &str) -> Output {
    let mut process = Command::new(binary())
        .args(arguments)
        .envs(settings.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    process.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    process.wait_with_output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap() + &String::from_utf8(output.stderr.clone()).unwrap()
}

fn add_policy(records: &Path, text: &str) -> String {
    let folder = records.join("policies");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("vest.toml");
    fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

/// Kari in Bergen is refused by Bergen's own document, and not by a sentence about Oslo.
#[tokio::test]
async fn an_office_changes_its_policy_without_a_release() {
    let kari = json!({
        "at": "2021-05-12T09:00:00+02:00", "question": "book",
        "application": { "type": "passport", "district": "vest" },
    });
    let records = Records::new(0).await;
    let server = records.open(MONDAY).await;
    assert_eq!(server.visitor().post("/api/decide", &kari).await.body["outcome"], "allowed");
    server.kill().await;

    add_policy(records.folder(), VEST);
    let server = records.open(MONDAY).await;
    let visitor = server.visitor();
    let decision = visitor.post("/api/decide", &kari).await.body;
    assert_eq!((&decision["outcome"], &decision["earliest"]), (&json!("refused"), &json!("2021-05-22")));
    let reason = json!({ "code": "passport-capacity-reduced", "source": "vest-2021-05-03#window" });
    assert_eq!(decision["reasons"], json!([reason]));

    let in_force = visitor.get("/api/policy").await.body;
    assert_eq!(in_force["policy"]["documents"][2], json!({ "id": "vest-2021-05-03", "version": 1 }));
    assert_eq!(in_force["notices"][0]["sentences"][0]["id"], "window");

    // The command line decides by the same documents.
    let folder = records.folder().join("policies");
    let output = skranke(&["decide", "--policies", folder.to_str().unwrap()], &format!("{kari}\n"));
    assert_eq!(serde_json::from_slice::<Value>(&output.stdout).unwrap(), decision);
}

/// A server with an invalid policy document refuses to start.
#[tokio::test]
async fn a_policy_with_a_fault_keeps_the_counter_shut() {
    let records = Records::new(0).await;
    let file = add_policy(records.folder(), &VEST.replace("2021-05-21", "2021-05-01"));
    let folder = records.folder().to_str().unwrap();
    let output = skranke(&["serve", "--port", "0", "--data-dir", folder], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains(&format!("{file}:15: the end, 2021-05-01, lies before the start")), "{output:?}");
}

#[tokio::test]
async fn policy_check_says_who_would_be_answered_differently() {
    let records = Records::new(0).await;
    let file = add_policy(records.folder(), VEST);
    let output = skranke(&["policy", "check", &file], "");
    let report = said(&output);
    assert_eq!(output.status.code(), Some(0), "{report}");
    for part in [
        "Kari, who books a passport in vest\n  2021-05-10 to 2021-05-21",
        "before: allowed\n",
        "after:  refused, passport-capacity-reduced (vest-2021-05-03#window), until 2021-05-22\n",
        "Kari, who needs a passport in vest for a critical journey\n  2021-05-10 to 2021-05-21",
        "after:  by-phone, critical-travel-by-phone (vest-2021-05-03#window)\n",
    ] {
        assert!(report.contains(part), "{part} is not in {report}");
    }
    assert!(!report.contains("in oslo"), "{report}");

    // A change without an end is reported without one, and a distant end takes no longer to compute.
    for (from, to, says) in [
        ("last = 2021-05-21\n", "", "Kari, who books a passport in vest\n  from 2021-05-10 on\n"),
        ("first = 2021-05-10\n", "", "Kari, who books a passport in vest\n  until 2021-05-21\n"),
        ("last = 2021-05-21", "last = 9999-12-31", "Kari, who books a passport in vest\n  2021-05-10 to 9999-12-31"),
    ] {
        let file = add_policy(records.folder(), &VEST.replace(from, to));
        let report = said(&skranke(&["policy", "check", &file], ""));
        assert!(report.contains(says), "{says} is not in {report}");
    }

    let file = add_policy(records.folder(), &VEST.replace("\"vest\"]", "\"atlantis\"]").replace("says =", "sais ="));
    let output = skranke(&["policy", "check", &file], "");
    let report = said(&output);
    assert_eq!(output.status.code(), Some(1), "{report}");
    for part in [":9: `says` is missing", ":11: `sais` is not known here", ":16: `atlantis` is no police district"] {
        assert!(report.contains(&format!("{file}{part}")), "{part} is not in {report}");
    }
}

/// A receipt answers, a year later, why a person was refused.
#[tokio::test]
async fn a_decision_that_mattered_is_kept_and_decided_again() {
    let records = Records::new(2).await;
    let asha = records.person("Asha Rao").await;
    let server = records.open(MONDAY).await;
    let visitor = server.sign_in(&asha).await;
    visitor.tell(&asha.case, json!({ "entry": { "on": "2020-10-26", "quarantine": true } })).await;
    let slot = visitor.times(&asha.case).await.slots[0].id.clone();
    let refused = visitor.book(&asha.case, &slot).await;
    server.kill().await;

    let server = records.open(FRIDAY).await;
    let visitor = server.sign_in(&asha).await;
    assert_eq!(visitor.book(&asha.case, &slot).await.status, StatusCode::CREATED);
    let receipts = visitor.get(&format!("/api/cases/{}/receipts", asha.case)).await.body;
    assert_eq!((&receipts[0]["about"], &receipts[1]["about"]), (&json!("refusal"), &json!("booking")));
    assert_eq!(receipts[0]["decision"], refused.body["decision"]);
    assert_eq!(receipts[0]["facts"]["entry"]["on"], "2020-10-26");
    assert!(receipts[2].is_null());

    // Another person's receipts answer 404.
    let omar = records.person("Omar Haddad").await;
    let stranger = server.sign_in(&omar).await;
    let theirs = stranger.get(&format!("/api/cases/{}/receipts", asha.case)).await;
    assert_eq!((theirs.status, theirs.code()), (StatusCode::NOT_FOUND, "not-found"));

    let folder = records.folder().to_str().unwrap();
    let url = records.url().unwrap_or_default();
    let output =
        skranke_with(&[("DATABASE_URL", url)], &["receipts", "--case", "WORK-Asha Rao", "--data-dir", folder], "");
    let lines = String::from_utf8(output.stdout).unwrap();
    assert_eq!(lines.lines().count(), 2);
    let output = skranke(&["replay"], &lines);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(said(&output).matches(": the same decision").count(), 2, "{}", said(&output));

    // An altered receipt is detected, and so is a decision that the rules would not repeat.
    for (from, to, says) in [
        ("2020-10-26", "2020-10-25", "it was altered: its SHA-256 is"),
        ("2020-10-26", "2020-10-25", "earliest: \"2020-11-06\" then, \"2020-11-05\" now"),
        ("\"value\":10", "\"value\":9", "earliest: \"2020-11-06\" then, \"2020-11-05\" now"),
        ("\"value\":10", "\"value\":9", "It was decided by another policy"),
        ("\"outcome\":\"refused\"", "\"outcome\":\"allowed\"", "outcome: \"allowed\" then, \"refused\" now"),
    ] {
        let refusal = lines.lines().next().unwrap();
        assert!(refusal.contains(from), "{refusal}");
        let output = skranke(&["replay"], &refusal.replace(from, to));
        assert_eq!(output.status.code(), Some(1), "{from}");
        assert!(said(&output).contains(says), "{says} is not in {}", said(&output));
    }
    for nonsense in ["", "{}", "nonsense"] {
        assert_eq!(skranke(&["replay"], nonsense).status.code(), Some(1), "{nonsense}");
    }
}

/// A request repeated with its key creates no second receipt.
#[tokio::test]
async fn what_is_repeated_is_kept_once() {
    let records = Records::new(1).await;
    let asha = records.person("Asha Rao").await;
    let server = records.open(MONDAY).await;
    let visitor = server.sign_in(&asha).await;
    visitor.tell(&asha.case, json!({ "entry": { "on": "2020-10-26", "quarantine": true } })).await;
    let slot = visitor.times(&asha.case).await.slots[0].id.clone();
    for _ in 0..3 {
        let request = visitor.request(Method::POST, "/api/appointments").header("idempotency-key", "the-same-key");
        let request = request.json(&json!({ "case": asha.case, "slot": slot }));
        assert_eq!(answer(request.send().await.unwrap()).await.status, StatusCode::CONFLICT);
    }
    let receipts = visitor.get(&format!("/api/cases/{}/receipts", asha.case)).await.body;
    assert_eq!(receipts.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_decision_explains_itself_when_asked() {
    let records = Records::new(0).await;
    let server = records.open(MONDAY).await;
    let facts = json!({
        "at": MONDAY, "question": "attend", "entry": { "on": "2020-10-26", "quarantine": true },
        "appointment": { "starts": "2020-11-03T09:00:00+01:00", "status": "booked" },
    });
    let explained = server.visitor().post("/api/decide?trace=true", &facts).await.body;
    assert_eq!(
        explained["trace"],
        json!([
            {
                "rule": "appointment-needed", "saw": "appointment-booked", "concluded": null,
                "values": { "starts": "2020-11-03T09:00:00+01:00" }, "source": "udi-2020-10-26#appointment-needed",
            },
            {
                "rule": "quarantine", "saw": "in-quarantine", "concluded": "quarantine-not-over",
                "values": { "entry": "2020-10-26", "days": "10", "last": "2020-11-05" },
                "source": "udi-2020-10-26#quarantine-booking",
            },
            {
                "rule": "reporting-week", "saw": "not-told-to-report", "concluded": null, "values": {},
                "source": "udi-2020-10-26#week-rule",
            },
            {
                "rule": "work-report", "saw": "no-work", "concluded": null, "values": {},
                "source": "udi-2020-10-26#report-work-start",
            },
        ])
    );
    let plain = server.visitor().post("/api/decide", &facts).await.body;
    assert_eq!((&plain["reasons"], &plain["trace"]), (&explained["reasons"], &Value::Null));
    let output = skranke(&["decide", "--trace"], &format!("{facts}\n"));
    assert_eq!(serde_json::from_slice::<Value>(&output.stdout).unwrap(), explained);
    let wrong = server.visitor().post("/api/decide?trace=perhaps", &facts).await;
    assert_eq!((wrong.status, wrong.body["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("trace")));
}
