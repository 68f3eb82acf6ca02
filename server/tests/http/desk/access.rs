//! Officers' passkeys, sessions and links: lists, removal and confirmation.

use api::officers::Role;
use reqwest::StatusCode;
use rules::District;
use serde_json::{Value, json};

use super::authenticator::{Joined, Passkey, join, sign_in, token_in};
use crate::common::{Answer, MONDAY, Records, TestServer, Visitor};

/// Six minutes after `MONDAY`.
const LATER: &str = "2020-11-02T09:06:00+01:00";

fn refused(answer: &Answer, status: StatusCode, code: &str) {
    assert_eq!((answer.status, answer.code()), (status, code), "{answer:?}");
}

/// An officer added by Solveig, with a registered passkey. Returns the id.
async fn added(server: &TestServer, solveig: &Visitor, name: &str, role: &str) -> (String, Joined) {
    let added = solveig.post("/api/desk/officers", &json!({ "name": name, "role": role })).await;
    assert_eq!(added.status, StatusCode::CREATED, "{added:?}");
    let id = added.body["officer"]["id"].as_str().unwrap().to_owned();
    (id, join(server, &added.body["link"]).await)
}

async fn solveig(records: &Records, server: &TestServer) -> Visitor {
    server.at_desk_with(&records.officer("Solveig Dahl", District::Oslo, Role::Administrator).await)
}

async fn confirm(visitor: &Visitor, passkey: &Passkey) -> Answer {
    let start = visitor.post("/api/desk/session/confirm/start", &json!({})).await;
    assert_eq!(start.status, StatusCode::OK, "{start:?}");
    visitor.post("/api/desk/session/confirm", &passkey.shown(&start.body)).await
}

fn actions(log: &Answer) -> Vec<Value> {
    log.body["entries"].as_array().unwrap().iter().map(|entry| entry["action"].clone()).collect()
}

/// A link for a lost passkey ends the old passkey and its session at once, and its owner is notified.
#[tokio::test]
async fn a_link_for_a_lost_passkey_ends_the_old_one_and_is_told() {
    let records = Records::new(0).await;
    let server = records.open(MONDAY).await;
    let solveig = solveig(&records, &server).await;
    let (id, ola) = added(&server, &solveig, "Ola Berg", "clerk").await;
    assert_eq!(ola.visitor.get("/api/desk/session").await.body["links"], json!([]), "being added is no news");
    assert_eq!(sign_in(&server.visitor(), &ola.passkey).await.status, StatusCode::OK);

    let link = solveig.post(&format!("/api/desk/officers/{id}/link"), &json!({})).await;
    assert_eq!(link.status, StatusCode::CREATED);
    assert_eq!(ola.visitor.get("/api/desk/offices").await.status, StatusCode::UNAUTHORIZED);
    refused(&sign_in(&server.visitor(), &ola.passkey).await, StatusCode::UNAUTHORIZED, "passkey-refused");

    let new = join(&server, &link.body["link"]).await;
    let told = new.visitor.get("/api/desk/session").await.body["links"].clone();
    assert_eq!((told.as_array().unwrap().len(), &told[0]["by"]), (1, &json!("Solveig Dahl")));
    assert!(told[0]["used"].is_string(), "{told}");
    // A notice read with one passkey stays unread for the others, so that the user of a stolen link cannot hide it.
    let read = format!("/api/desk/account/links/{}/read", told[0]["id"].as_str().unwrap());
    assert_eq!(solveig.post(&read, &json!({})).await.status, StatusCode::NOT_FOUND, "it is not hers");
    let own = new.visitor.post("/api/desk/account/link", &json!({})).await;
    let second = join(&server, &own.body["link"]).await;
    for _ in 0..2 {
        assert_eq!(new.visitor.post(&read, &json!({})).await.status, StatusCode::NO_CONTENT);
    }
    assert_eq!(new.visitor.get("/api/desk/session").await.body["links"], json!([]));
    assert_eq!(second.visitor.get("/api/desk/session").await.body["links"], told);
    assert_eq!(new.visitor.get("/api/desk/account").await.body["links"], told, "it stays in the list");
    // A link for one's own additional passkey ends nothing.
    assert_eq!(sign_in(&server.visitor(), &new.passkey).await.status, StatusCode::OK);
}

/// Changes of access require a passkey confirmation within the last five minutes, in the same session.
#[tokio::test]
async fn access_is_given_and_taken_with_a_passkey_in_the_hand() {
    let records = Records::new(0).await;
    let server = records.open(MONDAY).await;
    let first = solveig(&records, &server).await;
    let (id, henrik) = added(&server, &first, "Henrik Moe", "administrator").await;
    let (other, ola) = added(&server, &first, "Ola Berg", "clerk").await;
    server.kill().await;
    let server = records.open(LATER).await;
    let desk = server.at_desk_with(&henrik.token);
    let account = desk.get("/api/desk/account").await.body;
    let session = account["sessions"][0]["id"].as_str().unwrap().to_owned();
    let (new, ola_key, own_key) =
        (json!({ "name": "Nina Lund", "role": "clerk" }), ola.passkey.id(), henrik.passkey.id());
    let guarded = [
        ("POST", "/api/desk/officers".to_owned()),
        ("POST", format!("/api/desk/officers/{other}/link")),
        ("DELETE", format!("/api/desk/officers/{other}")),
        ("POST", "/api/desk/account/link".to_owned()),
        ("DELETE", format!("/api/desk/officers/{other}/passkeys/{ola_key}")),
        ("DELETE", format!("/api/desk/officers/{id}/sessions/{session}")),
        ("DELETE", format!("/api/desk/account/passkeys/{own_key}")),
        ("DELETE", format!("/api/desk/account/sessions/{session}")),
    ];
    for (method, path) in &guarded {
        let answer = desk.send(&method.parse().unwrap(), path, &new).await;
        refused(&answer, StatusCode::FORBIDDEN, "confirm-first");
    }

    // Refused: another officer's passkey, an answer to another challenge, and a replayed answer.
    refused(&confirm(&desk, &ola.passkey).await, StatusCode::UNAUTHORIZED, "passkey-refused");
    let of_sign_in = desk.post("/api/desk/session/start", &json!({})).await.body;
    let answer = desk.post("/api/desk/session/confirm", &henrik.passkey.shown(&of_sign_in)).await;
    refused(&answer, StatusCode::UNAUTHORIZED, "passkey-refused");
    let of_confirm = desk.post("/api/desk/session/confirm/start", &json!({})).await.body;
    let answer = server.visitor().put("/api/desk/session", &henrik.passkey.shown(&of_confirm)).await;
    refused(&answer, StatusCode::UNAUTHORIZED, "passkey-refused");
    let theirs = server.at_desk_with(&ola.token);
    let of_ola = theirs.post("/api/desk/session/confirm/start", &json!({})).await.body;
    let answer = desk.post("/api/desk/session/confirm", &henrik.passkey.shown(&of_ola)).await;
    refused(&answer, StatusCode::UNAUTHORIZED, "passkey-refused");
    refused(&desk.post("/api/desk/officers", &new).await, StatusCode::FORBIDDEN, "confirm-first");

    let start = desk.post("/api/desk/session/confirm/start", &json!({})).await.body;
    let shown = henrik.passkey.shown(&start);
    assert_eq!(desk.post("/api/desk/session/confirm", &shown).await.status, StatusCode::NO_CONTENT);
    refused(&desk.post("/api/desk/session/confirm", &shown).await, StatusCode::UNAUTHORIZED, "passkey-refused");
    assert_eq!(desk.post("/api/desk/officers", &new).await.status, StatusCode::CREATED);
    // The confirmation does not apply to his other session. A sign-in confirms as well.
    let elsewhere = server.visitor();
    let signed_in = sign_in(&elsewhere, &henrik.passkey).await;
    assert_eq!(signed_in.status, StatusCode::OK);
    let elsewhere = token_in(&signed_in);
    assert_eq!(desk.post(&guarded[1].1, &json!({})).await.status, StatusCode::CREATED);
    server.kill().await;
    let server = records.open("2020-11-02T09:12:00+01:00").await;
    for token in [&henrik.token, &elsewhere] {
        let answer = server.at_desk_with(token).post("/api/desk/officers", &new).await;
        refused(&answer, StatusCode::FORBIDDEN, "confirm-first");
    }
}

/// Officers see and end their own passkeys and sessions; administrators those of their district.
#[tokio::test]
async fn passkeys_and_sessions_are_seen_and_ended() {
    let records = Records::new(0).await;
    let server = records.open(MONDAY).await;
    let solveig = solveig(&records, &server).await;
    let vest = server.at_desk_with(&records.officer("Lars Vik", District::Vest, Role::Administrator).await);
    let (id, ola) = added(&server, &solveig, "Ola Berg", "clerk").await;
    let own = |what: &str| format!("/api/desk/account/{what}");

    // The only passkey cannot be removed.
    let answer = ola.visitor.delete(&own(&format!("passkeys/{}", ola.passkey.id()))).await;
    refused(&answer, StatusCode::CONFLICT, "last-passkey");
    assert_eq!(sign_in(&server.visitor(), &ola.passkey).await.status, StatusCode::OK);
    let link = ola.visitor.post(&own("link"), &json!({})).await;
    let phone = join(&server, &link.body["link"]).await;
    let seen = ola.visitor.get("/api/desk/account").await.body;
    let passkeys = seen["passkeys"].as_array().unwrap();
    assert_eq!((passkeys.len(), seen["sessions"].as_array().unwrap().len()), (2, 3), "{seen}");
    assert_eq!(passkeys.iter().filter(|one| one["this"] == true).count(), 1);
    assert!(!seen.to_string().contains(&ola.token), "no token is shown");

    // The administrator sees the same; another district's administrator gets 404.
    let path = format!("/api/desk/officers/{id}");
    assert_eq!(solveig.get(&format!("{path}/access")).await.body["passkeys"].as_array().unwrap().len(), 2);
    let phones = format!("{path}/passkeys/{}", phone.passkey.id());
    assert_eq!(vest.get(&format!("{path}/access")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(vest.delete(&phones).await.status, StatusCode::NOT_FOUND);
    assert_eq!(ola.visitor.get(&format!("{path}/access")).await.code(), "not-allowed");

    // A removed passkey ends its own session only.
    assert_eq!(solveig.delete(&phones).await.status, StatusCode::NO_CONTENT);
    assert_eq!(solveig.delete(&phones).await.status, StatusCode::NOT_FOUND);
    assert_eq!(phone.visitor.get("/api/desk/offices").await.status, StatusCode::UNAUTHORIZED);
    refused(&sign_in(&server.visitor(), &phone.passkey).await, StatusCode::UNAUTHORIZED, "passkey-refused");
    assert_eq!(ola.visitor.get("/api/desk/offices").await.status, StatusCode::OK);

    // He ends his other session himself, and the administrator ends the last one.
    let sessions = |body: &Value, this: bool| {
        let all = body["sessions"].as_array().unwrap();
        let found = all.iter().find(|one| one["this"] == this);
        found.map(|one| one["id"].as_str().unwrap().to_owned())
    };
    let seen = ola.visitor.get("/api/desk/account").await.body;
    let (this, other) = (sessions(&seen, true).unwrap(), sessions(&seen, false).unwrap());
    assert_eq!(vest.delete(&own(&format!("sessions/{other}"))).await.status, StatusCode::NOT_FOUND, "it is not hers");
    assert_eq!(ola.visitor.delete(&own(&format!("sessions/{other}"))).await.status, StatusCode::NO_CONTENT);
    assert_eq!(sessions(&ola.visitor.get("/api/desk/account").await.body, false), None);
    assert_eq!(solveig.delete(&format!("{path}/sessions/{this}")).await.status, StatusCode::NO_CONTENT);
    assert_eq!(ola.visitor.get("/api/desk/offices").await.status, StatusCode::UNAUTHORIZED);

    let log = actions(&solveig.post("/api/desk/audit", &json!({ "officer": "" })).await);
    for expected in
        ["remove-passkey", "end-session", "passkey-refused", "add-passkey", "sign-in-at-desk", "link-officer"]
    {
        assert!(log.contains(&json!(expected)), "{expected} is not in {log:?}");
    }
}

/// A new sign-in ends the browser's previous session.
#[tokio::test]
async fn signing_in_again_ends_the_session_before() {
    let records = Records::new(0).await;
    let server = records.open(MONDAY).await;
    let solveig = solveig(&records, &server).await;
    let (_, ola) = added(&server, &solveig, "Ola Berg", "clerk").await;
    assert_eq!(sign_in(&ola.visitor, &ola.passkey).await.status, StatusCode::OK);
    assert_eq!(server.at_desk_with(&ola.token).get("/api/desk/offices").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(ola.visitor.get("/api/desk/offices").await.status, StatusCode::OK);
    assert_eq!(ola.visitor.delete("/api/desk/session").await.status, StatusCode::NO_CONTENT);
    let log = actions(&solveig.post("/api/desk/audit", &json!({})).await);
    assert_eq!(log[..2], [json!("sign-out-at-desk"), json!("sign-in-at-desk")]);
}
