//! SMS: numbers of every country, gateways that refuse or hang, and people whom only an SMS reaches.

use api::{messages::State, officers::Role};
use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use rules::{District, notice::Language};
use serde_json::{Value, json};
use server::store::{self, outbox};

use super::{
    ORIGIN, close, first_office,
    gateway::{
        Answers::{After, Never, Nothing, With},
        Gateway, Sent,
    },
    has_passport_time, instant, later,
    mail_server::Smtp,
    passport_office, run, states,
};
use crate::common::{MONDAY, Records, wait_for};

/// A person with a number and no e-mail address is told everything by SMS. The call list stays empty, and a person
/// without both does not count as a failure.
#[tokio::test]
async fn who_has_a_phone_and_no_address_is_told_by_sms() {
    let records = Records::new(2).await;
    records.on_record("WORK-2020-7", "Tor-Åge Rao", "1985-02-03").await;
    records.on_record("WORK-2020-8", "No Body", "1985-02-03").await;
    let gateway = Gateway::start(&[]).await;
    let settings = [("SMS_URL", gateway.url.as_str()), ("ORIGIN", ORIGIN)];
    let server = records.open_with(MONDAY, &settings).await;
    let at_desk = async |role| server.at_desk_with(&records.officer("Ingrid Berg", District::Oslo, role).await);
    let (clerk, planner) = (at_desk(Role::Clerk).await, at_desk(Role::Planner).await);
    let told = json!({ "entry": null, "told_to_report_within_week": false, "critical_travel": false });
    let slots = records.slots().await;
    let mut cases = Vec::new();
    for (reference, phone) in [("WORK-2020-7", "+47 22 34 21 07"), ("WORK-2020-8", "")] {
        let asked = json!({ "reference": reference, "language": "nb", "phone": phone });
        let case = clerk.post("/api/desk/cases", &asked).await.body["case"]["id"].as_str().unwrap().to_owned();
        clerk.put(&format!("/api/desk/cases/{case}/situation"), &told).await;
        let booked = json!({ "case": case, "slot": slots[cases.len()] });
        assert_eq!(clerk.post("/api/desk/appointments", &booked).await.status, StatusCode::CREATED);
        let invite =
            json!({ "last_day": "2020-11-13", "instructions": { "nb": "Send passet ditt.", "en": "Send it." } });
        assert_eq!(planner.put(&format!("/api/desk/cases/{case}/invitation"), &invite).await.status, StatusCode::OK);
        cases.push(case);
    }
    gateway.wait_for(2).await;
    planner.delete(&format!("/api/desk/cases/{}/invitation", cases[0])).await;
    gateway.wait_for(3).await;
    let closing =
        json!({ "office": first_office(&records).await, "first": "2020-11-16", "last": "2020-11-30", "share": 0 });
    let extent = planner.post("/api/desk/closures/preview", &closing).await.body;
    assert_eq!(
        (&extent["by_sms"], &extent["by_email"], &extent["to_call"]),
        (&json!(1), &json!(0), &json!(1)),
        "{extent}"
    );
    let said = close(&records, "Oslo", ["2020-11-16", "2020-11-30"], MONDAY, true).await;
    assert!(said.contains("1 are told by SMS, 0 by e-mail, 1 have to be called"), "{said}");
    gateway.wait_for(4).await;
    let sent = gateway.sent();
    for (one, begins) in sent.iter().zip([
        "Time hos politiet: 16.11. kl. 09:00, Storgata 1 (",
        "Politiet ber deg sende dokumentene i saken WORK-2020-7 elektronisk, senest fredag 13. november 2020.",
        "Politiet ber deg ikke lenger sende dokumentene i saken WORK-2020-7 elektronisk.",
        "Politiet har avlyst timen 16.11. kl. 09:00 (",
    ]) {
        let text = one.body["text"].as_str().unwrap();
        assert!(text.starts_with(begins), "{text}");
        assert_eq!(one.body["to"], "+4722342107");
        // The case is not in an account yet, so the link leads to the list of cases. The command line runs without `ORIGIN`.
        assert!(
            text.ends_with(&format!(" {ORIGIN}/cases")) || text.ends_with(" http://localhost:8080/cases"),
            "{text}"
        );
        assert!(!text.contains("Tor"), "nobody's name is in an SMS: {text}");
    }
    let calls = clerk.get("/api/desk/calls").await.body;
    let listed: Vec<&Value> = calls.as_array().unwrap().iter().map(|call| &call["applicant"]).collect();
    assert!(!listed.is_empty() && listed.iter().all(|who| **who == "No Body"), "{calls}");
    // Four messages without any address: booked, reminder, invited, cancelled. None counts as failed.
    let numbers = clerk.get("/api/desk/numbers").await.body;
    let failed = numbers["messages"].as_array().unwrap().iter().find(|of| of["state"] == "failed").unwrap();
    assert_eq!((&failed["count"], &numbers["no_address"]), (&json!(0), &json!(4)), "{numbers}");
    let csv = clerk.get("/api/desk/numbers.csv").await.body;
    assert!(csv.as_str().unwrap().contains("messages,no-address,,4\r\n"), "{csv}");
    let (status, _) = run(&records, &["outbox", "status"], MONDAY).await;
    assert!(status.contains("no-address") && !status.contains("email    failed"), "{status}");
    server.kill().await;
}

/// A rejected e-mail address falls back to SMS, so that no call is needed.
#[tokio::test]
async fn what_an_address_does_not_take_an_sms_says() {
    let records = Records::new(4).await;
    let with_phone = records.ready("Unknown One").await;
    let without = records.ready("Nobody Two").await;
    let mut t = records.store().write().await.unwrap();
    store::persons::change(&mut t, &with_phone.0.id, Language::En, Some("+47 22 34 21 07")).await.unwrap();
    t.commit().await.unwrap();
    let mut smtp = Smtp::start(json!({})).await;
    let gateway = Gateway::start(&[]).await;
    let url = smtp.url();
    let settings = [("SMS_URL", gateway.url.as_str()), ("MAIL_URL", url.as_str()), ("ORIGIN", ORIGIN)];
    let server = records.open_with(MONDAY, &settings).await;
    let slots = records.slots().await;
    for ((person, token), slot) in [&with_phone, &without].into_iter().zip(&slots) {
        assert_eq!(server.signed_in_with(token).book(&person.case, slot).await.status, StatusCode::CREATED);
        smtp.next("refused").await;
        wait_for(async || states(&records, person).await["booked"] == State::Failed, "it is given up").await;
    }
    // A confirmation is on the page as well; a cancellation must be delivered.
    assert_eq!(gateway.sent().len(), 0);
    close(&records, "Oslo", ["2020-11-16", "2020-11-30"], MONDAY, true).await;
    gateway.wait_for(1).await;
    let text = gateway.sent()[0].body["text"].as_str().unwrap().to_owned();
    assert!(text.starts_with("The police have cancelled your appointment 16 Nov 09:00. Do not come."), "{text}");
    assert!(text.contains("/t/"), "{text}");
    for ((person, _), state) in [(&with_phone, State::Sent), (&without, State::Failed)] {
        wait_for(async || states(&records, person).await["cancelled-by-office"] == state, "it is noted").await;
    }
    let (calls, _) = run(&records, &["outbox", "calls"], MONDAY).await;
    assert!(calls.lines().count() == 1 && calls.contains("Nobody Two"), "{calls}");
    let (status, _) = run(&records, &["outbox", "status"], MONDAY).await;
    assert!(status.contains("to tell 2 = waiting 0 + sent 1 + delivered 0 + failed 1 + withdrawn 0"), "{status}");
    server.kill().await;
}

/// Numbers are stored as typed, with hyphens in some countries. The gateway gets a plus sign and digits.
#[tokio::test]
async fn an_sms_goes_to_every_country() {
    let records = Records::new(0).await;
    let office = passport_office(&records).await;
    let mut people = Vec::new();
    for (name, phone) in [("Ada", "+1 415-555-2671"), ("Bento", "+55 11 96123-4567"), ("Chie", "+81 90-1234-5678")] {
        let starts = format!("2020-11-2{}T10:00:00+01:00", people.len());
        people.push(has_passport_time(&records, &office, name, &starts, Some(phone)).await);
    }
    let gateway = Gateway::start(&[]).await;
    close(&records, "pass", ["2020-11-16", "2020-11-30"], MONDAY, true).await;
    let server = records.open_with(MONDAY, &[("SMS_URL", gateway.url.as_str())]).await;
    for one in &people {
        wait_for(async || states(&records, &one.person).await["cancelled-by-office"] == State::Sent, "it is sent")
            .await;
    }
    let mut to: Vec<String> = gateway.sent().iter().map(|one| one.body["to"].as_str().unwrap().to_owned()).collect();
    to.sort();
    assert_eq!(to, ["+14155552671", "+5511961234567", "+819012345678"]);
    let visitor = server.sign_in(&people[0].person).await;
    let refused = visitor.patch("/api/account", &json!({ "phone": "+47 22 34 21 00 ext. 5" })).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::UNPROCESSABLE_ENTITY, "phone-invalid"));
    server.kill().await;
}

/// A rejection of the account, such as missing payment, does not fail a message: it may be repaired before the message
/// expires.
#[tokio::test]
async fn a_gateway_that_wants_money_ends_no_message() {
    let records = Records::new(0).await;
    let office = passport_office(&records).await;
    let mut people = Vec::new();
    let answers = [402, 410, 413, 415, 451];
    for number in 0..answers.len() {
        let (name, starts) = (format!("Person {number}"), format!("2020-11-2{number}T10:00:00+01:00"));
        people.push(has_passport_time(&records, &office, &name, &starts, Some("+47 22 34 21 07")).await);
    }
    let gateway = Gateway::start(&answers.map(With)).await;
    close(&records, "pass", ["2020-11-16", "2020-11-30"], MONDAY, true).await;
    let server = records.open_with(MONDAY, &[("SMS_URL", gateway.url.as_str())]).await;
    gateway.wait_for(people.len()).await;
    for one in &people {
        let put_off = async || {
            let mut connection = records.store().read().await.unwrap();
            outbox::waiting(&mut connection, &one.person.id, instant(MONDAY)).await.unwrap().len() == 1
        };
        wait_for(put_off, "it is put off").await;
    }
    server.kill().await;
}

/// A failing gateway gets the same message with the same key until it accepts it.
#[tokio::test]
async fn a_gateway_on_a_bad_day_gets_the_same_message_again() {
    let records = Records::new(0).await;
    let office = passport_office(&records).await;
    let kari =
        has_passport_time(&records, &office, "Kari Nordmann", "2020-11-20T10:00:00+01:00", Some("+47 22 34 21 07"))
            .await;
    let gateway = Gateway::start(&[With(500), After(429, 600), Nothing, With(409)]).await;
    let settings = [
        ("SMS_URL", gateway.url.as_str()),
        ("SMS_TOKEN", "token"),
        ("SMS_FIELDS", "to=recipient, text=message, id=reference, sender=from"),
    ];
    close(&records, "pass", ["2020-11-16", "2020-11-30"], MONDAY, true).await;
    let due = async || {
        let mut connection = records.store().read().await.unwrap();
        outbox::oldest_due(&mut connection, DateTime::<Utc>::MAX_UTC).await.unwrap()
    };
    // The first failure delays the message by about half a minute, the second as the gateway demands.
    for (number, minute) in [0, 2, 13].into_iter().enumerate() {
        let server = records.open_with(&later(minute), &settings).await;
        gateway.wait_for(number + 1).await;
        let opened = instant(&later(minute));
        if number < 2 {
            wait_for(async || due().await.is_some_and(|due| due > opened), "it is put off").await;
            let put_off = (due().await.unwrap() - opened).num_seconds();
            assert!(if number == 0 { (20..60).contains(&put_off) } else { put_off >= 600 }, "{number}: {put_off}");
        }
        server.kill().await;
    }
    // A broken response is a failure. Finally the gateway reports that it has the message already.
    let server = records.open_with(&later(60), &settings).await;
    wait_for(async || states(&records, &kari.person).await["cancelled-by-office"] == State::Sent, "it is taken").await;
    let sent = gateway.sent();
    let ids: Vec<&Value> = sent.iter().map(|one| &one.body["reference"]).collect();
    assert!(ids.windows(2).all(|pair| pair[0] == pair[1]), "{ids:?}");
    let first = &sent[0];
    assert_eq!(first.headers["authorization"], "Bearer token");
    assert_eq!(first.headers["idempotency-key"], first.body["reference"].as_str().unwrap());
    assert_eq!((&first.body["recipient"], &first.body["from"]), (&json!("+4722342107"), &json!("Politiet")));
    let text = first.body["message"].as_str().unwrap();
    assert!(text.starts_with("Politiet har avlyst timen 20.11. kl. 10:00 (") && text.contains("Do not come"), "{text}");
    server.kill().await;
}

/// A hanging gateway does not delay mail. The next server sends the SMS again with the same key.
#[tokio::test]
async fn a_gateway_that_hangs_holds_up_no_mail() {
    let records = Records::new(0).await;
    let office = passport_office(&records).await;
    let kari =
        has_passport_time(&records, &office, "Kari Nordmann", "2020-11-20T10:00:00+01:00", Some("+47 22 34 21 07"))
            .await;
    let gateway = Gateway::start(&[Never]).await;
    let settings = [("SMS_URL", gateway.url.as_str())];
    close(&records, "pass", ["2020-11-16", "2020-11-30"], MONDAY, true).await;
    let server = records.open_with(MONDAY, &settings).await;
    gateway.wait_for(1).await;
    server.visitor().ask_for_code("asha@example.org").await;
    server.code_for("asha@example.org").await;
    assert_eq!(states(&records, &kari.person).await["cancelled-by-office"], State::Queued);
    server.kill().await;
    let server = records.open_with(&later(2), &settings).await;
    gateway.wait_for(2).await;
    let sent = gateway.sent();
    assert_eq!(sent[0].body["id"], sent[1].body["id"]);
    server.kill().await;
}

#[tokio::test]
async fn altinn_gets_an_instant_notification() {
    let records = Records::new(0).await;
    let office = passport_office(&records).await;
    has_passport_time(&records, &office, "Kari Nordmann", "2020-11-20T10:00:00+01:00", Some("+47 22 34 21 07")).await;
    let gateway = Gateway::start(&[With(201)]).await;
    close(&records, "pass", ["2020-11-16", "2020-11-30"], MONDAY, true).await;
    let url = format!("{}/notifications/api/v1/", gateway.url);
    let settings =
        [("SMS_URL", url.as_str()), ("SMS_FORM", "altinn"), ("SMS_TOKEN", "token"), ("SMS_SENDER", "Politi")];
    let server = records.open_with(MONDAY, &settings).await;
    gateway.wait_for(1).await;
    let Sent { path, headers, body } = gateway.sent().remove(0);
    assert_eq!(path, "/notifications/api/v1/future/orders/instant/sms");
    assert_eq!(headers["authorization"], "Bearer token");
    let sms = &body["recipientSms"];
    assert_eq!((&sms["phoneNumber"], &sms["smsSettings"]["sender"]), (&json!("+4722342107"), &json!("Politi")));
    let lives = sms["timeToLiveInSeconds"].as_i64().unwrap();
    assert!((86_000..=86_400).contains(&lives), "a day: {lives}");
    assert_eq!(body["idempotencyId"], body["sendersReference"]);
    server.kill().await;
}
