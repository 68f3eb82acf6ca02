//! Benchmark: upload throughput in megabytes per second of this server, of npm's `@tus/server`, and of plain synced
//! writes, alternating in one run for comparable ratios. This server hashes and encrypts, and syncs to disk before it
//! answers. First the throughput of hashing and encryption alone on one core is measured, as the upper bound; the check
//! of received files shares that processor.
//!
//! With `-- memory`: the server's memory during 16 concurrent uploads of 1 GB each.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "in a benchmark, an unwrap that fails ends it"
)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::{
    fs,
    io::Write,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use api::{
    invitations::{Instructions, Invite},
    officers::Role,
};
use axum::body::Bytes;
use base64::{Engine, prelude::BASE64_STANDARD};
use common::{MONDAY, Records, Visitor, client};
use futures_util::{StreamExt, future::join_all, stream};
use reqwest::{Body, Client, Method, RequestBuilder, StatusCode, header};
use rules::District;
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

const MEGABYTE: usize = 1_000_000;

/// Maximum size of a file.
const FILE: usize = 20 * MEGABYTE;
const FILES: usize = 24;
const ROUNDS: usize = 3;

/// Size of a network chunk.
const PIECE: usize = 64 * 1024;

#[tokio::main]
async fn main() {
    if std::env::args().any(|argument| argument == "memory") {
        return memory().await;
    }
    println!("hashing and encrypting alone, on one core: {:.0} MB/s", hashed_and_sealed());
    let records = Records::on_sqlite(1).await;
    let (person, token) = records.ready("Asha Rao").await;
    let server = records.open_with(MONDAY, &[("CASE_MB", "1000000")]).await;
    invite(&records, &server, &person.case).await;
    let ours = Ours { visitor: server.signed_in_with(&token), case: person.case.to_string() };
    let folder = tempfile::tempdir_in(records.folder()).unwrap();
    let (npm, _process) = Npm::start(folder.path()).await;
    for clients in [1, 4] {
        let mut rates: [Vec<f64>; 4] = Default::default();
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            rates[0].push(rate(clients, async |_| ours.send(FILE).await).await);
            // The check of received files runs meanwhile. What is left of it must not slow down the next measurement.
            ours.all_checked().await;
            rates[1].push(per_second(begun));
            rates[2].push(rate(clients, async |_| npm.send(FILE).await).await);
            rates[3].push(rate(clients, async |number| written(folder.path(), number).await).await);
        }
        let [ours, checked, npm, raw] = rates.map(|mut rates| {
            rates.sort_by(f64::total_cmp);
            rates[ROUNDS / 2]
        });
        println!(
            "{clients} at once: {ours:.0} MB/s, and {checked:.0} until all are checked; @tus/server {npm:.0}, ratio {:.2}; \
             written and synced {raw:.0}, ratio {:.2}",
            ours / npm,
            ours / raw
        );
    }
}

/// Megabytes per second of hashing and encryption, without storage.
fn hashed_and_sealed() -> f64 {
    let key = age::x25519::Identity::generate().to_public();
    let sealer = age::Encryptor::with_recipients(std::iter::once(&key as &dyn age::Recipient)).unwrap();
    let mut sealed = sealer.wrap_output(std::io::sink()).unwrap();
    let mut hash = Sha256::new();
    let piece = [7; PIECE];
    let begun = Instant::now();
    for _ in 0..FILES * FILE / PIECE {
        hash.update(piece);
        sealed.write_all(&piece).unwrap();
    }
    std::hint::black_box(hash.finalize());
    per_second(begun)
}

/// Megabytes per second of this many concurrent clients.
async fn rate(clients: usize, send: impl AsyncFn(usize)) -> f64 {
    let begun = Instant::now();
    stream::iter(0..FILES).for_each_concurrent(clients, |number| send(number)).await;
    per_second(begun)
}

/// Megabytes per second since the start, for all files.
fn per_second(begun: Instant) -> f64 {
    (FILES * FILE / MEGABYTE) as f64 / begun.elapsed().as_secs_f64()
}

/// A body that starts like a JPEG.
fn body(size: usize) -> Body {
    let first = Bytes::from([b"\xff\xd8\xff\xe0".as_slice(), &[7; PIECE - 4]].concat());
    let pieces = std::iter::repeat_n(first.clone(), size / PIECE).chain([first.slice(..size % PIECE)]);
    Body::wrap_stream(stream::iter(pieces.map(Ok::<_, std::io::Error>)))
}

async fn invite(records: &Records, server: &common::TestServer, case: &str) {
    let officer = server.at_desk_with(&records.officer("Ingrid Berg", District::Oslo, Role::Clerk).await);
    let instructions = Instructions { nb: "Send passet.".to_owned(), en: "Send the passport.".to_owned() };
    let invite = Invite { last_day: "2020-11-13".parse().unwrap(), instructions };
    let answer = officer.put(&format!("/api/desk/cases/{case}/invitation"), &json!(invite)).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
}

struct Ours {
    visitor: Visitor,
    case: String,
}

impl Ours {
    async fn send(&self, size: usize) {
        let metadata =
            format!("case {},filename {}", BASE64_STANDARD.encode(&self.case), BASE64_STANDARD.encode("picture.jpg"));
        upload(|method, path| self.visitor.request(method, path), "/api/uploads", &metadata, size).await;
    }

    async fn all_checked(&self) {
        let path = format!("/api/cases/{}/documents", self.case);
        while self.visitor.get(&path).await.body["documents"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["state"] == "received")
        {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

struct Npm {
    client: Client,
    url: String,
}

impl Npm {
    async fn start(folder: &Path) -> (Npm, tokio::process::Child) {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/tus-server.mjs");
        let mut command = Command::new("node");
        command.arg(script).arg(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut process = command.spawn().unwrap();
        let mut said = BufReader::new(process.stdout.take().unwrap()).lines();
        let port = said.next_line().await.unwrap().expect("npm's server ended");
        (Npm { client: client().build().unwrap(), url: format!("http://127.0.0.1:{port}") }, process)
    }

    async fn send(&self, size: usize) {
        let metadata = format!("filename {}", BASE64_STANDARD.encode("picture.jpg"));
        let request = |method, path: &str| {
            let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.url) };
            self.client.request(method, url)
        };
        upload(request, "/files", &metadata, size).await;
    }
}

async fn upload(request: impl Fn(Method, &str) -> RequestBuilder, path: &str, metadata: &str, size: usize) {
    let create = request(Method::POST, path).header("tus-resumable", "1.0.0").header("upload-length", size);
    let created = create.header("upload-metadata", metadata).send().await.unwrap();
    assert_eq!(created.status(), StatusCode::CREATED, "{created:?}");
    let address = created.headers()[header::LOCATION].to_str().unwrap().to_owned();
    let patch = request(Method::PATCH, &address).header("tus-resumable", "1.0.0").header("upload-offset", 0);
    let patch = patch.header("content-type", "application/offset+octet-stream").header("content-length", size);
    let patched = patch.body(body(size)).send().await.unwrap();
    assert_eq!(patched.status(), StatusCode::NO_CONTENT, "{patched:?}");
}

/// Writes the same bytes to a file and syncs it.
async fn written(folder: &Path, number: usize) {
    let file = folder.join(format!("raw {number}"));
    let write = move || {
        let piece = [7; PIECE];
        let mut file = fs::File::create(&file).unwrap();
        for start in (0..FILE).step_by(PIECE) {
            file.write_all(&piece[..PIECE.min(FILE - start)]).unwrap();
        }
        file.sync_all().unwrap();
    };
    tokio::task::spawn_blocking(write).await.unwrap();
}

async fn memory() {
    const LARGE: usize = 1_000 * MEGABYTE;
    let records = Records::on_sqlite(1).await;
    let (person, token) = records.ready("Asha Rao").await;
    let server = records.open_with(MONDAY, &[("FILE_MB", "1000"), ("CASE_MB", "16000")]).await;
    invite(&records, &server, &person.case).await;
    let ours = Ours { visitor: server.signed_in_with(&token), case: person.case.to_string() };
    let before = server.memory();
    let begun = Instant::now();
    join_all((0..16).map(|_| ours.send(LARGE))).await;
    println!(
        "16 uploads of 1 GB at once: {} MB of memory before, {} MB at most; {:.0} MB/s",
        before / MEGABYTE as u64,
        server.most_memory() / MEGABYTE as u64,
        16_000.0 / begun.elapsed().as_secs_f64()
    );
}
