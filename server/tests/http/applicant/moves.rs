//! Moves of an appointment to another slot.

use std::collections::BTreeMap;

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{Someone, event, in_quarantine, person_of, reasons, seen};
use crate::common::{MONDAY, Records, path_of};

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
