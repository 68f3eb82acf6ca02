//! Holds: a slot that is kept for five minutes while one person confirms.

use reqwest::StatusCode;
use serde_json::json;

use super::{MINUTES_LATER_4, MINUTES_LATER_6, Someone, ids, in_quarantine, person_of, reasons, seen};
use crate::common::{MONDAY, Records};

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
    assert_eq!(asha.visitor.times(&asha.case).await.hold.unwrap().slot.as_str(), slots[0]);

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
