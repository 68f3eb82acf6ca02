//! Officers: roles of all routes, sessions, and administration of officers.

use api::officers::Role;
use reqwest::{Method, StatusCode};
use rules::District;
use serde_json::{Value, json};

use crate::common::{MONDAY, Records, Visitor};

/// Every route of the OpenAPI document.
async fn addresses(visitor: &Visitor) -> Vec<(Method, String)> {
    let description = visitor.get("/api/openapi.json").await.body;
    let mut all = Vec::new();
    for (path, methods) in description["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            all.push((method.to_uppercase().parse().unwrap(), path.clone()));
        }
    }
    all
}

/// The minimum role of a route, independent of the server's table; `None` for a public one.
fn role_of(path: &str) -> Option<Role> {
    const OPEN: &[&str] =
        &["/api/desk/session", "/api/desk/session/start", "/api/desk/passkeys", "/api/desk/passkeys/start"];
    const ADMINISTRATORS: &[&str] = &["/api/desk/officers", "/api/desk/audit", "/api/desk/policies"];
    const PLANNERS: &[&str] =
        &["/api/desk/times", "/api/desk/slots", "/api/desk/closures", "/api/desk/invitations", "/api/desk/imports"];
    let is_below = |all: &[&str]| all.iter().any(|one| path == *one || path.starts_with(&format!("{one}/")));
    match path {
        _ if OPEN.contains(&path) => None,
        _ if is_below(ADMINISTRATORS) => Some(Role::Administrator),
        _ if is_below(PLANNERS) => Some(Role::Planner),
        _ => Some(Role::Clerk),
    }
}

/// A request for the session's end does not extend the session. Work and the button to stay do.
#[tokio::test]
async fn asking_when_the_session_ends_does_not_make_it_longer() {
    let records = Records::new(1).await;
    let at = |time: &str| format!("2020-11-02T{time}:00+01:00");
    let session = records.officer_since(&at("09:00"), "Ingrid Berg", District::Oslo, Role::Clerk).await;
    for (time, ends) in [("09:00", "08:30"), ("09:20", "08:30"), ("09:29", "08:30")] {
        let server = records.open(&at(time)).await;
        let said = server.at_desk_with(&session).get("/api/desk/session").await.body;
        assert_eq!(said["ends"], json!(format!("2020-11-02T{ends}:00Z")), "{time}");
        server.kill().await;
    }
    let server = records.open(&at("09:29")).await;
    let kept = server.at_desk_with(&session).post("/api/desk/session/keep", &json!({})).await;
    assert_eq!(kept.status, StatusCode::OK, "{kept:?}");
    assert!(kept.body["ends"].as_str().unwrap().starts_with("2020-11-02T08:59:00"), "{kept:?}");
    server.kill().await;
    let server = records.open(&at("09:58")).await;
    let clerk = server.at_desk_with(&session);
    let said = clerk.get("/api/desk/session").await.body;
    assert_eq!((&said["ends"], &said["officer"]["name"]), (&json!("2020-11-02T08:59:00Z"), &json!("Ingrid Berg")));
    server.kill().await;
    let server = records.open(&at("09:59")).await;
    let clerk = server.at_desk_with(&session);
    assert_eq!(clerk.get("/api/desk/session").await.body["officer"], Value::Null);
    assert_eq!(clerk.post("/api/desk/session/keep", &json!({})).await.code(), "desk-signed-out");
}

/// Every route of the desk, called without a session, by an applicant, and by each role. The role is checked before
/// anything else.
#[tokio::test]
async fn every_route_asks_for_its_role() {
    let records = Records::new(1).await;
    let (_, token) = records.ready("Asha Rao").await;
    let mut desks = Vec::new();
    for role in [Role::Clerk, Role::Planner, Role::Administrator] {
        desks.push((role, records.officer("Ingrid Berg", District::Oslo, role).await));
    }
    let server = records.open(MONDAY).await;
    let (nobody, applicant) = (server.visitor(), server.signed_in_with(&token));
    let all = addresses(&nobody).await;
    assert!(all.iter().filter(|(_, path)| path.starts_with("/api/desk/")).count() >= 10);
    for (method, path) in all {
        let address =
            path.split('/').map(|part| if part.starts_with('{') { "0198" } else { part }).collect::<Vec<_>>().join("/");
        let Some(needs) = role_of(&path).filter(|_| path.starts_with("/api/desk/")) else {
            // An officer's session does not count on the applicants' routes.
            if applicant_only(&path) {
                let answer = server.at_desk_with(&desks[2].1).send(&method, &address, &json!({})).await;
                assert_eq!(
                    (answer.status, answer.code()),
                    (StatusCode::UNAUTHORIZED, "not-signed-in"),
                    "{method} {path}"
                );
            }
            continue;
        };
        for visitor in [&nobody, &applicant] {
            let answer = visitor.send(&method, &address, &json!({})).await;
            assert_eq!(
                (answer.status, answer.code()),
                (StatusCode::UNAUTHORIZED, "desk-signed-out"),
                "{method} {path}"
            );
        }
        for (role, session) in &desks {
            let answer = server.at_desk_with(session).send(&method, &address, &json!({})).await;
            let may = *role >= needs;
            assert_eq!(answer.code() != "not-allowed", may, "{role:?} {method} {path}: {answer:?}");
            assert_ne!(answer.status, StatusCode::UNAUTHORIZED, "{role:?} {method} {path}");
        }
    }
}

fn applicant_only(path: &str) -> bool {
    ["/api/account", "/api/cases", "/api/appointments", "/api/session/keep"].iter().any(|one| path.starts_with(one))
}

/// A session ends after half an hour without activity, and after a working day in any case.
#[tokio::test]
async fn who_does_nothing_is_signed_out() {
    let records = Records::new(1).await;
    let session = records.officer("Ingrid Berg", District::Oslo, Role::Clerk).await;
    for (clock, status) in [
        ("2020-11-02T09:29:00+01:00", StatusCode::OK),
        ("2020-11-02T09:58:00+01:00", StatusCode::OK),
        ("2020-11-02T10:27:00+01:00", StatusCode::OK),
        ("2020-11-02T10:58:00+01:00", StatusCode::UNAUTHORIZED),
    ] {
        let server = records.open(clock).await;
        let officer = server.at_desk_with(&session);
        assert_eq!(officer.get("/api/desk/offices").await.status, status, "{clock}");
        server.kill().await;
    }
    let session = records.officer("Ingrid Berg", District::Oslo, Role::Clerk).await;
    let all_day = (0..36).map(|third| format!("2020-11-02T{:02}:{:02}:00+01:00", 9 + third / 3, third % 3 * 20));
    for clock in all_day {
        let server = records.open(&clock).await;
        let answer = server.at_desk_with(&session).get("/api/desk/offices").await;
        assert_eq!(answer.status, StatusCode::OK, "{clock}");
        server.kill().await;
    }
    let server = records.open("2020-11-02T21:00:30+01:00").await;
    let answer = server.at_desk_with(&session).get("/api/desk/offices").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

/// An administrator manages the officers of one district only, and cannot end their own access.
#[tokio::test]
async fn an_administrator_looks_after_their_own_district() {
    let records = Records::new(1).await;
    let oslo = records.officer("Solveig Dahl", District::Oslo, Role::Administrator).await;
    let vest = records.officer("Lars Vik", District::Vest, Role::Administrator).await;
    let server = records.open(MONDAY).await;
    let (oslo, vest) = (server.at_desk_with(&oslo), server.at_desk_with(&vest));
    let added = oslo.post("/api/desk/officers", &json!({ "name": " Ingrid Berg ", "role": "clerk" })).await;
    assert_eq!(added.status, StatusCode::CREATED, "{added:?}");
    assert_eq!(
        (&added.body["officer"]["name"], &added.body["officer"]["district"]),
        (&json!("Ingrid Berg"), &json!("oslo"))
    );
    let link = added.body["link"].as_str().unwrap();
    assert!(link.starts_with("http://localhost:") && link.contains("/desk/join#"), "{link}");
    let id = added.body["officer"]["id"].as_str().unwrap();
    for (who, expected) in [(&vest, StatusCode::NOT_FOUND), (&oslo, StatusCode::CREATED)] {
        assert_eq!(who.post(&format!("/api/desk/officers/{id}/link"), &json!({})).await.status, expected);
    }
    // The second link replaces the first.
    let token = link.split('#').nth(1).unwrap();
    let start = oslo.post("/api/desk/passkeys/start", &json!({ "link": token })).await;
    assert_eq!((start.status, start.code()), (StatusCode::UNPROCESSABLE_ENTITY, "link-over"));
    for (who, expected) in
        [(&vest, StatusCode::NOT_FOUND), (&oslo, StatusCode::NO_CONTENT), (&oslo, StatusCode::NOT_FOUND)]
    {
        assert_eq!(who.delete(&format!("/api/desk/officers/{id}")).await.status, expected);
    }
    let own = oslo.get("/api/desk/session").await.body["officer"]["id"].clone();
    let answer = oslo.delete(&format!("/api/desk/officers/{}", own.as_str().unwrap())).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::CONFLICT, "own-account"));
    for (name, field) in [("", "name"), ("a\nb", "name")] {
        let answer = oslo.post("/api/desk/officers", &json!({ "name": name, "role": "clerk" })).await;
        assert_eq!((answer.status, answer.body["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some(field)));
    }
    let names = |answer: &Value| answer.as_array().unwrap().iter().map(|one| one["name"].clone()).collect::<Vec<_>>();
    assert_eq!(names(&vest.get("/api/desk/officers").await.body), [json!("Lars Vik")]);
}
