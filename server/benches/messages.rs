//! Benchmark: an office closes for 10,000 people. It measures the transaction, the time until the last message is
//! handed to a local mail server, and the latency of bookings meanwhile.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "in a benchmark, an unwrap that fails ends it"
)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::{
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use api::officers::Role;
use chrono::{DateTime, TimeDelta, Utc};
use common::{MONDAY, Person, Records, answer, client};
use reqwest::StatusCode;
use rules::{District, closure::Share};
use serde_json::{Value, json};
use server::{
    messages::Templates,
    services::closure::{self, Closure, Outcome},
    store::{Address, Store},
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
    task::JoinSet,
};

const PEOPLE: usize = 10_000;

/// Number of people for the preview and closure at the desk.
const AT_DESK: usize = 3_000;

/// Concurrent clients that book, each one request at a time.
const CLIENTS: usize = 4;

const BOOKINGS: usize = 2_000;

#[tokio::main]
async fn main() {
    let records = Records::on_sqlite(BOOKINGS as i64 * 6).await;
    records.booked_office("closing", PEOPLE).await;
    let desk_office = records.booked_office("desk", AT_DESK).await;
    let people = Arc::new(records.ready_many(BOOKINGS * 6).await);
    let slots = Arc::new(records.slots().await);
    let next = Arc::new(AtomicUsize::new(0));

    let mut smtp = Command::new("node")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/smtp.mjs"))
        .arg(json!({ "quiet": true }).to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(smtp.stdout.take().unwrap()).lines();
    let first: Value = serde_json::from_str(&lines.next_line().await.unwrap().unwrap()).unwrap();
    let url = format!("smtp://127.0.0.1:{}", first["port"]);
    let server = records.open_with(MONDAY, &[("MAIL_URL", &url), ("RUST_LOG", "error")]).await;
    let received = Arc::new(AtomicUsize::new(0));
    tokio::spawn({
        let received = received.clone();
        async move {
            while let Ok(Some(line)) = lines.next_line().await {
                if line.contains("closing-") {
                    received.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    });

    close_at_desk(&records, &server, &desk_office).await;

    let stop = Arc::new(AtomicBool::new(false));
    let usual = book(&server.url, &people, &slots, &next, BOOKINGS, &stop).await;
    let (median, usual) = (percentile(&usual, 50), percentile(&usual, 99));
    println!("bookings as usual: median {median:.1} ms, p99 {usual:.1} ms");
    // The messages of the bookings must be sent before the measurement starts.
    tokio::time::sleep(Duration::from_secs(5)).await;

    let meanwhile = tokio::spawn({
        let (url, people, slots, next, stop) =
            (server.url.clone(), people.clone(), slots.clone(), next.clone(), stop.clone());
        async move { book(&url, &people, &slots, &next, usize::MAX, &stop).await }
    });
    let templates = Templates::load(&records.folder().join("messages"), "https://skranke.example").unwrap();
    let store = Store::open(&Address::new(None, records.folder()).unwrap()).await.unwrap();
    let day = |text: &str| text.parse().unwrap();
    let mut connection = store.read().await.unwrap();
    let office = closure::office_named(&mut connection, "closing").await.unwrap();
    let closing =
        Closure::new(office, day("2021-01-01"), day("2021-12-31"), Share::CLOSED, MONDAY.parse().unwrap()).unwrap();
    drop(connection);
    let now: DateTime<Utc> = MONDAY.parse().unwrap();
    let began = Instant::now();
    let mut transaction = store.write().await.unwrap();
    let turn = began.elapsed();
    let wait = TimeDelta::zero();
    let outcome = closure::close(
        &templates,
        &mut transaction,
        &closing,
        None,
        server::store::audit::Actor::CommandLine,
        wait,
        now,
    )
    .await
    .unwrap();
    let Outcome::Closed { extent, .. } = outcome else { panic!("nobody else closes it") };
    transaction.commit().await.unwrap();
    let committed = began.elapsed();
    assert_eq!((extent.lose, extent.by_email), (PEOPLE, PEOPLE));
    println!(
        "{PEOPLE} cancellations with their messages: {:.2} s in one transaction, after {:.2} s for its turn",
        (committed - turn).as_secs_f64(),
        turn.as_secs_f64()
    );
    while received.load(Ordering::Relaxed) < PEOPLE {
        assert!(
            began.elapsed() < Duration::from_secs(120),
            "{} of them in two minutes",
            received.load(Ordering::Relaxed)
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let last = (began.elapsed() - committed).as_secs_f64();
    stop.store(true, Ordering::Relaxed);
    println!("all {PEOPLE} at the mail server {last:.1} s after the commit, {:.0} a second", PEOPLE as f64 / last);
    let meanwhile = meanwhile.await.unwrap();
    let p99 = percentile(&meanwhile, 99);
    println!(
        "bookings meanwhile: {} with median {:.1} ms, p99 {p99:.1} ms, {:.1} of the usual",
        meanwhile.len(),
        percentile(&meanwhile, 50),
        p99 / usual
    );
    server.kill().await;
}

/// Times a preview, a closure and its undo through the API. Its messages are not sent: they wait for a minute.
async fn close_at_desk(records: &Records, server: &common::TestServer, office: &str) {
    let session = records.officer("Jonas Lie", District::Oslo, Role::Planner).await;
    let planner = server.at_desk_with(&session);
    for share in [40, 0] {
        let mut asked = json!({ "office": office, "first": "2021-01-01", "last": "2021-12-31", "share": share });
        let began = Instant::now();
        let preview = planner.post("/api/desk/closures/preview", &asked).await;
        let previewed = began.elapsed().as_secs_f64();
        asked["seen"] = preview.body["seen"].clone();
        let began = Instant::now();
        let closed = planner.post("/api/desk/closures", &asked).await;
        let committed = began.elapsed().as_secs_f64();
        assert_eq!(closed.status, StatusCode::CREATED, "{closed:?}");
        let began = Instant::now();
        let path = format!("/api/desk/closures/{}/undo", closed.body["id"].as_str().unwrap());
        assert_eq!(planner.post(&path, &json!({})).await.status, StatusCode::OK);
        println!(
            "{AT_DESK} booked, {share} % left, {} lose their time: previewed in {previewed:.2} s, carried out in {committed:.2} s, undone in {:.2} s",
            preview.body["lose"],
            began.elapsed().as_secs_f64()
        );
    }
}

/// The latencies of this many bookings in milliseconds, or of those until `stop`.
async fn book(
    url: &str,
    people: &Arc<Vec<(Person, String)>>,
    slots: &Arc<Vec<String>>,
    next: &Arc<AtomicUsize>,
    most: usize,
    stop: &Arc<AtomicBool>,
) -> Vec<f64> {
    let url: Arc<str> = format!("{url}/api/appointments").into();
    let begun = Arc::new(AtomicUsize::new(0));
    let mut running = JoinSet::new();
    for _ in 0..CLIENTS {
        let (people, slots, next, stop, url, begun) =
            (people.clone(), slots.clone(), next.clone(), stop.clone(), url.clone(), begun.clone());
        running.spawn(async move {
            let client = client().build().unwrap();
            let mut took = Vec::new();
            while !stop.load(Ordering::Relaxed) && begun.fetch_add(1, Ordering::Relaxed) < most {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some((person, token)) = people.get(number) else { break };
                let body = json!({ "case": person.case, "slot": slots[number] });
                let request = client.post(&*url).header("cookie", format!("skranke={token}")).json(&body);
                let began = Instant::now();
                let answer = answer(request.send().await.unwrap()).await;
                took.push(began.elapsed().as_secs_f64() * 1000.0);
                assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
            }
            took
        });
    }
    running.join_all().await.concat()
}

fn percentile(all: &[f64], percent: usize) -> f64 {
    let mut sorted = all.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)]
}
