//! Documents on request of the police. Here: an applicant who is asked, the requests of the tus protocol, and a fake virus scanner.

mod check;
mod keys;
mod papers;
mod review;
mod uploads;

use std::{path::Path, time::Duration};

use api::officers::Role;
use axum::body::Bytes;
use base64::{Engine, prelude::BASE64_STANDARD};
use futures_util::stream;
use reqwest::{Body, Method, StatusCode};
use rules::District;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::mpsc,
};

use crate::common::{Answer, MONDAY, Person, Records, TestServer, Visitor, answer, wait_for};

/// Last day of the invitation, the Friday of the following week.
const LAST_DAY: &str = "2020-11-13";

fn base64(text: &str) -> String {
    BASE64_STANDARD.encode(text)
}

/// An applicant with an invitation, and the running server.
struct Asked {
    records: Records,
    server: TestServer,
    person: Person,
    token: String,
}

impl Asked {
    async fn new() -> Asked {
        Asked::with(&[]).await
    }

    async fn with(settings: &[(&str, &str)]) -> Asked {
        let records = Records::new(1).await;
        let (person, token) = records.ready("Asha Rao").await;
        let server = records.open_with(MONDAY, settings).await;
        let asked = Asked { records, server, person, token };
        asked.invite().await;
        asked
    }

    async fn officer(&self) -> Visitor {
        self.officer_of(District::Oslo).await
    }

    async fn officer_of(&self, district: District) -> Visitor {
        self.server.at_desk_with(&self.records.officer("Ingrid Berg", district, Role::Clerk).await)
    }

    async fn invite(&self) {
        let asked =
            json!({ "last_day": LAST_DAY, "instructions": { "nb": "Send passet.", "en": "Send the passport." } });
        let path = format!("/api/desk/cases/{}/invitation", self.person.case);
        let answer = self.officer().await.put(&path, &asked).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    }

    fn asha(&self) -> Visitor {
        self.server.signed_in_with(&self.token)
    }

    /// Creates an upload and returns its path.
    async fn begin(&self, name: &str, size: u64) -> String {
        let answer = create(&self.asha(), &self.person.case, name, size).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        answer.headers["location"].to_str().unwrap().to_owned()
    }

    /// Sends a complete file and returns its id.
    async fn send(&self, name: &str, bytes: &[u8]) -> String {
        let upload = self.begin(name, bytes.len() as u64).await;
        let answer = patch(&self.asha(), &upload, 0, bytes.to_vec()).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{name}: {answer:?}");
        upload.rsplit('/').next().unwrap().to_owned()
    }

    /// The document in the case, once its check is done.
    async fn checked(&self, id: &str) -> Value {
        let visitor = self.asha();
        let mut document = Value::Null;
        wait_for(
            async || {
                document = self.document(&visitor, id).await;
                document["state"] != "received"
            },
            "the check ends",
        )
        .await;
        document
    }

    async fn document(&self, visitor: &Visitor, id: &str) -> Value {
        let all = visitor.get(&format!("/api/cases/{}/documents", self.person.case)).await;
        let found = all.body["documents"].as_array().unwrap_or_else(|| panic!("{all:?}")).iter();
        found.clone().find(|one| one["id"] == id).cloned().unwrap_or_default()
    }

    fn mail(&self, subject: &str) -> Option<server::messages::mail::Received> {
        self.server.mailbox(&self.person.email).into_iter().find(|mail| mail.subject.contains(subject))
    }

    /// The result of a query on the records.
    async fn number(&self, sql: &'static str) -> i64 {
        let mut connection = self.records.store().read().await.unwrap();
        sqlx::query_scalar(sql).fetch_one(&mut *connection).await.unwrap()
    }

    /// The contents of the files in storage.
    fn kept(&self) -> Vec<Vec<u8>> {
        kept(self.records.folder())
    }

    /// Asserts that a refused upload leaves neither a file nor a row.
    async fn leaves_nothing(&self, what: &str) {
        assert_eq!(self.kept().len(), 0, "{what} left a file");
        let everything = self.records.everything().await;
        assert!(!everything.contains("\nsegments "), "{what} left a row");
    }
}

fn kept(folder: &Path) -> Vec<Vec<u8>> {
    let mut files = Vec::new();
    for case in std::fs::read_dir(folder.join("files")).unwrap() {
        for file in std::fs::read_dir(case.unwrap().path()).into_iter().flatten() {
            files.push(std::fs::read(file.unwrap().path()).unwrap());
        }
    }
    files
}

async fn create(visitor: &Visitor, case: &str, name: &str, size: u64) -> Answer {
    let metadata = format!("case {},filename {}", base64(case), base64(name));
    create_with(visitor, &metadata, &size.to_string()).await
}

async fn create_with(visitor: &Visitor, metadata: &str, size: &str) -> Answer {
    let request = visitor.request(Method::POST, "/api/uploads").header("tus-resumable", "1.0.0");
    let request = request.header("upload-length", size).header("upload-metadata", metadata);
    answer(request.send().await.unwrap()).await
}

fn patching(visitor: &Visitor, upload: &str, offset: u64) -> reqwest::RequestBuilder {
    visitor
        .request(Method::PATCH, upload)
        .header("tus-resumable", "1.0.0")
        .header("content-type", "application/offset+octet-stream")
        .header("upload-offset", offset)
}

async fn patch(visitor: &Visitor, upload: &str, offset: u64, bytes: impl Into<Body>) -> Answer {
    answer(patching(visitor, upload, offset).body(bytes).send().await.unwrap()).await
}

async fn offset(visitor: &Visitor, upload: &str) -> u64 {
    let head = || visitor.request(Method::HEAD, upload).header("tus-resumable", "1.0.0").send();
    let mut answer = head().await.unwrap();
    // The server may not have noticed yet that the previous client is gone, and answers 423 until then.
    for _ in 0..400 {
        if answer.status() != StatusCode::LOCKED {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        answer = head().await.unwrap();
    }
    assert_eq!(answer.status(), StatusCode::OK);
    answer.headers()["upload-offset"].to_str().unwrap().parse().unwrap()
}

/// A session that is valid at this instant.
async fn session_at(records: &Records, person: &Person, clock: &str) -> String {
    let now: chrono::DateTime<chrono::Utc> = clock.parse().unwrap();
    let token = server::secrets::session_token();
    let mut t = records.store().write().await.unwrap();
    let hash = server::secrets::hash(&[&token]);
    server::store::sessions::add(&mut t, &hash, &person.id, "", now, now + chrono::TimeDelta::hours(1)).await.unwrap();
    t.commit().await.unwrap();
    token
}

/// A request body that the test feeds.
fn body_of(mut pieces: mpsc::Receiver<Result<Bytes, std::io::Error>>) -> Body {
    Body::wrap_stream(stream::poll_fn(move |context| pieces.poll_recv(context)))
}

/// The file names in a ZIP archive, from its directory.
fn names_in(archive: &[u8]) -> Vec<String> {
    let mark = b"PK\x01\x02";
    let starts = (0..archive.len().saturating_sub(46)).filter(|at| archive[*at..].starts_with(mark));
    starts
        .map(|at| {
            let length = usize::from(u16::from_le_bytes([archive[at + 28], archive[at + 29]]));
            String::from_utf8(archive[at + 46..at + 46 + length].to_vec()).unwrap()
        })
        .collect()
}

/// A fake clamd that knows one virus. Returns its address.
async fn clamd() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut command = [0; 10];
                connection.read_exact(&mut command).await.unwrap();
                assert_eq!(&command, b"zINSTREAM\0");
                let mut all = Vec::new();
                loop {
                    let length = connection.read_u32().await.unwrap() as usize;
                    if length == 0 {
                        break;
                    }
                    let mut piece = vec![0; length];
                    connection.read_exact(&mut piece).await.unwrap();
                    all.extend_from_slice(&piece);
                }
                let virus = papers::eicar();
                let found = all.windows(virus.len()).any(|window| window == virus.as_bytes());
                let answer: &[u8] = if found { b"stream: Eicar-Test-Signature FOUND\0" } else { b"stream: OK\0" };
                connection.write_all(answer).await.unwrap();
            });
        }
    });
    address
}
