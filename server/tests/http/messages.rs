//! Outbox end to end: mail servers and SMS gateways that fail in various ways, and the resulting state of each message.

use std::{
    collections::{BTreeMap, VecDeque},
    process::Stdio,
    sync::{Arc, Mutex},
    time::Duration,
};

use api::{
    cases::{Case, Slot},
    messages::State,
    officers::Role,
    offices::{Bring, Office, OfficeKind, Posting},
    situation::Situation,
};
use axum::{Router, extract, http::HeaderMap};
use chrono::{DateTime, TimeDelta, Utc, Weekday};
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

use crate::common::{DOCUMENTS_KEY, MONDAY, Person, Records, Visitor, answer, binary, path_of, wait_for};

// Fake mail server.

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
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/smtp.mjs"))
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

    /// Waits for a line with this field.
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

    /// The next mail.
    async fn mail(&mut self) -> Mail {
        let line = self.next("raw").await;
        Mail { to: line["to"].clone(), secure: line["secure"] == true, raw: line["raw"].as_str().unwrap().to_owned() }
    }

    /// The mails received so far.
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

    /// The id of its message.
    fn id(&self) -> String {
        self.header("Message-ID")
    }
}

/// `true` if a mailbox has a mail whose subject starts like this.
fn has_come(server: &crate::common::TestServer, email: &str, subject: &str) -> bool {
    server.mailbox(email).iter().any(|mail| mail.subject.starts_with(subject))
}

// Fake SMS gateway.

#[derive(Clone, Copy, Debug)]
enum Answers {
    With(u16),
    /// A status with `Retry-After`.
    After(u16, u64),
    /// A broken connection.
    Nothing,
    /// No answer at all.
    Never,
}
use Answers::{After, Never, Nothing, With};

/// A request to the gateway.
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
    /// The answers in order, and after them always 200.
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
        // A number that the gateway does not know.
        let unknown = body["to"] == "+4722342104";
        self.sent.lock().unwrap().push(Sent { path: head.uri.path().to_owned(), headers: head.headers, body });
        let next = if unknown { None } else { Some(self.answers.lock().unwrap().pop_front().unwrap_or(With(200))) };
        let response = |status: u16| axum::response::Response::builder().status(status);
        match next.unwrap_or(With(422)) {
            With(status) => response(status).body(axum::body::Body::empty()).unwrap(),
            After(status, seconds) => {
                response(status).header("retry-after", seconds).body(axum::body::Body::empty()).unwrap()
            }
            // The response head is sent, and the body breaks off.
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

// People with appointments.

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

/// A person with an appointment for a passport, booked before the test begins.
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
        invitation: None,
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

/// The instant this many minutes after `MONDAY`.
fn later(minutes: i64) -> String {
    (instant(MONDAY) + TimeDelta::minutes(minutes)).to_rfc3339()
}

/// Closes an office on the command line. Returns the output.
async fn close(records: &Records, office: &str, days: [&str; 2], clock: &str, yes: bool) -> String {
    let mut arguments = vec!["close", office, "--from", days[0], "--to", days[1]];
    arguments.extend(yes.then_some("--yes"));
    run(records, &arguments, clock).await.0
}

/// Runs `skranke` beside the server. Returns its output, and `true` if it succeeded.
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

/// The state of a person's messages by kind; of several of one kind, the last.
async fn states(records: &Records, person: &Person) -> BTreeMap<String, State> {
    let mut connection = records.store().read().await.unwrap();
    let all = messages::of_person(&mut connection, &person.id).await.unwrap();
    all.into_iter().map(|told| (rules::Coded::code(told.kind).to_owned(), told.state)).collect()
}

// Links.

const ORIGIN: &str = "https://time.politiet.example";

/// The link in a mail, which has it once in each language.
fn link_in(body: &str) -> String {
    let mut links: Vec<&str> = body.lines().map(str::trim).filter(|line| line.starts_with(ORIGIN)).collect();
    assert_eq!(links.len(), 2, "{body}");
    links.dedup();
    assert_eq!(links.len(), 1, "both languages lead to the same page: {body}");
    links.concat().replace(ORIGIN, "")
}

/// Every mail links to its subject by the service's own address.
#[tokio::test]
async fn a_mail_leads_to_what_it_is_about() {
    let records = Records::new(3).await;
    let asha = records.ready("Asha Rao").await;
    let server = records.open_with(MONDAY, &[("ORIGIN", ORIGIN)]).await;
    let visitor = server.signed_in_with(&asha.1);
    let slots = records.slots().await;
    let link = async |subject: &str| {
        wait_for(async || has_come(&server, &asha.0.email, subject), subject).await;
        let mail = server.mailbox(&asha.0.email).into_iter().find(|mail| mail.subject.starts_with(subject)).unwrap();
        link_in(&mail.body)
    };
    let page = |appointment: &Value| format!("/appointments/{}", appointment["id"].as_str().unwrap());
    server.visitor().ask_for_code(&asha.0.email).await;
    assert_eq!(link("Your code").await, "/sign-in");
    let booked = visitor.book(&asha.0.case, &slots[0]).await.body;
    assert_eq!(link("Your appointment is booked").await, page(&booked));
    let moved = visitor.move_to(&booked, &slots[1]).await.body;
    assert_eq!(link("Your appointment is moved").await, page(&moved));
    let calendar = visitor.get(&path_of(&moved, "/calendar.ics")).await.body.as_str().unwrap().replace("\r\n ", "");
    assert!(calendar.contains(&format!("\r\nURL:{ORIGIN}{}\r\n", page(&moved))), "{calendar}");
    assert!(calendar.contains("BEGIN:VALARM"), "{calendar}");
    visitor.post(&path_of(&moved, "/cancel"), &json!({})).await;
    assert_eq!(link("Your appointment is cancelled").await, format!("/cases/{}/times", asha.0.case));
    visitor.book(&asha.0.case, &slots[0]).await;
    let said = close(&records, "Oslo", ["2020-11-16", "2020-11-16"], MONDAY, true).await;
    assert!(said.contains("1 by e-mail"), "{said}");
    // The command line runs without `ORIGIN` and uses the default address.
    let subject = "We have cancelled your appointment";
    wait_for(async || has_come(&server, &asha.0.email, subject), subject).await;
    let mail = server.mailbox(&asha.0.email).into_iter().find(|mail| mail.subject.starts_with(subject)).unwrap();
    let link = format!("http://localhost:8080/cases/{}/times", asha.0.case);
    assert_eq!(mail.body.lines().filter(|line| **line == link).count(), 2, "{}", mail.body);
    server.kill().await;
}

/// A short link in an SMS leads to the right page and contains no personal data.
#[tokio::test]
async fn a_short_link_leads_to_its_page() {
    let records = Records::new(0).await;
    let server = records.open(MONDAY).await;
    let without_following = crate::common::client().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let leads_to = async |path: &str| {
        let answer = without_following.get(format!("{}{path}", server.url)).send().await.unwrap();
        let to = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        (answer.status().as_u16(), to.unwrap_or_default())
    };
    for (path, page) in [
        ("/a/0", "/appointments/00000000-0000-0000-0000-000000000000"),
        ("/c/f5lxx1zz5pnorynqglhzmsp33", "/cases/ffffffff-ffff-ffff-ffff-ffffffffffff"),
        ("/t/zz", "/cases/00000000-0000-0000-0000-00000000050f/times"),
        ("/d/zz", "/cases/00000000-0000-0000-0000-00000000050f/documents"),
        // A truncated or malicious link.
        ("/a/f5lxx1zz5pnorynqglhzmsp33a", "/cases"),
        ("/a/%2F%2Fevil.example", "/cases"),
        ("/a/+1", "/cases"),
    ] {
        assert_eq!(leads_to(path).await, (303, page.to_owned()), "{path}");
    }
    server.kill().await;
}

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
    let extent = planner.post("/api/desk/closings/preview", &closing).await.body;
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

/// The id of the office of `Records::new`.
async fn first_office(records: &Records) -> String {
    let mut connection = records.store().read().await.unwrap();
    store::offices::list(&mut connection).await.unwrap().remove(0).id
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

/// An office that posts new times on a schedule offers a calendar reminder in the person's language, without personal
/// data.
#[tokio::test]
async fn anybody_can_be_reminded_of_the_next_posting() {
    let records = Records::new(0).await;
    let quiet = first_office(&records).await;
    let office = Office {
        id: new_id(),
        name: "Bodø".to_owned(),
        kind: OfficeKind::Immigration,
        district: District::Nordland,
        address: "Storgata 2".to_owned(),
        phone: "02800".to_owned(),
        hours: Vec::new(),
        bring: Vec::new(),
        posts: Some(Posting { day: Weekday::Mon, at: 8 * 60 }),
    };
    let mut t = records.store().write().await.unwrap();
    store::offices::add(&mut t, &office, &[ApplicationType::Work]).await.unwrap();
    t.commit().await.unwrap();
    let server = records.open_with(MONDAY, &[("ORIGIN", ORIGIN)]).await;
    let visitor = server.visitor();
    for (language, title) in [("nb", "Nye timer hos politiet: Bodø"), ("en", "New appointments with the police: Bodø")]
    {
        let answer = visitor.get(&format!("/api/offices/{}/posting.ics?lang={language}", office.id)).await;
        assert_eq!(answer.headers["content-type"], "text/calendar; charset=utf-8");
        let file = answer.body.as_str().unwrap().replace("\r\n ", "");
        // Monday at nine is past the posting time, so the next one is on 9 November at 08:00.
        for line in
            [&format!("SUMMARY:{title}"), "DTSTART:20201109T070000Z", &format!("URL:{ORIGIN}/cases"), "BEGIN:VALARM"]
        {
            assert!(file.contains(&format!("\r\n{line}\r\n")), "{line}: {file}");
        }
    }
    for unknown in [quiet.as_str(), "unknown"] {
        let answer = visitor.get(&format!("/api/offices/{unknown}/posting.ics")).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::NOT_FOUND, "not-found"), "{unknown}");
    }
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

// Mail.

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
        messages::waiting(&mut connection, &asha.0.id, now).await.unwrap().len() == 2
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

// SMS.

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
            messages::waiting(&mut connection, &one.person.id, instant(MONDAY)).await.unwrap().len() == 1
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
        messages::oldest_due(&mut connection, DateTime::<Utc>::MAX_UTC).await.unwrap()
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

// Settings.

#[tokio::test]
async fn what_could_not_be_sent_is_found_at_start() {
    let records = Records::new(0).await;
    let serve = async |settings: &[(&str, &str)]| {
        let output = Command::new(binary())
            .args(["serve", "--port", "0", "--data-dir"])
            .arg(records.folder())
            .env("DATABASE_URL", records.url().unwrap_or_default())
            .env("DOCUMENTS_KEY", DOCUMENTS_KEY)
            .env("MAIL_INTO_FILES", "true")
            .env("SMS_INTO_FILES", "true")
            .envs(settings.iter().copied())
            .output();
        let output = tokio::time::timeout(Duration::from_secs(10), output).await.expect("it opened").unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    for (settings, says) in [
        (&[("MAIL_URL", "mail.example.org")][..], "MAIL_URL cannot be used"),
        (&[("MAIL_URL", "smtps://skranke:12/34@mail.example.org")], "%2F"),
        (&[("MAIL_FROM", "nobody")], "MAIL_FROM is no address"),
        (&[("MAIL_URL", "smtps://mail.example.org"), ("MAIL_CA", "/nowhere")], "cannot read /nowhere"),
        (&[("SMS_URL", "gateway")], "SMS_URL is no address"),
        (&[("SMS_URL", "http://gateway.example")], "SMS_URL must begin with https://"),
        // A server without mail or SMS refuses to start, instead of failing at the first code.
        (&[("MAIL_INTO_FILES", "false")], "MAIL_URL is not set"),
        (&[("SMS_INTO_FILES", "false")], "SMS_URL is not set"),
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
