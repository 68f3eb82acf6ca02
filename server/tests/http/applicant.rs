//! The applicant's side: holds, moves, family bookings, work, adding cases, the account, and downloads.

use std::collections::BTreeMap;

use api::cases::{Case, Slot};
use chrono::{DateTime, Utc};
use reqwest::{Method, StatusCode};
use rules::Coded;
use serde_json::{Value, json};

use crate::common::{Answer, MONDAY, Records, TestServer, Visitor, answer, path_of, wait_for};

const MINUTES_LATER_4: &str = "2020-11-02T09:04:00+01:00";
const MINUTES_LATER_6: &str = "2020-11-02T09:06:00+01:00";

/// Status, code and field of a response.
type Seen<'a> = (u16, &'a str, Option<&'a str>);

fn seen(answer: &Answer) -> Seen<'_> {
    (answer.status.as_u16(), answer.code(), answer.body["field"].as_str())
}

fn reasons(answer: &Answer) -> Vec<&str> {
    let reasons = answer.body["decision"]["reasons"].as_array();
    reasons.into_iter().flatten().filter_map(|reason| reason["code"].as_str()).collect()
}

fn in_quarantine() -> Value {
    json!({ "entry": { "on": "2020-10-26", "quarantine": true } })
}

fn ids(slots: Vec<Slot>) -> Vec<String> {
    slots.into_iter().map(|slot| slot.id).collect()
}

/// An applicant with a case who may book.
struct Someone {
    visitor: Visitor,
    token: String,
    id: String,
    email: String,
    case: String,
}

impl Someone {
    async fn comes(records: &Records, server: &TestServer, name: &str) -> Someone {
        let (person, token) = records.ready(name).await;
        let visitor = server.signed_in_with(&token);
        Someone { visitor, token, id: person.id, email: person.email, case: person.case }
    }

    /// The same client at a later server.
    fn at(&self, server: &TestServer) -> Visitor {
        server.signed_in_with(&self.token)
    }

    async fn times(&self) -> Vec<String> {
        ids(self.visitor.times(&self.case).await.slots)
    }

    async fn book(&self, slot: &str) -> Answer {
        self.visitor.book(&self.case, slot).await
    }

    async fn hold(&self, slot: &str) -> Answer {
        self.visitor.hold(&self.case, slot).await
    }

    /// The text of their newest message.
    async fn told(&self) -> String {
        let data = self.visitor.get("/api/account/data").await.body;
        let all = data["messages"].as_array().unwrap();
        let newest = all.iter().rfind(|message| message["kind"] != "reminder").unwrap();
        format!("{}\n{}", newest["subject"].as_str().unwrap(), newest["body"].as_str().unwrap())
    }

    async fn booked(&self) -> Value {
        self.visitor.get("/api/cases").await.body[0]["appointment"].clone()
    }
}

// Holds.

#[tokio::test]
async fn a_time_that_is_kept_is_for_nobody_else() {
    let records = Records::new(2).await;
    let server = records.open(MONDAY).await;
    let asha = Someone::comes(&records, &server, "Asha Rao").await;
    let omar = Someone::comes(&records, &server, "Omar Haddad").await;
    let slots = asha.times().await;

    let held = asha.hold(&slots[0]).await;
    assert_eq!((held.status, &held.body["slot"]), (StatusCode::OK, &json!(slots[0])));
    let hers = asha.visitor.times(&asha.case).await;
    assert_eq!((hers.free, ids(hers.slots)), (2, slots.clone()), "she may have it herself");
    assert_eq!(serde_json::to_value(hers.hold).unwrap(), held.body);
    let his = omar.visitor.times(&omar.case).await;
    assert_eq!((his.free, ids(his.slots), his.hold), (1, slots[1..].to_vec(), None));
    for answer in [omar.book(&slots[0]).await, omar.hold(&slots[0]).await] {
        assert_eq!(seen(&answer), (409, "slot-taken", Some("slot")));
    }
    assert_eq!(asha.book(&slots[0]).await.status, StatusCode::CREATED);
    assert_eq!(seen(&omar.hold(&slots[0]).await), (409, "slot-taken", Some("slot")));
    assert_eq!(seen(&omar.hold("no such slot").await), (404, "not-found", Some("slot")));
    assert_eq!(seen(&omar.visitor.hold(&asha.case, &slots[1]).await), (404, "not-found", None));
}

#[tokio::test]
async fn a_case_keeps_one_time_and_gives_it_back() {
    let records = Records::new(2).await;
    let server = records.open(MONDAY).await;
    let asha = Someone::comes(&records, &server, "Asha Rao").await;
    let omar = Someone::comes(&records, &server, "Omar Haddad").await;
    let slots = asha.times().await;
    let path = format!("/api/cases/{}/hold", asha.case);

    for slot in &slots {
        assert_eq!(asha.hold(slot).await.status, StatusCode::OK);
    }
    assert_eq!(omar.times().await, slots[..1], "another one gives the first back");
    for _ in 0..2 {
        assert_eq!(asha.visitor.delete(&path).await.status, StatusCode::NO_CONTENT);
        assert_eq!(omar.times().await, slots);
    }
    assert_eq!(omar.visitor.delete(&path).await.status, StatusCode::NOT_FOUND);

    // A failed hold keeps the previous one.
    assert_eq!(asha.hold(&slots[0]).await.status, StatusCode::OK);
    assert_eq!(omar.hold(&slots[1]).await.status, StatusCode::OK);
    assert_eq!(seen(&asha.hold(&slots[1]).await), (409, "slot-taken", Some("slot")));
    assert_eq!(asha.visitor.times(&asha.case).await.hold.unwrap().slot, slots[0]);

    // A booking releases the person's hold.
    assert_eq!(omar.visitor.delete(&format!("/api/cases/{}/hold", omar.case)).await.status, StatusCode::NO_CONTENT);
    assert_eq!(asha.book(&slots[1]).await.status, StatusCode::CREATED);
    assert_eq!(asha.visitor.times(&asha.case).await.hold, None);
    assert_eq!(omar.times().await, slots[..1]);
}

#[tokio::test]
async fn a_time_is_kept_for_five_minutes() {
    let records = Records::new(1).await;
    let server = records.open(MONDAY).await;
    let asha = Someone::comes(&records, &server, "Asha Rao").await;
    let omar = Someone::comes(&records, &server, "Omar Haddad").await;
    let slot = asha.times().await.remove(0);
    assert_eq!(asha.hold(&slot).await.status, StatusCode::OK);
    server.kill().await;

    let server = records.open(MINUTES_LATER_4).await;
    assert_eq!(omar.at(&server).times(&omar.case).await.free, 0);
    server.kill().await;

    let server = records.open(MINUTES_LATER_6).await;
    assert_eq!(asha.at(&server).times(&asha.case).await.hold, None);
    assert_eq!(omar.at(&server).hold(&omar.case, &slot).await.status, StatusCode::OK);
    assert_eq!(reasons(&asha.at(&server).book(&asha.case, &slot).await), ["no-free-appointment"]);
    assert_eq!(omar.at(&server).book(&omar.case, &slot).await.status, StatusCode::CREATED);
}

/// A hold is refused to a person who may not book, with the reason.
#[tokio::test]
async fn who_may_not_book_keeps_nothing() {
    let records = Records::new(1).await;
    let server = records.open(MONDAY).await;
    let asha = Someone::comes(&records, &server, "Asha Rao").await;
    let omar = Someone::comes(&records, &server, "Omar Haddad").await;
    let slot = asha.times().await.remove(0);
    asha.visitor.tell(&asha.case, in_quarantine()).await;
    let refused = asha.hold(&slot).await;
    assert_eq!((seen(&refused), reasons(&refused)), ((409, "refused", None), vec!["quarantine-not-over"]));
    assert_eq!(refused.body["decision"]["earliest"], "2020-11-06");
    assert_eq!(omar.times().await, std::slice::from_ref(&slot));

    // His hold makes the last slot unavailable to everyone else.
    assert_eq!(omar.hold(&slot).await.status, StatusCode::OK);
    asha.visitor.tell(&asha.case, json!({ "entry": null })).await;
    for answer in [asha.hold(&slot).await, asha.book(&slot).await] {
        assert_eq!((seen(&answer), reasons(&answer)), ((409, "refused", None), vec!["no-free-appointment"]));
    }
    let lin = records.person("Lin Chen").await;
    let visitor = server.sign_in(&lin).await;
    assert_eq!(seen(&visitor.hold(&lin.case, &slot).await), (409, "situation-missing", None));
}

/// An appointment in progress cannot be moved, so no other slot can be held for it.
#[tokio::test]
async fn during_the_appointment_no_other_time_is_kept() {
    let records = Records::new(2).await;
    let server = records.open(MONDAY).await;
    let asha = Someone::comes(&records, &server, "Asha Rao").await;
    let slots = asha.times().await;
    asha.book(&slots[0]).await;
    server.kill().await;

    let server = records.open("2020-11-16T09:10:00+01:00").await;
    let asha = (server.sign_in(&person_of(&asha)).await, asha.case);
    let refused = asha.0.hold(&asha.1, &slots[1]).await;
    assert_eq!((seen(&refused), reasons(&refused)), ((409, "refused", None), vec!["already-booked"]));
}

fn person_of(someone: &Someone) -> crate::common::Person {
    let Someone { id, email, case, .. } = someone;
    crate::common::Person { id: id.clone(), email: email.clone(), case: case.clone() }
}

// Moves.

/// The properties of the event in a calendar file, unfolded.
fn event(file: &Answer) -> BTreeMap<String, String> {
    let text = file.body.as_str().unwrap();
    assert!(text.ends_with("\r\n") && !text.replace("\r\n", "").contains(['\r', '\n']), "{text:?}");
    assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
    let unfolded = text.replace("\r\n ", "");
    let mut lines: Vec<&str> = unfolded.lines().collect();
    assert_eq!((lines[0], lines[lines.len() - 1]), ("BEGIN:VCALENDAR", "END:VCALENDAR"));
    assert_eq!(lines.iter().filter(|line| **line == "BEGIN:VEVENT").count(), 1);
    // Alarms have properties of the same names.
    while let Some(begin) = lines.iter().position(|line| *line == "BEGIN:VALARM") {
        let end = lines.iter().position(|line| *line == "END:VALARM").unwrap();
        lines.drain(begin..=end);
    }
    lines.iter().map(|line| line.split_once(':').unwrap()).map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
}

#[tokio::test]
async fn an_appointment_moves_to_another_time() {
    let records = Records::new(3).await;
    let server = records.open(MONDAY).await;
    let asha = Someone::comes(&records, &server, "Asha Rao").await;
    let slots = asha.times().await;
    let first = asha.book(&slots[0]).await.body;
    let before = event(&asha.visitor.get(&path_of(&first, "/calendar.ics")).await);

    assert_eq!(asha.hold(&slots[1]).await.status, StatusCode::OK, "who has an appointment keeps one in its place");
    let moved = asha.visitor.move_to(&first, &slots[1]).await;
    assert_eq!((moved.status, &moved.body["status"]), (StatusCode::CREATED, &json!("booked")));
    assert_eq!(moved.body["starts"], "2020-11-16T09:00:00Z");
    assert_ne!(moved.body["number"], first["number"]);
    assert_eq!(asha.booked().await, moved.body);
    let old = asha.visitor.get(&path_of(&first, "")).await.body;
    assert_eq!((&old["status"], &old["moved_to"]), (&json!("cancelled"), &moved.body["id"]));
    assert_eq!((&old["applicant"], &moved.body["moved_to"]), (&json!("Asha Rao"), &Value::Null));
    assert_eq!(asha.times().await, [slots[0].clone(), slots[2].clone()], "the old one is free again");
    let told = asha.told().await;
    for part in [
        "Your appointment is moved",
        "now on Monday 16 November 2020 at 10:00. The one on Monday 16 November 2020 at 09:00",
    ] {
        assert!(told.contains(part), "{told}");
    }
    assert!(told.contains(moved.body["number"].as_str().unwrap()), "{told}");

    // The calendar event keeps its identity after a move, also by the old appointment's URL.
    let again = asha.visitor.move_to(&moved.body, &slots[2]).await;
    let sequence = |event: &BTreeMap<String, String>| event["SEQUENCE"].parse::<u32>().unwrap();
    let mut last = sequence(&before);
    for (appointment, starts) in [(&first, "20201116T100000Z"), (&again.body, "20201116T100000Z")] {
        let after = event(&asha.visitor.get(&path_of(appointment, "/calendar.ics")).await);
        assert_eq!((&after["UID"], &*after["DTSTART"], &*after["STATUS"]), (&before["UID"], starts, "CONFIRMED"));
        assert!(sequence(&after) > sequence(&before) && sequence(&after) >= last, "{after:?}");
        last = sequence(&after);
    }
    let cancelled = asha.visitor.post(&path_of(&again.body, "/cancel"), &json!({})).await;
    assert_eq!(cancelled.status, StatusCode::OK);
    let over = event(&asha.visitor.get(&path_of(&first, "/calendar.ics")).await);
    assert_eq!((&over["UID"], &*over["STATUS"], &*over["METHOD"]), (&before["UID"], "CANCELLED", "CANCEL"));
    assert!(sequence(&over) > last);

    // The audit log distinguishes a move from a second booking.
    let audit = records.everything().await;
    let actions: Vec<_> = ["\"book\"", "\"move\"", "\"cancel\""].map(|action| audit.matches(action).count()).into();
    assert_eq!(actions, [1, 2, 1], "{audit}");
}

#[tokio::test]
async fn a_move_that_fails_leaves_the_old_appointment() {
    let records = Records::new(3).await;
    let server = records.open(MONDAY).await;
    let asha = Someone::comes(&records, &server, "Asha Rao").await;
    let omar = Someone::comes(&records, &server, "Omar Haddad").await;
    let slots = asha.times().await;
    let first = asha.book(&slots[0]).await.body;
    omar.book(&slots[1]).await;
    assert_eq!(seen(&asha.visitor.move_to(&first, &slots[1]).await), (409, "slot-taken", Some("slot")));
    assert_eq!(asha.booked().await, first);
    assert_eq!(asha.visitor.get(&path_of(&first, "")).await.body, first);

    asha.visitor.tell(&asha.case, in_quarantine()).await;
    let refused = asha.visitor.move_to(&first, &slots[2]).await;
    assert_eq!((seen(&refused), reasons(&refused)), ((409, "refused", None), vec!["quarantine-not-over"]));
    assert_eq!(refused.body["decision"]["reasons"][0]["source"], "udi-2020-10-26#quarantine-booking");
    assert_eq!(asha.booked().await, first);
    assert_eq!(asha.times().await, slots[2..]);
    let sequence = event(&asha.visitor.get(&path_of(&first, "/calendar.ics")).await)["SEQUENCE"].clone();
    assert_eq!(sequence, "0");
    assert!(asha.told().await.contains("is booked"), "nothing is written about what did not happen");
    let theirs = omar.visitor.move_to(&first, &slots[2]).await;
    assert_eq!(seen(&theirs), (404, "not-found", None));
    assert_eq!(seen(&asha.visitor.move_to(&first, "no such slot").await), (404, "not-found", Some("slot")));
}

#[tokio::test]
async fn what_is_over_does_not_move() {
    let records = Records::new(2).await;
    let server = records.open(MONDAY).await;
    let asha = Someone::comes(&records, &server, "Asha Rao").await;
    let omar = Someone::comes(&records, &server, "Omar Haddad").await;
    let slots = asha.times().await;
    let first = asha.book(&slots[0]).await.body;
    asha.visitor.post(&path_of(&first, "/cancel"), &json!({})).await;
    assert_eq!(seen(&asha.visitor.move_to(&first, &slots[1]).await), (409, "appointment-over", None));
    let second = omar.book(&slots[0]).await.body;
    server.kill().await;

    // During the appointment, and after it.
    for clock in ["2020-11-16T09:00:00+01:00", "2020-11-16T09:30:00+01:00"] {
        let server = records.open(clock).await;
        let visitor = server.sign_in(&person_of(&omar)).await;
        assert_eq!(seen(&visitor.move_to(&second, &slots[1]).await), (409, "appointment-over", None), "{clock}");
        server.kill().await;
    }
}

#[tokio::test]
async fn a_repeated_move_gets_the_first_answer_again() {
    let records = Records::new(3).await;
    let server = records.open(MONDAY).await;
    let asha = Someone::comes(&records, &server, "Asha Rao").await;
    let slots = asha.times().await;
    let first = asha.book(&slots[0]).await.body;
    let path = path_of(&first, "/move");
    let send = async |slot: &str| asha.visitor.post_once("move-of-asha", &path, &json!({ "slot": slot })).await;
    let moved = send(&slots[1]).await;
    assert_eq!(moved.status, StatusCode::CREATED);
    let again = send(&slots[1]).await;
    assert_eq!((again.status, again.body), (StatusCode::CREATED, moved.body));
    assert_eq!(seen(&send(&slots[2]).await), (422, "idempotency-key-reused", None));
    assert_eq!(asha.times().await.len(), 2);
}

// Families.

struct Silva {
    visitor: Visitor,
    cases: Vec<String>,
}

impl Silva {
    async fn come(records: &Records, server: &TestServer) -> Silva {
        let (family, token) = records.ready_family(&["Bruno Silva", "Carla Silva", "Miguel Silva"]).await;
        let cases = family.into_iter().map(|member| member.case).collect();
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

// Work.

/// The duties by the rules, from the case as the server returns it.
fn duties(case: &Value) -> Vec<&'static str> {
    let case: Case = serde_json::from_value(case.clone()).unwrap();
    let now: DateTime<Utc> = MONDAY.parse().unwrap();
    let decision = rules::decide(&rules::Policy::published(), &case.facts_of_duties(now));
    decision.duties.into_iter().map(|duty| duty.code()).collect()
}

#[tokio::test]
async fn work_before_the_appointment_is_reported_to_udi() {
    let records = Records::new(1).await;
    let server = records.open(MONDAY).await;
    let asha = Someone::comes(&records, &server, "Asha Rao").await;
    let path = format!("/api/cases/{}/work", asha.case);
    for (work, expected) in [
        (json!({ "starts": "2020-11-09" }), vec!["report-work-start-to-udi", "order-residence-card"]),
        (json!({ "starts": "2020-11-09", "reported": "2020-11-02" }), vec!["order-residence-card"]),
        (Value::Null, vec![]),
        (json!({ "starts": "2020-11-09", "reported": null }), vec!["report-work-start-to-udi", "order-residence-card"]),
        // The appointment on 16 November is early enough for this start, once it is booked.
        (json!({ "starts": "2020-11-20" }), vec!["report-work-start-to-udi", "order-residence-card"]),
    ] {
        let told = asha.visitor.put(&path, &json!({ "work": work })).await;
        assert_eq!((told.status, duties(&told.body)), (StatusCode::OK, expected), "{work}");
        assert_eq!(asha.visitor.get("/api/cases").await.body[0], told.body, "{work}");
    }
    let slot = asha.times().await.remove(0);
    assert_eq!(asha.book(&slot).await.status, StatusCode::CREATED);
    assert_eq!(duties(&asha.visitor.get("/api/cases").await.body[0]), [""; 0]);

    for (body, field) in [
        (json!({ "work": { "starts": "2020-11-09", "reported": "2020-11-03" } }), "work.reported"),
        (json!({ "work": { "starts": "9.11.2020" } }), "work.starts"),
        (json!({ "work": { "reported": "2020-11-02" } }), "work.starts"),
        (json!({ "work": ["2020-11-09", null] }), "work"),
        (json!({ "starts": "2020-11-09" }), "starts"),
    ] {
        assert_eq!(seen(&asha.visitor.put(&path, &body).await), (422, "invalid-field", Some(field)), "{body}");
    }
    assert_eq!(asha.visitor.get("/api/cases").await.body[0]["work"]["starts"], "2020-11-20", "what was told stays");

    let omar = Someone::comes(&records, &server, "Omar Haddad").await;
    assert_eq!(omar.visitor.put(&path, &json!({ "work": null })).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_eea_citizen_reports_no_work() {
    let records = Records::new(0).await;
    let server = records.open(MONDAY).await;
    for (name, country, expected) in [("Piotr Nowak", "PL", 0), ("Ama Mensah", "GH", 2)] {
        let (person, token) = records.ready_citizen(name, country).await;
        let path = format!("/api/cases/{}/work", person.case);
        let told = server.signed_in_with(&token).put(&path, &json!({ "work": { "starts": "2020-11-09" } })).await;
        assert_eq!(duties(&told.body).len(), expected, "{name}");
    }
}

// Adding cases.

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

// The account.

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
    let of_her = everything.lines().filter(|line| line.contains(&asha.id) || line.contains(&asha.case));
    let tables: Vec<_> = of_her.map(|line| line.split(' ').next().unwrap()).collect();
    assert!(!tables.is_empty() && tables.iter().all(|table| *table == "audit"), "{tables:?}");
    let visitor = server.sign_in(&person_of(&omar)).await;
    assert_eq!(visitor.get("/api/cases").await.body.as_array().unwrap().len(), 1, "another's case stays");
}

// Downloads.

#[tokio::test]
async fn an_appointment_goes_into_a_calendar() {
    let records = Records::new(0).await;
    // The change to summer time lies between the two days.
    let (friday, monday) =
        (records.slot_at("2021-03-26T09:00:00+01:00").await, records.slot_at("2021-03-29T09:00:00+02:00").await);
    let server = records.open(MONDAY).await;
    let asha = Someone::comes(&records, &server, "Asha Rao").await;
    let omar = Someone::comes(&records, &server, "Omar Haddad").await;
    let first = asha.book(&friday).await.body;
    let file = asha.visitor.get(&path_of(&first, "/calendar.ics")).await;
    assert_eq!(file.headers["content-type"], "text/calendar; charset=utf-8");
    let name = format!("attachment; filename=\"{}.ics\"", first["number"].as_str().unwrap());
    assert_eq!(file.headers["content-disposition"], name);
    let number = format!(
        "Booking number {}\\nBring: passport\\, the booking number\\nhttp://localhost:0/appointments/{}",
        first["number"].as_str().unwrap(),
        first["id"].as_str().unwrap()
    );
    for (name, value) in [
        ("VERSION", "2.0"),
        ("METHOD", "PUBLISH"),
        ("DTSTART", "20210326T080000Z"),
        ("DTEND", "20210326T083000Z"),
        ("STATUS", "CONFIRMED"),
        ("SUMMARY", "Appointment with the police: Asha Rao"),
        ("DESCRIPTION", &number),
        ("LOCATION", "Oslo\\, Storgata 1"),
    ] {
        assert_eq!(event(&file)[name], value);
    }
    assert!(event(&file)["DTSTAMP"].starts_with("20201102T080"), "{file:?}");
    assert!(event(&file)["PRODID"].len() > 1);

    let second = asha.visitor.move_to(&first, &monday).await.body;
    let file = event(&asha.visitor.get(&path_of(&second, "/calendar.ics")).await);
    assert_eq!((&*file["DTSTART"], &*file["DTEND"]), ("20210329T070000Z", "20210329T073000Z"));
    assert!(asha.told().await.contains("29 March 2021 at 09:00"), "in both it is nine in Oslo");

    let qr = asha.visitor.get(&path_of(&second, "/qr.svg")).await;
    let svg = qr.body.as_str().unwrap();
    assert_eq!((qr.status, &qr.headers["content-type"]), (StatusCode::OK, &"image/svg+xml".parse().unwrap()));
    assert!(svg.starts_with("<svg") && svg.ends_with("</svg>") && svg.contains("<path"), "{svg:.200}");
    for of in ["", "/calendar.ics", "/qr.svg"] {
        assert_eq!(seen(&omar.visitor.get(&path_of(&second, of)).await), (404, "not-found", None), "{of}");
    }
}

// Feedback.

#[tokio::test]
async fn an_answer_to_the_question_says_nothing_of_who_gave_it() {
    let records = Records::new(0).await;
    let server = records.open(MONDAY).await;
    let asha = Someone::comes(&records, &server, "Asha Rao").await;
    let said = |words: &str| json!({ "page": "times", "found": false, "language": "nb", "words": words });
    let [path, longer, shorter] =
        [1, 2, 3].map(|number| format!("/api/feedback/0198c0de-0000-7000-8000-00000000000{number}"));
    // The answer first, then the comment under the same id.
    for words in ["", "Hvor er Bodø?"] {
        let given = asha.visitor.put(&path, &said(words)).await;
        assert_eq!(given.status, StatusCode::NO_CONTENT, "{given:?}");
    }
    let longest = "å".repeat(500);
    let visitor = server.visitor();
    assert_eq!(visitor.put(&longer, &said(&longest)).await.status, StatusCode::NO_CONTENT);
    let short = json!({ "page": "start", "found": true, "language": "en" });
    assert_eq!(visitor.put(&shorter, &short).await.status, StatusCode::NO_CONTENT);
    assert_eq!(seen(&visitor.put("/api/feedback/mine", &short).await), (404, "not-found", None));
    for (body, field) in [
        (said(&"å".repeat(501)), "words"),
        (json!({ "page": "/cases/1", "found": true, "language": "nb" }), "page"),
        (json!({ "page": "start", "language": "nb" }), "found"),
        (json!({ "page": "start", "found": true, "language": "nb", "person": "asha" }), "person"),
    ] {
        assert_eq!(seen(&visitor.put(&path, &body).await), (422, "invalid-field", Some(field)), "{body:.60}");
    }
    let everything = records.everything().await;
    let kept: Vec<_> = everything.lines().filter_map(|line| line.strip_prefix("feedback ")).collect();
    assert_eq!(kept.len(), 3, "{kept:?}");
    for line in kept {
        let row: BTreeMap<String, Value> = serde_json::from_str(line).unwrap();
        assert_eq!(row.keys().collect::<Vec<_>>(), ["found", "id", "language", "made", "page", "words"]);
        assert!(!line.contains(&asha.id) && !line.contains(&asha.email));
        assert!(row["words"] != "" || row["page"] == "start", "the words have come to the answer: {line}");
    }
}

/// A NUL character, which PostgreSQL cannot store, is a client error.
#[tokio::test]
async fn a_text_that_no_database_keeps_is_no_mistake_of_ours() {
    let records = Records::new(1).await;
    let server = records.open(MONDAY).await;
    let asha = Someone::comes(&records, &server, "Asha Rao").await;
    let nul = "\0";
    for answer in [
        asha.book(nul).await,
        asha.hold(nul).await,
        asha.visitor.book(nul, nul).await,
        asha.visitor.post("/api/cases", &json!({ "reference": nul, "born": "2015-02-03" })).await,
        asha.visitor.get("/api/appointments/%00").await,
        asha.visitor.delete("/api/account/sessions/%00").await,
        asha.visitor.post("/api/appointments/together", &json!({ "bookings": [{ "case": nul, "slot": nul }] })).await,
    ] {
        assert!(answer.status.as_u16() < 500, "{answer:?}");
    }
    // SQLite could store it, but such a row could not move to the other engine.
    let words = json!({ "page": "start", "found": true, "language": "en", "words": "Where\0 is Bodø?" });
    let path = "/api/feedback/0198c0de-0000-7000-8000-000000000001";
    assert_eq!(seen(&server.visitor().put(path, &words).await), (422, "invalid-field", None));
    for address in ["/api/appointments/%00", "/api/appointments/%ff"] {
        assert_eq!(seen(&asha.visitor.get(address).await), (404, "not-found", None), "{address}");
    }
}

// Access control.

/// Every route of the OpenAPI document. A route that is not public checks the session before anything else.
#[tokio::test]
async fn nobody_who_is_not_signed_in_and_no_other_site_gets_further() {
    let records = Records::new(0).await;
    let server = records.open(MONDAY).await;
    let asha = Someone::comes(&records, &server, "Asha Rao").await;
    let visitor = server.visitor();
    let for_anyone = [
        "GET /api/health",
        "POST /api/decide",
        "GET /api/policy",
        "GET /api/start",
        "GET /api/offices",
        "POST /api/sign-in-codes",
        "GET /api/session",
        "PUT /api/session",
        "DELETE /api/session",
        "PUT /api/feedback/{id}",
        // Receipts are signed by their sender; `messages.rs` tests that.
        "POST /api/messages/receipts",
        "OPTIONS /api/uploads",
        "GET /api/offices/{office}/posting.ics",
    ];
    let described = visitor.get("/api/openapi.json").await.body;
    let mut seen_routes = 0;
    // The routes of the desk are tested in `desk.rs`.
    let of_applicants =
        described["paths"].as_object().unwrap().iter().filter(|(path, _)| !path.starts_with("/api/desk/"));
    for (path, methods) in of_applicants {
        for method in methods.as_object().unwrap().keys() {
            let method: Method = method.to_uppercase().parse().unwrap();
            let route = format!("{method} {path}");
            let filled: String = path
                .split('/')
                .map(|part| if part.starts_with('{') { "x" } else { part })
                .collect::<Vec<_>>()
                .join("/");
            seen_routes += 1;
            if !for_anyone.contains(&&*route) {
                let request = visitor.request(method.clone(), &filled).json(&json!({}));
                let refused = answer(request.send().await.unwrap()).await;
                // An answer to HEAD has no body.
                let says = |code| if method == Method::HEAD { "" } else { code };
                assert_eq!(seen(&refused), (401, says("not-signed-in"), None), "{route}");
                let wrong = server.signed_in_with("nonsense").request(method.clone(), &filled).json(&json!({}));
                let refused = answer(wrong.send().await.unwrap()).await;
                assert_eq!(seen(&refused), (401, says("session-over"), None), "{route}");
            }
            if !method.is_safe() {
                for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
                    let request = asha.visitor.request(method.clone(), &filled).header(name, value).json(&json!({}));
                    let refused = answer(request.send().await.unwrap()).await;
                    assert_eq!(seen(&refused), (403, "foreign-origin", None), "{route}");
                }
            }
        }
    }
    assert_eq!(seen_routes, 43, "every route is looked at");
    assert_eq!(asha.visitor.get("/api/cases").await.body.as_array().unwrap().len(), 1, "her account is still there");
}
