//! E-mail: security, headers, order, and mail servers that hang, refuse or die.

use std::time::Duration;

use api::{messages::State, officers::Role};
use reqwest::StatusCode;
use rules::District;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use super::{has_come, later, mail_server::Smtp, states};
use crate::common::{MONDAY, Person, Records, path_of, wait_for};

/// Mail is sent over TLS, STARTTLS and with a password, and never without the configured security.
#[tokio::test]
async fn mail_goes_out_by_tls_and_with_a_password() {
    let signed = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (cert, key) = (signed.cert.pem(), signed.signing_key.serialize_pem());
    for (tls, scheme) in [("implicit", "smtps"), ("starttls", "smtp")] {
        let records = Records::new(1).await;
        let asha = records.ready("Asha Rao").await;
        let ca = records.folder().join("ca.pem");
        std::fs::write(&ca, &cert).unwrap();
        let server = json!({ "tls": tls, "key": key, "cert": cert, "user": "skranke", "password": "s/ecret" });
        let mut smtp = Smtp::start(server).await;
        let port = smtp.port;
        let url = |password: &str| format!("{scheme}://skranke:{password}@localhost:{port}?tls=required");
        let open = async |url: &str, ca: &str, clock: &str| {
            records.open_with(clock, &[("MAIL_URL", url), ("MAIL_CA", ca)]).await
        };
        let ca = ca.to_str().unwrap();

        // A wrong password does not fail the message, because the address is not at fault.
        let mut server = open(&url("wrong"), ca, MONDAY).await;
        let slot = records.slots().await.remove(0);
        assert_eq!(server.signed_in_with(&asha.1).book(&asha.0.case, &slot).await.status, StatusCode::CREATED);
        smtp.next("signed_in_as").await;
        let line = server.log_line("was not sent").await;
        assert!(line.contains("535") && !line.contains("asha"), "nobody's address is in the log: {line}");
        assert_eq!(states(&records, &asha.0).await["booked"], State::Queued);
        server.kill().await;

        // An untrusted certificate stops the sending as well.
        let good = url("s%2Fecret");
        let mut server = open(&good, "", &later(3)).await;
        server.log_line("was not sent").await;
        assert_eq!(states(&records, &asha.0).await["booked"], State::Queued);
        server.kill().await;
        assert_eq!(smtp.mails().len(), 0);

        let server = open(&good, ca, &later(10)).await;
        let mail = smtp.mail().await;
        assert!(mail.secure, "{tls}");
        assert_eq!(mail.to, json!(["asha.rao@example.org"]));
        assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
        assert_eq!(mail.header("From"), "Skranke <no-reply@skranke.example>");
        assert!(
            mail.header("Subject").starts_with("Your appointment is booked / Timen din er bestilt"),
            "{}",
            mail.raw
        );
        assert!(mail.raw.contains("text/plain") && mail.raw.contains("text/html"));
        wait_for(async || states(&records, &asha.0).await["booked"] == State::Sent, "it is noted").await;
        server.kill().await;
    }
}

/// Mail is not sent in plain text if TLS is required.
#[tokio::test]
async fn mail_waits_rather_than_go_in_the_clear() {
    let records = Records::new(0).await;
    let mut smtp = Smtp::start(json!({})).await;
    let server = records.open_with(MONDAY, &[("MAIL_URL", &format!("{}?tls=required", smtp.url()))]).await;
    server.visitor().ask_for_code("asha@example.org").await;
    smtp.next("connected").await;
    // The server retries after some seconds, and no mail was sent in between.
    smtp.next("connected").await;
    assert_eq!(smtp.mails().len(), 0);
}

/// A booking that was cancelled before its mail was sent causes only the mail about the cancellation.
#[tokio::test]
async fn what_no_longer_holds_is_not_sent() {
    let records = Records::new(1).await;
    let asha = records.ready("Asha Rao").await;
    let server = records.open_with(MONDAY, &[("MAIL_URL", "smtp://127.0.0.1:1")]).await;
    let visitor = server.signed_in_with(&asha.1);
    let booked = visitor.book(&asha.0.case, &records.slots().await[0]).await.body;
    visitor.post(&path_of(&booked, "/cancel"), &json!({})).await;
    server.kill().await;

    let mut smtp = Smtp::start(json!({})).await;
    let server = records.open_with(&later(5), &[("MAIL_URL", &smtp.url())]).await;
    let mail = smtp.mail().await;
    assert!(mail.header("Subject").starts_with("Your appointment is cancelled"), "{}", mail.raw);
    wait_for(async || states(&records, &asha.0).await["cancelled"] == State::Sent, "it is noted").await;
    let states = states(&records, &asha.0).await;
    assert_eq!((states["booked"], states["reminder"]), (State::Withdrawn, State::Withdrawn));
    assert_eq!(smtp.mails().len(), 0);
    server.kill().await;
}

/// A new code withdraws the unsent previous one.
#[tokio::test]
async fn only_the_newest_code_is_sent() {
    let records = Records::new(0).await;
    let server = records.open_with(MONDAY, &[("MAIL_URL", "smtp://127.0.0.1:1")]).await;
    let asha = server.visitor();
    for _ in 0..3 {
        asha.ask_for_code("asha@example.org").await;
    }
    server.kill().await;
    let mut smtp = Smtp::start(json!({})).await;
    // The time is past the lease of the killed server.
    let server = records.open_with(&later(3), &[("MAIL_URL", &smtp.url())]).await;
    let mail = smtp.mail().await;
    let code = mail.raw.split("Your code is ").nth(1).unwrap()[..6].to_owned();
    let signed_in = asha.at(&server).put("/api/session", &json!({ "email": "asha@example.org", "code": code })).await;
    assert_eq!(signed_in.status, StatusCode::OK);
    assert_eq!(smtp.mails().len(), 0);
    wait_for(async || !records.everything().await.contains(&code), "the code is kept no longer than it takes").await;

    // An expired code is not sent either.
    server.kill().await;
    let server = records.open_with(&later(20), &[("MAIL_URL", "smtp://127.0.0.1:1")]).await;
    server.visitor().ask_for_code("omar@example.org").await;
    server.kill().await;
    let server = records.open_with(&later(31), &[("MAIL_URL", &smtp.url())]).await;
    let expired =
        |text: String| text.lines().any(|line| line.contains("omar@example.org") && line.contains("\"expired\""));
    wait_for(async || expired(records.everything().await), "it is over").await;
    assert_eq!(smtp.mails().len(), 0);
    server.kill().await;
}

/// Every mail has one recipient and our headers only, whatever the records contain.
#[tokio::test]
async fn nobody_forges_a_header() {
    let records = Records::new(3).await;
    let forged = "Eve\r\nBcc: everybody@example.org\r\n\r\nHello";
    let eve = records.ready(forged).await;
    let mut t = records.store().write().await.unwrap();
    let rename = "UPDATE persons SET email = $2 WHERE id = $1";
    sqlx::query(rename).bind(&eve.0.id).bind("eve@example.org").execute(&mut *t).await.unwrap();
    t.commit().await.unwrap();
    let (bad, unknown) = (records.ready("Bad Address").await, records.ready("Unknown").await);
    let mut t = records.store().write().await.unwrap();
    sqlx::query(rename).bind(&bad.0.id).bind("bad@example.org\r\nBcc: x@example.org").execute(&mut *t).await.unwrap();
    t.commit().await.unwrap();

    let mut smtp = Smtp::start(json!({})).await;
    let server = records.open_with(MONDAY, &[("MAIL_URL", &smtp.url())]).await;
    let slots = records.slots().await;
    for ((person, token), slot) in [&eve, &bad, &unknown].into_iter().zip(&slots) {
        assert_eq!(server.signed_in_with(token).book(&person.case, slot).await.status, StatusCode::CREATED);
    }
    let mail = smtp.mail().await;
    assert_eq!(mail.to, json!(["eve@example.org"]));
    assert_eq!(mail.header("Bcc"), "", "{}", mail.raw);
    // An invalid address and an unknown recipient fail at once.
    for (person, _) in [&bad, &unknown] {
        wait_for(async || states(&records, person).await["booked"] == State::Failed, "it is given up").await;
    }
    assert_eq!(smtp.mails().len(), 0);
    server.kill().await;
}

/// Bidirectional control characters are refused in officers' texts, and removed from a message when a name has them.
#[tokio::test]
async fn no_text_turns_the_words_around_it() {
    const TURNED: &str = "\u{202e}oaR ahsA";
    let records = Records::new(1).await;
    let asha = records.ready("Asha Rao").await;
    let mut t = records.store().write().await.unwrap();
    let rename = sqlx::query("UPDATE cases SET applicant = $2 WHERE id = $1").bind(&asha.0.case).bind(TURNED);
    rename.execute(&mut *t).await.unwrap();
    t.commit().await.unwrap();
    let server = records.open(MONDAY).await;
    let booked = server.signed_in_with(&asha.1).book(&asha.0.case, &records.slots().await[0]).await.body;
    wait_for(async || has_come(&server, &asha.0.email, "Your appointment is booked"), "the mail comes").await;
    let mail = server.mailbox(&asha.0.email).remove(0);
    assert!(mail.body.lines().any(|line| line == "For: oaR ahsA"), "{}", mail.body);
    let at_desk = async |role| server.at_desk_with(&records.officer("Ingrid Berg", District::Oslo, role).await);
    let administrator = at_desk(Role::Administrator).await;
    let invite = json!({ "last_day": "2020-11-13", "instructions": { "nb": "Send passet.", "en": TURNED } });
    for (answer, field) in [
        (administrator.post("/api/desk/officers", &json!({ "name": TURNED, "role": "clerk" })).await, "name"),
        (administrator.put(&format!("/api/desk/cases/{}/invitation", asha.0.case), &invite).await, "instructions"),
        (
            administrator
                .post(
                    &format!("/api/desk/appointments/{}/cancel", booked["id"].as_str().unwrap()),
                    &json!({ "reason": TURNED }),
                )
                .await,
            "reason",
        ),
    ] {
        assert_eq!((answer.status, answer.code()), (StatusCode::UNPROCESSABLE_ENTITY, "invalid-field"), "{field}");
        assert_eq!(answer.body["field"], field, "{answer:?}");
    }
    server.kill().await;
}

/// A hanging mail server is abandoned. The next mail uses a new connection, and nothing is sent twice over the old one.
#[tokio::test]
async fn a_mail_server_that_hangs_holds_up_mail_for_seconds_only() {
    let records = Records::new(0).await;
    let mut smtp = Smtp::start(json!({ "hold": "sender" })).await;
    let url = smtp.url();
    let mut server = records.open_with(MONDAY, &[("MAIL_URL", url.as_str()), ("MAIL_CONNECTIONS", "1")]).await;
    server.visitor().ask_for_code("asha@example.org").await;
    smtp.next("sender").await;
    let line = tokio::time::timeout(Duration::from_secs(15), server.log_line("was not sent")).await.expect("it hangs");
    assert!(line.contains("within 10 s"), "{line}");
    // The answer comes after the timeout.
    smtp.go().await;
    server.visitor().ask_for_code("omar@example.org").await;
    smtp.next("connected").await;
    let mut to = [smtp.mail().await.to, smtp.mail().await.to];
    to.sort_by_key(Value::to_string);
    assert_eq!(to, [json!(["asha@example.org"]), json!(["omar@example.org"])]);
    assert_eq!(smtp.mails().len(), 0);
    server.kill().await;
}

/// A mail server that sends bytes slowly without an answer is abandoned as well.
#[tokio::test]
async fn a_mail_server_that_drips_is_left() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                while stream.write_all(b"220-wait\r\n").await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(500)).await;
                }
            });
        }
    });
    let records = Records::new(0).await;
    let mut server = records.open_with(MONDAY, &[("MAIL_URL", url.as_str()), ("MAIL_CONNECTIONS", "1")]).await;
    server.visitor().ask_for_code("asha@example.org").await;
    let line = tokio::time::timeout(Duration::from_secs(15), server.log_line("was not sent")).await.expect("it hangs");
    assert!(line.contains("within 10 s"), "{line}");
    server.kill().await;
}

/// An invalid answer is not logged, because it may contain an address.
#[tokio::test]
async fn what_a_mail_server_babbles_is_not_in_the_log() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.write_all(b"no mail for asha@example.org here\r\n").await.ok();
        }
    });
    let records = Records::new(0).await;
    let mut server = records.open_with(MONDAY, &[("MAIL_URL", url.as_str())]).await;
    server.visitor().ask_for_code("asha@example.org").await;
    let line = server.log_line("was not sent").await;
    assert!(line.contains("cannot be read") && !line.contains("asha"), "{line}");
    server.kill().await;
}

/// Only a rejected address fails a message. A rejection of the sender can be repaired, so the message is retried.
#[tokio::test]
async fn only_an_address_that_is_nobodys_is_given_up() {
    let records = Records::new(4).await;
    let mut people = Vec::new();
    for name in ["Unknown One", "Nobody Two", "Blocked Three", "Full Four"] {
        people.push(records.ready(name).await);
    }
    let mut smtp = Smtp::start(json!({})).await;
    let mut server = records.open_with(MONDAY, &[("MAIL_URL", &smtp.url())]).await;
    let slots = records.slots().await;
    for ((person, token), slot) in people.iter().zip(&slots) {
        assert_eq!(server.signed_in_with(token).book(&person.case, slot).await.status, StatusCode::CREATED);
    }
    for _ in &people {
        smtp.next("refused").await;
        let line = server.log_line("was not sent").await;
        assert!(!line.contains("example.org") && !line.contains("mailbox"), "{line}");
    }
    for ((person, _), state) in people.iter().zip([State::Failed, State::Failed, State::Queued, State::Queued]) {
        wait_for(async || states(&records, person).await["booked"] == state, "it is noted").await;
    }
    server.kill().await;
}

/// Mails of a case keep their order when it is booked and moved while a mail is in transit.
#[tokio::test]
async fn no_mail_overtakes_another_of_its_case() {
    let records = Records::new(3).await;
    let asha = records.ready("Asha Rao").await;
    let mut smtp = Smtp::start(json!({ "hold": "answer" })).await;
    let server = records.open_with(MONDAY, &[("MAIL_URL", &smtp.url())]).await;
    let visitor = server.signed_in_with(&asha.1);
    let slots = records.slots().await;
    let mut appointment = visitor.book(&asha.0.case, &slots[0]).await.body;
    let first = smtp.mail().await;
    assert!(first.header("Subject").starts_with("Your appointment is booked"), "{}", first.raw);
    for slot in &slots[1..] {
        let moved = visitor.post(&path_of(&appointment, "/move"), &json!({ "slot": slot })).await;
        assert_eq!(moved.status, StatusCode::CREATED, "{moved:?}");
        appointment = moved.body;
        tokio::time::sleep(Duration::from_millis(800)).await;
    }
    assert_eq!(smtp.mails().len(), 0, "the first is still on its way");
    smtp.go().await;
    let last = smtp.mail().await;
    let number = appointment["number"].as_str().unwrap();
    assert!(
        last.header("Subject").starts_with("Your appointment is moved") && last.raw.contains(number),
        "{}",
        last.raw
    );
    smtp.go().await;
    wait_for(async || states(&records, &asha.0).await["moved"] == State::Sent, "it is noted").await;
    assert_eq!(smtp.mails().len(), 0);
    server.kill().await;
}

/// The server dies at each step between leasing a message and recording it as sent. Nothing is lost, and duplicates
/// have the same message id.
#[tokio::test]
async fn a_server_that_dies_loses_no_mail() {
    for (hold, step, copies) in [
        ("greeting", "has taken the message", 1),
        ("answer", "has handed it on and heard nothing", 2),
        ("answer", "has been told that it is taken", 2),
        ("", "has noted it", 1),
    ] {
        let records = Records::new(1).await;
        let asha = records.ready("Asha Rao").await;
        let mut smtp = Smtp::start(json!({ "hold": hold })).await;
        let server = records.open_with(MONDAY, &[("MAIL_URL", &smtp.url())]).await;
        server.signed_in_with(&asha.1).book(&asha.0.case, &records.slots().await[0]).await;
        let mut ids = Vec::new();
        match step {
            "has taken the message" => {
                smtp.next("connected").await;
            }
            "has handed it on and heard nothing" => ids.push(smtp.mail().await.id()),
            "has been told that it is taken" => {
                ids.push(smtp.mail().await.id());
                // The lock prevents any recording.
                let mut lock = records.store().write().await.unwrap();
                if records.url().is_some() {
                    sqlx::query("LOCK TABLE messages IN EXCLUSIVE MODE").execute(&mut *lock).await.unwrap();
                }
                smtp.go().await;
                // The answer arrives, and the server waits for the lock.
                tokio::time::sleep(Duration::from_millis(300)).await;
                server.kill().await;
                drop(lock);
                assert_eq!(states(&records, &asha.0).await["booked"], State::Queued, "after the server {step}");
                ids.extend(sent_by_another(&records, &asha.0).await);
                assert_eq!(
                    (ids.len(), ids.iter().collect::<std::collections::BTreeSet<_>>().len()),
                    (copies, 1),
                    "{step}"
                );
                continue;
            }
            _ => {
                ids.push(smtp.mail().await.id());
                wait_for(async || states(&records, &asha.0).await["booked"] == State::Sent, "it is noted").await;
            }
        }
        server.kill().await;
        ids.extend(sent_by_another(&records, &asha.0).await);
        let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!((ids.len(), distinct.len()), (copies, 1), "after the server {step}");
    }
}

/// The message ids that another server sends after the lease of the dead one.
async fn sent_by_another(records: &Records, person: &Person) -> Vec<String> {
    let mut smtp = Smtp::start(json!({})).await;
    let server = records.open_with(&later(2), &[("MAIL_URL", &smtp.url())]).await;
    wait_for(async || states(records, person).await["booked"] == State::Sent, "it is sent").await;
    // A later message marks the end.
    server.visitor().ask_for_code("last@example.org").await;
    let mut ids = Vec::new();
    loop {
        let mail = smtp.mail().await;
        if mail.to == json!(["last@example.org"]) {
            server.kill().await;
            return ids;
        }
        ids.push(mail.id());
    }
}
