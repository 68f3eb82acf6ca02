//! Statistics of a district, compared with known records.

use api::officers::Role;
use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use rules::District;
use serde_json::{Value, json};
use server::{secrets, store};
use sqlx::query;

use crate::common::{MONDAY, Records, path_of};

const LATER: &str = "2020-11-23T10:00:00+01:00";

/// A session token of an officer who signs in at this instant.
async fn officer_at(records: &Records, district: District, clock: &str) -> String {
    let now: DateTime<Utc> = clock.parse().unwrap();
    let token = secrets::session_token();
    let mut transaction = records.store().write().await.unwrap();
    let officer = store::officers::add(&mut transaction, "Ingrid Berg", district, Role::Clerk, now).await.unwrap();
    store::desk_sessions::add(&mut transaction, &secrets::hash(&[&token]), &officer.id, now).await.unwrap();
    transaction.commit().await.unwrap();
    token
}

fn of_week<'v>(numbers: &'v Value, monday: &str) -> &'v Value {
    numbers["weeks"].as_array().unwrap().iter().find(|week| week["monday"] == monday).unwrap()
}

#[tokio::test]
async fn figures_are_what_has_happened() {
    let records = Records::new(6).await;
    let people = records.ready_many(5).await;
    let now = officer_at(&records, District::Oslo, MONDAY).await;
    let server = records.open(MONDAY).await;
    let slots = records.slots().await;
    let mut booked = Vec::new();
    for (number, (person, token)) in people.iter().take(4).enumerate() {
        let answer = server.signed_in_with(token).book(&person.case, &slots[number]).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        booked.push(answer.body);
    }
    // The third person cancels, the fourth moves, and the fifth has nothing. Some people have left feedback.
    server.signed_in_with(&people[2].1).post(&path_of(&booked[2], "/cancel"), &json!({})).await;
    let moved = server.signed_in_with(&people[3].1).move_to(&booked[3], &slots[4]).await;
    assert_eq!(moved.status, StatusCode::CREATED, "{moved:?}");
    for found in [true, true, false] {
        let id = uuid();
        let given = json!({ "page": "times", "found": found, "language": "en" });
        assert_eq!(server.visitor().put(&format!("/api/feedback/{id}"), &given).await.status, StatusCode::NO_CONTENT);
    }
    let clerk = server.at_desk_with(&now);
    let numbers = clerk.get("/api/desk/numbers").await.body;
    assert_eq!(
        numbers["types"],
        json!([
            { "application_type": "work", "free": 3, "booked": 3, "waiting": 2 },
            { "application_type": "family-immigration", "free": 3, "booked": 0, "waiting": 0 },
        ])
    );
    assert_eq!(numbers["weeks"].as_array().unwrap().len(), 8);
    assert_eq!(
        of_week(&numbers, "2020-11-02"),
        &json!({ "monday": "2020-11-02", "attended": 0, "missed": 0, "cancelled_by_applicant": 1, "cancelled_by_office": 0, "found": 2, "not_found": 1 })
    );
    let written: i64 = numbers["messages"].as_array().unwrap().iter().map(|of| of["count"].as_i64().unwrap()).sum();
    let everything = records.everything().await;
    assert_eq!(written, everything.lines().filter(|line| line.starts_with("messages ")).count() as i64);
    server.kill().await;

    // One person attended.
    let mut transaction = records.store().write().await.unwrap();
    let came = query("UPDATE appointments SET status = 'attended' WHERE id = $1");
    came.bind(booked[0]["id"].as_str().unwrap()).execute(&mut *transaction).await.unwrap();
    transaction.commit().await.unwrap();
    let (oslo, vest) =
        (officer_at(&records, District::Oslo, LATER).await, officer_at(&records, District::Vest, LATER).await);
    let server = records.open(LATER).await;
    let clerk = server.at_desk_with(&oslo);
    let numbers = clerk.get("/api/desk/numbers").await.body;
    let week = of_week(&numbers, "2020-11-16");
    assert_eq!((&week["attended"], &week["missed"]), (&json!(1), &json!(2)));
    assert_eq!(of_week(&numbers, "2020-11-02")["cancelled_by_applicant"], 1);
    assert_eq!(numbers["types"], json!([{ "application_type": "work", "free": 0, "booked": 0, "waiting": 4 }]));

    let csv = clerk.get("/api/desk/numbers.csv").await;
    assert_eq!(csv.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(csv.headers["content-disposition"], "attachment; filename=\"skranke-2020-11-23.csv\"");
    let csv = csv.body.as_str().unwrap();
    for line in [
        "figure,of,week,count",
        "waiting,work,,4",
        "missed,,2020-11-16,2",
        "cancelled,applicant,2020-11-02,1",
        "feedback,found,2020-11-02,2",
    ] {
        assert!(csv.contains(&format!("{line}\r\n")), "{line} is not in {csv}");
    }
    let theirs = server.at_desk_with(&vest).get("/api/desk/numbers").await.body;
    assert_eq!((&theirs["types"], &of_week(&theirs, "2020-11-16")["missed"]), (&json!([]), &json!(0)));
    assert!(theirs["messages"].as_array().unwrap().iter().all(|of| of["count"] == 0));
}

fn uuid() -> String {
    store::new_id()
}
