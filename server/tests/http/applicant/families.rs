//! Bookings of a family: all of its cases in one request, or none.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{Seen, Someone, ids, in_quarantine, reasons, seen};
use crate::common::{Answer, MONDAY, Records, TestServer, Visitor};

struct Silva {
    visitor: Visitor,
    cases: Vec<String>,
}

impl Silva {
    async fn come(records: &Records, server: &TestServer) -> Silva {
        let (family, token) = records.ready_family(&["Bruno Silva", "Carla Silva", "Miguel Silva"]).await;
        let cases = family.into_iter().map(|member| member.case.to_string()).collect();
        Silva { visitor: server.signed_in_with(&token), cases }
    }

    fn asks(&self, slots: &[String]) -> Value {
        let bookings = self.cases.iter().zip(slots).map(|(case, slot)| json!({ "case": case, "slot": slot }));
        json!({ "bookings": bookings.collect::<Vec<_>>() })
    }

    async fn book(&self, body: &Value) -> Answer {
        self.visitor.post("/api/appointments/together", body).await
    }

    async fn appointments(&self) -> usize {
        let cases = self.visitor.get("/api/cases").await.body;
        cases.as_array().unwrap().iter().filter(|case| !case["appointment"].is_null()).count()
    }
}

#[tokio::test]
async fn a_family_books_its_times_at_once() {
    let records = Records::new(4).await;
    let server = records.open(MONDAY).await;
    let silva = Silva::come(&records, &server).await;
    let slots = ids(silva.visitor.times(&silva.cases[0]).await.slots);
    let body = silva.asks(&slots);
    let send = async || silva.visitor.post_once("the-silvas-1", "/api/appointments/together", &body).await;
    let booked = send().await;
    assert_eq!(booked.status, StatusCode::CREATED, "{booked:?}");
    let all = booked.body.as_array().unwrap();
    let starts: Vec<_> = all.iter().map(|appointment| appointment["starts"].as_str().unwrap()).collect();
    assert_eq!(starts, ["2020-11-16T08:00:00Z", "2020-11-16T09:00:00Z", "2020-11-16T10:00:00Z"]);
    let cases: Vec<_> = all.iter().map(|appointment| appointment["case"].as_str().unwrap()).collect();
    assert_eq!(cases, silva.cases);
    let again = send().await;
    assert_eq!((again.status, again.body), (StatusCode::CREATED, booked.body));
    assert_eq!((silva.appointments().await, silva.visitor.times(&silva.cases[0]).await.free), (3, 1));
    let data = silva.visitor.get("/api/account/data").await.body;
    let (messages, receipts) = (data["messages"].as_array().unwrap(), data["receipts"].as_array().unwrap());
    let kinds: Vec<_> = messages.iter().map(|message| message["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["booked", "reminder", "booked", "reminder", "booked", "reminder"]);
    assert_eq!(receipts.len(), 3, "each has a receipt");
}

#[tokio::test]
async fn where_one_of_a_family_cannot_book_nobody_of_it_does() {
    let records = Records::new(4).await;
    let server = records.open(MONDAY).await;
    let silva = Silva::come(&records, &server).await;
    let omar = Someone::comes(&records, &server, "Omar Haddad").await;
    let mallory = Someone::comes(&records, &server, "Mallory").await;
    let slots = ids(silva.visitor.times(&silva.cases[0]).await.slots);
    omar.book(&slots[2]).await;
    let together = silva.asks(&slots[..3]);
    assert_eq!(seen(&silva.book(&together).await), (409, "slot-taken", Some("bookings[2]")));
    assert_eq!(silva.appointments().await, 0);
    omar.hold(&slots[1]).await;

    let with = |number: usize, booking: Value| {
        let mut body = silva.asks(&slots);
        body["bookings"][number] = booking;
        body
    };
    let booking = |case: &str, slot: &str| json!({ "case": case, "slot": slot });
    let free = [slots[0].clone(), slots[3].clone()];
    let cases: Vec<(Value, Seen)> = vec![
        (with(2, booking(&silva.cases[2], &slots[0])), (422, "invalid-field", Some("bookings[2].slot"))),
        (with(2, booking(&silva.cases[0], &slots[3])), (422, "invalid-field", Some("bookings[2].case"))),
        (with(1, booking(&silva.cases[0], &slots[0])), (422, "invalid-field", Some("bookings[1].case"))),
        (with(1, booking(&mallory.case, &slots[3])), (404, "not-found", Some("bookings[1]"))),
        (with(0, booking(&silva.cases[0], "no such slot")), (404, "not-found", Some("bookings[0]"))),
        (json!({ "bookings": [] }), (422, "invalid-field", Some("bookings"))),
        (json!({ "bookings": vec![booking("c", "s"); 21] }), (422, "invalid-field", Some("bookings"))),
        (json!({ "bookings": [booking("c", "s"), { "case": "c" }] }), (422, "invalid-field", Some("bookings[1].slot"))),
        (json!({}), (422, "invalid-field", Some("bookings"))),
    ];
    for (body, expected) in &cases {
        assert_eq!(seen(&silva.book(body).await), *expected, "{body}");
    }

    // A refusal names the person it is about, also in a repeated request.
    silva.visitor.tell(&silva.cases[1], in_quarantine()).await;
    let body = silva.asks(&free);
    for _ in 0..2 {
        let refused = silva.visitor.post_once("the-silvas-2", "/api/appointments/together", &body).await;
        assert_eq!(seen(&refused), (409, "refused", Some("bookings[1]")));
        assert_eq!(reasons(&refused), ["quarantine-not-over"]);
    }
    assert_eq!((silva.appointments().await, silva.visitor.times(&silva.cases[0]).await.free), (0, 2));
    assert_eq!(silva.visitor.get("/api/account/data").await.body["messages"], json!([]));
}

/// A person without a saved situation is named in the refusal.
#[tokio::test]
async fn of_a_family_each_has_told_about_quarantine() {
    let records = Records::new(2).await;
    let server = records.open(MONDAY).await;
    let asha = Someone::comes(&records, &server, "Asha Rao").await;
    records.on_record("WORK-2020-7", "Vikram Rao", "2015-02-03").await;
    let added = asha.visitor.post("/api/cases", &json!({ "reference": "WORK-2020-7", "born": "2015-02-03" })).await;
    let slots = asha.times().await;
    let bookings = json!({ "bookings": [
        { "case": asha.case, "slot": slots[0] }, { "case": added.body["id"], "slot": slots[1] },
    ] });
    let answer = asha.visitor.post("/api/appointments/together", &bookings).await;
    assert_eq!(seen(&answer), (409, "situation-missing", Some("bookings[1]")));
    assert_eq!(asha.booked().await, Value::Null);
}
