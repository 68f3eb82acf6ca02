//! Booking: refusal, booking, receipt and cancellation.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::common::{FRIDAY, MONDAY, Records, answer};

fn in_quarantine() -> Value {
    json!({ "entry": { "on": "2020-10-26", "quarantine": true }, "told_to_report_within_week": true })
}

fn not_in_quarantine() -> Value {
    json!({ "entry": null })
}

/// A direct request to the server gets the same refusal as on the page.
#[tokio::test]
async fn a_quarantined_engineer_is_refused_until_6_november_and_books_then() {
    let records = Records::new(3).await;
    let asha = records.person("Asha Rao").await;

    let server = records.open(MONDAY).await;
    let visitor = server.sign_in(&asha).await;
    visitor.tell(&asha.case, in_quarantine()).await;
    let slot = visitor.times(&asha.case).await.slots[0].id.clone();
    let refused = visitor.book(&asha.case, &slot).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "refused"));
    assert_eq!(
        refused.body["decision"],
        json!({
            "id": null, "question": "book", "outcome": "refused", "earliest": "2020-11-06",
            "reasons": [
                { "code": "quarantine-not-over", "source": "udi-2020-10-26#quarantine-booking" },
                { "code": "week-rule-gives-way", "source": "udi-2020-10-26#week-rule" },
            ],
            "duties": [], "contact": null, "channel": null,
        })
    );
    server.kill().await;

    let server = records.open(FRIDAY).await;
    let visitor = server.sign_in(&asha).await;
    let booked = visitor.book(&asha.case, &slot).await;
    assert_eq!((booked.status, &booked.body["status"]), (StatusCode::CREATED, &json!("booked")));
    server.kill().await;

    // An acknowledged booking survives a power failure.
    let server = records.open(FRIDAY).await;
    let visitor = server.sign_in(&asha).await;
    let receipt = visitor.get(&format!("/api/appointments/{}", booked.body["id"].as_str().unwrap())).await;
    assert_eq!(receipt.body, booked.body);
}

#[tokio::test]
async fn nobody_books_before_they_have_told_about_quarantine() {
    let records = Records::new(1).await;
    let asha = records.person("Asha Rao").await;
    let server = records.open(FRIDAY).await;
    let visitor = server.sign_in(&asha).await;
    let slot = visitor.times(&asha.case).await.slots[0].id.clone();
    let answer = visitor.book(&asha.case, &slot).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::CONFLICT, "situation-missing"));
}

#[tokio::test]
async fn a_cancelled_time_is_free_again() {
    let records = Records::new(1).await;
    let asha = records.person("Asha Rao").await;
    let server = records.open(FRIDAY).await;
    let visitor = server.sign_in(&asha).await;
    visitor.tell(&asha.case, not_in_quarantine()).await;
    let slot = visitor.times(&asha.case).await.slots[0].id.clone();
    let booked = visitor.book(&asha.case, &slot).await;
    assert_eq!(visitor.times(&asha.case).await.free, 0);
    let again = visitor.book(&asha.case, &slot).await;
    let reasons: Vec<_> = again.body["decision"]["reasons"].as_array().unwrap().iter().map(|r| &r["code"]).collect();
    assert_eq!(reasons, ["already-booked", "no-free-appointment"]);

    let path = format!("/api/appointments/{}/cancel", booked.body["id"].as_str().unwrap());
    let cancelled = visitor.post(&path, &json!({})).await;
    assert_eq!((cancelled.status, &cancelled.body["status"]), (StatusCode::OK, &json!("cancelled")));
    let twice = visitor.post(&path, &json!({})).await;
    assert_eq!(twice.body, cancelled.body, "cancelling twice is the same as once");
    assert_eq!(visitor.times(&asha.case).await.free, 1);
    assert_eq!(visitor.book(&asha.case, &slot).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn an_appointment_that_is_over_does_not_stand_in_the_way() {
    let records = Records::new(2).await;
    let asha = records.person("Asha Rao").await;
    let server = records.open(FRIDAY).await;
    let visitor = server.sign_in(&asha).await;
    visitor.tell(&asha.case, not_in_quarantine()).await;
    let slots = visitor.times(&asha.case).await.slots;
    let first = visitor.book(&asha.case, &slots[0].id).await;
    server.kill().await;

    // The first slot ends at 09:30, and the second starts at 10:00.
    let server = records.open("2020-11-16T09:30:00+01:00").await;
    let visitor = server.sign_in(&asha).await;
    assert_eq!(visitor.get("/api/cases").await.body[0]["appointment"], Value::Null);
    let path = format!("/api/appointments/{}", first.body["id"].as_str().unwrap());
    assert_eq!(visitor.get(&path).await.body["status"], "missed");
    assert_eq!(visitor.post(&format!("{path}/cancel"), &json!({})).await.code(), "appointment-over");
    assert_eq!(visitor.book(&asha.case, &slots[1].id).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn what_belongs_to_another_does_not_exist() {
    let records = Records::new(2).await;
    let (asha, mallory) = (records.person("Asha Rao").await, records.person("Mallory").await);
    let server = records.open(FRIDAY).await;
    let visitor = server.sign_in(&asha).await;
    visitor.tell(&asha.case, not_in_quarantine()).await;
    let slot = visitor.times(&asha.case).await.slots[0].id.clone();
    let booked = visitor.book(&asha.case, &slot).await;
    let appointment = booked.body["id"].as_str().unwrap();

    let thief = server.sign_in(&mallory).await;
    for answer in [
        thief.get(&format!("/api/cases/{}/times", asha.case)).await,
        thief.tell(&asha.case, not_in_quarantine()).await,
        thief.book(&asha.case, &slot).await,
        thief.get(&format!("/api/appointments/{appointment}")).await,
        thief.post(&format!("/api/appointments/{appointment}/cancel"), &json!({})).await,
    ] {
        assert_eq!((answer.status, answer.code()), (StatusCode::NOT_FOUND, "not-found"));
    }
    assert_eq!(thief.get("/api/cases").await.body.as_array().unwrap().len(), 1);
}

/// A retry after a lost answer gets the first answer again.
#[tokio::test]
async fn a_repeated_request_gets_the_first_answer_again() {
    let records = Records::new(2).await;
    let asha = records.person("Asha Rao").await;
    let server = records.open(FRIDAY).await;
    let visitor = server.sign_in(&asha).await;
    visitor.tell(&asha.case, not_in_quarantine()).await;
    let slots = visitor.times(&asha.case).await.slots;
    let send = async |slot: &str, key: &str| {
        let request = visitor.request(Method::POST, "/api/appointments").header("idempotency-key", key);
        answer(request.json(&json!({ "case": asha.case, "slot": slot })).send().await.unwrap()).await
    };
    let first = send(&slots[0].id, "key-of-asha-1").await;
    assert_eq!(first.status, StatusCode::CREATED);
    let second = send(&slots[0].id, "key-of-asha-1").await;
    assert_eq!((second.status, &second.body), (StatusCode::CREATED, &first.body));
    let other_body = send(&slots[1].id, "key-of-asha-1").await;
    assert_eq!((other_body.status, other_body.code()), (StatusCode::UNPROCESSABLE_ENTITY, "idempotency-key-reused"));
    let refused = send(&slots[1].id, "key-of-asha-2").await;
    assert_eq!(refused.code(), "refused");
    let refused_again = send(&slots[1].id, "key-of-asha-2").await;
    assert_eq!(refused_again.body["decision"], refused.body["decision"]);
    let bad_key = send(&slots[1].id, "no spaces!").await;
    assert_eq!((bad_key.status, bad_key.code()), (StatusCode::BAD_REQUEST, "idempotency-key-invalid"));
}
