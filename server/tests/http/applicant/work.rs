//! Work before the appointment: the duty to report it, and who has it.

use api::cases::Case;
use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use rules::Coded;
use serde_json::{Value, json};

use super::{Someone, seen};
use crate::common::{MONDAY, Records};

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
