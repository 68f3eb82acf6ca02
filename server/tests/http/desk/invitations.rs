//! Requests for documents: to one case and to many, their withdrawal and their end.

use api::officers::Role;
use reqwest::StatusCode;
use rules::{ApplicationType, Coded, District};
use serde_json::{Value, json};

use crate::common::{MONDAY, Person, Records, TestServer, Visitor, wait_for};

fn invite() -> Value {
    json!({ "last_day": "2020-11-13", "instructions": { "nb": "Send passet ditt.", "en": "Send your passport." } })
}

fn many(kind: Option<&str>, closing: Option<&str>) -> Value {
    json!({ "application_type": kind, "closure": closing, "invite": invite() })
}

async fn officer(records: &Records, server: &TestServer, district: District, role: Role) -> Visitor {
    server.at_desk_with(&records.officer("Jonas Lie", district, role).await)
}

async fn becomes(records: &Records, person: &Person, kind: ApplicationType) {
    let mut t = records.store().write().await.unwrap();
    let update = sqlx::query("UPDATE cases SET type = $2 WHERE id = $1").bind(&person.case).bind(kind.code());
    update.execute(&mut *t).await.unwrap();
    t.commit().await.unwrap();
}

async fn preview(planner: &Visitor, asked: &Value) -> Value {
    let answer = planner.post("/api/desk/invitations/preview", asked).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.body
}

fn seen(asked: &Value, preview: &Value) -> Value {
    let mut asked = asked.clone();
    asked["seen"] = preview["seen"].clone();
    asked
}

fn left_out(invitees: &Value) -> Vec<(String, String)> {
    let why = |one: &Value| one["reason"].as_str().or(one["until"].as_str()).unwrap().to_owned();
    let name = |one: &Value| one["invitee"]["applicant"].as_str().unwrap().to_owned();
    invitees["left_out"].as_array().unwrap().iter().map(|one| (name(one), why(one))).collect()
}

/// The mail whose subject contains this text.
fn mail(server: &TestServer, person: &Person, subject: &str) -> Option<server::messages::mail::Received> {
    server.mailbox(&person.email).into_iter().find(|mail| mail.subject.contains(subject))
}

const ASKED: &str = "The police ask you to send in documents electronically";
const NOT_ANY_MORE: &str = "You do not need to send in documents electronically";

/// Cases that may not be asked are left out with the rules' reason. A second run asks no one.
#[tokio::test]
async fn who_may_not_be_asked_is_left_out_with_the_reason() {
    let records = Records::new(1).await;
    let (asha, token) = records.ready("Asha Rao").await;
    let (bruno, _) = records.ready("Bruno Costa").await;
    let (kari, _) = records.ready("Kari Nordmann").await;
    becomes(&records, &bruno, ApplicationType::Citizenship).await;
    becomes(&records, &kari, ApplicationType::Passport).await;
    let server = records.open(MONDAY).await;
    let planner = officer(&records, &server, District::Oslo, Role::Planner).await;
    let asha_herself = server.signed_in_with(&token);

    let all = many(None, None);
    let before = preview(&planner, &all).await;
    assert_eq!((&before["asked"], &before["people"][0]["applicant"]), (&json!(1), &json!("Asha Rao")), "{before}");
    let expected = [("Bruno Costa", "citizenship-excluded"), ("Kari Nordmann", "type-not-digital")];
    assert_eq!(left_out(&before), expected.map(|(who, why)| (who.to_owned(), why.to_owned())));
    assert_eq!(asha_herself.get("/api/cases").await.body[0]["invitation"], json!(null), "a preview asks nobody");

    let invited = planner.post("/api/desk/invitations", &seen(&all, &before)).await;
    assert_eq!((invited.status, &invited.body["changed"]), (StatusCode::CREATED, &json!(false)), "{invited:?}");
    let id = invited.body["id"].as_str().unwrap();
    let asked = &asha_herself.get("/api/cases").await.body[0]["invitation"];
    assert_eq!((&asked["last"], &asked["instructions"]["en"]), (&json!("2020-11-13"), &json!("Send your passport.")));
    wait_for(async || mail(&server, &asha, ASKED).is_some(), "Asha is told").await;
    let told = mail(&server, &asha, ASKED).unwrap().body;
    for part in ["Send your passport.", "Send passet ditt.", "13 November 2020", "13. november 2020"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    for person in [&bruno, &kari] {
        assert_eq!(server.mailbox(&person.email).len(), 0);
    }

    let again = preview(&planner, &all).await;
    assert_eq!((&again["asked"], &left_out(&again)[0].1), (&json!(0), &"2020-11-13".to_owned()));
    assert_eq!(planner.post("/api/desk/invitations", &seen(&all, &again)).await.code(), "nobody-to-invite");
    let shown = planner.get("/api/desk/invitations").await.body;
    assert_eq!(
        (&shown[0]["id"], &shown[0]["live"], &shown[0]["ledger"]["to_tell"]),
        (&json!(id), &json!(1), &json!(1))
    );

    // Other districts see nothing of it.
    let vest = officer(&records, &server, District::Vest, Role::Administrator).await;
    assert_eq!(
        (preview(&vest, &all).await["asked"].clone(), left_out(&preview(&vest, &all).await).len()),
        (json!(0), 0)
    );
    assert_eq!(vest.get("/api/desk/invitations").await.body, json!([]));
    let withdraw = format!("/api/desk/invitations/{id}/withdraw");
    for path in [&*format!("/api/desk/invitations/{id}"), &withdraw] {
        let answer = if path == withdraw { vest.post(path, &json!({})).await } else { vest.get(path).await };
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }

    // People who have read the request are told of its withdrawal.
    let withdrawn = planner.post(&withdraw, &json!({})).await;
    assert_eq!((withdrawn.status, &withdrawn.body["live"]), (StatusCode::OK, &json!(0)), "{withdrawn:?}");
    // A repeated withdrawal does not withdraw the messages of the first.
    assert_eq!(planner.post(&withdraw, &json!({})).await.status, StatusCode::OK);
    assert_eq!(asha_herself.get("/api/cases").await.body[0]["invitation"], json!(null));
    wait_for(async || mail(&server, &asha, NOT_ANY_MORE).is_some(), "Asha is told again").await;
    server.kill().await;
}

/// The last day still counts. After it the same people can be asked again.
#[tokio::test]
async fn after_the_last_day_it_can_be_asked_again() {
    let records = Records::new(1).await;
    records.ready("Asha Rao").await;
    for (clock, asked) in [(MONDAY, 1), ("2020-11-13T23:59:00+01:00", 0), ("2020-11-14T00:01:00+01:00", 1)] {
        let server = records.open(clock).await;
        let session = records.officer_since(clock, "Jonas Lie", District::Oslo, Role::Planner).await;
        let planner = server.at_desk_with(&session);
        let mut all = many(Some("work"), None);
        if clock != MONDAY {
            all["invite"]["last_day"] = json!("2020-12-01");
        }
        let before = preview(&planner, &all).await;
        assert_eq!(before["asked"], json!(asked), "{clock}");
        if asked > 0 {
            let done = planner.post("/api/desk/invitations", &seen(&all, &before)).await;
            assert_eq!(done.status, StatusCode::CREATED, "{done:?}");
        }
        server.kill().await;
    }
}

/// The filter selects exactly the cases whose appointment the closure has cancelled.
#[tokio::test]
async fn those_whom_a_closing_took_the_time() {
    let records = Records::new(3).await;
    let people = [records.ready("Asha Rao").await, records.ready("Bruno Costa").await, records.ready("Chen Wei").await];
    let slots = records.slots().await;
    let office = records.office().await.id;
    let server = records.open(MONDAY).await;
    for ((person, token), slot) in people.iter().zip(&slots).take(2) {
        assert_eq!(server.signed_in_with(token).book(&person.case, slot).await.status, StatusCode::CREATED);
    }
    let planner = officer(&records, &server, District::Oslo, Role::Planner).await;
    let close = json!({ "office": office, "first": "2020-11-16", "last": "2020-11-20", "share": 0 });
    let extent = planner.post("/api/desk/closures/preview", &close).await.body;
    let closed = planner.post("/api/desk/closures", &seen(&close, &extent)).await.body;
    let closing = closed["id"].as_str().unwrap();
    let asked = preview(&planner, &many(None, Some(closing))).await;
    let names: Vec<_> = asked["people"].as_array().unwrap().iter().map(|one| one["applicant"].clone()).collect();
    assert_eq!(names, ["Asha Rao", "Bruno Costa"]);
    assert_eq!(preview(&planner, &many(Some("study"), Some(closing))).await["asked"], json!(0));
    assert_eq!(preview(&planner, &many(None, None)).await["asked"], json!(3));
    let nowhere = planner.post("/api/desk/invitations/preview", &many(None, Some("nowhere"))).await;
    assert_eq!((nowhere.status, &nowhere.body["field"]), (StatusCode::NOT_FOUND, &json!("closure")));
    server.kill().await;
}

/// A clerk asks one person. A refusal by the rules has their reason and leaves a receipt.
#[tokio::test]
async fn one_person_is_asked() {
    let records = Records::new(1).await;
    let (asha, _) = records.ready("Asha Rao").await;
    let (bruno, _) = records.ready("Bruno Costa").await;
    becomes(&records, &bruno, ApplicationType::Citizenship).await;
    // No mail is sent, so the withdrawal needs no message.
    let server = records.open_with(MONDAY, &[("MAIL_URL", "smtp://127.0.0.1:1")]).await;
    let clerk = officer(&records, &server, District::Oslo, Role::Clerk).await;
    let path = |person: &Person| format!("/api/desk/cases/{}/invitation", person.case);

    let refused = clerk.put(&path(&bruno), &invite()).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "refused"), "{refused:?}");
    assert_eq!(refused.body["decision"]["reasons"][0]["code"], json!("citizenship-excluded"));
    let kept = clerk.get(&format!("/api/desk/cases/{}", bruno.case)).await.body;
    assert_eq!(kept["decisions"][0]["decision"], refused.body["decision"]);
    assert_eq!(kept["case"]["invitation"], json!(null));

    let asked = clerk.put(&path(&asha), &invite()).await;
    assert_eq!(
        (asked.status, &asked.body["case"]["invitation"]["last"]),
        (StatusCode::OK, &json!("2020-11-13")),
        "{asked:?}"
    );
    assert_eq!(clerk.put(&path(&asha), &invite()).await.code(), "already-invited");
    let vest = officer(&records, &server, District::Vest, Role::Administrator).await;
    assert_eq!(vest.put(&path(&asha), &invite()).await.status, StatusCode::NOT_FOUND);
    assert_eq!(vest.delete(&path(&asha)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        clerk.put(&path(&asha), &invite()).await.code(),
        "already-invited",
        "another district took nothing back"
    );
    assert_eq!(clerk.delete(&path(&asha)).await.body["case"]["invitation"], json!(null));
    let messages = clerk.get(&format!("/api/desk/cases/{}", asha.case)).await.body["messages"].clone();
    let kinds: Vec<_> = messages.as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    // An unsent message is withdrawn. One that was attempted may have been delivered, and then she is told.
    assert!(kinds.is_empty() || kinds == ["invitation-withdrawn"], "{kinds:?}");
    server.kill().await;
}

/// Every mistake is reported at its field, and no one is asked.
#[tokio::test]
async fn what_cannot_be_asked_is_said_at_its_field() {
    let records = Records::new(1).await;
    let (asha, token) = records.ready("Asha Rao").await;
    let server = records.open(MONDAY).await;
    let planner = officer(&records, &server, District::Oslo, Role::Planner).await;
    for (field, last, nb, en) in [
        ("last_day", "2020-11-01", "Ja", "Yes"),
        ("last_day", "2021-11-04", "Ja", "Yes"),
        ("instructions", "2020-11-13", " ", "Yes"),
        ("instructions", "2020-11-13", "Ja", ""),
        ("instructions", "2020-11-13", "Ja", &"x".repeat(2001)),
    ] {
        let invite = json!({ "last_day": last, "instructions": { "nb": nb, "en": en } });
        let one = planner.put(&format!("/api/desk/cases/{}/invitation", asha.case), &invite).await;
        let all = json!({ "invite": invite, "seen": "anything" });
        let many = planner.post("/api/desk/invitations", &all).await;
        for (answer, field) in [(one, field.to_owned()), (many, format!("invite.{field}"))] {
            assert_eq!((answer.status.as_u16(), &answer.body["field"]), (422, &json!(field)), "{answer:?}");
        }
    }
    let unseen = planner.post("/api/desk/invitations", &many(None, None)).await;
    assert_eq!((unseen.status.as_u16(), &unseen.body["field"]), (422, &json!("seen")));
    // Another case was added since the preview: the request is carried out and reported as changed.
    let mut other = many(None, None);
    other["seen"] = json!("what was seen before");
    let invited = planner.post("/api/desk/invitations", &other).await;
    assert_eq!((invited.status, &invited.body["changed"]), (StatusCode::CREATED, &json!(true)));
    // A deleted account is no longer asked.
    let asha_herself = server.signed_in_with(&token);
    assert_eq!(asha_herself.delete("/api/account").await.status, StatusCode::OK);
    let id = invited.body["id"].as_str().unwrap();
    assert_eq!(planner.get(&format!("/api/desk/invitations/{id}")).await.body["live"], json!(0));
    assert_eq!(preview(&planner, &many(None, None)).await["asked"], json!(0));
    server.kill().await;
}
