//! Documents on request of the police: upload, check, review, return, retention and deletion.

use std::{path::Path, time::Duration};

use api::officers::Role;
use axum::body::Bytes;
use base64::{Engine, prelude::BASE64_STANDARD};
use futures_util::{StreamExt, stream};
use image::ImageFormat;
use reqwest::{Body, Method, StatusCode};
use rules::{ApplicationType, Coded, District};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::mpsc,
};

use crate::{
    common::{Answer, DOCUMENTS_KEY, MONDAY, Person, Records, TestServer, Visitor, answer, binary, wait_for},
    papers,
};

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

/// A passport goes all the way: two parts, check, review, acceptance. Its content is not readable in the files.
#[tokio::test]
async fn a_passport_is_sent_checked_looked_at_and_accepted() {
    let asked = Asked::new().await;
    let asha = asked.asha();
    let bytes = papers::pdf(&["Passport of Asha Rao", "Second page"]);
    let hash = server::secrets::hex(&Sha256::digest(&bytes));
    let metadata =
        format!("case {},filename {},sha256 {}", base64(&asked.person.case), base64("pass æøå.pdf"), base64(&hash));
    let begun = create_with(&asha, &metadata, &bytes.len().to_string()).await;
    assert_eq!(begun.status, StatusCode::CREATED, "{begun:?}");
    assert_eq!(begun.headers["upload-expires"], "Tue, 03 Nov 2020 08:00:00 GMT");
    let upload = begun.headers["location"].to_str().unwrap().to_owned();
    let id = upload.rsplit('/').next().unwrap().to_owned();

    let first = patch(&asha, &upload, 0, bytes[..300].to_vec()).await;
    assert_eq!((first.status, &first.headers["upload-offset"]), (StatusCode::NO_CONTENT, &"300".parse().unwrap()));
    assert_eq!(first.headers["upload-expires"], "Tue, 03 Nov 2020 08:00:00 GMT");
    let head = asha.request(Method::HEAD, &upload).header("tus-resumable", "1.0.0").send().await.unwrap();
    assert_eq!(head.headers()["upload-metadata"], metadata.as_str());
    assert_eq!(head.headers()["cache-control"], "no-store");
    assert_eq!(asked.document(&asha, &id).await["state"], "arriving");
    assert_eq!(offset(&asha, &upload).await, 300);
    assert_eq!(patch(&asha, &upload, 300, bytes[300..].to_vec()).await.status, StatusCode::NO_CONTENT);

    let document = asked.checked(&id).await;
    assert_eq!(document["state"], "checked", "{document}");
    assert_eq!((&document["kind"], &document["pages"]), (&json!("pdf"), &json!(2)));
    assert_eq!((&document["name"], &document["sha256"]), (&json!("pass æøå.pdf"), &json!(hash)));
    assert_eq!((&document["scanned"], &document["kept_until"]), (&json!(false), &json!("2021-05-01")));
    wait_for(async || asked.mail("We have received your document").is_some(), "word that it came").await;
    let files = asked.kept();
    assert_eq!(files.len(), 2, "one a part");
    for file in files {
        assert!(file.starts_with(b"age-encryption.org/v1\n"));
        assert!(!file.windows(8).any(|window| window == b"Passport" || window == b"Helvetic"));
    }

    let officer = asked.officer().await;
    let inbox = officer.get("/api/desk/documents").await.body;
    assert_eq!(inbox["documents"][0]["applicant"], "Asha Rao", "{inbox}");
    let page = officer.request(Method::GET, &format!("/api/desk/documents/{id}/pages/2")).send().await.unwrap();
    assert_eq!((page.status(), page.headers()["content-type"].to_str().unwrap()), (StatusCode::OK, "image/png"));
    let drawn = image::load_from_memory(&page.bytes().await.unwrap()).unwrap().into_rgb8();
    assert!((1999..=2000).contains(&drawn.height()));
    assert!(drawn.pixels().any(|pixel| pixel.0 == [0, 0, 0]), "there is writing on it");
    for page in ["3", "0", "-1", "x", "%ff"] {
        let none = officer.get(&format!("/api/desk/documents/{id}/pages/{page}")).await;
        assert_eq!((none.status, none.code()), (StatusCode::NOT_FOUND, "not-found"), "{page}");
    }
    let late = asha.request(Method::DELETE, &upload).header("tus-resumable", "1.0.0").send().await.unwrap();
    let late = answer(late).await;
    assert!(late.body["detail"].as_str().is_some_and(|detail| detail.contains("has arrived")), "{late:?}");
    // No virus scanner has checked it.
    assert_eq!(officer.get(&format!("/api/desk/documents/{id}/original")).await.code(), "not-scanned");
    let archive = officer.request(Method::GET, &format!("/api/desk/cases/{}/documents.zip", asked.person.case));
    let archive = archive.send().await.unwrap().bytes().await.unwrap();
    assert_eq!(names_in(&archive), ["01 pass æøå 1.png", "01 pass æøå 2.png"]);

    let accepted = officer.post(&format!("/api/desk/documents/{id}/accept"), &json!({})).await;
    assert_eq!(accepted.body["document"]["state"], "accepted", "{accepted:?}");
    let again = officer.post(&format!("/api/desk/documents/{id}/accept"), &json!({})).await;
    assert_eq!((again.status, again.code()), (StatusCode::CONFLICT, "review-over"));
    assert_eq!(officer.get("/api/desk/documents").await.body["documents"], json!([]));
    assert_eq!(asked.document(&asha, &id).await["state"], "accepted");
    let everything = asked.records.everything().await;
    for action in ["send-document", "look-at-document", "accept-document", "take-documents"] {
        assert!(everything.contains(&format!("\"action\":\"{action}\"")), "{action} stands in the log");
    }
    let solveig = asked.records.officer("Solveig Dahl", District::Oslo, Role::Administrator).await;
    let log = asked.server.at_desk_with(&solveig).post("/api/desk/audit", &json!({})).await.body;
    let accepted =
        log["entries"].as_array().unwrap().iter().find(|entry| entry["action"] == "accept-document").unwrap();
    assert_eq!((&accepted["document"], &accepted["words"]), (&json!(id), &json!("")), "the log leads to the document");
    // The decision is kept in a receipt.
    assert!(everything.contains("\"about\":\"upload\""));
}

/// A page that cannot be rendered is reported at the desk and in the archive, so that nobody takes the rest for the
/// whole.
#[tokio::test]
async fn a_page_that_cannot_be_drawn_is_not_passed_over() {
    let asked = Asked::new().await;
    let id = asked.send("half.pdf", &papers::half_a_bomb()).await;
    assert_eq!(asked.checked(&id).await["pages"], 3);
    let officer = asked.officer().await;
    let page = officer.get(&format!("/api/desk/documents/{id}/pages/2")).await;
    assert_eq!((page.status, page.code()), (StatusCode::UNPROCESSABLE_ENTITY, "picture-failed"));
    let archive = officer.request(Method::GET, &format!("/api/desk/cases/{}/documents.zip", asked.person.case));
    let archive = archive.send().await.unwrap().bytes().await.unwrap();
    assert_eq!(names_in(&archive), ["01 half 1.png", "01 half 2.txt", "01 half 3.png"]);
    assert!(archive.windows(27).any(|window| window == b"This page could not be draw"));
}

/// An archive is limited in time. It names the pages that were not rendered.
#[tokio::test]
async fn an_archive_has_an_end() {
    let asked = Asked::with(&[("ARCHIVE_SECONDS", "0")]).await;
    let id = asked.send("long.pdf", &papers::pdf(&["x"; 200])).await;
    assert_eq!(asked.checked(&id).await["pages"], 200);
    let archive = format!("/api/desk/cases/{}/documents.zip", asked.person.case);
    let archive = asked.officer().await.request(Method::GET, &archive).send().await.unwrap().bytes().await.unwrap();
    assert_eq!(names_in(&archive), ["01 long 1-200.txt"]);
    assert!(archive.windows(17).any(|window| window == b"There was no time"));
}

/// A document whose check times out five times counts as broken and is not checked again.
#[tokio::test]
async fn what_runs_out_of_time_five_times_is_broken() {
    let settings = [("CHECK_SECONDS", "1")];
    let asked = Asked::with(&settings).await;
    // A large file without valid objects, which takes long to search.
    let hard = [b"%PDF-1.4\n".as_slice(), &b"1 0 obj <<".repeat(1_900_000), b"%%EOF"].concat();
    let id = asked.send("pass.pdf", &hard).await;
    wait_for(async || asked.number("SELECT overran FROM documents").await == 1, "it runs out of time once").await;
    assert_eq!(asked.document(&asked.asha(), &id).await["state"], "received", "a busy machine may be why");
    asked.server.kill().await;
    let mut t = asked.records.store().write().await.unwrap();
    sqlx::query("UPDATE documents SET overran = 4, due = 0, leased_until = 0").execute(&mut *t).await.unwrap();
    t.commit().await.unwrap();
    let asked = Asked { server: asked.records.open_with(MONDAY, &settings).await, ..asked };
    let document = asked.checked(&id).await;
    assert_eq!((&document["state"], &document["fault"]), (&json!("returned"), &json!("broken")));
    wait_for(async || asked.mail("could not use").is_some(), "Asha is told").await;
}

/// Active content is reported to an officer before the original is opened, and in the archive.
#[tokio::test]
async fn what_does_something_when_it_is_opened_is_said() {
    let asked = Asked::with(&[("CLAMD", &clamd().await)]).await;
    let officer = asked.officer().await;
    for (number, (catalog, expected)) in [
        ("", json!([])),
        // An initial page is not an action.
        ("/OpenAction[4 0 R/Fit]", json!([])),
        ("/OpenAction<</S/JavaScript/JS(app.alert(1))>>", json!(["script"])),
        // The same, escaped against a plain text search.
        ("/AA<</WC<</S/J#61vaScript/#4AS(app.alert(1))>>>>", json!(["script"])),
        ("/OpenAction<</S/L#61unch/F(cmd.exe)>>", json!(["program"])),
        ("/Names<</EmbeddedFiles<</Names[(a)<</EF<<>>>>]>>>>", json!(["files"])),
        ("/AcroForm<</XFA[]/Fields[<</A<</S/SubmitForm/F(https://evil.example)>>>>]>>", json!(["script", "address"])),
        ("/OpenAction<</S/Rendition>>", json!(["media"])),
    ]
    .into_iter()
    .enumerate()
    {
        let id = asked.send(&format!("form {number}.pdf"), &papers::active_pdf(catalog)).await;
        assert_eq!(asked.checked(&id).await["state"], "checked", "{catalog}");
        let seen = officer.get(&format!("/api/desk/documents/{id}")).await;
        assert_eq!(seen.body["document"]["active"], expected, "{catalog}");
    }
    let archive = format!("/api/desk/cases/{}/documents.zip", asked.person.case);
    let archive = officer.request(Method::GET, &archive).send().await.unwrap().bytes().await.unwrap();
    let names = names_in(&archive);
    assert_eq!(names[1..4], ["02 form 1.pdf", "03 form 2.pdf", "03 form 2 ADVARSEL WARNING.txt"]);
    assert_eq!(names.iter().filter(|name| name.ends_with("WARNING.txt")).count(), 6);
}

/// A slow upload may take longer than the timeout of an idle connection.
#[tokio::test]
async fn a_slow_upload_is_not_cut() {
    let asked = Asked::with(&[("HEAD_SECONDS", "1"), ("IDLE_SECONDS", "1")]).await;
    let bytes = papers::pdf(&["x"]);
    let upload = asked.begin("pass.pdf", bytes.len() as u64).await;
    let (piece, pieces) = mpsc::channel(1);
    let sending = patching(&asked.asha(), &upload, 0).body(body_of(pieces)).send();
    let sending = tokio::spawn(sending);
    let (first, rest) = bytes.split_at(100);
    piece.send(Ok(Bytes::copy_from_slice(first))).await.unwrap();
    for _ in 0..2 {
        // The timeout of an idle connection.
        let address = asked.server.url.strip_prefix("http://").unwrap();
        let mut idle = tokio::net::TcpStream::connect(address).await.unwrap();
        assert_eq!(idle.read(&mut [0; 1]).await.unwrap_or(0), 0);
    }
    piece.send(Ok(Bytes::copy_from_slice(rest))).await.unwrap();
    drop(piece);
    assert_eq!(sending.await.unwrap().unwrap().status(), StatusCode::NO_CONTENT);
    let id = upload.rsplit('/').next().unwrap();
    assert_eq!(asked.checked(id).await["state"], "checked");
}

/// Document keys can be re-encrypted to a new main key, so that the old one can be deleted.
#[tokio::test]
async fn an_old_key_can_be_retired() {
    let old = DOCUMENTS_KEY.to_owned();
    let new = String::from_utf8(std::process::Command::new(binary()).arg("documents-key").output().unwrap().stdout);
    let new = new.unwrap().trim().to_owned();
    let both = format!("{new}\n{old}");
    let asked = Asked::with(&[("DOCUMENTS_KEY", &old)]).await;
    let id = asked.send("pass.pdf", &papers::pdf(&["Passport"])).await;
    assert_eq!(asked.checked(&id).await["state"], "checked");
    asked.server.kill().await;
    let rewrap = |keys: &str| {
        let mut command = std::process::Command::new(binary());
        command.args(["documents-key", "--rewrap", "--data-dir"]).arg(asked.records.folder());
        command.env("DOCUMENTS_KEY", keys).env("DATABASE_URL", asked.records.url().unwrap_or_default());
        let output = command.output().unwrap();
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    };
    assert!(rewrap(&new).contains("encrypted for another house"));
    assert!(rewrap(&both).starts_with("1 of 1 keys"), "the old key opens it, the new one closes it");
    assert!(rewrap(&both).starts_with("0 of 1 keys"), "once is enough");
    let server = asked.records.open_with(MONDAY, &[("DOCUMENTS_KEY", &new)]).await;
    let asked = Asked { server, ..asked };
    let page = asked.officer().await.request(Method::GET, &format!("/api/desk/documents/{id}/pages/1"));
    assert_eq!(page.send().await.unwrap().status(), StatusCode::OK);
}

/// The program that checks documents is sandboxed against malicious documents.
#[test]
fn the_program_that_looks_into_documents_has_no_open_door() {
    let probed = std::process::Command::new(binary()).arg("probe").output().unwrap();
    let probed: Value = serde_json::from_slice(&probed.stdout).unwrap();
    assert_eq!(probed, json!({ "fault": null, "open": [] }));
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

/// Only a case with an open invitation may send, and never one for citizenship. Another person's case answers 404.
#[tokio::test]
async fn only_who_is_asked_may_send() {
    let asked = Asked::new().await;
    let (bruno, token) = asked.records.ready("Bruno Costa").await;
    let bruno_there = asked.server.signed_in_with(&token);
    let reasons = |answer: &Answer| {
        let reasons = answer.body["decision"]["reasons"].as_array().cloned().unwrap_or_default();
        reasons.iter().map(|reason| reason["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let refused = create(&bruno_there, &bruno.case, "pass.pdf", 10).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "refused"));
    assert_eq!(reasons(&refused), ["not-invited"]);
    assert_eq!(create(&bruno_there, &asked.person.case, "pass.pdf", 10).await.status, StatusCode::NOT_FOUND);
    assert_eq!(create(&asked.server.visitor(), &asked.person.case, "p.pdf", 10).await.status, StatusCode::UNAUTHORIZED);
    let upload = asked.begin("pass.pdf", 10).await;
    assert_eq!(patch(&bruno_there, &upload, 0, "0123456789").await.status, StatusCode::NOT_FOUND);
    let head = bruno_there.request(Method::HEAD, &upload).header("tus-resumable", "1.0.0").send().await.unwrap();
    assert_eq!(head.status(), StatusCode::NOT_FOUND);

    // An invitation for citizenship, which no officer could have created.
    let mut t = asked.records.store().write().await.unwrap();
    let update = sqlx::query("UPDATE cases SET type = $2 WHERE id = $1").bind(&asked.person.case);
    update.bind(ApplicationType::Citizenship.code()).execute(&mut *t).await.unwrap();
    t.commit().await.unwrap();
    let refused = create(&asked.asha(), &asked.person.case, "pass.pdf", 10).await;
    assert_eq!(reasons(&refused), ["citizenship-excluded"]);
    assert_eq!(reasons(&patch(&asked.asha(), &upload, 0, "0123456789").await), ["citizenship-excluded"]);
    let path = format!("/api/cases/{}/documents/failure", asked.person.case);
    let failed = asked.asha().post(&path, &json!({ "what": "no-answer" })).await;
    assert_eq!(failed.code(), "refused", "citizenship is not sent to the information line either");
    asked.leaves_nothing("what was refused").await;
}

/// The invitation's last day counts. After it the rules decide, also about uploads in progress.
#[tokio::test]
async fn after_the_last_day_nothing_goes_on() {
    let mut asked = Asked::new().await;
    let upload = asked.begin("pass.pdf", 10).await;
    asked.server.kill().await;
    for (day, expected) in
        [("2020-11-02T23:50:00+01:00", StatusCode::NO_CONTENT), ("2020-11-14T00:00:01+01:00", StatusCode::CONFLICT)]
    {
        let server = asked.records.open(day).await;
        let token = session_at(&asked.records, &asked.person, day).await;
        let asha = server.signed_in_with(&token);
        if expected == StatusCode::NO_CONTENT {
            assert_eq!(patch(&asha, &upload, 0, "%PDF-").await.status, expected);
        } else {
            let refused = create(&asha, &asked.person.case, "pass.pdf", 10).await;
            assert_eq!(refused.body["decision"]["reasons"][0]["code"], "invitation-expired", "{refused:?}");
            // The upload has ended or was deleted already.
            let over = patch(&asha, &upload, 5, "12345").await;
            assert!(["upload-over", "not-found"].contains(&over.code()), "{over:?}");
        }
        server.kill().await;
    }
    asked.server = asked.records.open("2020-11-14T08:00:00+01:00").await;
    wait_for(async || asked.kept().is_empty(), "what never arrived is deleted").await;
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

/// A file that cannot be accepted is refused with its code, and leaves nothing.
#[tokio::test]
async fn what_cannot_be_taken_leaves_nothing() {
    let asked = Asked::new().await;
    let asha = asked.asha();
    let case = &asked.person.case;
    for (name, size, expected) in [
        ("pass.pdf", 0, "file-empty"),
        ("pass.pdf", 20_000_001, "file-too-large"),
        ("", 10, "file-name"),
        ("..", 10, "file-name"),
        ("../../etc/passwd", 10, "file-name"),
        ("..\\pass.pdf", 10, "file-name"),
        ("pass\u{202e}fdp.exe", 10, "file-name"),
        ("pass\u{200f}.pdf", 10, "file-name"),
        ("pass\n.pdf", 10, "file-name"),
        ("pass\0.pdf", 10, "file-name"),
        (".pdf", 10, "file-name"),
        ("\u{3164}.pdf", 10, "file-name"),
        ("pa\u{200b}ss.pdf", 10, "file-name"),
        (&"a".repeat(300), 10, "file-name"),
    ] {
        let refused = create(&asha, case, name, size).await;
        assert_eq!(refused.code(), expected, "{name:?} {size}: {refused:?}");
        assert!(refused.body["detail"].as_str().is_some_and(|detail| detail.ends_with('.')), "{refused:?}");
    }
    let fine = format!("case {},filename {}", base64(case), base64("pass.pdf"));
    for (metadata, size, expected) in [
        (fine.as_str(), "", "invalid-field"),
        (&fine, "-1", "invalid-field"),
        (&fine, "1e3", "invalid-field"),
        (&fine, "99999999999999999999", "invalid-field"),
        (&format!("case {},filename %%%", base64(case)), "10", "invalid-field"),
        (&format!("{fine},sha256 {}", base64("abc")), "10", "checksum-unknown"),
        ("", "10", "not-found"),
    ] {
        assert_eq!(create_with(&asha, metadata, size).await.code(), expected, "{metadata} {size}");
    }
    // Unsupported tus extensions are refused explicitly.
    for (header, value) in [("upload-concat", "partial"), ("upload-defer-length", "1")] {
        let request = asha.request(Method::POST, "/api/uploads").header("tus-resumable", "1.0.0").header(header, value);
        let refused = answer(request.header("upload-metadata", &fine).send().await.unwrap()).await;
        assert_eq!(refused.body["field"], header, "{refused:?}");
    }
    let plain = asha.request(Method::POST, "/api/uploads").header("upload-length", 10).send().await.unwrap();
    assert_eq!(
        (plain.status(), &plain.headers()["tus-version"]),
        (StatusCode::PRECONDITION_FAILED, &"1.0.0".parse().unwrap())
    );
    asked.leaves_nothing("what was not begun").await;

    // An upload that starts correctly and continues incorrectly.
    let upload = asked.begin("pass.pdf", 10).await;
    let sha1 = |hash: &str| patching(&asha, &upload, 0).header("upload-checksum", hash).body("%PDF-12345");
    for (request, expected) in [
        (patching(&asha, &upload, 3).body("%PDF-12"), "offset-wrong"),
        (patching(&asha, &upload, 0).body("%PDF-123456"), "file-too-large"),
        (sha1("sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA="), "checksum-wrong"),
        (sha1("md5 AAAAAAAAAAAAAAAAAAAAAA=="), "checksum-unknown"),
        (sha1("sha1 short"), "checksum-unknown"),
        (
            asha.request(Method::PATCH, &upload).header("tus-resumable", "1.0.0").header("upload-offset", 0).body("x"),
            "unsupported-media-type",
        ),
    ] {
        let refused = answer(request.send().await.unwrap()).await;
        assert_eq!(refused.code(), expected, "{refused:?}");
        let names_its_type = || refused.body["detail"].as_str().is_some_and(|it| it.contains("offset+octet-stream"));
        assert!(expected != "unsupported-media-type" || names_its_type(), "{refused:?}");
    }
    // A wrong hash of the whole file is detected by the check.
    let other = format!("{fine},sha256 {}", base64(&"0".repeat(64)));
    let bytes = papers::pdf(&["x"]);
    let begun = create_with(&asha, &other, &bytes.len().to_string()).await;
    let damaged = begun.headers["location"].to_str().unwrap();
    let right = format!("sha256 {}", BASE64_STANDARD.encode(Sha256::digest(&bytes)));
    let sent = patching(&asha, damaged, 0).header("upload-checksum", right).body(bytes).send().await.unwrap();
    assert_eq!(sent.status(), StatusCode::NO_CONTENT);
    assert_eq!(asked.checked(damaged.rsplit('/').next().unwrap()).await["fault"], "damaged");
    wait_for(async || asked.kept().is_empty(), "what is damaged is deleted").await;
    // A body that is longer than announced, without a content length.
    let endless = stream::iter((0..4).map(|_| Ok::<_, std::io::Error>(Bytes::from_static(b"%PDF-"))));
    let refused = patch(&asha, &upload, 0, Body::wrap_stream(endless)).await;
    assert_eq!(refused.code(), "file-too-large");
    asked.leaves_nothing("what was begun").await;
    assert_eq!(offset(&asha, &upload).await, 0);
    let ended = asha.request(Method::DELETE, &upload).header("tus-resumable", "1.0.0").send().await.unwrap();
    assert_eq!(ended.status(), StatusCode::NO_CONTENT);
    assert_eq!(patch(&asha, &upload, 0, "%PDF-12345").await.status, StatusCode::NOT_FOUND);

    // The content counts, not the file name.
    for (bytes, expected) in [
        (
            b"MZ\x90\0 this program cannot be run in DOS mode, and is long enough to see what it is".to_vec(),
            "not-a-document",
        ),
        (b"<html><script>alert(1)</script></html>".to_vec(), "not-a-document"),
        ([b"#!/bin/sh\nexit\n".to_vec(), papers::pdf(&["x"])].concat(), "not-a-document"),
        ([b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".as_slice(), &[0; 100]].concat(), "heic"),
    ] {
        let upload = asked.begin("pass.pdf", bytes.len() as u64).await;
        let refused = patch(&asha, &upload, 0, bytes).await;
        assert_eq!(refused.code(), expected, "{refused:?}");
        assert_eq!(patch(&asha, &upload, 0, "x").await.status, StatusCode::NOT_FOUND, "it is given up");
    }
    asked.leaves_nothing("what is no document").await;

    // A case has room for five files of the maximum size.
    for _ in 0..5 {
        asked.begin("pass.pdf", 20_000_000).await;
    }
    assert_eq!(create(&asha, case, "pass.pdf", 1).await.code(), "case-full");
}

/// A fault found by the check is reported in the case and by e-mail, and the file is deleted. The virus scanner runs
/// first.
#[tokio::test]
async fn what_the_check_finds_is_told_and_deleted() {
    let clamd = clamd().await;
    let asked = Asked::with(&[("CLAMD", &clamd)]).await;
    let archive = [b"PK\x05\x06".as_slice(), &[0; 18]].concat();
    let broken = b"%PDF-1.4\nnothing of what there should be\n%%EOF".to_vec();
    let mut half = papers::picture(ImageFormat::Png);
    half.truncate(half.len() / 2);
    let cut_off = |mut bytes: Vec<u8>| {
        bytes.truncate(bytes.len() - 20);
        bytes
    };
    let mut expected_mails = 0;
    for (name, bytes, fault) in [
        ("locked.pdf", papers::encrypted_pdf(), "encrypted"),
        ("broken.pdf", broken, "broken"),
        ("half.png", half, "broken"),
        ("cut off.jpg", cut_off(papers::picture(ImageFormat::Jpeg)), "broken"),
        ("cut off.pdf", cut_off(papers::pdf(&["x"; 3])), "broken"),
        ("flat.pdf", papers::flat_pdf(), "broken"),
        ("also an archive.pdf", [papers::pdf(&["x"]), archive.clone()].concat(), "disguised"),
        ("also an archive.jpg", [papers::picture(ImageFormat::Jpeg), archive].concat(), "disguised"),
        ("also a page.pdf", [papers::pdf(&["x"]), b"<html><script>alert(1)</script>".to_vec()].concat(), "disguised"),
        ("also a pdf.jpg", papers::commented("%PDF-1.4"), "disguised"),
        ("also a page.jpg", papers::commented("<html><body onload=alert(1)>"), "disguised"),
        (
            "also packed.jpg",
            [papers::picture(ImageFormat::Jpeg), b"7z\xbc\xaf\x27\x1c\xff\xd9".to_vec()].concat(),
            "disguised",
        ),
        ("enormous.png", papers::enormous_png(), "picture-too-large"),
        ("two pages.tif", papers::tiff_of_two_pages(), "several-pages"),
        ("long.pdf", papers::pdf(&["x"; 201]), "too-many-pages"),
        ("bomb.pdf", papers::bomb(), "broken"),
        ("virus.pdf", papers::pdf(&[&papers::eicar()]), "infected"),
        ("virus.jpg", papers::commented(&papers::eicar()), "infected"),
    ] {
        let id = asked.send(name, &bytes).await;
        let document = asked.checked(&id).await;
        assert_eq!((&document["state"], &document["fault"]), (&json!("returned"), &json!(fault)), "{name}");
        expected_mails += 1;
    }
    wait_for(async || asked.kept().is_empty(), "nothing of it is kept").await;
    asked.leaves_nothing("what the check found").await;
    let returned =
        || asked.server.mailbox(&asked.person.email).iter().filter(|m| m.subject.contains("could not use")).count();
    wait_for(async || returned() == expected_mails, "each is told").await;
    let locked = asked.mail("We could not use your document").unwrap();
    assert!(locked.body.contains("13 November 2020"), "{}", locked.body);

    for (name, format) in
        [("red.jpg", ImageFormat::Jpeg), ("red.png", ImageFormat::Png), ("red.tif", ImageFormat::Tiff)]
    {
        let bytes = papers::picture(format);
        let id = asked.send(name, &bytes).await;
        let document = asked.checked(&id).await;
        assert_eq!((&document["state"], &document["scanned"]), (&json!("checked"), &json!(true)), "{name}");
        // A scanned original may be downloaded.
        let officer = asked.officer().await;
        let original =
            officer.request(Method::GET, &format!("/api/desk/documents/{id}/original")).send().await.unwrap();
        assert!(original.headers()["content-disposition"].to_str().unwrap().starts_with("attachment"));
        assert_eq!(original.bytes().await.unwrap(), bytes, "{name}");
    }
    let archive =
        asked.officer().await.request(Method::GET, &format!("/api/desk/cases/{}/documents.zip", asked.person.case));
    let archive = archive.send().await.unwrap().bytes().await.unwrap();
    assert_eq!(names_in(&archive), ["01 red.jpg", "02 red.png", "03 red.tif"]);
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

/// A scanner without an answer delays the document, which is shown as being checked. The check is retried.
#[tokio::test]
async fn a_scanner_that_does_not_answer_is_asked_again() {
    let asked = Asked::with(&[("CLAMD", "127.0.0.1:1")]).await;
    let id = asked.send("pass.pdf", &papers::pdf(&["x"])).await;
    wait_for(async || asked.number("SELECT tried FROM documents").await == 1, "the scanner is asked").await;
    assert_eq!(asked.document(&asked.asha(), &id).await["state"], "received");
    let officer = asked.officer().await;
    assert_eq!(officer.get(&format!("/api/desk/documents/{id}/pages/1")).await.code(), "not-checked");
    assert_eq!(officer.get(&format!("/api/desk/documents/{id}/original")).await.code(), "not-checked");
    asked.server.kill().await;
    // The document is accepted unscanned after an hour of retries.
    let mut t = asked.records.store().write().await.unwrap();
    sqlx::query("UPDATE documents SET tried = 7, due = 0").execute(&mut *t).await.unwrap();
    t.commit().await.unwrap();
    let later = "2020-11-02T10:00:00+01:00";
    let asked = Asked { server: asked.records.open_with(later, &[("CLAMD", "127.0.0.1:1")]).await, ..asked };
    let token = session_at(&asked.records, &asked.person, later).await;
    let document = Asked { token, ..asked }.checked(&id).await;
    assert_eq!((&document["state"], &document["scanned"]), (&json!("checked"), &json!(false)));
}

/// A shutdown during a check also stops the checking program. The document is not blamed.
#[tokio::test]
async fn a_check_that_is_ended_from_outside_says_nothing_of_the_document() {
    let asked = Asked::with(&[]).await;
    // A large file without valid objects, which takes long to search.
    let hard = [b"%PDF-1.4\n".as_slice(), &b"1 0 obj <<".repeat(1_500_000), b"%%EOF"].concat();
    let id = asked.send("pass.pdf", &hard).await;
    wait_for(async || !asked.server.called().is_empty(), "it is looked into").await;
    for program in asked.server.called() {
        std::process::Command::new("kill").args(["-TERM", &program.to_string()]).status().unwrap();
    }
    wait_for(async || asked.server.called().is_empty(), "the program is ended").await;
    let put_off = "SELECT count(*) FROM documents WHERE tried = 1 AND leased_until = 0";
    wait_for(async || asked.number(put_off).await == 1, "the check is over for now").await;
    assert_eq!(asked.document(&asked.asha(), &id).await["state"], "received");
    assert!(!asked.kept().is_empty());
}

/// A request body that the test feeds.
fn body_of(mut pieces: mpsc::Receiver<Result<Bytes, std::io::Error>>) -> Body {
    Body::wrap_stream(stream::poll_fn(move |context| pieces.poll_recv(context)))
}

/// Concurrent requests to one upload are refused. A broken connection and a killed server keep what has arrived.
#[tokio::test]
async fn what_breaks_off_goes_on_where_it_was() {
    let asked = Asked::new().await;
    let asha = asked.asha();
    let bytes = papers::pdf(&["A long paper"; 200]);
    let upload = asked.begin("long.pdf", bytes.len() as u64).await;
    let (pieces, taken) = mpsc::channel(1);
    let sending = tokio::spawn(patching(&asha, &upload, 0).body(body_of(taken)).send());
    pieces.send(Ok(Bytes::copy_from_slice(&bytes[..5000]))).await.unwrap();
    let head = async || {
        let request = asha.request(Method::HEAD, &upload).header("tus-resumable", "1.0.0");
        request.send().await.unwrap().status()
    };
    wait_for(async || head().await == StatusCode::LOCKED, "the first has begun").await;
    let second = patch(&asha, &upload, 0, bytes.clone()).await;
    assert_eq!((second.status, second.code()), (StatusCode::LOCKED, "upload-busy"), "{second:?}");
    assert!(second.headers.contains_key("retry-after"));
    // The connection breaks.
    pieces.send(Err(std::io::Error::other("the line is gone"))).await.unwrap();
    assert!(sending.await.unwrap().is_err());
    let there = offset(&asha, &upload).await;
    assert_eq!(there, 5000);

    // A power failure during the next part: that part is lost, and acknowledged parts remain.
    let (pieces, taken) = mpsc::channel(1);
    let sending = tokio::spawn(patching(&asha, &upload, there).body(body_of(taken)).send());
    pieces.send(Ok(Bytes::copy_from_slice(&bytes[5000..9000]))).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    asked.server.kill().await;
    assert!(sending.await.unwrap().is_err());
    let later = "2020-11-02T09:10:00+01:00";
    let asked = Asked { server: asked.records.open(later).await, ..asked };
    let asha = asked.asha();
    assert_eq!(offset(&asha, &upload).await, 5000);
    assert_eq!(patch(&asha, &upload, 5000, bytes[5000..].to_vec()).await.status, StatusCode::NO_CONTENT);
    let id = upload.rsplit('/').next().unwrap();
    assert_eq!(asked.checked(id).await["pages"], 200);
    // The incomplete file of the killed server is deleted.
    wait_for(async || asked.kept().len() == 2, "what was begun is deleted").await;
}

/// A power failure during a part that is already on disk: the unusable data is erased.
#[tokio::test]
async fn what_a_killed_server_was_writing_is_erased() {
    let asked = Asked::new().await;
    let upload = asked.begin("large.pdf", 12_000_000).await;
    let (pieces, taken) = mpsc::channel(1);
    let sending = tokio::spawn(patching(&asked.asha(), &upload, 0).body(body_of(taken)).send());
    pieces.send(Ok(papers::pdf(&["x"]).into())).await.unwrap();
    for _ in 0..70 {
        pieces.send(Ok(Bytes::from(vec![b'\n'; 100_000]))).await.unwrap();
    }
    wait_for(async || asked.kept().iter().any(|file| !file.is_empty()), "some of it is on the disk").await;
    asked.server.kill().await;
    assert!(sending.await.unwrap().is_err());
    assert!(!kept(asked.records.folder()).is_empty());
    let asked = Asked { server: asked.records.open("2020-11-02T09:10:00+01:00").await, ..asked };
    wait_for(async || asked.kept().is_empty(), "what was begun is erased").await;
    assert_eq!(offset(&asked.asha(), &upload).await, 0);
}

/// A lost or different key is detected at start, and not later by a person whose documents are unreadable.
#[tokio::test]
async fn a_lost_key_keeps_the_counter_shut() {
    let records = Records::on_sqlite(1).await;
    let (person, token) = records.ready("Asha Rao").await;
    let server = records.open(MONDAY).await;
    let asked = Asked { records, server, person, token };
    asked.invite().await;
    asked.send("pass.pdf", &papers::pdf(&["x"])).await;
    let folder = asked.records.folder().to_owned();
    asked.server.kill().await;
    let serve = async |key: &str| {
        let mut command = tokio::process::Command::new(binary());
        command.args(["serve", "--port", "0", "--dist-dir", "../dist", "--data-dir"]).arg(&folder);
        let output = command.env("DOCUMENTS_KEY", key).stdin(std::process::Stdio::null()).kill_on_drop(true).output();
        let output = tokio::time::timeout(Duration::from_secs(30), output).await.expect("it opened").unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(serve(DOCUMENTS_KEY).await.contains("does not open the documents that are there"));
    let file = folder.join("documents.key");
    let copy = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    assert!(serve("").await.contains("put its copy back"));
    assert!(!file.exists(), "no new one is made");
    std::fs::write(&file, copy).unwrap();
    asked.records.open("2020-11-02T09:10:00+01:00").await.kill().await;
}

/// A third-party tus client can upload, resume and cancel.
#[tokio::test]
async fn any_client_of_the_protocol_sends() {
    let asked = Asked::new().await;
    let text = "A long paper ".repeat(200);
    let bytes = papers::pdf(&[&*text; 200]);
    let file = asked.records.folder().join("long.pdf");
    std::fs::write(&file, &bytes).unwrap();
    let run = async |how: &str| {
        let wanted = json!({
            "url": asked.server.url, "cookie": format!("skranke={}", asked.token), "case": asked.person.case,
            "file": file, "name": "lang søknad.pdf", "chunk": 100_000, "how": how,
        });
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/http/tus.mjs");
        let output = tokio::process::Command::new("node").arg(script).arg(wanted.to_string()).output().await.unwrap();
        serde_json::from_slice::<Value>(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
    };
    let parts = bytes.len().div_ceil(100_000);
    for (how, expected) in [
        ("whole", [vec!["POST 201"], vec!["PATCH 204"; parts]].concat()),
        ("resume", [vec!["POST 201", "PATCH 204", "HEAD 200"], vec!["PATCH 204"; parts - 1]].concat()),
    ] {
        let said = run(how).await;
        assert_eq!(said["requests"], json!(expected), "{how}: {said}");
        let id = said["address"].as_str().unwrap().rsplit('/').next().unwrap();
        let document = asked.checked(id).await;
        assert_eq!((&document["state"], &document["pages"]), (&json!("checked"), &json!(200)), "{document}");
        assert_eq!(document["name"], "lang søknad.pdf");
    }
    // Data in the first request is not accepted; the client is told so, and one document results.
    let said = run("at once").await;
    assert_eq!(said["requests"], json!([vec!["POST 201"], vec!["PATCH 204"; parts]].concat()), "{said}");
    assert_eq!(asked.kept().len(), parts * 3);
    let said = run("end").await;
    assert_eq!(said["requests"], json!(["POST 201", "PATCH 204", "DELETE 204"]), "{said}");
    assert_eq!(asked.kept().len(), parts * 3, "of what was taken back nothing is left");
    let known = asked.server.visitor().request(Method::OPTIONS, "/api/uploads").send().await.unwrap();
    assert_eq!(known.headers()["tus-extension"], "creation,expiration,checksum,termination");
    assert_eq!(known.headers()["tus-max-size"], "20000000");
}

/// A withdrawn invitation ends an upload in progress and leaves nothing.
#[tokio::test]
async fn an_invitation_that_ends_in_the_middle_ends_the_upload() {
    let asked = Asked::new().await;
    let bytes = papers::pdf(&["x"]);
    let upload = asked.begin("pass.pdf", bytes.len() as u64).await;
    let (pieces, taken) = mpsc::channel(1);
    let sending = tokio::spawn(patching(&asked.asha(), &upload, 0).body(body_of(taken)).send());
    pieces.send(Ok(Bytes::copy_from_slice(&bytes[..200]))).await.unwrap();
    let withdrawn = asked.officer().await.delete(&format!("/api/desk/cases/{}/invitation", asked.person.case)).await;
    assert_eq!(withdrawn.status, StatusCode::OK);
    pieces.send(Ok(Bytes::copy_from_slice(&bytes[200..]))).await.unwrap();
    drop(pieces);
    let refused = answer(sending.await.unwrap().unwrap()).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "refused"), "{refused:?}");
    assert_eq!(refused.body["decision"]["reasons"][0]["code"], "not-invited");
    asked.leaves_nothing("an invitation that ended").await;
}

/// A full disk: the upload fails temporarily, leaves nothing half-written, and resumes when there is room.
#[tokio::test]
async fn a_full_disk_leaves_nothing_and_the_upload_goes_on() {
    let asked = Asked::new().await;
    let asha = asked.asha();
    let bytes = [papers::pdf(&["x"]), vec![b'\n'; 12_000_000]].concat();
    let upload = asked.begin("large.pdf", bytes.len() as u64).await;
    asked.server.limit_files(8_000_000);
    let full = patch(&asha, &upload, 0, bytes.clone()).await;
    assert_eq!((full.status, full.code()), (StatusCode::SERVICE_UNAVAILABLE, "unavailable"), "{full:?}");
    asked.server.limit_files(u64::MAX);
    asked.leaves_nothing("a full disk").await;
    assert_eq!(offset(&asha, &upload).await, 0);
    assert_eq!(patch(&asha, &upload, 0, bytes).await.status, StatusCode::NO_CONTENT);
}

/// A technical failure: the applicant gets the district's telephone line with a code that leads an officer to the case.
/// Until it is handled, the rules say by telephone.
#[tokio::test]
async fn a_technical_failure_is_handled_by_phone() {
    let clock = "2021-03-22T09:00:00+01:00";
    let records = Records::new(1).await;
    let (person, _) = records.ready("Asha Rao").await;
    let token = session_at(&records, &person, clock).await;
    let server = records.open(clock).await;
    let clerk = server.at_desk_with(&records.officer_since(clock, "Ingrid Berg", District::Oslo, Role::Clerk).await);
    let invite =
        json!({ "last_day": "2021-04-16", "instructions": { "nb": "Send passet.", "en": "Send the passport." } });
    assert_eq!(clerk.put(&format!("/api/desk/cases/{}/invitation", person.case), &invite).await.status, StatusCode::OK);
    let asha = server.signed_in_with(&token);
    let path = format!("/api/cases/{}/documents/failure", person.case);
    let failed = asha.post(&path, &json!({ "what": "unavailable" })).await;
    assert_eq!(failed.status, StatusCode::CREATED, "{failed:?}");
    let decision = &failed.body["decision"];
    assert_eq!((&decision["outcome"], &decision["contact"]["phone"]), (&json!("by-phone"), &json!("22 34 21 00")));
    assert_eq!(decision["reasons"][0]["code"], "technical-failure");
    let code = failed.body["code"].as_str().unwrap();
    assert_eq!(
        asha.post(&path, &json!({ "what": "unavailable" })).await.body["code"],
        code,
        "told again it is the same"
    );
    assert_eq!(asha.get("/api/cases").await.body[0]["invitation"]["failure"], code);
    let refused = create(&asha, &person.case, "pass.pdf", 10).await;
    assert_eq!(refused.body["decision"]["outcome"], "by-phone", "{refused:?}");
    assert_eq!(asha.post(&path, &json!({ "what": "<script>" })).await.code(), "invalid-field");

    let found = clerk.post("/api/desk/search", &json!({ "words": code.to_lowercase() })).await;
    assert_eq!(found.body[0]["case"], person.case.as_str(), "{found:?}");
    let inbox = clerk.get("/api/desk/documents").await.body;
    assert_eq!((&inbox["failures"][0]["code"], &inbox["failures"][0]["what"]), (&json!(code), &json!("unavailable")));
    let bergen = server.at_desk_with(&records.officer_since(clock, "Kari Nes", District::Vest, Role::Clerk).await);
    let done = format!("/api/desk/cases/{}/failure/done", person.case);
    assert_eq!(bergen.post(&done, &json!({})).await.status, StatusCode::NOT_FOUND);
    assert_eq!(clerk.post(&done, &json!({})).await.status, StatusCode::NO_CONTENT);
    assert_eq!(clerk.post(&done, &json!({})).await.status, StatusCode::NO_CONTENT);
    assert_eq!(create(&asha, &person.case, "pass.pdf", 10).await.status, StatusCode::CREATED);
}

/// A document is returned with a reason in both languages. The applicant is told and sends it again.
#[tokio::test]
async fn what_is_returned_is_told_and_sent_again() {
    let asked = Asked::new().await;
    let id = asked.send("blurred.pdf", &papers::pdf(&["x"])).await;
    asked.checked(&id).await;
    let officer = asked.officer().await;
    let path = format!("/api/desk/documents/{id}/return");
    for reason in [json!({ "nb": "", "en": "x" }), json!({ "nb": "x", "en": " " })] {
        assert_eq!(officer.post(&path, &json!({ "reason": reason })).await.code(), "reason-missing");
    }
    let bergen = asked.officer_of(District::Vest).await;
    let reason = json!({ "reason": { "nb": "Bildet er uskarpt.", "en": "The picture is not sharp." } });
    assert_eq!(bergen.post(&path, &reason).await.status, StatusCode::NOT_FOUND);
    assert_eq!(bergen.get(&format!("/api/desk/documents/{id}/pages/1")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(officer.post(&path, &reason).await.status, StatusCode::OK);
    let document = asked.document(&asked.asha(), &id).await;
    assert_eq!(
        (&document["state"], &document["reason"]["en"]),
        (&json!("returned"), &json!("The picture is not sharp."))
    );
    wait_for(async || asked.mail("could not use").is_some(), "they are told").await;
    let mail = asked.mail("could not use").unwrap().body;
    assert!(mail.contains("The picture is not sharp.") && mail.contains("Bildet er uskarpt."), "{mail}");
    assert!(mail.contains("Send it again, on Friday 13 November 2020 at the latest"), "{mail}");
    let again = asked.send("sharp.pdf", &papers::pdf(&["x"])).await;
    assert_eq!(asked.checked(&again).await["state"], "checked");
    // The mail does not ask to send it again after the last day.
    asked.server.kill().await;
    let later = "2020-11-14T09:00:00+01:00";
    let asked = Asked { server: asked.records.open(later).await, ..asked };
    let officer = asked.records.officer_since(later, "Ingrid Berg", District::Oslo, Role::Clerk).await;
    let officer = asked.server.at_desk_with(&officer);
    assert_eq!(officer.post(&format!("/api/desk/documents/{again}/return"), &reason).await.status, StatusCode::OK);
    let told = || {
        let mails = asked.server.mailbox(&asked.person.email);
        mails.into_iter().find(|mail| mail.subject.contains("could not use") && mail.body.contains("sharp.pdf"))
    };
    wait_for(async || told().is_some(), "they are told").await;
    let mail = told().unwrap().body;
    assert!(mail.contains("cannot send documents electronically") && !mail.contains("send it again"), "{mail}");
}

/// After the retention period nothing readable is left: neither the file, nor its name, nor its key.
#[tokio::test]
async fn what_was_kept_long_enough_is_deleted() {
    let asked = Asked::new().await;
    let id = asked.send("pass.pdf", &papers::pdf(&["x"])).await;
    asked.checked(&id).await;
    assert_eq!(asked.kept().len(), 1);
    asked.server.kill().await;
    // The last day still counts.
    let asked = Asked { server: asked.records.open("2021-05-01T23:00:00+02:00").await, ..asked };
    let tidied = async || asked.records.everything().await.contains("\"delete-document\"");
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(!tidied().await);
    assert_eq!(asked.kept().len(), 1);
    asked.server.kill().await;
    let asked = Asked { server: asked.records.open("2021-05-02T00:00:01+02:00").await, ..asked };
    wait_for(async || asked.kept().is_empty(), "the file is deleted").await;
    wait_for(async || !asked.records.everything().await.contains("case_keys {"), "the key is deleted").await;
    let everything = asked.records.everything().await;
    assert!(everything.contains("\"delete-document\"") && everything.contains("\"actor\":\"keeping-time\""));
    assert!(!everything.contains("documents {\"arrived\":null") && everything.contains("\"state\":\"deleted\""));
    let row = everything.lines().find(|line| line.starts_with("documents ")).unwrap();
    assert!(!row.contains("pass.pdf"), "{row}");
    // Messages do not contain the name either.
    assert!(!everything.contains("pass.pdf"), "{everything}");
    let clerk =
        asked.records.officer_since("2021-05-02T00:00:01+02:00", "Ingrid Berg", District::Oslo, Role::Clerk).await;
    let clerk = asked.server.at_desk_with(&clerk);
    assert_eq!(clerk.get(&format!("/api/desk/documents/{id}/pages/1")).await.code(), "review-over");
}

/// Sixteen concurrent uploads of 64 MB take a few megabytes of memory each, whatever their size.
#[tokio::test]
async fn many_large_uploads_take_little_memory() {
    const LARGE: u64 = 64 * 1024 * 1024;
    let asked = Asked::with(&[("FILE_MB", "1100"), ("CASE_MB", "20000")]).await;
    let before = asked.server.memory();
    let all = (0..16).map(|number| {
        let asked = &asked;
        async move {
            let upload = asked.begin(&format!("large {number}.jpg"), LARGE).await;
            let piece = Bytes::from([b"\xff\xd8\xff\xe0".as_slice(), &[0; 65_532]].concat());
            let body = stream::repeat(piece).take((LARGE / 65_536) as usize).map(Ok::<_, std::io::Error>);
            patch(&asked.asha(), &upload, 0, Body::wrap_stream(body)).await.status
        }
    });
    for status in futures_util::future::join_all(all).await {
        assert_eq!(status, StatusCode::NO_CONTENT);
    }
    let most = asked.server.most_memory();
    println!("memory: {before} bytes before, {most} at most");
    assert!(most < before + 400_000_000, "{before} bytes before, {most} at most");
}
