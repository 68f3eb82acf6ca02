//! Delivery receipts of the gateway, and the call list of those whom no message reaches.

use std::{collections::BTreeMap, process::Stdio};

use api::messages::State;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::process::Command;

use super::{Holder, close, gateway::Gateway, has_come, has_passport_time, later, passport_office, run, states};
use crate::common::{MONDAY, Records, Visitor, answer, binary, wait_for};

/// A number that SMS cannot reach leads to the call list. At night SMS wait, unless the appointment is near.
#[tokio::test]
async fn an_office_closes_and_everybody_is_told_once() {
    const EVENING: &str = "2020-11-16T20:00:00+01:00";
    let records = Records::new(3).await;
    let office = passport_office(&records).await;
    let time = async |name: &str, starts: &str, phone: Option<&str>| {
        has_passport_time(&records, &office, name, starts, phone).await
    };
    // Cases: near, far, without a number, with an invalid number, after the closure, and with a number that the gateway
    // rejects.
    let near = time("Near By", "2020-11-18T10:00:00+01:00", Some("+47 22 34 21 01")).await;
    let far = time("Far Away", "2020-11-20T10:00:00+01:00", Some("+47 22 34 21 02")).await;
    let mail = time("Mail Only", "2020-11-20T11:00:00+01:00", None).await;
    let wrong = time("Wrong Number", "2020-11-20T12:00:00+01:00", Some("four")).await;
    let kept = time("Kept Time", "2020-12-01T10:00:00+01:00", Some("+47 22 34 21 03")).await;
    let refused = time("Refused Number", "2020-11-23T12:00:00+01:00", Some("+47 22 34 21 04")).await;
    let gateway = Gateway::start(&[]).await;
    let settings = [("SMS_URL", gateway.url.as_str()), ("SMS_RECEIPTS_SECRET", "secret")];

    let days = ["2020-11-17", "2020-11-30"];
    let said = close(&records, "Pass- og ID-kontoret", days, EVENING, false).await;
    assert!(
        said.contains("Nothing has changed") && said.contains("5 lose their appointment, 1 of them at short notice"),
        "{said}"
    );
    assert!(said.contains("4 are told by SMS, 1 by e-mail, 0 have to be called"), "{said}");
    let server = records.open_with(EVENING, &settings).await;
    let said = close(&records, "Pass- og ID-kontoret", days, EVENING, true).await;
    assert!(said.contains("is closed.") && said.contains("5 lose their appointment"), "{said}");
    // A repeated closure changes nothing and creates no ledger.
    let said = close(&records, "Pass- og ID-kontoret", days, EVENING, true).await;
    assert!(said.contains("was closed already") && !said.contains("Bulk action"), "{said}");
    let said = close(&records, "Pass- og ID-kontoret", ["2020-11-02", "2020-11-15"], EVENING, true).await;
    assert!(said.contains("these days are over"), "{said}");
    let (status, _) = run(&records, &["outbox", "status"], EVENING).await;
    assert_eq!(status.matches("to tell").count(), 1, "{status}");

    // The SMS about an appointment within two days is the only one sent at 20:00. Mail is sent.
    gateway.wait_for(1).await;
    wait_for(async || has_come(&server, &mail.person.email, "Vi har avlyst timen din"), "the mail comes").await;
    let texts: Vec<Value> = gateway.sent().into_iter().map(|one| one.body["text"].clone()).collect();
    assert!(
        texts.len() == 1
            && texts[0].as_str().unwrap().starts_with("Ikke møt opp! Politiet har avlyst timen 18.11. kl. 10:00"),
        "{texts:?}"
    );
    let state = async |holder: &Holder, kind: &str| states(&records, &holder.person).await.get(kind).copied();
    wait_for(async || state(&near, "cancelled-at-short-notice").await == Some(State::Sent), "it is noted").await;
    assert_eq!(state(&far, "cancelled-by-office").await, Some(State::Queued));
    assert_eq!(state(&kept, "cancelled-by-office").await, None);
    server.kill().await;

    let server = records.open_with("2020-11-17T09:00:00+01:00", &settings).await;
    wait_for(async || state(&refused, "cancelled-by-office").await == Some(State::Failed), "it is given up").await;
    wait_for(async || state(&wrong, "cancelled-by-office").await == Some(State::Failed), "it is given up").await;
    wait_for(async || state(&far, "cancelled-by-office").await == Some(State::Sent), "it is noted").await;
    assert_eq!(gateway.sent().len(), 3, "what is no number goes to no gateway");

    // The gateway reports a failed delivery later.
    let far_away = gateway.sent().into_iter().find(|sent| sent.body["to"] == "+4722342102").unwrap();
    let id = far_away.body["id"].as_str().unwrap().to_owned();
    let settle = async |id: &str, status: &str, secret: &str| {
        receipt(&server.visitor(), &json!({ "id": id, "status": status }), secret).await
    };
    assert_eq!(settle(&id, "failed", "guess").await, (StatusCode::UNAUTHORIZED, "signature-wrong".to_owned()));
    assert_eq!(settle("unknown", "failed", "secret").await, (StatusCode::NOT_FOUND, "not-found".to_owned()));
    assert_eq!(settle(&id, "eaten", "secret").await, (StatusCode::UNPROCESSABLE_ENTITY, "invalid-field".to_owned()));
    let unsigned = server.visitor().post("/api/messages/receipts", &json!({ "id": id, "status": "failed" })).await;
    assert_eq!((unsigned.status, unsigned.code()), (StatusCode::UNAUTHORIZED, "signature-wrong"));
    assert_eq!(state(&far, "cancelled-by-office").await, Some(State::Sent), "nothing has changed");
    for _ in 0..2 {
        assert_eq!(settle(&id, "failed", "secret").await.0, StatusCode::NO_CONTENT);
    }
    assert_eq!(state(&far, "cancelled-by-office").await, Some(State::Failed));
    let near_id = gateway.sent()[0].body["id"].as_str().unwrap().to_owned();
    assert_eq!(settle(&near_id, "delivered", "secret").await.0, StatusCode::NO_CONTENT);
    assert_eq!(settle(&near_id, "failed", "secret").await.0, StatusCode::NO_CONTENT);
    assert_eq!(state(&near, "cancelled-at-short-notice").await, Some(State::Delivered), "what has arrived has arrived");

    // The call list until it is empty.
    let calls = async || -> Vec<Value> {
        let (said, well) = run(&records, &["outbox", "calls"], EVENING).await;
        assert!(well, "{said}");
        said.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let listed: BTreeMap<String, String> = calls()
        .await
        .iter()
        .map(|call| (call["applicant"].as_str().unwrap().to_owned(), call["reason"].as_str().unwrap().to_owned()))
        .collect();
    let expected =
        [("Far Away", "not-delivered"), ("Refused Number", "address-refused"), ("Wrong Number", "address-refused")];
    assert_eq!(listed, expected.map(|(who, why)| (who.to_owned(), why.to_owned())).into());
    let done = calls().await[0]["message"].as_str().unwrap().to_owned();
    assert!(run(&records, &["outbox", "calls", "--done", &done], EVENING).await.1);
    assert!(!run(&records, &["outbox", "calls", "--done", &done], EVENING).await.1, "once");
    assert_eq!(calls().await.len(), 2);
    let (status, _) = run(&records, &["outbox", "status"], EVENING).await;
    assert!(status.contains("to tell 5 = waiting 0 + sent 1 + delivered 1 + failed 3 + withdrawn 0"), "{status}");
    assert!(status.contains("on the call list 2, called 1"), "{status}");

    // Her own view: the case, the appointment and the messages.
    let visitor = server.sign_in(&near.person).await;
    let case = &visitor.get("/api/cases").await.body[0];
    assert_eq!((&case["appointment"], &case["lost"]["cancelled_by"]), (&Value::Null, &json!("office")));
    let path = format!("/api/appointments/{}", near.appointment);
    let seen = visitor.get(&path).await.body;
    assert_eq!((&seen["status"], &seen["cancelled_by"]), (&json!("cancelled"), &json!("office")));
    let told = visitor.get(&format!("{path}/messages")).await.body;
    assert_eq!(told.as_array().unwrap().len(), 1);
    assert_eq!((&told[0]["kind"], &told[0]["channel"]), (&json!("cancelled-at-short-notice"), &json!("sms")));
    assert_eq!((&told[0]["address"], &told[0]["state"]), (&json!("+47 •••• 01"), &json!("delivered")));
    let other = visitor.get(&format!("/api/appointments/{}/messages", far.appointment)).await;
    assert_eq!((other.status, other.code()), (StatusCode::NOT_FOUND, "not-found"));
    assert_eq!(visitor.get(&format!("/api/appointments/{}", kept.appointment)).await.status, StatusCode::NOT_FOUND);
    server.kill().await;
}

/// Posts a receipt like the gateway, signed with a secret.
async fn receipt(visitor: &Visitor, body: &Value, secret: &str) -> (StatusCode, String) {
    let body = body.to_string();
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    let signature = format!("sha256={}", server::secrets::hex(&mac.finalize().into_bytes()));
    let request = visitor.request(Method::POST, "/api/messages/receipts").header("x-skranke-signature", signature);
    let answer = answer(request.header("content-type", "application/json").body(body).send().await.unwrap()).await;
    let code = answer.code().to_owned();
    (answer.status, code)
}

/// Receipts are refused without a configured secret.
#[tokio::test]
async fn without_a_secret_no_receipts_are_taken() {
    let records = Records::new(0).await;
    let server = records.open(MONDAY).await;
    let answer = receipt(&server.visitor(), &json!({ "id": "x", "status": "delivered" }), "").await;
    assert_eq!(answer, (StatusCode::NOT_FOUND, "not-found".to_owned()));
    server.kill().await;
}

/// A receipt is accepted by another server than the one that sent the message.
#[tokio::test]
async fn a_receipt_finds_another_server() {
    let records = Records::new(0).await;
    let office = passport_office(&records).await;
    let kari =
        has_passport_time(&records, &office, "Kari Nordmann", "2020-11-20T10:00:00+01:00", Some("+47 22 34 21 07"))
            .await;
    let gateway = Gateway::start(&[]).await;
    let settings = [("SMS_URL", gateway.url.as_str()), ("SMS_RECEIPTS_SECRET", "secret")];
    close(&records, "pass", ["2020-11-16", "2020-11-30"], MONDAY, true).await;
    let server = records.open_with(MONDAY, &settings).await;
    wait_for(async || states(&records, &kari.person).await["cancelled-by-office"] == State::Sent, "it is sent").await;
    server.kill().await;
    let server = records.open_with(&later(5), &settings).await;
    let id = gateway.sent()[0].body["id"].clone();
    let answer = receipt(&server.visitor(), &json!({ "id": id, "status": "delivered" }), "secret").await;
    assert_eq!(answer.0, StatusCode::NO_CONTENT);
    assert_eq!(states(&records, &kari.person).await["cancelled-by-office"], State::Delivered);
    assert_eq!(gateway.sent().len(), 1, "and it is not sent again");
    server.kill().await;
}

/// A closed pipe after the first line of output is no error.
#[tokio::test]
async fn who_has_seen_enough_of_the_status_may_go() {
    let records = Records::new(0).await;
    let mut child = Command::new(binary())
        .args(["outbox", "status", "--data-dir"])
        .arg(records.folder())
        .env("DATABASE_URL", records.url().unwrap_or_default())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().await.unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    assert!(output.status.success());
}
