//! Adding a case to an account: by reference and day of birth or letter code, and the limits on guessing.

use std::collections::BTreeMap;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Someone, seen};
use crate::common::{MONDAY, Records, Visitor, answer, wait_for};

#[tokio::test]
async fn a_case_is_added_by_reference_and_day_of_birth() {
    let records = Records::new(1).await;
    records.on_record("WORK-2020-7", "Vikram Rao", "2015-02-03").await;
    let server = records.open(MONDAY).await;
    let asha = Someone::comes(&records, &server, "Asha Rao").await;
    let mallory = Someone::comes(&records, &server, "Mallory").await;
    let right = json!({ "reference": " work-2020-7 ", "born": "2015-02-03" });

    // A wrong date and an unknown reference get the same answer, which reveals no references.
    let (wrong, unknown) = (
        mallory.visitor.post("/api/cases", &json!({ "reference": "WORK-2020-7", "born": "2015-02-04" })).await,
        mallory.visitor.post("/api/cases", &json!({ "reference": "WORK-2020-8", "born": "2015-02-04" })).await,
    );
    for answer in [&wrong, &unknown] {
        assert_eq!(seen(answer), (422, "case-unknown", Some("reference")));
    }
    assert_eq!(wrong.body["detail"], unknown.body["detail"]);

    let added = asha.visitor.post_once("case-of-vikram", "/api/cases", &right).await;
    assert_eq!((added.status, &added.body["reference"]), (StatusCode::CREATED, &json!("WORK-2020-7")));
    assert_eq!((&added.body["applicant"], &added.body["situation"]), (&json!("Vikram Rao"), &Value::Null));
    let again = asha.visitor.post_once("case-of-vikram", "/api/cases", &right).await;
    assert_eq!((again.status, &again.body), (StatusCode::CREATED, &added.body));
    // A repeated addition without a key succeeds, because the case is hers already.
    let hers = asha.visitor.post("/api/cases", &right).await;
    assert_eq!((hers.status, &hers.body), (StatusCode::OK, &added.body));
    assert_eq!(asha.visitor.get("/api/cases").await.body.as_array().unwrap().len(), 2);

    // The answer does not reveal that a case is in another account.
    let elsewhere = mallory.visitor.post("/api/cases", &right).await;
    assert_eq!(seen(&elsewhere), (422, "case-unknown", Some("reference")));
    assert_eq!(elsewhere.body["detail"], wrong.body["detail"]);
    let case = added.body["id"].as_str().unwrap();
    assert_eq!(mallory.visitor.tell(case, json!({ "entry": null })).await.status, StatusCode::NOT_FOUND);
    assert_eq!(asha.visitor.tell(case, json!({ "entry": null })).await.status, StatusCode::OK);
    let slot = asha.times().await.remove(0);
    assert_eq!(asha.visitor.book(case, &slot).await.status, StatusCode::CREATED);
    for (body, field) in [
        (json!({ "reference": "WORK-2020-7" }), "born"),
        (json!({ "reference": "WORK-2020-7", "born": "3.2.2015" }), "born"),
        (json!({ "reference": 7, "born": "2015-02-03" }), "reference"),
    ] {
        assert_eq!(seen(&asha.visitor.post("/api/cases", &body).await), (422, "invalid-field", Some(field)), "{body}");
    }
}

#[tokio::test]
async fn who_has_deleted_an_account_can_add_the_case_to_a_new_one() {
    let records = Records::new(0).await;
    records.on_record("WORK-2020-7", "Vikram Rao", "2015-02-03").await;
    let server = records.open(MONDAY).await;
    let right = json!({ "reference": "WORK-2020-7", "born": "2015-02-03" });
    let vikram = Someone::comes(&records, &server, "Vikram Rao").await;
    let first = vikram.visitor.post("/api/cases", &right).await.body;
    assert_eq!(vikram.visitor.delete("/api/account").await.status, StatusCode::OK);

    let new = server.visitor();
    new.ask_for_code(&vikram.email).await;
    let code = server.code_for(&vikram.email).await;
    new.put("/api/session", &json!({ "email": vikram.email, "code": code })).await;
    assert_eq!(new.get("/api/cases").await.body, json!([]));
    let wrong = new.post("/api/cases", &json!({ "reference": "WORK-2020-7", "born": "2015-02-04" })).await;
    assert_eq!(wrong.code(), "case-unknown");
    let again = new.post("/api/cases", &right).await;
    assert_eq!((again.status, &again.body), (StatusCode::CREATED, &first), "the same case");
    assert_eq!(new.get("/api/cases").await.body, json!([first]));
}

#[tokio::test]
async fn nobody_guesses_a_day_of_birth() {
    let records = Records::new(0).await;
    records.on_record("WORK-2020-7", "Vikram Rao", "2015-02-03").await;
    let server = records.open(MONDAY).await;
    let mallory = Someone::comes(&records, &server, "Mallory").await;
    let asha = Someone::comes(&records, &server, "Asha Rao").await;
    let add = async |visitor: &Visitor, born: &str| {
        visitor.post("/api/cases", &json!({ "reference": "WORK-2020-7", "born": born })).await
    };
    for day in 10..20 {
        let answer = add(&mallory.visitor, &format!("2015-02-{day}")).await;
        assert_eq!(seen(&answer), (422, "case-unknown", Some("reference")), "{day}");
    }
    // The right date is refused as well, so that the limit reveals nothing.
    let over = add(&mallory.visitor, "2015-02-03").await;
    assert_eq!(seen(&over), (429, "too-many-requests", None));
    let seconds: u32 = over.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=900).contains(&seconds), "{seconds}");
    // Other accounts and other spellings of the reference count towards the same limit.
    for typed in ["WORK-2020-7", " work-2020-7 "] {
        let body = json!({ "reference": typed, "born": "2015-02-03" });
        let stopped = asha.visitor.post("/api/cases", &body).await;
        assert_eq!(seen(&stopped), (429, "case-tried-too-often", Some("reference")));
        let seconds: u32 = stopped.headers["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=86_400).contains(&seconds), "{seconds}");
    }
    server.kill().await;

    let server = records.open("2020-11-02T09:15:00+01:00").await;
    assert_eq!(add(&mallory.at(&server), "2015-02-03").await.code(), "case-tried-too-often");
    server.kill().await;
    let server = records.open("2020-11-03T01:00:00+01:00").await;
    let vikram = server.visitor();
    vikram.ask_for_code("vikram@example.org").await;
    let code = server.code_for("vikram@example.org").await;
    vikram.put("/api/session", &json!({ "email": "vikram@example.org", "code": code })).await;
    assert_eq!(add(&vikram, "2015-02-03").await.status, StatusCode::CREATED, "the day is over");
}

/// Unknown references have the same answers and the same limit as known ones.
#[tokio::test]
async fn a_case_that_there_is_not_is_tried_as_often_as_one_that_there_is() {
    let records = Records::new(0).await;
    records.on_record("WORK-2020-7", "Vikram Rao", "2015-02-03").await;
    records.on_record_with_code("WORK-2020-9", "Amal Said", "2001-02-03", "K7QM-2XPA").await;
    let server = records.open_with(MONDAY, &[("PROXIES", "1")]).await;
    let mut all = Vec::new();
    for (network, reference) in ["WORK-2020-7", "WORK-2020-8", "WORK-2020-9"].into_iter().enumerate() {
        let mut said = Vec::new();
        for number in 0..12 {
            // Every attempt comes from another account and network.
            let mallory = Someone::comes(&records, &server, &format!("Mallory {network} {number}")).await;
            let request = mallory.visitor.request(Method::POST, "/api/cases");
            let request = request.header("x-forwarded-for", format!("10.{network}.{number}.1"));
            let body = json!({ "reference": reference, "born": "1990-05-17" });
            let began = std::time::Instant::now();
            let answer = answer(request.json(&body).send().await.unwrap()).await;
            if answer.code() == "case-unknown" {
                assert!(began.elapsed().as_millis() >= 250, "the time does not tell");
            }
            said.push((answer.status, answer.body["code"].clone(), answer.body["detail"].clone()));
        }
        all.push(said);
    }
    let codes: Vec<_> = all[0].iter().map(|(_, code, _)| code.as_str().unwrap()).collect();
    assert_eq!(codes, [["case-unknown"; 10].as_slice(), &["case-tried-too-often"; 2]].concat());
    assert_eq!(all[0], all[1]);
    assert_eq!(all[0], all[2]);
}

/// Attempts with one date and many references are limited by network.
#[tokio::test]
async fn one_day_of_birth_is_not_tried_with_every_reference() {
    let records = Records::new(0).await;
    let server = records.open_with(MONDAY, &[("PROXIES", "1")]).await;
    let mut people = Vec::new();
    for number in 0..25 {
        people.push(Someone::comes(&records, &server, &format!("Mallory {number}")).await);
    }
    let mut tries = tokio::task::JoinSet::new();
    // Four networks of one neighbourhood at once, with 55 references each.
    for number in 0..220 {
        let request = people[number % 25].visitor.request(Method::POST, "/api/cases");
        let request = request.header("x-forwarded-for", format!("2001:db8:7:{}::{number:x}", number % 4 + 1));
        let body = json!({ "reference": format!("WORK-2020-{number}"), "born": "1990-05-17" });
        tries.spawn(async move { answer(request.json(&body).send().await.unwrap()).await.code().to_owned() });
    }
    let mut said = BTreeMap::new();
    for code in tries.join_all().await {
        *said.entry(code).or_insert(0) += 1;
    }
    assert_eq!(said, [("case-tried-too-often".to_owned(), 20), ("case-unknown".to_owned(), 200)].into());
}

/// A case with a code on its letter is opened by the code. The code cannot be guessed, so its owner is never limited.
#[tokio::test]
async fn the_code_on_the_letter_opens_the_case() {
    let records = Records::new(0).await;
    records.on_record_with_code("WORK-2020-7", "Vikram Rao", "2015-02-03", "K7QM-2XPA").await;
    let server = records.open(MONDAY).await;
    let asha = Someone::comes(&records, &server, "Asha Rao").await;
    let add = async |who: &Someone, born: &str, code: Value| {
        let body = json!({ "reference": "WORK-2020-7", "born": born, "code": code });
        who.visitor.post("/api/cases", &body).await
    };
    for (born, code) in [
        ("2015-02-03", Value::Null),
        ("2015-02-03", json!("")),
        ("2015-02-03", json!("K7QM-2XPB")),
        ("2015-02-04", json!("K7QM-2XPA")),
    ] {
        assert_eq!(seen(&add(&asha, born, code).await), (422, "case-unknown", Some("reference")));
    }
    for number in 0..6 {
        let mallory = Someone::comes(&records, &server, &format!("Mallory {number}")).await;
        assert_eq!(add(&mallory, "2015-02-03", Value::Null).await.code(), "case-unknown", "{number}");
    }
    assert_eq!(add(&asha, "2015-02-03", Value::Null).await.code(), "case-tried-too-often");
    // Any code avoids the limit's answer, but does not open a case without a code.
    assert_eq!(add(&asha, "2015-02-03", json!("AAAA-AAAA")).await.code(), "case-unknown");
    let added = add(&asha, "2015-02-03", json!(" k7qm 2xpa ")).await;
    assert_eq!((added.status, &added.body["reference"]), (StatusCode::CREATED, &json!("WORK-2020-7")));
}

/// A code does not help with a case that has none.
#[tokio::test]
async fn a_code_that_there_is_not_helps_nobody_to_guess() {
    let records = Records::new(0).await;
    records.on_record("WORK-2020-7", "Vikram Rao", "2015-02-03").await;
    let server = records.open(MONDAY).await;
    for number in 0..12 {
        let mallory = Someone::comes(&records, &server, &format!("Mallory {number}")).await;
        let born = if number < 10 { "2015-02-04" } else { "2015-02-03" };
        let body = json!({ "reference": "WORK-2020-7", "born": born, "code": "AAAA-AAAA" });
        assert_eq!(seen(&mallory.visitor.post("/api/cases", &body).await), (422, "case-unknown", Some("reference")));
    }
}

/// A correct attempt over the limit is refused without a hint, and the owner is told once a day.
#[tokio::test]
async fn the_owner_hears_that_somebody_tried() {
    let records = Records::new(0).await;
    records.on_record("WORK-2020-7", "Vikram Rao", "2015-02-03").await;
    let server = records.open(MONDAY).await;
    let asha = Someone::comes(&records, &server, "Asha Rao").await;
    let mallory = Someone::comes(&records, &server, "Mallory").await;
    let body = |born: &str| json!({ "reference": "WORK-2020-7", "born": born });
    assert_eq!(asha.visitor.post("/api/cases", &body("2015-02-03")).await.status, StatusCode::CREATED);
    for born in ["2015-02-04", "2015-02-03", "2015-02-03"] {
        let answer = mallory.visitor.post("/api/cases", &body(born)).await;
        assert_eq!(seen(&answer), (422, "case-unknown", Some("reference")));
    }
    let told = |email: &str| {
        let mails = server.mailbox(email);
        mails.into_iter().filter(|mail| mail.subject.starts_with("Somebody has tried")).collect::<Vec<_>>()
    };
    wait_for(async || !told(&asha.email).is_empty(), "she is told").await;
    wait_for(async || !records.everything().await.contains("\"queued\""), "the outbox is empty").await;
    let mails = told(&asha.email);
    assert_eq!(mails.len(), 1);
    assert!(mails[0].body.contains("WORK-2020-7") && !mails[0].body.contains("mallory"), "{}", mails[0].body);
    assert_eq!(server.mailbox(&mallory.email).len(), 0);
}

/// Forty concurrent attempts, over two servers on PostgreSQL, get no more tries than sequential ones.
#[tokio::test(flavor = "multi_thread")]
async fn tries_at_once_are_counted_as_others() {
    let records = Records::new(0).await;
    records.on_record("WORK-2020-7", "Vikram Rao", "2015-02-03").await;
    let mut people = Vec::new();
    for number in 0..40 {
        people.push(records.ready(&format!("Mallory {number}")).await.1);
    }
    let mut servers = vec![records.open(MONDAY).await];
    // An embedded database serves one server only.
    if records.url().is_some() {
        servers.push(records.open(MONDAY).await);
    }
    let mut tries = tokio::task::JoinSet::new();
    for (number, token) in people.iter().enumerate() {
        let visitor = servers[number % servers.len()].signed_in_with(token);
        let body = json!({ "reference": "WORK-2020-7", "born": format!("2015-03-{:02}", number % 28 + 1) });
        tries.spawn(async move { visitor.post("/api/cases", &body).await.code().to_owned() });
    }
    let looked_at = tries.join_all().await.iter().filter(|code| *code == "case-unknown").count();
    assert_eq!(looked_at, 10);
}

/// Requests for taken slots count towards the same limit.
#[tokio::test]
async fn a_taken_time_is_tried_no_oftener_than_others() {
    let records = Records::new(2).await;
    let server = records.open(MONDAY).await;
    let asha = Someone::comes(&records, &server, "Asha Rao").await;
    let omar = Someone::comes(&records, &server, "Omar Haddad").await;
    let slot = asha.times().await.remove(0);
    assert_eq!(asha.book(&slot).await.status, StatusCode::CREATED);
    let mut said = BTreeMap::new();
    for _ in 0..210 {
        *said.entry(omar.hold(&slot).await.code().to_owned()).or_insert(0) += 1;
    }
    assert_eq!(said, [("slot-taken".to_owned(), 200), ("too-many-requests".to_owned(), 10)].into());
}
