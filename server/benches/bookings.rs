//! Benchmark: bookings per second over HTTP on both engines. Each booking includes session, rules, receipt, audit log
//! and outbox in one durable transaction. For comparison: raw commits in SQLite, and pgbench with the same claim and
//! outbox insert on the same PostgreSQL.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "in a benchmark, an unwrap that fails ends it"
)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::{
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use common::{MONDAY, Records, answer, client};
use reqwest::StatusCode;
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection, query};

const CLIENTS: [usize; 3] = [1, 8, 64];

/// Bookings for each number of clients.
const BOOKINGS: usize = 1500;

const LASTS: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() {
    // The argument `-- sqlite` skips PostgreSQL.
    let only_sqlite = std::env::args().any(|argument| argument == "sqlite");
    let raw = raw_sqlite().await;
    println!("SQLite, raw commits of a claim and an outbox insert: {raw:.0} a second");
    for clients in CLIENTS {
        let ours = bookings(Records::on_sqlite(BOOKINGS as i64).await, clients).await;
        println!("SQLite, {clients:>2} clients: {ours:.0} bookings a second, {:.2} of raw", ours / raw);
    }
    for clients in CLIENTS.into_iter().filter(|_| !only_sqlite) {
        let theirs = pgbench(clients).await;
        let ours = bookings(Records::on_postgres(BOOKINGS as i64).await, clients).await;
        println!(
            "PostgreSQL, {clients:>2} clients: {ours:.0} bookings a second, {:.2} of pgbench's {theirs:.0}",
            ours / theirs
        );
    }
}

/// Books one slot for each person with this many clients. Returns bookings per second.
async fn bookings(records: Records, clients: usize) -> f64 {
    let people = Arc::new(records.ready_many(BOOKINGS).await);
    let slots = Arc::new(records.slots().await);
    let server = records.open(MONDAY).await;
    let url = Arc::new(format!("{}/api/appointments", server.url));
    let next = Arc::new(AtomicUsize::new(0));
    let began = Instant::now();
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..clients {
        let (people, slots, url, next) = (people.clone(), slots.clone(), url.clone(), next.clone());
        running.spawn(async move {
            let client = client().build().unwrap();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some((person, token)) = people.get(number) else { return };
                let request = client
                    .post(&*url)
                    .header("cookie", format!("skranke={token}"))
                    .json(&json!({ "case": person.case, "slot": slots[number] }));
                let answer = answer(request.send().await.unwrap()).await;
                assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
            }
        });
    }
    running.join_all().await;
    let rate = BOOKINGS as f64 / began.elapsed().as_secs_f64();
    server.kill().await;
    rate
}

/// Commits per second of a single connection, with the same durability settings as the server.
async fn raw_sqlite() -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/raw.sqlite?mode=rwc", folder.path().display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    for statement in [
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        "CREATE TABLE appointments (id TEXT PRIMARY KEY, slot TEXT NOT NULL UNIQUE)",
        "CREATE TABLE messages (id TEXT PRIMARY KEY, body TEXT NOT NULL)",
    ] {
        query(statement).execute(&mut connection).await.unwrap();
    }
    let (began, mut count) = (Instant::now(), 0);
    while began.elapsed() < LASTS {
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.unwrap();
        for sql in ["INSERT INTO appointments VALUES ($1, $1)", "INSERT INTO messages VALUES ($1, 'Your appointment')"]
        {
            query(sql).bind(count.to_string()).execute(&mut *transaction).await.unwrap();
        }
        transaction.commit().await.unwrap();
        count += 1;
    }
    f64::from(count) / began.elapsed().as_secs_f64()
}

/// Transactions per second of pgbench with the same claim and outbox insert.
async fn pgbench(clients: usize) -> f64 {
    const MANY: u32 = 200_000;
    // The server creates the tables.
    let records = Records::on_postgres(1).await;
    let url = records.url().unwrap();
    let mut connection = PgConnection::connect(url).await.unwrap();
    for statement in [
        "CREATE SEQUENCE bench".to_owned(),
        "INSERT INTO persons (id, email, language, created) VALUES ('bench', 'bench', 'en', 0)".to_owned(),
        format!(
            "INSERT INTO slots (id, office, starts, minutes)
             SELECT 'bench-' || n, (SELECT min(id) FROM offices), n, 30 FROM generate_series(1, {MANY}) n"
        ),
        format!(
            "INSERT INTO cases (id, person, reference, applicant, type, district, submitted, citizenships)
             SELECT 'bench-' || n, 'bench', 'bench-' || n, '', 'work', 'oslo', 1, '' FROM generate_series(1, {MANY}) n"
        ),
    ] {
        query(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
    }
    let script = records.folder().join("claim.sql");
    std::fs::write(
        &script,
        "SELECT nextval('bench') AS n \\gset\nBEGIN;
INSERT INTO appointments (id, number, slot, case_id, status, booked)
  VALUES ('bench-' || :n, 'bench-' || :n, 'bench-' || :n, 'bench-' || :n, 'booked', 0) ON CONFLICT DO NOTHING;
INSERT INTO messages (id, case_id, kind, channel, about, address, subject, body, state, fault, any_time, must_arrive, due,
  expires, leased_until, attempts, created)
  VALUES ('bench-' || :n, 'bench-' || :n, 'booked', 'email', 'a', 'a', 's', 'b', 'sent', '', 0, 0, 0, 0, 0, 0, 0);
COMMIT;\n",
    )
    .unwrap();
    let output =
        Command::new(format!("{}/pgbench", std::env::var("POSTGRES_BIN").expect("run this with .setup/postgres")))
            .args(["--no-vacuum", "--protocol=prepared", "--jobs=2"])
            .args([format!("--client={clients}"), format!("--time={}", LASTS.as_secs())])
            .arg("--file")
            .arg(&script)
            .arg(url)
            .output()
            .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let rate = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
    rate.unwrap_or_else(|| panic!("{said}{}", String::from_utf8_lossy(&output.stderr)))
}
