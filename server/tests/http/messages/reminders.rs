//! Reminders, and messages whose language or address changes before they are sent.

use api::messages::State;
use chrono::TimeDelta;
use reqwest::StatusCode;
use serde_json::json;
use server::store::{self, outbox};

use super::{
    close, gateway::Gateway, has_come, has_passport_time, instant, mail_server::Smtp, passport_office, run, states,
};
use crate::common::{MONDAY, Person, Records, path_of, wait_for};

/// A reminder is sent two days before, in the language and to the address of that day, and never after the appointment.
#[tokio::test]
async fn a_reminder_comes_two_days_before_and_not_too_late() {
    let records = Records::new(2).await;
    let asha = records.ready("Asha Rao").await;
    let omar = records.ready("Omar Haddad").await;
    let server = records.open(MONDAY).await;
    let slots = records.slots().await;
    for ((person, token), slot) in [&asha, &omar].into_iter().zip(&slots) {
        assert_eq!(server.signed_in_with(token).book(&person.case, slot).await.status, StatusCode::CREATED);
    }
    // She has changed her language to Norwegian.
    server.signed_in_with(&asha.1).patch("/api/account", &json!({ "language": "nb" })).await;
    let came = |server: &crate::common::TestServer, person: &Person| {
        server.mailbox(&person.email).into_iter().filter(|mail| mail.subject.contains("Husk timen")).collect::<Vec<_>>()
    };
    // A leased message blocks the others of its case until the lease expires.
    for (person, _) in [&asha, &omar] {
        wait_for(async || states(&records, person).await["booked"] == State::Sent, "it is noted").await;
    }
    server.kill().await;

    // The appointments are on Monday the 16th. On Saturday at 08:59 there is no reminder yet.
    let server = records.open("2020-11-14T08:59:00+01:00").await;
    server.visitor().ask_for_code("last@example.org").await;
    server.code_for("last@example.org").await;
    assert_eq!((came(&server, &asha.0).len(), came(&server, &omar.0).len()), (0, 0));
    server.kill().await;
    let server = records.open("2020-11-14T09:00:01+01:00").await;
    wait_for(async || came(&server, &asha.0).len() == 1 && came(&server, &omar.0).len() == 1, "both come").await;
    assert!(
        came(&server, &asha.0)[0].subject.starts_with("Husk timen 16.11. kl. 09:00 / Remember"),
        "her own language first"
    );
    assert!(came(&server, &omar.0)[0].subject.starts_with("Remember your appointment on 16 Nov 10:00"));
    server.kill().await;

    // The server was down during Kari's appointment.
    let records = Records::new(1).await;
    let kari = records.ready("Kari Nordmann").await;
    let server = records.open(MONDAY).await;
    server.signed_in_with(&kari.1).book(&kari.0.case, &records.slots().await[0]).await;
    server.kill().await;
    let server = records.open("2020-11-16T09:00:01+01:00").await;
    wait_for(async || states(&records, &kari.0).await["reminder"] == State::Failed, "it is over").await;
    assert_eq!(came(&server, &kari.0).len(), 0);
    let (calls, _) = run(&records, &["outbox", "calls"], MONDAY).await;
    assert_eq!(calls, "", "nobody calls about a reminder");
    server.kill().await;
}

/// An unsent reminder is rewritten after a change of language or number. A change to the same values does nothing.
#[tokio::test]
async fn who_changes_language_or_number_loses_no_message() {
    const REMINDED: &str = "2020-11-14T09:00:01+01:00";
    let messages_of = async |records: &Records| -> Vec<String> {
        let all = records.everything().await;
        all.lines()
            .filter(|line| line.starts_with("messages ") && !line.contains("\"code\""))
            .map(str::to_owned)
            .collect()
    };
    let records = Records::new(2).await;
    let asha = records.ready("Asha Rao").await;
    let server = records.open_with(MONDAY, &[("MAIL_URL", "smtp://127.0.0.1:1")]).await;
    let visitor = server.signed_in_with(&asha.1);
    let slots = records.slots().await;
    let booked = visitor.book(&asha.0.case, &slots[0]).await.body;
    let moved = visitor.post(&path_of(&booked, "/move"), &json!({ "slot": slots[1] })).await;
    assert_eq!(moved.status, StatusCode::CREATED);
    server.kill().await;

    // The mail server is unreachable when the reminder is due.
    let mut server = records.open_with(REMINDED, &[("MAIL_URL", "smtp://127.0.0.1:1")]).await;
    for _ in 0..2 {
        server.log_line("was not sent").await;
    }
    // A new session, written directly to the records because no code can be sent.
    let (hash, now) = (server::secrets::hash(&["of this day"]), instant(REMINDED));
    let mut t = records.store().write().await.unwrap();
    store::sessions::add(&mut t, &hash, &asha.0.id, "", now, now + TimeDelta::hours(1)).await.unwrap();
    t.commit().await.unwrap();
    let visitor = server.signed_in_with("of this day");
    let put_off = async || {
        let mut connection = records.store().read().await.unwrap();
        outbox::waiting(&mut connection, &asha.0.id, now).await.unwrap().len() == 2
    };
    wait_for(put_off, "both are put off").await;
    let before = messages_of(&records).await;
    for same in [json!({}), json!({ "language": "en" }), json!({ "language": "en", "phone": "" })] {
        assert_eq!(visitor.patch("/api/account", &same).await.status, StatusCode::OK);
    }
    assert_eq!(messages_of(&records).await, before, "nothing has changed");
    assert_eq!(visitor.patch("/api/account", &json!({ "language": "nb" })).await.status, StatusCode::OK);
    assert_eq!(messages_of(&records).await.len(), before.len());
    server.kill().await;

    let mut smtp = Smtp::start(json!({})).await;
    let server = records.open_with("2020-11-14T10:00:00+01:00", &[("MAIL_URL", &smtp.url())]).await;
    let first = smtp.mail().await;
    assert!(first.header("Subject").starts_with("Timen din er flyttet / Your"), "{}", first.raw);
    // The previous time is still in the mail.
    assert!(first.raw.contains("kl. 09:00") && first.raw.contains("kl. 10:00"), "{}", first.raw);
    let second = smtp.mail().await;
    assert!(second.header("Subject").starts_with("Husk timen 16.11. kl. 10:00 / Remember"), "{}", second.raw);
    for kind in ["moved", "reminder"] {
        wait_for(async || states(&records, &asha.0).await[kind] == State::Sent, "it is noted").await;
    }
    assert_eq!(smtp.mails().len(), 0);
    server.kill().await;
}

/// A closure in the evening: people change their number and language before the SMS are sent in the morning.
#[tokio::test]
async fn a_cancellation_goes_to_the_number_of_the_day() {
    const EVENING: &str = "2020-11-16T20:00:00+01:00";
    let records = Records::new(0).await;
    let office = passport_office(&records).await;
    let old = Some("+47 22 34 21 07");
    let kari = has_passport_time(&records, &office, "Kari Nordmann", "2020-11-20T10:00:00+01:00", old).await;
    let omar = has_passport_time(&records, &office, "Omar Haddad", "2020-11-20T11:00:00+01:00", old).await;
    close(&records, "pass", ["2020-11-17", "2020-11-30"], EVENING, true).await;
    let gateway = Gateway::start(&[]).await;
    let server = records.open_with(EVENING, &[("SMS_URL", gateway.url.as_str())]).await;
    let change = json!({ "phone": "+1 415-555-2671", "language": "en" });
    assert_eq!(server.sign_in(&kari.person).await.patch("/api/account", &change).await.status, StatusCode::OK);
    // A person who removes the number gets an e-mail at once.
    let change = json!({ "phone": "" });
    assert_eq!(server.sign_in(&omar.person).await.patch("/api/account", &change).await.status, StatusCode::OK);
    wait_for(async || has_come(&server, &omar.person.email, "Vi har avlyst timen din"), "the mail comes").await;
    assert_eq!(gateway.sent().len(), 0);
    server.kill().await;

    let server = records.open_with("2020-11-17T09:00:00+01:00", &[("SMS_URL", gateway.url.as_str())]).await;
    gateway.wait_for(1).await;
    let body = gateway.sent().remove(0).body;
    assert_eq!(body["to"], "+14155552671");
    assert!(body["text"].as_str().unwrap().starts_with("The police have cancelled your appointment 20 Nov"), "{body}");
    for person in [&kari.person, &omar.person] {
        wait_for(async || states(&records, person).await["cancelled-by-office"] == State::Sent, "it is noted").await;
    }
    let (status, _) = run(&records, &["outbox", "status"], EVENING).await;
    assert!(status.contains("to tell 2 = waiting 0 + sent 2 + delivered 0 + failed 0 + withdrawn 0"), "{status}");
    assert_eq!(gateway.sent().len(), 1);
    server.kill().await;
}
