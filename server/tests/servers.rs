//! Several server processes on one PostgreSQL database: every server gives the same answers, and the death of one loses
//! nothing that was acknowledged.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "in a test, an unwrap that fails is a finding"
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{MONDAY, Records, answer};
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread")]
async fn one_of_three_servers_dies_in_a_burst_of_bookings() {
    const PEOPLE: usize = 120;
    let records = Records::on_postgres(80).await;
    let people = records.ready_many(PEOPLE).await;
    let slots = records.slots().await;
    let mut servers = Vec::new();
    for _ in 0..3 {
        servers.push(records.open(MONDAY).await);
    }
    assert_eq!(slots.len(), 80);

    // Two or three people want the same slot, each at one of the three servers.
    let mut asking = JoinSet::new();
    for (number, (person, token)) in people.iter().enumerate() {
        let visitor = servers[number % 3].visitor();
        let body = json!({ "case": person.case, "slot": slots[number % 80] });
        let request = visitor.request(Method::POST, "/api/appointments").json(&body);
        let request = request.header(header::COOKIE, format!("skranke={token}"));
        asking.spawn(async move {
            match request.send().await {
                Ok(response) => Some(answer(response).await),
                // The server died during the request. Its outcome is unknown.
                Err(_) => None,
            }
        });
    }
    let mut answers = Vec::new();
    while answers.len() < PEOPLE / 4 {
        answers.push(asking.join_next().await.unwrap().unwrap());
    }
    servers.remove(0).kill().await;
    answers.extend(asking.join_all().await);

    let acknowledged: BTreeSet<String> = answers
        .iter()
        .flatten()
        .filter(|answer| answer.status == StatusCode::CREATED)
        .map(|answer| answer.body["id"].as_str().unwrap().to_owned())
        .collect();
    assert!(acknowledged.len() >= 20, "{} bookings", acknowledged.len());
    for refused in answers.iter().flatten().filter(|answer| answer.status != StatusCode::CREATED) {
        // The last people are refused by the rules, because no slot is left.
        let reason = &refused.body["decision"]["reasons"][0]["code"];
        assert!(refused.code() == "slot-taken" || reason == "no-free-appointment", "{refused:?}");
        assert_eq!(refused.status, StatusCode::CONFLICT);
    }

    // People read their cases from another server than the one they booked at.
    let mut booked = BTreeMap::<String, String>::new();
    for (number, (_, token)) in people.iter().enumerate() {
        let request = servers[number % 2].visitor().request(Method::GET, "/api/cases");
        let cases = answer(request.header(header::COOKIE, format!("skranke={token}")).send().await.unwrap()).await;
        assert_eq!(cases.status, StatusCode::OK);
        let appointment = &cases.body[0]["appointment"];
        if let (Some(id), Some(starts)) = (appointment["id"].as_str(), appointment["starts"].as_str()) {
            let before = booked.insert(starts.to_owned(), id.to_owned());
            assert_eq!(before, None, "two have the time {starts}");
        }
    }
    let on_record: BTreeSet<String> = booked.into_values().collect();
    let lost: Vec<_> = acknowledged.difference(&on_record).collect();
    assert!(lost.is_empty(), "acknowledged, and lost: {lost:?}");

    // Messages leased by the dead server are sent by another one after the lease. Each message is sent once.
    let later = records.open("2020-11-02T09:05:00+01:00").await;
    let mut told: Vec<String> = Vec::new();
    for _ in 0..100 {
        let mails = server::messages::mail::read_all(records.folder()).unwrap();
        told = mails.iter().filter(|mail| mail.body.contains("Booking number")).map(|mail| mail.to.clone()).collect();
        if told.len() >= on_record.len() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let distinct: BTreeSet<&String> = told.iter().collect();
    assert_eq!(distinct.len(), on_record.len(), "everybody who has a time was told");
    assert!(told.len() <= on_record.len() + 1, "a message in the dying server's hands may come twice, no other");
    later.kill().await;
}

/// Rate limits count the requests to all servers together.
#[tokio::test]
async fn limits_hold_over_all_servers() {
    let records = Records::on_postgres(1).await;
    let asha = records.ready("Asha Rao").await;
    let (one, two) = (records.open(MONDAY).await, records.open(MONDAY).await);
    let (here, there) = (one.signed_in_with(&asha.1), two.signed_in_with(&asha.1));
    let situation = format!("/api/cases/{}/situation", asha.0.case);
    for number in 0..200 {
        let answer = [&here, &there][number % 2].put(&situation, &json!({})).await;
        assert_eq!(answer.status, StatusCode::OK, "{number}: {answer:?}");
    }
    let refused = here.put(&situation, &json!({})).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::TOO_MANY_REQUESTS, "too-many-requests"));
    let wait: u64 = refused.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((1..=600).contains(&wait), "{wait}");

    // A forged `X-Forwarded-For` does not make a caller look like several.
    let ask = |number: usize| {
        let body = json!({ "email": format!("somebody{number}@example.org"), "language": "en" });
        let request = [&one, &two][number % 2].visitor().request(Method::POST, "/api/sign-in-codes").json(&body);
        request.header("x-forwarded-for", format!("10.0.{}.{}", number / 256, number % 256))
    };
    for number in 0..300 {
        let answer = ask(number).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::ACCEPTED, "{number}");
    }
    assert_eq!(ask(300).send().await.unwrap().status(), StatusCode::TOO_MANY_REQUESTS);

    let later = records.open("2020-11-02T09:15:00+01:00").await;
    assert_eq!(later.signed_in_with(&asha.1).put(&situation, &json!({})).await.status, StatusCode::OK);
}

/// A code, a session and the limit on codes hold on every server, whichever issued them.
#[tokio::test]
async fn whichever_server_answers() {
    let records = Records::on_postgres(1).await;
    let asha = records.person("Asha Rao").await;
    let (one, two) = (records.open(MONDAY).await, records.open(MONDAY).await);
    let there = two.visitor();
    there.at(&one).ask_for_code(&asha.email).await;
    let code = one.code_for(&asha.email).await;
    let signed_in = there.put("/api/session", &json!({ "email": asha.email, "code": code })).await;
    assert_eq!(signed_in.status, StatusCode::OK);
    let cookie = signed_in.cookie("skranke").unwrap().split(';').next().unwrap().to_owned();
    let here = one.visitor().request(Method::GET, "/api/session").header(header::COOKIE, cookie.clone());
    assert_eq!(answer(here.send().await.unwrap()).await.body["person"]["email"], asha.email);
    there.request(Method::DELETE, "/api/session").send().await.unwrap();
    let here = one.visitor().request(Method::GET, "/api/session").header(header::COOKIE, cookie);
    assert_eq!(answer(here.send().await.unwrap()).await.body["person"], Value::Null);
    for number in 0..9 {
        [&one, &two][number % 2].visitor().ask_for_code(&asha.email).await;
    }
    assert_eq!(
        one.codes_written_to(&asha.email).await,
        5,
        "no more than five in a quarter of an hour, all servers together"
    );
}
