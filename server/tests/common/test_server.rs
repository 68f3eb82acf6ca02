//! Records in a temporary folder or database, the server process over them, and HTTP clients for people.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use api::{
    cases::{Case, Slot, Times},
    officers::Role,
    offices::{Bring, Office, OfficeKind},
    situation::Situation,
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use reqwest::{Client, ClientBuilder, Method, RequestBuilder, Response, StatusCode, header};
use rules::{ApplicationType, Country, District, notice::Language};
use serde_json::{Value, json};
use server::store::{self, Address, Store, slots::Wanted};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    sync::mpsc,
};

/// Monday 2 November 2020. An entry on 26 October is in quarantine until 5 November.
pub const MONDAY: &str = "2020-11-02T09:00:00+01:00";
pub const FRIDAY: &str = "2020-11-06T09:00:00+01:00";

/// Encryption key for test documents. A server with a shared database requires an explicit one.
pub const DOCUMENTS_KEY: &str = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";

/// The records of an office, for use while no server or several servers run. They are in SQLite, or with
/// `TEST_DATABASE=postgres` in a new database on the server in `TEST_POSTGRES_URL`.
pub struct Records {
    folder: TempDir,
    url: Option<String>,
    store: Store,
}

impl Records {
    /// An immigration office in Oslo with this many slots, one an hour from Monday 16 November 2020.
    pub async fn new(slots: i64) -> Records {
        match std::env::var("TEST_DATABASE").as_deref() {
            Ok("postgres") => Records::on_postgres(slots).await,
            _ => Records::on_sqlite(slots).await,
        }
    }

    pub async fn on_sqlite(slots: i64) -> Records {
        Records::at(None, slots).await
    }

    pub async fn on_postgres(slots: i64) -> Records {
        Records::at(Some(super::database::new_on_postgres().await), slots).await
    }

    /// Empty records on the other engine.
    pub async fn empty_on_the_other_engine(other: &Records) -> Records {
        let url = if other.url.is_some() { None } else { Some(super::database::new_on_postgres().await) };
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Address::new(url.as_deref(), folder.path()).unwrap()).await.unwrap();
        Records { folder, url, store }
    }

    async fn at(url: Option<String>, slots: i64) -> Records {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Address::new(url.as_deref(), folder.path()).unwrap()).await.unwrap();
        let office = Office {
            id: store::new_id(),
            name: "Oslo".to_owned(),
            kind: OfficeKind::Immigration,
            district: District::Oslo,
            address: "Storgata 1".to_owned(),
            phone: "1".to_owned(),
            hours: Vec::new(),
            bring: vec![Bring::Passport, Bring::Number],
            posts: None,
        };
        let types = [ApplicationType::Work, ApplicationType::FamilyImmigration];
        let mut transaction = store.write().await.unwrap();
        store::offices::add(&mut transaction, &office, &types).await.unwrap();
        let first: DateTime<Utc> = "2020-11-16T08:00:00Z".parse().unwrap();
        for hour in 0..slots {
            let starts = first + TimeDelta::hours(hour);
            let slot = Slot { id: store::new_id(), office: office.id.clone(), starts, minutes: 30 };
            store::slots::add(&mut transaction, &slot, &types).await.unwrap();
        }
        transaction.commit().await.unwrap();
        Records { folder, url, store }
    }

    /// A person with a case for a work permit in Oslo.
    pub async fn person(&self, name: &str) -> Person {
        let mut transaction = self.store.write().await.unwrap();
        let person = Self::add_person(&mut transaction, name).await;
        transaction.commit().await.unwrap();
        person
    }

    async fn add_person(connection: &mut store::Connection, name: &str) -> Person {
        Self::add_case(connection, &address_of(name), &case_of(name, &format!("WORK-{name}"), "IN")).await
    }

    async fn add_case(connection: &mut store::Connection, email: &str, case: &Case) -> Person {
        let id = store::persons::find_or_add(connection, email, Language::En, DateTime::UNIX_EPOCH).await.unwrap();
        assert!(store::cases::add(connection, &id, case).await.unwrap());
        Person { id, email: email.to_owned(), case: case.id.clone() }
    }

    /// Several people with a case each in one account, not in quarantine. Returns them with a session token.
    pub async fn ready_family(&self, names: &[&str]) -> (Vec<Person>, String) {
        let mut transaction = self.store.write().await.unwrap();
        let mut family = Vec::new();
        let mut token = String::new();
        for name in names {
            let case = case_of(name, &format!("WORK-{name}"), "BR");
            let member = Self::add_case(&mut transaction, &address_of(names[0]), &case).await;
            token = Self::make_ready(&mut transaction, &member).await;
            family.push(member);
        }
        transaction.commit().await.unwrap();
        (family, token)
    }

    /// A person as in `ready`, with this citizenship.
    pub async fn ready_citizen(&self, name: &str, country: &str) -> (Person, String) {
        let mut transaction = self.store.write().await.unwrap();
        let case = case_of(name, &format!("WORK-{name}"), country);
        let person = Self::add_case(&mut transaction, &address_of(name), &case).await;
        let token = Self::make_ready(&mut transaction, &person).await;
        transaction.commit().await.unwrap();
        (person, token)
    }

    /// A case in the register that no account has.
    pub async fn on_record(&self, reference: &str, applicant: &str, born: &str) {
        let born: NaiveDate = born.parse().unwrap();
        let mut transaction = self.store.write().await.unwrap();
        store::records::add(&mut transaction, &case_of(applicant, reference, "IN"), born).await.unwrap();
        transaction.commit().await.unwrap();
    }

    /// A case in the register with a code on its letter.
    pub async fn on_record_with_code(&self, reference: &str, applicant: &str, born: &str, code: &str) {
        let record = store::records::Record {
            reference: reference.to_owned(),
            born: born.parse().unwrap(),
            applicant: applicant.to_owned(),
            kind: ApplicationType::Work,
            district: District::Oslo,
            submitted: true,
            citizenships: Vec::new(),
            letter_code: Some(server::services::register::letter_code_hash(reference, code)),
        };
        let mut transaction = self.store.write().await.unwrap();
        store::records::put_all(&mut transaction, &[&record]).await.unwrap();
        transaction.commit().await.unwrap();
    }

    /// A slot at the office, starting at this instant. Returns its id.
    pub async fn slot_at(&self, starts: &str) -> String {
        let mut transaction = self.store.write().await.unwrap();
        let office = store::offices::list(&mut transaction).await.unwrap().remove(0);
        let starts = DateTime::parse_from_rfc3339(starts).unwrap().to_utc();
        let slot = Slot { id: store::new_id(), office: office.id, starts, minutes: 30 };
        store::slots::add(&mut transaction, &slot, &[ApplicationType::Work]).await.unwrap();
        transaction.commit().await.unwrap();
        slot.id
    }

    /// The office.
    pub async fn office(&self) -> Office {
        store::offices::list(&mut self.store.read().await.unwrap()).await.unwrap().remove(0)
    }

    /// A slot for a passport, starting at this instant. Returns its id.
    pub async fn passport_slot(&self, office: &Office, starts: &str) -> String {
        let starts = DateTime::parse_from_rfc3339(starts).unwrap().to_utc();
        let slot = Slot { id: store::new_id(), office: office.id.clone(), starts, minutes: 15 };
        let mut transaction = self.store.write().await.unwrap();
        store::slots::add(&mut transaction, &slot, &[ApplicationType::Passport]).await.unwrap();
        transaction.commit().await.unwrap();
        slot.id
    }

    /// All rows of the database in the format of `skranke export`, each behind its table's name.
    pub async fn everything(&self) -> String {
        let mut all = String::new();
        let mut snapshot = self.store.snapshot().await.unwrap();
        for table in store::tables::ALL {
            let each = |row| {
                all += &format!("{table} {}\n", Value::Object(row));
                Ok::<_, sqlx::Error>(())
            };
            store::tables::read(&mut snapshot, table, each).await.unwrap();
        }
        all
    }

    /// A person who is not in quarantine, with a session token, both written directly to the records.
    pub async fn ready(&self, name: &str) -> (Person, String) {
        let person = self.person(name).await;
        let mut transaction = self.store.write().await.unwrap();
        let token = Self::make_ready(&mut transaction, &person).await;
        transaction.commit().await.unwrap();
        (person, token)
    }

    /// This many people as in `ready`, in one transaction.
    pub async fn ready_many(&self, count: usize) -> Vec<(Person, String)> {
        let mut transaction = self.store.write().await.unwrap();
        let mut people = Vec::new();
        for number in 0..count {
            let person = Self::add_person(&mut transaction, &format!("Person {number}")).await;
            let token = Self::make_ready(&mut transaction, &person).await;
            people.push((person, token));
        }
        transaction.commit().await.unwrap();
        people
    }

    async fn make_ready(connection: &mut store::Connection, person: &Person) -> String {
        let token = server::secrets::session_token();
        let hash = server::secrets::hash(&[&token]);
        let now: DateTime<Utc> = MONDAY.parse().unwrap();
        store::situations::set(connection, &person.case, &Situation::default(), now).await.unwrap();
        store::sessions::add(connection, &hash, &person.id, "", now, now + TimeDelta::hours(1)).await.unwrap();
        token
    }

    /// A session token of a new officer, written directly to the records.
    pub async fn officer(&self, name: &str, district: District, role: Role) -> String {
        self.officer_since(MONDAY, name, district, role).await
    }

    /// A session token of a new officer who has signed in at this instant.
    pub async fn officer_since(&self, clock: &str, name: &str, district: District, role: Role) -> String {
        let mut transaction = self.store.write().await.unwrap();
        let now: DateTime<Utc> = clock.parse().unwrap();
        let officer = store::officers::add(&mut transaction, name, district, role, now).await.unwrap();
        let token = server::secrets::session_token();
        let hash = server::secrets::hash(&[&token]);
        store::desk_sessions::add(&mut transaction, &hash, &officer.id, now).await.unwrap();
        transaction.commit().await.unwrap();
        token
    }

    /// An office for students with this many appointments from 4 January 2021. Returns its id.
    pub async fn booked_office(&self, name: &str, people: usize) -> String {
        let office = Office {
            id: store::new_id(),
            name: name.to_owned(),
            kind: OfficeKind::Immigration,
            district: District::Oslo,
            address: "Storgata 3".to_owned(),
            phone: "02800".to_owned(),
            hours: Vec::new(),
            bring: Vec::new(),
            posts: None,
        };
        let now: DateTime<Utc> = MONDAY.parse().unwrap();
        let first: DateTime<Utc> = "2021-01-04T08:00:00Z".parse().unwrap();
        let mut t = self.store.write().await.unwrap();
        store::offices::add(&mut t, &office, &[ApplicationType::Study]).await.unwrap();
        for number in 0..people {
            let email = format!("{name}-{number}@example.org");
            let person = store::persons::find_or_add(&mut t, &email, Language::En, now).await.unwrap();
            let reference = format!("{}-{number}", name.to_uppercase());
            let case = case_of(&format!("Person {number}"), &reference, "IN");
            let case = Case { application_type: ApplicationType::Study, ..case };
            store::cases::add(&mut t, &person, &case).await.unwrap();
            let starts = first + TimeDelta::minutes(number as i64 * 15);
            let slot = Slot { id: store::new_id(), office: office.id.clone(), starts, minutes: 15 };
            store::slots::add(&mut t, &slot, &[ApplicationType::Study]).await.unwrap();
            store::appointments::claim(&mut t, &slot, &case.id, None, now).await.unwrap();
        }
        t.commit().await.unwrap();
        office.id
    }

    /// The ids of the available slots.
    pub async fn slots(&self) -> Vec<String> {
        let mut connection = self.store.read().await.unwrap();
        let wanted = Wanted { kind: ApplicationType::Work, district: District::Oslo, case: "" };
        let now = MONDAY.parse().unwrap();
        let slots = store::slots::free(&mut connection, wanted, now, i64::MAX).await.unwrap();
        slots.into_iter().map(|slot| slot.id).collect()
    }

    /// The URL of the database; `None` for SQLite.
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub async fn open(&self, clock: &str) -> TestServer {
        self.open_with(clock, &[]).await
    }

    /// Starts the server with these environment variables.
    pub async fn open_with(&self, clock: &str, settings: &[(&str, &str)]) -> TestServer {
        self.open_under(clock, settings, &[]).await
    }

    /// Starts the server by another program, which limits its resources.
    pub async fn open_under(&self, clock: &str, settings: &[(&str, &str)], under: &[&str]) -> TestServer {
        TestServer::open(self.folder.path().to_owned(), self.url.as_deref(), clock, settings, under).await
    }
}

fn address_of(name: &str) -> String {
    format!("{}@example.org", name.to_lowercase().replace(' ', "."))
}

fn case_of(applicant: &str, reference: &str, country: &str) -> Case {
    Case {
        id: store::new_id(),
        reference: reference.to_owned(),
        applicant: applicant.to_owned(),
        application_type: ApplicationType::Work,
        district: District::Oslo,
        submitted: true,
        citizenships: vec![Country::from_code(country).unwrap()],
        situation: None,
        work: None,
        appointment: None,
        lost: None,
        invitation: None,
    }
}

pub struct Person {
    pub id: String,
    pub email: String,
    pub case: String,
}

/// A server process. Dropping the value ends it.
pub struct TestServer {
    folder: PathBuf,
    database: Option<String>,
    process: Child,
    pub url: String,
    /// The prefix of its cookie names.
    cookies: &'static str,
    log: mpsc::UnboundedReceiver<String>,
}

impl TestServer {
    async fn open(
        folder: PathBuf,
        database: Option<&str>,
        clock: &str,
        settings: &[(&str, &str)],
        under: &[&str],
    ) -> TestServer {
        let database = database.map(str::to_owned);
        let is_https = settings.iter().any(|(name, value)| *name == "ORIGIN" && value.starts_with("https:"));
        let cookies = if is_https { "__Host-" } else { "" };
        // A file size limit raises SIGXFSZ, which would kill the server. A full disk returns an error, so the signal is
        // ignored.
        let mut process = Command::new("env")
            .arg("--ignore-signal=XFSZ")
            .args(under)
            .arg(binary())
            .args(["serve", "--port", "0", "--clock", clock])
            .arg("--data-dir")
            .arg(&folder)
            .arg("--dist-dir")
            .arg(root().join("dist"))
            .env("NO_COLOR", "1")
            .env("DATABASE_URL", database.as_deref().unwrap_or_default())
            .env("FILES_URL", "")
            .env("MAIL_INTO_FILES", "true")
            .env("SMS_INTO_FILES", "true")
            .env("CLOCK_WITH_HTTPS", "true")
            .env("DOCUMENTS_KEY", if database.is_some() { DOCUMENTS_KEY } else { "" })
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut said = BufReader::new(process.stdout.take().unwrap()).lines();
        let url = loop {
            let line = said.next_line().await.unwrap().expect("the server ended before it was open");
            if let Some(url) = line.strip_prefix("Skranke is open at ") {
                break url.to_owned();
            }
        };
        let (sender, log) = mpsc::unbounded_channel();
        let mut logged = BufReader::new(process.stderr.take().unwrap()).lines();
        tokio::spawn(async move {
            while let Ok(Some(line)) = logged.next_line().await {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        TestServer { folder, database, process, url, cookies, log }
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.process.id().unwrap()
    }

    /// Waits until the process has exited. Returns `true` on success.
    pub async fn ended(mut self) -> bool {
        self.process.wait().await.unwrap().success()
    }

    /// Resident memory of the process in bytes.
    pub fn memory(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// Peak resident memory of the process in bytes.
    pub fn most_memory(&self) -> u64 {
        self.status("VmHWM:")
    }

    fn status(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id().unwrap())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }

    /// The process ids of the child processes.
    pub fn called(&self) -> Vec<u32> {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.process.id().unwrap())).unwrap();
        let called = tasks.filter_map(|task| std::fs::read_to_string(task.unwrap().path().join("children")).ok());
        called.flat_map(|ids| ids.split_whitespace().map(|id| id.parse().unwrap()).collect::<Vec<_>>()).collect()
    }

    /// Kills the process, like a power failure.
    pub async fn kill(mut self) {
        self.process.kill().await.unwrap();
    }

    /// Limits the size of files in bytes, like a full disk.
    pub fn limit_files(&self, bytes: u64) {
        let limit = if bytes == u64::MAX { "unlimited".to_owned() } else { bytes.to_string() };
        let process = self.process.id().unwrap().to_string();
        let outcome = std::process::Command::new("prlimit")
            .args(["--pid", &process, &format!("--fsize={limit}:unlimited")])
            .status();
        assert!(outcome.unwrap().success());
    }

    /// A client with this session.
    pub fn signed_in_with(&self, token: &str) -> Visitor {
        let mut headers = header::HeaderMap::new();
        headers.insert(header::COOKIE, format!("{}skranke={token}", self.cookies).parse().unwrap());
        Visitor { client: client().default_headers(headers).build().unwrap(), url: self.url.clone() }
    }

    /// A client with this session at the desk.
    pub fn at_desk_with(&self, token: &str) -> Visitor {
        let mut headers = header::HeaderMap::new();
        headers.insert(header::COOKIE, format!("{}skranke-desk={token}", self.cookies).parse().unwrap());
        Visitor { client: client().default_headers(headers).build().unwrap(), url: self.url.clone() }
    }

    /// A client without a session.
    pub fn visitor(&self) -> Visitor {
        Visitor { client: client().cookie_store(true).build().unwrap(), url: self.url.clone() }
    }

    /// Signs in by a code from the mailbox. Returns the client.
    pub async fn sign_in(&self, person: &Person) -> Visitor {
        let visitor = self.visitor();
        let before = self.codes_for(&person.email);
        visitor.ask_for_code(&person.email).await;
        let code = self.new_code_for(&person.email, &before).await;
        let answer = visitor.put("/api/session", &json!({ "email": person.email, "code": code })).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        visitor
    }

    /// The code in a mailbox that has received one mail.
    pub async fn code_for(&self, email: &str) -> String {
        self.new_code_for(email, &[]).await
    }

    /// Waits for a code that is not in `before`.
    pub async fn new_code_for(&self, email: &str, before: &[String]) -> String {
        let new = || self.codes_for(email).into_iter().find(|code| !before.contains(code));
        wait_for(async || new().is_some(), "a new code comes").await;
        new().unwrap()
    }

    /// Every code in a mailbox.
    pub fn codes_for(&self, email: &str) -> Vec<String> {
        let code = |body: &str| Some(body.split_once("Your code is ")?.1[..6].to_owned());
        self.mailbox(email).iter().filter_map(|mail| code(&mail.body)).collect()
    }

    /// The mails in a mailbox, the newest first.
    pub fn mailbox(&self, email: &str) -> Vec<server::messages::mail::Received> {
        let mails = server::messages::mail::read_all(&self.folder).unwrap();
        mails.into_iter().filter(|mail| mail.to == email).collect()
    }

    /// The number of codes written to an address, sent or not.
    pub async fn codes_written_to(&self, email: &str) -> i64 {
        let store = Store::open_to_read(&Address::new(self.database.as_deref(), &self.folder).unwrap()).await.unwrap();
        let count = sqlx::query_scalar("SELECT count(*) FROM messages WHERE kind = 'code' AND address = $1");
        count.bind(email).fetch_one(&mut *store.read().await.unwrap()).await.unwrap()
    }

    /// Waits for a log line that contains this text.
    pub async fn log_line(&mut self, request_id: &str) -> String {
        loop {
            let line = self.log.recv().await.expect("the log ended");
            if line.contains(request_id) {
                return line;
            }
        }
    }
}

/// An HTTP client with its cookies.
#[derive(Clone)]
pub struct Visitor {
    client: Client,
    url: String,
}

/// A complete response.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: header::HeaderMap,
    pub body: Value,
}

impl Answer {
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or("")
    }

    /// The value and attributes of a cookie that the response sets; `None` if it does not.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let mut all = self.headers.get_all(header::SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap());
        all.find(|cookie| cookie.split('=').next() == Some(name))
    }
}

impl Visitor {
    /// The same client at another server.
    pub fn at(&self, server: &TestServer) -> Visitor {
        Visitor { client: self.client.clone(), url: server.url.clone() }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    pub async fn send(&self, method: &Method, path: &str, body: &Value) -> Answer {
        answer(self.request(method.clone(), path).json(body).send().await.unwrap()).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        answer(self.request(Method::GET, path).send().await.unwrap()).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        answer(self.request(Method::PUT, path).json(body).send().await.unwrap()).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        answer(self.request(Method::POST, path).json(body).send().await.unwrap()).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        answer(self.request(Method::PATCH, path).json(body).send().await.unwrap()).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        answer(self.request(Method::DELETE, path).send().await.unwrap()).await
    }

    /// Posts with an `Idempotency-Key`.
    pub async fn post_once(&self, key: &str, path: &str, body: &Value) -> Answer {
        let request = self.request(Method::POST, path).header("idempotency-key", key);
        answer(request.json(body).send().await.unwrap()).await
    }

    pub async fn ask_for_code(&self, email: &str) -> Answer {
        self.post("/api/sign-in-codes", &json!({ "email": email, "language": "en" })).await
    }

    pub async fn tell(&self, case: &str, situation: Value) -> Answer {
        self.put(&format!("/api/cases/{case}/situation"), &situation).await
    }

    pub async fn times(&self, case: &str) -> Times {
        let answer = self.get(&format!("/api/cases/{case}/times")).await;
        serde_json::from_value(answer.body).unwrap()
    }

    pub async fn book(&self, case: &str, slot: &str) -> Answer {
        self.post("/api/appointments", &json!({ "case": case, "slot": slot })).await
    }

    pub async fn hold(&self, case: &str, slot: &str) -> Answer {
        self.put(&format!("/api/cases/{case}/hold"), &json!({ "slot": slot })).await
    }

    pub async fn move_to(&self, appointment: &Value, slot: &str) -> Answer {
        self.post(&path_of(appointment, "/move"), &json!({ "slot": slot })).await
    }
}

/// Path of an appointment, or of a resource below it.
pub fn path_of(appointment: &Value, rest: &str) -> String {
    format!("/api/appointments/{}{rest}", appointment["id"].as_str().unwrap())
}

/// The server's TLS features apply to reqwest here too, which then needs a crypto provider even for plain HTTP.
pub fn client() -> ClientBuilder {
    _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
}

pub async fn answer(response: Response) -> Answer {
    let (status, headers) = (response.status(), response.headers().clone());
    let text = response.text().await.unwrap();
    Answer { status, headers, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) }
}

/// The server binary, which cargo has built together with this test.
pub fn binary() -> &'static str {
    env!("CARGO_BIN_EXE_skranke")
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Waits until a condition holds. Panics with `what` after a timeout.
pub async fn wait_for(mut over: impl AsyncFnMut() -> bool, what: &str) {
    for _ in 0..400 {
        if over().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("never: {what}");
}
