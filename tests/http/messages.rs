//! Messages on their way: mail servers and SMS gateways as they are on bad days, and what becomes of the messages.

use std::{
    collections::{BTreeMap, VecDeque},
    process::Stdio,
    sync::{Arc, Mutex},
    time::Duration,
};

use api::{
    cases::{Case, Slot},
    messages::State,
    offices::{Bring, Office, OfficeKind},
    situation::Situation,
};
use axum::{Router, extract, http::HeaderMap};
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Method, StatusCode};
use rules::{ApplicationType, Country, District, notice::Language};
use serde_json::{Value, json};
use server::store::{self, appointments, messages, new_id};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{Child, ChildStdin, Command},
    sync::mpsc,
};

use crate::counter::{MONDAY, Person, Records, Visitor, answer, binary, path_of, wait_for};

// A mail server.

struct Smtp {
    /// Ended with the value.
    _process: Child,
    input: ChildStdin,
    said: mpsc::UnboundedReceiver<Value>,
    port: u64,
}

impl Smtp {
    async fn start(wanted: Value) -> Smtp {
        let mut process = Command::new("node")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/smtp.mjs"))
            .arg(wanted.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let input = process.stdin.take().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let (sender, said) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                if sender.send(serde_json::from_str(&line).unwrap()).is_err() {
                    return;
                }
            }
        });
        let mut smtp = Smtp { _process: process, input, said, port: 0 };
        smtp.port = smtp.next("port").await["port"].as_u64().unwrap();
        smtp
    }

    /// Waits until it says something about this.
    async fn next(&mut self, what: &str) -> Value {
        let line = async {
            loop {
                let line = self.said.recv().await.expect("the mail server ended");
                if !line[what].is_null() {
                    return line;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(20), line).await.unwrap_or_else(|_| panic!("never: {what}"))
    }

    /// The next mail that comes in.
    async fn mail(&mut self) -> Mail {
        let line = self.next("raw").await;
        Mail { to: line["to"].clone(), secure: line["secure"] == true, raw: line["raw"].as_str().unwrap().to_owned() }
    }

    /// The mails that are in already.
    fn mails(&mut self) -> Vec<Mail> {
        let mut all = Vec::new();
        while let Ok(line) = self.said.try_recv() {
            if let Some(raw) = line["raw"].as_str() {
                all.push(Mail { to: line["to"].clone(), secure: false, raw: raw.to_owned() });
            }
        }
        all
    }

    async fn go(&mut self) {
        self.input.write_all(b"go\n").await.unwrap();
    }

    fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }
}

#[derive(Debug)]
struct Mail {
    to: Value,
    secure: bool,
    raw: String,
}

impl Mail {
    fn header(&self, name: &str) -> String {
        let head = self.raw.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
        let lines: Vec<&str> = head.split("\r\n").filter_map(|line| line.strip_prefix(&format!("{name}: "))).collect();
        assert!(lines.len() <= 1, "{name} twice: {head}");
        lines.concat()
    }

    /// The id of the message that it was made of.
    fn id(&self) -> String {
        self.header("Message-ID")
    }
}

/// The mail in a mailbox that begins so.
fn has_come(counter: &crate::counter::Counter, email: &str, subject: &str) -> bool {
    counter.mailbox(email).iter().any(|mail| mail.subject.starts_with(subject))
}

// An SMS gateway.

#[derive(Clone, Copy, Debug)]
enum Answers {
    With(u16),
    /// Says when to come back.
    After(u16, u64),
    /// Breaks the connection.
    Nothing,
    /// Never.
    Never,
}
use Answers::{After, Never, Nothing, With};

/// What a gateway was sent.
#[derive(Clone, Debug)]
struct Sent {
    path: String,
    headers: HeaderMap,
    body: Value,
}

#[derive(Clone)]
struct Gateway {
    url: String,
    sent: Arc<Mutex<Vec<Sent>>>,
    /// What it answers, in order; then always 200.
    answers: Arc<Mutex<VecDeque<Answers>>>,
}

impl Gateway {
    async fn start(answers: &[Answers]) -> Gateway {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let gateway =
            Gateway { url, sent: Arc::default(), answers: Arc::new(Mutex::new(answers.iter().copied().collect())) };
        let router = Router::new().fallback({
            let gateway = gateway.clone();
            move |request: extract::Request| gateway.clone().take(request)
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        gateway
    }

    async fn take(self, request: extract::Request) -> axum::response::Response {
        let (head, body) = request.into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        let body: Value = serde_json::from_slice(&bytes).unwrap();
        // A number that is nobody's.
        let unknown = body["to"] == "+4722342104";
        self.sent.lock().unwrap().push(Sent { path: head.uri.path().to_owned(), headers: head.headers, body });
        let next = if unknown { None } else { Some(self.answers.lock().unwrap().pop_front().unwrap_or(With(200))) };
        let response = |status: u16| axum::response::Response::builder().status(status);
        match next.unwrap_or(With(422)) {
            With(status) => response(status).body(axum::body::Body::empty()).unwrap(),
            After(status, seconds) => {
                response(status).header("retry-after", seconds).body(axum::body::Body::empty()).unwrap()
            }
            // The body breaks off before the answer's head is believed.
            Nothing => {
                let broken = futures_util::stream::iter([Err::<bytes::Bytes, _>(std::io::Error::other("broken"))]);
                response(200).header("content-length", 9).body(axum::body::Body::from_stream(broken)).unwrap()
            }
            Never => std::future::pending().await,
        }
    }

    fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    async fn wait_for(&self, count: usize) {
        wait_for(async || self.sent().len() >= count, &format!("{count} SMS at the gateway")).await;
    }
}

// People with a time.

/// A passport office in Oslo.
pub async fn passport_office(records: &Records) -> Office {
    let office = Office {
        id: new_id(),
        name: "Pass- og ID-kontoret".to_owned(),
        kind: OfficeKind::Passport,
        district: District::Oslo,
        address: "Storgata 2".to_owned(),
        phone: "02800".to_owned(),
        hours: Vec::new(),
        bring: vec![Bring::OldDocument],
        posts: None,
    };
    let mut t = records.store().write().await.unwrap();
    store::offices::add(&mut t, &office, &[ApplicationType::Passport]).await.unwrap();
    t.commit().await.unwrap();
    office
}

/// Somebody who has a time for a passport, booked before the test begins, and the appointment's id.
pub async fn has_passport_time(
    records: &Records,
    office: &Office,
    name: &str,
    starts: &str,
    phone: Option<&str>,
) -> Holder {
    let mut t = records.store().write().await.unwrap();
    let email = format!("{}@example.org", name.to_lowercase().replace(' ', "."));
    let id = store::persons::find_or_add(&mut t, &email, Language::Nb, DateTime::UNIX_EPOCH).await.unwrap();
    store::persons::change(&mut t, &id, Language::Nb, phone).await.unwrap();
    let case = Case {
        id: new_id(),
        reference: format!("PASS-{name}"),
        applicant: name.to_owned(),
        application_type: ApplicationType::Passport,
        district: District::Oslo,
        submitted: true,
        citizenships: vec![Country::from_code("NO").unwrap()],
        situation: None,
        work: None,
        appointment: None,
        lost: None,
    };
    assert!(store::cases::add(&mut t, &id, &case).await.unwrap());
    let now = instant(MONDAY);
    store::situations::set(&mut t, &case.id, &Situation::default(), now).await.unwrap();
    let slot = Slot { id: new_id(), office: office.id.clone(), starts: instant(starts), minutes: 15 };
    store::slots::add(&mut t, &slot, &[ApplicationType::Passport]).await.unwrap();
    let claim = appointments::claim(&mut t, &slot, &case.id, None, now).await.unwrap();
    let appointments::Claim::Booked { id: appointment, .. } = claim else { panic!("not booked") };
    t.commit().await.unwrap();
    Holder { person: Person { id, email, case: case.id }, appointment }
}

pub struct Holder {
    pub person: Person,
    pub appointment: String,
}

fn instant(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

/// `minutes` after the Monday on which the tests begin.
fn later(minutes: i64) -> String {
    (instant(MONDAY) + TimeDelta::minutes(minutes)).to_rfc3339()
}

/// Closes an office as an officer does, and returns what is said.
async fn close(records: &Records, office: &str, days: [&str; 2], clock: &str, yes: bool) -> String {
    let mut arguments = vec!["close", office, "--from", days[0], "--to", days[1]];
    arguments.extend(yes.then_some("--yes"));
    run(records, &arguments, clock).await.0
}

/// Runs `skranke` beside the server, and returns what it says and whether it went well.
async fn run(records: &Records, arguments: &[&str], clock: &str) -> (String, bool) {
    let output = Command::new(binary())
        .args(arguments)
        .args(["--clock", clock, "--data-dir"])
        .arg(records.folder())
        .env("DATABASE_URL", records.url().unwrap_or_default())
        .output()
        .await
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (String::from_utf8(said).unwrap(), output.status.success())
}

/// The state of every message to somebody, by its kind; of several of one kind, of the last.
async fn states(records: &Records, person: &Person) -> BTreeMap<String, State> {
    let mut connection = records.store().read().await.unwrap();
    let all = messages::of_person(&mut connection, &person.id).await.unwrap();
    all.into_iter().map(|told| (rules::Coded::code(told.kind).to_owned(), told.state)).collect()
}

// Mail.

/// With TLS from the start and by STARTTLS, with a password; and never without what was asked for.
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

        // With a wrong password nothing is given up: that is not the address's fault.
        let mut counter = open(&url("wrong"), ca, MONDAY).await;
        let slot = records.slots().await.remove(0);
        assert_eq!(counter.signed_in_with(&asha.1).book(&asha.0.case, &slot).await.status, StatusCode::CREATED);
        smtp.next("signed_in_as").await;
        let line = counter.log_line("was not sent").await;
        assert!(line.contains("535") && !line.contains("asha"), "nobody's address is in the log: {line}");
        assert_eq!(states(&records, &asha.0).await["booked"], State::Queued);
        counter.kill().await;

        // Nor is anything sent to a server that is not known to be the right one.
        let good = url("s%2Fecret");
        let mut counter = open(&good, "", &later(3)).await;
        counter.log_line("was not sent").await;
        assert_eq!(states(&records, &asha.0).await["booked"], State::Queued);
        counter.kill().await;
        assert_eq!(smtp.mails().len(), 0);

        let counter = open(&good, ca, &later(10)).await;
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
        counter.kill().await;
    }
}

/// A server that offers no TLS gets nothing from who wants it.
#[tokio::test]
async fn mail_waits_rather_than_go_in_the_clear() {
    let records = Records::new(0).await;
    let mut smtp = Smtp::start(json!({})).await;
    let counter = records.open_with(MONDAY, &[("MAIL_URL", &format!("{}?tls=required", smtp.url()))]).await;
    counter.visitor().ask_for_code("asha@example.org").await;
    smtp.next("connected").await;
    // It comes back after some seconds, and no mail was taken in between.
    smtp.next("connected").await;
    assert_eq!(smtp.mails().len(), 0);
}

/// Who booked and cancelled while the mail server was away hears of the cancellation only.
#[tokio::test]
async fn what_no_longer_holds_is_not_sent() {
    let records = Records::new(1).await;
    let asha = records.ready("Asha Rao").await;
    let counter = records.open_with(MONDAY, &[("MAIL_URL", "smtp://127.0.0.1:1")]).await;
    let visitor = counter.signed_in_with(&asha.1);
    let booked = visitor.book(&asha.0.case, &records.slots().await[0]).await.body;
    visitor.post(&path_of(&booked, "/cancel"), &json!({})).await;
    counter.kill().await;

    let mut smtp = Smtp::start(json!({})).await;
    let counter = records.open_with(&later(5), &[("MAIL_URL", &smtp.url())]).await;
    let mail = smtp.mail().await;
    assert!(mail.header("Subject").starts_with("Your appointment is cancelled"), "{}", mail.raw);
    wait_for(async || states(&records, &asha.0).await["cancelled"] == State::Sent, "it is noted").await;
    let states = states(&records, &asha.0).await;
    assert_eq!((states["booked"], states["reminder"]), (State::Withdrawn, State::Withdrawn));
    assert_eq!(smtp.mails().len(), 0);
    counter.kill().await;
}

/// Asking for a code again ends the one before, which is then not sent any more.
#[tokio::test]
async fn only_the_newest_code_is_sent() {
    let records = Records::new(0).await;
    let counter = records.open_with(MONDAY, &[("MAIL_URL", "smtp://127.0.0.1:1")]).await;
    for _ in 0..3 {
        counter.visitor().ask_for_code("asha@example.org").await;
    }
    counter.kill().await;
    let mut smtp = Smtp::start(json!({})).await;
    // Past the lease of a server that was killed while it tried.
    let counter = records.open_with(&later(3), &[("MAIL_URL", &smtp.url())]).await;
    let mail = smtp.mail().await;
    let code = mail.raw.split("Your code is ").nth(1).unwrap()[..6].to_owned();
    let signed_in = counter.visitor().put("/api/session", &json!({ "email": "asha@example.org", "code": code })).await;
    assert_eq!(signed_in.status, StatusCode::OK);
    assert_eq!(smtp.mails().len(), 0);
    wait_for(async || !records.everything().await.contains(&code), "the code is kept no longer than it takes").await;

    // A code that is over is not sent either.
    counter.kill().await;
    let counter = records.open_with(&later(20), &[("MAIL_URL", "smtp://127.0.0.1:1")]).await;
    counter.visitor().ask_for_code("omar@example.org").await;
    counter.kill().await;
    let counter = records.open_with(&later(31), &[("MAIL_URL", &smtp.url())]).await;
    let expired =
        |text: String| text.lines().any(|line| line.contains("omar@example.org") && line.contains("\"expired\""));
    wait_for(async || expired(records.everything().await), "it is over").await;
    assert_eq!(smtp.mails().len(), 0);
    counter.kill().await;
}

/// Whatever stands in the records, a message has one recipient and the headers that we write.
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
    let counter = records.open_with(MONDAY, &[("MAIL_URL", &smtp.url())]).await;
    let slots = records.slots().await;
    for ((person, token), slot) in [&eve, &bad, &unknown].into_iter().zip(&slots) {
        assert_eq!(counter.signed_in_with(token).book(&person.case, slot).await.status, StatusCode::CREATED);
    }
    let mail = smtp.mail().await;
    assert_eq!(mail.to, json!(["eve@example.org"]));
    assert_eq!(mail.header("Bcc"), "", "{}", mail.raw);
    // What is no address, and what the server knows nobody by, is given up at once.
    for (person, _) in [&bad, &unknown] {
        wait_for(async || states(&records, person).await["booked"] == State::Failed, "it is given up").await;
    }
    assert_eq!(smtp.mails().len(), 0);
    counter.kill().await;
}

/// The server dies at each step between taking a message and noting that it was sent. Nothing is lost, and what comes twice comes
/// with the same id.
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
        let counter = records.open_with(MONDAY, &[("MAIL_URL", &smtp.url())]).await;
        counter.signed_in_with(&asha.1).book(&asha.0.case, &records.slots().await[0]).await;
        let mut ids = Vec::new();
        match step {
            "has taken the message" => {
                smtp.next("connected").await;
            }
            "has handed it on and heard nothing" => ids.push(smtp.mail().await.id()),
            "has been told that it is taken" => {
                ids.push(smtp.mail().await.id());
                // Nobody can note anything now.
                let mut lock = records.store().write().await.unwrap();
                if records.url().is_some() {
                    sqlx::query("LOCK TABLE messages IN EXCLUSIVE MODE").execute(&mut *lock).await.unwrap();
                }
                smtp.go().await;
                // The answer is on its way, and then the server waits for its turn.
                tokio::time::sleep(Duration::from_millis(300)).await;
                counter.kill().await;
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
        counter.kill().await;
        ids.extend(sent_by_another(&records, &asha.0).await);
        let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!((ids.len(), distinct.len()), (copies, 1), "after the server {step}");
    }
}

/// What another server sends when the lease of the one that died is over.
async fn sent_by_another(records: &Records, person: &Person) -> Vec<String> {
    let mut smtp = Smtp::start(json!({})).await;
    let counter = records.open_with(&later(2), &[("MAIL_URL", &smtp.url())]).await;
    wait_for(async || states(records, person).await["booked"] == State::Sent, "it is sent").await;
    // Something else goes out after it, so nothing more of it is on its way.
    counter.visitor().ask_for_code("last@example.org").await;
    let mut ids = Vec::new();
    loop {
        let mail = smtp.mail().await;
        if mail.to == json!(["last@example.org"]) {
            counter.kill().await;
            return ids;
        }
        ids.push(mail.id());
    }
}

/// A reminder comes two days before, in the language and to the place of that day; not after the appointment.
#[tokio::test]
async fn a_reminder_comes_two_days_before_and_not_too_late() {
    let records = Records::new(2).await;
    let asha = records.ready("Asha Rao").await;
    let omar = records.ready("Omar Haddad").await;
    let counter = records.open(MONDAY).await;
    let slots = records.slots().await;
    for ((person, token), slot) in [&asha, &omar].into_iter().zip(&slots) {
        assert_eq!(counter.signed_in_with(token).book(&person.case, slot).await.status, StatusCode::CREATED);
    }
    // She reads Norwegian from now on.
    counter.signed_in_with(&asha.1).patch("/api/account", &json!({ "language": "nb" })).await;
    let came = |counter: &crate::counter::Counter, person: &Person| {
        counter
            .mailbox(&person.email)
            .into_iter()
            .filter(|mail| mail.subject.contains("Husk timen"))
            .collect::<Vec<_>>()
    };
    wait_for(async || has_come(&counter, &omar.0.email, "Your appointment is booked"), "he is told").await;
    counter.kill().await;

    // The appointments are on Monday the 16th. One minute before nine on Saturday nothing comes.
    let counter = records.open("2020-11-14T08:59:00+01:00").await;
    counter.visitor().ask_for_code("last@example.org").await;
    counter.code_for("last@example.org").await;
    assert_eq!((came(&counter, &asha.0).len(), came(&counter, &omar.0).len()), (0, 0));
    counter.kill().await;
    let counter = records.open("2020-11-14T09:00:01+01:00").await;
    wait_for(async || came(&counter, &asha.0).len() == 1 && came(&counter, &omar.0).len() == 1, "both come").await;
    assert!(
        came(&counter, &asha.0)[0].subject.starts_with("Husk timen 16.11. kl. 09:00 / Remember"),
        "her own language first"
    );
    assert!(came(&counter, &omar.0)[0].subject.starts_with("Remember your appointment on 16 Nov 10:00"));
    counter.kill().await;

    // Kari's server was down over her appointment.
    let records = Records::new(1).await;
    let kari = records.ready("Kari Nordmann").await;
    let counter = records.open(MONDAY).await;
    counter.signed_in_with(&kari.1).book(&kari.0.case, &records.slots().await[0]).await;
    counter.kill().await;
    let counter = records.open("2020-11-16T09:00:01+01:00").await;
    wait_for(async || states(&records, &kari.0).await["reminder"] == State::Failed, "it is over").await;
    assert_eq!(came(&counter, &kari.0).len(), 0);
    let (calls, _) = run(&records, &["outbox", "calls"], MONDAY).await;
    assert_eq!(calls, "", "nobody calls about a reminder");
    counter.kill().await;
}

// SMS.

/// A gateway on a bad day: each time the same message with the same key, until it is taken.
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
        messages::oldest_due(&mut connection, DateTime::<Utc>::MAX_UTC).await.unwrap()
    };
    // The first failure puts it off for about half a minute, the second for as long as the gateway says.
    for (number, minute) in [0, 2, 13].into_iter().enumerate() {
        let counter = records.open_with(&later(minute), &settings).await;
        gateway.wait_for(number + 1).await;
        let opened = instant(&later(minute));
        if number < 2 {
            wait_for(async || due().await.is_some_and(|due| due > opened), "it is put off").await;
            let put_off = (due().await.unwrap() - opened).num_seconds();
            assert!(if number == 0 { (20..60).contains(&put_off) } else { put_off >= 600 }, "{number}: {put_off}");
        }
        counter.kill().await;
    }
    // A broken answer is no answer; in the end the gateway says that it has the message already.
    let counter = records.open_with(&later(60), &settings).await;
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
    counter.kill().await;
}

/// While the gateway hangs, mail goes out; and whoever takes over sends the SMS again with the same key.
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
    let counter = records.open_with(MONDAY, &settings).await;
    gateway.wait_for(1).await;
    counter.visitor().ask_for_code("asha@example.org").await;
    counter.code_for("asha@example.org").await;
    assert_eq!(states(&records, &kari.person).await["cancelled-by-office"], State::Queued);
    counter.kill().await;
    let counter = records.open_with(&later(2), &settings).await;
    gateway.wait_for(2).await;
    let sent = gateway.sent();
    assert_eq!(sent[0].body["id"], sent[1].body["id"]);
    counter.kill().await;
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
    let counter = records.open_with(MONDAY, &settings).await;
    gateway.wait_for(1).await;
    let Sent { path, headers, body } = gateway.sent().remove(0);
    assert_eq!(path, "/notifications/api/v1/future/orders/instant/sms");
    assert_eq!(headers["authorization"], "Bearer token");
    let sms = &body["recipientSms"];
    assert_eq!((&sms["phoneNumber"], &sms["smsSettings"]["sender"]), (&json!("+4722342107"), &json!("Politi")));
    let lives = sms["timeToLiveInSeconds"].as_i64().unwrap();
    assert!((86_000..=86_400).contains(&lives), "a day: {lives}");
    assert_eq!(body["idempotencyId"], body["sendersReference"]);
    counter.kill().await;
}

/// What an SMS cannot be sent to is not sent, and somebody calls; at night it waits, unless the appointment is near.
#[tokio::test]
async fn an_office_closes_and_everybody_is_told_once() {
    const EVENING: &str = "2020-11-16T20:00:00+01:00";
    let records = Records::new(3).await;
    let office = passport_office(&records).await;
    let time = async |name: &str, starts: &str, phone: Option<&str>| {
        has_passport_time(&records, &office, name, starts, phone).await
    };
    // Near, far, without a number, with a number that is none, after the closing, and one that the gateway does not take.
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
    let counter = records.open_with(EVENING, &settings).await;
    let said = close(&records, "Pass- og ID-kontoret", days, EVENING, true).await;
    assert!(said.contains("is closed.") && said.contains("5 lose their appointment"), "{said}");
    // Whoever does it again changes nothing.
    let said = close(&records, "Pass- og ID-kontoret", days, EVENING, true).await;
    assert!(said.contains("0 lose their appointment"), "{said}");

    // At eight in the evening an SMS wakes nobody but who would come in two days; mail goes out.
    gateway.wait_for(1).await;
    wait_for(async || has_come(&counter, &mail.person.email, "Vi har avlyst timen din"), "the mail comes").await;
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
    counter.kill().await;

    let counter = records.open_with("2020-11-17T09:00:00+01:00", &settings).await;
    wait_for(async || state(&refused, "cancelled-by-office").await == Some(State::Failed), "it is given up").await;
    wait_for(async || state(&wrong, "cancelled-by-office").await == Some(State::Failed), "it is given up").await;
    wait_for(async || state(&far, "cancelled-by-office").await == Some(State::Sent), "it is noted").await;
    assert_eq!(gateway.sent().len(), 3, "what is no number goes to no gateway");

    // The one whose phone was off: the gateway says so later.
    let far_away = gateway.sent().into_iter().find(|sent| sent.body["to"] == "+4722342102").unwrap();
    let id = far_away.body["id"].as_str().unwrap().to_owned();
    let settle = async |id: &str, status: &str, secret: &str| {
        receipt(&counter.visitor(), &json!({ "id": id, "status": status }), secret).await
    };
    assert_eq!(settle(&id, "failed", "guess").await, (StatusCode::UNAUTHORIZED, "signature-wrong".to_owned()));
    assert_eq!(settle("unknown", "failed", "secret").await, (StatusCode::NOT_FOUND, "not-found".to_owned()));
    assert_eq!(settle(&id, "eaten", "secret").await, (StatusCode::UNPROCESSABLE_ENTITY, "invalid-field".to_owned()));
    let unsigned = counter.visitor().post("/api/messages/receipts", &json!({ "id": id, "status": "failed" })).await;
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

    // The call list, and its end.
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

    // She looks herself: on her case, on the appointment, and at what was sent to her.
    let visitor = counter.sign_in(&near.person).await;
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
    counter.kill().await;
}

/// Sends a receipt as the gateway does, signed with a secret.
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

/// Without a secret nobody can say that a message has arrived.
#[tokio::test]
async fn without_a_secret_no_receipts_are_taken() {
    let records = Records::new(0).await;
    let counter = records.open(MONDAY).await;
    let answer = receipt(&counter.visitor(), &json!({ "id": "x", "status": "delivered" }), "").await;
    assert_eq!(answer, (StatusCode::NOT_FOUND, "not-found".to_owned()));
    counter.kill().await;
}

/// The gateway dies with the server, between the message and its receipt; the receipt finds the next server.
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
    let counter = records.open_with(MONDAY, &settings).await;
    wait_for(async || states(&records, &kari.person).await["cancelled-by-office"] == State::Sent, "it is sent").await;
    counter.kill().await;
    let counter = records.open_with(&later(5), &settings).await;
    let id = gateway.sent()[0].body["id"].clone();
    let answer = receipt(&counter.visitor(), &json!({ "id": id, "status": "delivered" }), "secret").await;
    assert_eq!(answer.0, StatusCode::NO_CONTENT);
    assert_eq!(states(&records, &kari.person).await["cancelled-by-office"], State::Delivered);
    assert_eq!(gateway.sent().len(), 1, "and it is not sent again");
    counter.kill().await;
}

// Settings.

#[tokio::test]
async fn what_could_not_be_sent_is_found_at_start() {
    let records = Records::new(0).await;
    let serve = async |settings: &[(&str, &str)]| {
        let output = Command::new(binary())
            .args(["serve", "--port", "0", "--data-dir"])
            .arg(records.folder())
            .envs(settings.iter().copied())
            .env("DATABASE_URL", records.url().unwrap_or_default())
            .output();
        let output = tokio::time::timeout(Duration::from_secs(10), output).await.expect("it opened").unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    for (settings, says) in [
        (&[("MAIL_URL", "mail.example.org")][..], "MAIL_URL cannot be used"),
        (&[("MAIL_FROM", "nobody")], "MAIL_FROM is no address"),
        (&[("MAIL_URL", "smtps://mail.example.org"), ("MAIL_CA", "/nowhere")], "cannot read /nowhere"),
        (&[("SMS_URL", "gateway")], "SMS_URL is no address"),
        (&[("SMS_URL", "https://gateway"), ("SMS_FIELDS", "whom=to")], "there are to, text, id, sender"),
    ] {
        let said = serve(settings).await;
        assert!(said.contains(says), "{said}");
        assert!(!said.contains("panicked"), "{said}");
    }
    let folder = records.folder().join("messages");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(
        folder.join("booked.toml"),
        "[nb]\nsubject = \"a\"\nbody = \"{{ wann }}\"\n[en]\nsubject=\"b\"\nbody=\"c\"\n",
    )
    .unwrap();
    let said = serve(&[]).await;
    assert!(said.contains("booked.toml: [nb] body: there is no {{ wann }} here"), "{said}");
}
