//! The account: language and phone, sessions, the person's data, and deletion.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Someone, event, in_quarantine, person_of, seen};
use crate::common::{MONDAY, Records, answer, path_of, wait_for};

#[tokio::test]
async fn language_and_phone_are_the_applicants_own() {
    let records = Records::new(2).await;
    let server = records.open(MONDAY).await;
    let asha = Someone::comes(&records, &server, "Asha Rao").await;
    let person = |language: &str, phone: Value| json!({ "email": asha.email, "language": language, "phone": phone });
    for (change, language, phone) in [
        (json!({}), "en", Value::Null),
        (json!({ "phone": " +4722342100 " }), "en", json!("+47 22 34 21 00")),
        (json!({ "language": "nb" }), "nb", json!("+47 22 34 21 00")),
        (json!({ "language": null, "phone": null }), "nb", json!("+47 22 34 21 00")),
        (json!({ "phone": "0048 22 601 60 00" }), "nb", json!("+48 22 601 60 00")),
        (json!({ "phone": " " }), "nb", Value::Null),
        (json!({ "language": "en", "phone": "+47 22 34 21 00" }), "en", json!("+47 22 34 21 00")),
    ] {
        let changed = asha.visitor.patch("/api/account", &change).await;
        assert_eq!((changed.status, &changed.body), (StatusCode::OK, &person(language, phone)), "{change}");
        assert_eq!(asha.visitor.get("/api/session").await.body["person"], changed.body, "{change}");
    }
    let long = format!("+47{}", "1".repeat(100_000));
    for typed in ["22 34 21 00", "+47 22", "+999 123456789", "hello", "+", "00", "+47 22 34 21 00\r\nBcc: x", &long] {
        let refused = asha.visitor.patch("/api/account", &json!({ "language": "nb", "phone": typed })).await;
        assert_eq!(seen(&refused), (422, "phone-invalid", Some("phone")), "{typed:.40}");
    }
    for (change, field) in [(json!({ "language": "fr" }), "language"), (json!({ "email": "a@example.org" }), "email")] {
        let refused = asha.visitor.patch("/api/account", &change).await;
        assert_eq!(seen(&refused), (422, "invalid-field", Some(field)));
    }
    let stays = person("en", json!("+47 22 34 21 00"));
    assert_eq!(asha.visitor.get("/api/session").await.body["person"], stays, "what is refused changes nothing");

    // The next message uses the language chosen last.
    let slots = asha.times().await;
    let booked = asha.book(&slots[0]).await.body;
    assert!(asha.told().await.starts_with("Your appointment is booked / Timen din er bestilt"));
    asha.visitor.patch("/api/account", &json!({ "language": "nb" })).await;
    asha.visitor.move_to(&booked, &slots[1]).await;
    assert!(asha.told().await.starts_with("Timen din er flyttet / Your appointment is moved"));
    let comes = |subject: &str| server.mailbox(&asha.email).iter().any(|mail| mail.subject.starts_with(subject));
    wait_for(async || comes("Timen din er flyttet"), "the message comes").await;
    let calendar = event(&asha.visitor.get(&path_of(&booked, "/calendar.ics")).await);
    assert_eq!(calendar["SUMMARY"], "Time hos politiet: Asha Rao");
}

#[tokio::test]
async fn sessions_are_seen_and_ended_from_elsewhere() {
    let records = Records::new(0).await;
    let server = records.open(MONDAY).await;
    let asha = Someone::comes(&records, &server, "Asha Rao").await;
    let omar = Someone::comes(&records, &server, "Omar Haddad").await;
    let phone = server.visitor();
    phone.ask_for_code(&asha.email).await;
    let code = server.code_for(&asha.email).await;
    let agent = "Mozilla/5.0 (Android 14; Mobile; rv:128.0) Gecko/128.0 Firefox/128.0";
    let request = phone.request(Method::PUT, "/api/session").header("user-agent", agent);
    answer(request.json(&json!({ "email": asha.email, "code": code })).send().await.unwrap()).await;

    let sessions = asha.visitor.get("/api/account/sessions").await.body;
    let short: BTreeMap<_, _> =
        sessions.as_array().unwrap().iter().map(|one| (one["device"].as_str().unwrap(), &one["this"])).collect();
    assert_eq!(short, BTreeMap::from([("", &json!(true)), ("Firefox, Android", &json!(false))]));
    let there = sessions.as_array().unwrap().iter().find(|one| one["this"] == false).unwrap();
    let there = format!("/api/account/sessions/{}", there["id"].as_str().unwrap());

    // A person cannot end another person's session.
    assert_eq!(omar.visitor.delete(&there).await.status, StatusCode::NO_CONTENT);
    assert_eq!(phone.get("/api/cases").await.status, StatusCode::OK);
    for _ in 0..2 {
        assert_eq!(asha.visitor.delete(&there).await.status, StatusCode::NO_CONTENT);
        assert_eq!(seen(&phone.get("/api/cases").await), (401, "session-over", None));
    }
    assert_eq!(asha.visitor.get("/api/account/sessions").await.body.as_array().unwrap().len(), 1);
    assert_eq!(omar.visitor.get("/api/account/sessions").await.body.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn who_is_still_there_stays_signed_in() {
    let records = Records::new(0).await;
    let server = records.open(MONDAY).await;
    let asha = Someone::comes(&records, &server, "Asha Rao").await;
    let omar = Someone::comes(&records, &server, "Omar Haddad").await;
    // Both sessions end at ten.
    assert_eq!(asha.visitor.get("/api/session").await.body["ends"], "2020-11-02T09:00:00Z");
    let kept = asha.visitor.post("/api/session/keep", &json!({})).await;
    assert_eq!(kept.body["person"]["email"], json!(asha.email));
    let ends: DateTime<Utc> = kept.body["ends"].as_str().unwrap().parse().unwrap();
    assert_eq!(ends.format("%H").to_string(), "12");
    assert_eq!(asha.visitor.get("/api/session").await.body["ends"], kept.body["ends"]);
    server.kill().await;

    for (clock, hers, his) in [
        ("2020-11-02T12:30:00+01:00", "", "session-over"),
        ("2020-11-02T13:01:00+01:00", "session-over", "session-over"),
    ] {
        let server = records.open(clock).await;
        assert_eq!(asha.at(&server).get("/api/cases").await.code(), hers, "{clock}");
        assert_eq!(omar.at(&server).get("/api/cases").await.code(), his, "{clock}");
        assert_eq!(omar.at(&server).post("/api/session/keep", &json!({})).await.code(), "session-over");
        server.kill().await;
    }
}

#[tokio::test]
async fn my_data_is_everything_about_me_and_nothing_else() {
    let records = Records::new(4).await;
    records.on_record("WORK-2020-7", "Vikram Rao", "2015-02-03").await;
    let server = records.open(MONDAY).await;
    let asha = Someone::comes(&records, &server, "Asha Rao").await;
    let omar = Someone::comes(&records, &server, "Omar Haddad").await;
    let slots = asha.times().await;
    omar.visitor.patch("/api/account", &json!({ "phone": "+48 22 601 60 00" })).await;
    let his = omar.book(&slots[3]).await.body;

    asha.visitor.patch("/api/account", &json!({ "phone": "+47 22 34 21 00" })).await;
    asha.visitor.post("/api/cases", &json!({ "reference": "WORK-2020-7", "born": "2015-02-03" })).await;
    asha.visitor.put(&format!("/api/cases/{}/work", asha.case), &json!({ "work": { "starts": "2020-11-09" } })).await;
    asha.visitor.tell(&asha.case, in_quarantine()).await;
    assert_eq!(asha.book(&slots[0]).await.code(), "refused");
    asha.visitor.tell(&asha.case, json!({ "entry": null })).await;
    let first = asha.book(&slots[0]).await.body;
    let second = asha.visitor.move_to(&first, &slots[1]).await.body;

    let answer = asha.visitor.get("/api/account/data").await;
    assert_eq!(answer.headers["content-disposition"], "attachment; filename=\"skranke.json\"");
    assert_eq!(answer.headers["cache-control"], "no-store");
    let data = &answer.body;
    assert_eq!(data["person"], json!({ "email": asha.email, "language": "en", "phone": "+47 22 34 21 00" }));
    assert_eq!(data["cases"], asha.visitor.get("/api/cases").await.body);
    assert_eq!(data["cases"][1]["work"]["starts"], "2020-11-09");
    let statuses = |data: &Value| {
        let all = data["appointments"].as_array().unwrap();
        all.iter().map(|one| (one["id"].clone(), one["status"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(statuses(data), [(first["id"].clone(), json!("cancelled")), (second["id"].clone(), json!("booked"))]);
    let abouts: Vec<_> = data["receipts"].as_array().unwrap().iter().map(|one| &one["about"]).collect();
    assert_eq!(abouts, ["refusal", "booking", "booking"]);
    let messages = data["messages"].as_array().unwrap();
    let kinds: Vec<_> = messages.iter().map(|message| &message["kind"]).collect();
    assert_eq!(kinds, ["booked", "reminder", "moved", "reminder"]);
    assert_eq!(messages[1]["state"], "withdrawn", "of an appointment that was moved");
    assert!(messages.iter().all(|message| message["address"] == json!(asha.email)));
    assert_eq!(data["sessions"].as_array().unwrap().len(), 1);
    let text = data.to_string();
    for other in ["omar", "Omar", &omar.id, &omar.case, his["number"].as_str().unwrap(), "+48"] {
        assert!(!text.contains(other), "{other} is in {text}");
    }
    server.kill().await;

    // Later the export and the appointment's page show the same status.
    let server = records.open("2020-11-17T09:00:00+01:00").await;
    let visitor = server.sign_in(&person_of(&asha)).await;
    let data = visitor.get("/api/account/data").await.body;
    assert_eq!(statuses(&data)[1].1, visitor.get(&path_of(&second, "")).await.body["status"]);
    assert_eq!(statuses(&data)[1].1, "missed");
}

#[tokio::test]
async fn an_account_that_is_deleted_leaves_no_address_behind() {
    let records = Records::new(2).await;
    let asha = records.person("Asha Rao").await;
    let server = records.open(MONDAY).await;
    let omar = Someone::comes(&records, &server, "Omar Haddad").await;
    let (here, there) = (server.sign_in(&asha).await, server.sign_in(&asha).await);
    here.patch("/api/account", &json!({ "phone": "+48 22 601 60 00" })).await;
    here.tell(&asha.case, json!({ "entry": null })).await;
    let slot = here.times(&asha.case).await.slots[0].id.clone();
    let once = json!({ "case": asha.case, "slot": slot });
    let booked = here.post_once("asha-books-it", "/api/appointments", &once).await.body;
    let refused = here.delete("/api/account").await;
    assert_eq!(seen(&refused), (409, "still-booked", None));
    assert_eq!(there.get("/api/cases").await.status, StatusCode::OK, "nothing has changed");
    here.post(&path_of(&booked, "/cancel"), &json!({})).await;
    here.hold(&asha.case, &slot).await;
    there.ask_for_code(&asha.email).await;
    for trace in [&asha.email, "+48 22 601 60 00"] {
        assert!(records.everything().await.contains(trace), "{trace}");
    }

    let leaving = here.get("/api/account/leaving").await.body;
    assert_eq!(leaving, json!({ "kept_until": "2025-11-02" }));
    let deleted = here.delete("/api/account").await;
    assert_eq!((deleted.status, &deleted.body), (StatusCode::OK, &leaving));
    assert_eq!(seen(&here.get("/api/cases").await), (401, "not-signed-in", None), "the cookie is gone");
    assert_eq!(seen(&there.get("/api/cases").await), (401, "session-over", None));
    assert_eq!(omar.times().await.len(), 2, "what she kept is free");
    wait_for(async || !records.everything().await.contains("\"queued\""), "the outbox is empty").await;
    let everything = records.everything().await;
    for trace in [&asha.email, "asha.rao", "22 601 60 00"] {
        assert!(!everything.contains(trace), "{trace} is in {everything}");
    }
    assert!(everything.contains("WORK-Asha Rao") && everything.contains("delete-account"), "the office keeps the case");
    assert_eq!(omar.visitor.get("/api/cases").await.body.as_array().unwrap().len(), 1);

    // A new sign-in with the address starts an empty account.
    let new = server.sign_in(&asha).await;
    assert_eq!(new.get("/api/cases").await.body, json!([]));
    assert_eq!(new.get(&path_of(&booked, "")).await.status, StatusCode::NOT_FOUND);
    let data = new.get("/api/account/data").await.body;
    for nothing in ["cases", "appointments", "receipts", "messages"] {
        assert_eq!(data[nothing], json!([]), "{nothing}");
    }
    server.kill().await;

    // The cases are kept until this day. The end of the old sessions shows that the cleanup has run.
    let server = records.open("2025-11-02T23:00:00+01:00").await;
    let sessions = async || records.everything().await.lines().any(|line| line.starts_with("sessions"));
    wait_for(async || !sessions().await, "the server tidies up").await;
    assert!(records.everything().await.contains("WORK-Asha Rao"), "the day is not over");
    server.kill().await;

    // The cases are deleted after the day with everything that depends on them, and the audit log names no one.
    let server = records.open("2025-11-03T00:30:00+01:00").await;
    wait_for(async || !records.everything().await.contains("WORK-Asha Rao"), "the cases are deleted").await;
    let everything = records.everything().await;
    let of_her = everything.lines().filter(|line| line.contains(asha.id.as_str()) || line.contains(asha.case.as_str()));
    let tables: Vec<_> = of_her.map(|line| line.split(' ').next().unwrap()).collect();
    assert!(!tables.is_empty() && tables.iter().all(|table| *table == "audit"), "{tables:?}");
    let visitor = server.sign_in(&person_of(&omar)).await;
    assert_eq!(visitor.get("/api/cases").await.body.as_array().unwrap().len(), 1, "another's case stays");
}
