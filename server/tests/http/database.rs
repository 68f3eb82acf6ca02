//! Database failures, and export, import and backup of the records.

use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
};

use api::officers::Role;
use reqwest::StatusCode;
use rules::District;
use serde_json::{Value, json};
use server::store::{self, Address, Store};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::common::{DOCUMENTS_KEY, MONDAY, Person, Records, binary};

fn serve(url: &str, folder: &str) -> Output {
    Command::new(binary())
        .args(["serve", "--port", "0", "--data-dir", folder, "--dist-dir", "../dist"])
        .env("DATABASE_URL", url)
        .env("DOCUMENTS_KEY", DOCUMENTS_KEY)
        .env("MAIL_INTO_FILES", "true")
        .env("SMS_INTO_FILES", "true")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

#[test]
fn a_database_that_cannot_be_used_keeps_the_counter_shut() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().to_str().unwrap();
    let cases: &[(&str, &[&str])] = &[
        ("mysql://me:secret@127.0.0.1/skranke", &["begins with mysql://, which is no database of ours"]),
        ("nonsense", &["DATABASE_URL is no address"]),
        // A closed port.
        (
            "postgres://me:secret@127.0.0.1:1/skranke",
            &["trying again, 9 of 10", "cannot reach the database at postgres://127.0.0.1:1/skranke"],
        ),
    ];
    for (url, parts) in cases {
        let output = serve(url, folder);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(1), "{url}: {said}");
        for part in *parts {
            assert!(said.contains(part), "{part} is not in {said}");
        }
        assert!(!said.contains("secret"), "{said}");
    }
}

/// Every server must be able to open the documents that any of them has stored.
#[test]
fn without_a_key_that_all_servers_have_the_counter_stays_shut() {
    let folder = tempfile::tempdir().unwrap();
    for (settings, expected) in [
        (
            [("DATABASE_URL", "postgres://127.0.0.1:1/skranke"), ("DOCUMENTS_KEY", "")],
            "DOCUMENTS_KEY must say by which key",
        ),
        ([("FILES_URL", "s3://skranke"), ("DOCUMENTS_KEY", "")], "DOCUMENTS_KEY must say by which key"),
        ([("FILES_URL", ""), ("DOCUMENTS_KEY", "AGE-SECRET-KEY-1NONE")], "DOCUMENTS_KEY cannot be used"),
    ] {
        let mut command = Command::new(binary());
        command.args(["serve", "--port", "0", "--dist-dir", "../dist", "--data-dir"]).arg(folder.path()).envs(settings);
        let output = command.stdin(Stdio::null()).output().unwrap();
        let said = said(&output);
        assert!(output.status.code() == Some(1) && said.contains(expected) && !said.contains("1NONE"), "{said}");
    }
    let new = Command::new(binary()).arg("documents-key").output().unwrap();
    assert!(new.stdout.starts_with(b"AGE-SECRET-KEY-1"));
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_left_alone() {
    let records = Records::new(0).await;
    let address = Address::new(records.url(), records.folder()).unwrap();
    let store = Store::open(&address).await.unwrap();
    let mut transaction = store.write().await.unwrap();
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         SELECT 9999, 'from the future', success, checksum, 0 FROM _sqlx_migrations WHERE version = 1",
    )
    .execute(&mut *transaction)
    .await
    .unwrap();
    transaction.commit().await.unwrap();
    store.close().await;
    let output = serve(records.url().unwrap_or_default(), records.folder().to_str().unwrap());
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    let ours = Store::version();
    let expected = format!("the database is of version 9999, and this program knows versions up to {ours}");
    assert!(said.contains(&expected), "{said}");
    // An export by an older program would leave out what it does not know.
    let file = records.folder().join("newer.jsonl");
    let output = skranke(&["export", file.to_str().unwrap()], records.url(), records.folder());
    assert_eq!(output.status.code(), Some(1));
    assert!(self::said(&output).contains(&expected), "{output:?}");
    assert!(!file.exists());
}

/// A full disk: requests fail with 503, nothing is half-written, and the server recovers. Only for SQLite, because
/// PostgreSQL's disk is not the server's.
#[tokio::test]
async fn a_full_disk_stops_nobody_for_good() {
    let records = Records::on_sqlite(40).await;
    let (asha, token) = records.ready("Asha Rao").await;
    let server = records.open(MONDAY).await;
    let visitor = server.signed_in_with(&token);
    let slot = visitor.times(&asha.case).await.slots[0].id.clone();
    let largest = fs::read_dir(records.folder()).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).max();
    server.limit_files(largest.unwrap());

    // The reported situations fill the disk.
    let mut told = visitor.tell(&asha.case, json!({ "entry": null })).await;
    for _ in 0..150 {
        if told.status != StatusCode::OK {
            break;
        }
        told = visitor.tell(&asha.case, json!({ "entry": null })).await;
    }
    assert_eq!((told.status, told.code()), (StatusCode::SERVICE_UNAVAILABLE, "unavailable"), "{told:?}");
    assert_eq!(visitor.book(&asha.case, &slot).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(visitor.get("/api/cases").await.body[0]["appointment"].is_null(), "nothing is half-written");
    // The same holds for concurrent requests.
    let all = (0..10).map(|_| visitor.book(&asha.case, &slot));
    for refused in futures_util::future::join_all(all).await {
        assert_eq!((refused.status, refused.code()), (StatusCode::SERVICE_UNAVAILABLE, "unavailable"), "{refused:?}");
    }

    server.limit_files(u64::MAX);
    let booked = visitor.book(&asha.case, &slot).await;
    assert_eq!(booked.status, StatusCode::CREATED, "{booked:?}");
    assert!(!visitor.get("/api/cases").await.body[0]["appointment"].is_null());
}

/// A proxy in front of PostgreSQL that closes every connection which carries this text. An empty text closes none.
async fn cutting(url: &str, text: tokio::sync::watch::Receiver<&'static str>) -> String {
    let (before, rest) = url.rsplit_once('@').unwrap();
    let (host, name) = rest.split_once('/').unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = format!("{before}@{}/{name}", listener.local_addr().unwrap());
    let host = host.to_owned();
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let (far, text) = (TcpStream::connect(&host).await.unwrap(), text.clone());
            tokio::spawn(async move {
                let ((mut asks, mut hears), (mut answers, mut told)) = (near.into_split(), far.into_split());
                let back = tokio::spawn(async move { tokio::io::copy(&mut answers, &mut hears).await });
                let mut part = vec![0; 64 * 1024];
                while let Ok(count @ 1..) = asks.read(&mut part).await {
                    let said = String::from_utf8_lossy(&part[..count]);
                    let cut = *text.borrow();
                    if !cut.is_empty() && said.contains(cut) || told.write_all(&part[..count]).await.is_err() {
                        break;
                    }
                }
                back.abort();
            });
        }
    });
    own
}

/// A lost connection to PostgreSQL during a preview, a closure or an undo is a temporary failure. Nothing is half done,
/// and a retry succeeds.
#[tokio::test]
async fn a_closing_that_is_cut_off_is_tried_again() {
    let records = Records::on_postgres(3).await;
    let (asha, token) = records.ready("Asha Rao").await;
    let slot = records.slots().await.remove(0);
    let session = records.officer("Jonas Lie", District::Oslo, Role::Planner).await;
    let (cut, text) = tokio::sync::watch::channel("");
    let url = cutting(records.url().unwrap(), text).await;
    let server = records.open_with(MONDAY, &[("DATABASE_URL", &url)]).await;
    let visitor = server.signed_in_with(&token);
    assert_eq!(visitor.book(&asha.case, &slot).await.status, StatusCode::CREATED);
    let planner = server.at_desk_with(&session);
    let office = records.office().await.id;
    let mut asked = json!({ "office": office, "first": "2020-11-16", "last": "2020-11-20", "share": 0 });
    let tried = async |path: &str, body: &Value, at: &'static str| {
        cut.send_replace(at);
        let refused = planner.post(path, body).await;
        assert_eq!(
            (refused.status, refused.code()),
            (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            "{at}: {refused:?}"
        );
        cut.send_replace("");
        let answer = planner.post(path, body).await;
        assert!(answer.status.is_success(), "{answer:?}");
        answer.body
    };
    let has_time = async || !visitor.get("/api/cases").await.body[0]["appointment"].is_null();
    let seen = tried("/api/desk/closures/preview", &asked, "SELECT slots.id, starts, withdrawn").await["seen"].clone();
    asked["seen"] = seen;
    assert!(has_time().await);
    let closed = tried("/api/desk/closures", &asked, "UPDATE slots SET withdrawn = 1").await;
    assert!(!has_time().await);
    let path = format!("/api/desk/closures/{}/undo", closed["id"].as_str().unwrap());
    tried(&path, &json!({}), "UPDATE appointments SET status = 'booked'").await;
    assert!(has_time().await);
    server.kill().await;
}

/// A database without room for a large closure: the planner gets a temporary failure, and no appointment is lost.
#[tokio::test]
async fn a_closing_waits_for_room() {
    let records = Records::new(1).await;
    let office = records.booked_office("full", 500).await;
    let session = records.officer("Jonas Lie", District::Oslo, Role::Planner).await;
    let server = records.open(MONDAY).await;
    let planner = server.at_desk_with(&session);
    let mut asked = json!({ "office": office, "first": "2021-01-01", "last": "2021-12-31", "share": 0 });
    asked["seen"] = planner.post("/api/desk/closures/preview", &asked).await.body["seen"].clone();
    let alter = async |sql: &'static [&'static str]| {
        let mut t = records.store().write().await.unwrap();
        for sql in sql {
            sqlx::query(*sql).execute(&mut *t).await.unwrap();
        }
        t.commit().await.unwrap();
    };
    // PostgreSQL's disk is not the server's, so a trigger raises the error of a full disk.
    let is_postgres = records.url().is_some();
    if is_postgres {
        alter(&[
            "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = '53100'; END $$",
            "CREATE TRIGGER no_room BEFORE UPDATE ON appointments FOR EACH ROW EXECUTE FUNCTION no_room()",
        ])
        .await;
    } else {
        let largest = fs::read_dir(records.folder()).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).max();
        server.limit_files(largest.unwrap());
    }
    for _ in 0..2 {
        let refused = planner.post("/api/desk/closures", &asked).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::SERVICE_UNAVAILABLE, "unavailable"), "{refused:?}");
    }
    if is_postgres {
        alter(&["DROP TRIGGER no_room ON appointments"]).await;
    } else {
        server.limit_files(u64::MAX);
    }
    let closed = planner.post("/api/desk/closures", &asked).await;
    assert_eq!((closed.status, &closed.body["extent"]["lose"]), (StatusCode::CREATED, &json!(500)), "{closed:?}");
    server.kill().await;
}

fn skranke(arguments: &[&str], url: Option<&str>, folder: &Path) -> Output {
    let mut command = Command::new(binary());
    command.args(arguments).env("DATABASE_URL", url.unwrap_or_default()).env("DATA_DIR", folder);
    command.stdin(Stdio::null()).output().unwrap()
}

/// Records after use: a refusal, a booking, their messages and receipts.
async fn used(records: &Records) -> (Person, Value) {
    let asha = records.person("Asha Rao").await;
    let server = records.open(MONDAY).await;
    let visitor = server.sign_in(&asha).await;
    visitor.tell(&asha.case, json!({ "entry": { "on": "2020-10-26", "quarantine": true } })).await;
    let slot = visitor.times(&asha.case).await.slots[0].id.clone();
    assert_eq!(visitor.book(&asha.case, &slot).await.code(), "refused");
    visitor.tell(&asha.case, json!({ "entry": null })).await;
    assert_eq!(visitor.book(&asha.case, &slot).await.status, StatusCode::CREATED);
    let cases = visitor.get("/api/cases").await.body;
    server.kill().await;
    (asha, cases)
}

/// Export and import move everything to the other engine, and a second export is identical.
#[tokio::test]
async fn everything_moves_to_the_other_engine() {
    let records = Records::new(3).await;
    let (asha, cases) = used(&records).await;
    let file = records.folder().join("all.jsonl");
    let file = file.to_str().unwrap();
    let output = skranke(&["export", file], records.url(), records.folder());
    assert!(output.status.success(), "{output:?}");

    let others = Records::empty_on_the_other_engine(&records).await;
    let output = skranke(&["import", file], others.url(), others.folder());
    assert!(output.status.success(), "{output:?}");
    let server = others.open(MONDAY).await;
    let visitor = server.sign_in(&asha).await;
    assert_eq!(visitor.get("/api/cases").await.body, cases);
    server.kill().await;

    // A second import is refused, because the database is not empty.
    let output = skranke(&["import", file], others.url(), others.folder());
    assert!(!output.status.success() && said(&output).contains("import into an empty one"), "{output:?}");
}

#[tokio::test]
async fn what_is_altered_imports_nothing() {
    let records = Records::new(3).await;
    used(&records).await;
    let whole = String::from_utf8(skranke(&["export"], records.url(), records.folder()).stdout).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    let last = lines.len() - 1;
    let without = |index: usize| {
        let kept = lines.iter().enumerate().filter(|(at, _)| *at != index).map(|(_, line)| format!("{line}\n"));
        kept.collect::<String>()
    };
    // No other row refers to a session.
    let session = lines.iter().position(|line| line.contains("\"table\":\"sessions\"")).unwrap();
    let cases: Vec<(String, &str)> = vec![
        (without(last), "it is cut off"),
        (whole[..whole.len() / 2].to_owned(), "nothing was imported"),
        (without(session), "it was altered on the way"),
        (whole.replace("Storgata 1", "Storgata 2"), "it was altered on the way"),
        (whole.clone() + lines[3] + "\n", "something stands behind the end"),
        (without(0), "stands in the wrong place"),
        (whole.replace("\"table\":\"slots\"", "\"table\":\"slots; DROP TABLE slots\""), "there is no table"),
        (whole.replace("\"phone\":", "\"phone) VALUES (1); --\":"), "which is unknown"),
        (whole.replace("{\"version\":", "{\"version\":9"), "use the same on both sides"),
        (String::new(), "it is cut off after 0 lines"),
    ];
    let others = Records::empty_on_the_other_engine(&records).await;
    let file = others.folder().join("altered.jsonl");
    for (text, says) in cases {
        fs::write(&file, text).unwrap();
        let output = skranke(&["import", file.to_str().unwrap()], others.url(), others.folder());
        assert_eq!(output.status.code(), Some(1), "{says}");
        assert!(said(&output).contains(says), "{says} is not in {}", said(&output));
        let now = skranke(&["export"], others.url(), others.folder());
        assert_eq!(String::from_utf8(now.stdout).unwrap().lines().count(), 2, "{says}: nothing was imported");
    }
}

/// A backup during bookings contains every booking acknowledged before it.
#[tokio::test]
async fn a_backup_holds_what_was_acknowledged_before() {
    let records = Records::new(30).await;
    let people = records.ready_many(30).await;
    let slots = records.slots().await;
    let server = records.open(MONDAY).await;
    let book = |number: usize| {
        let visitor = server.signed_in_with(&people[number].1);
        let (case, slot) = (people[number].0.case.clone(), slots[number].clone());
        async move { assert_eq!(visitor.book(&case, &slot).await.status, StatusCode::CREATED) }
    };
    for number in 0..15 {
        book(number).await;
    }
    let file = records.folder().join("copy.sqlite");
    let copy = file.to_str().unwrap().to_owned();
    let (url, folder) = (records.url().map(str::to_owned), records.folder().to_owned());
    let copying = tokio::task::spawn_blocking(move || skranke(&["backup", &copy], url.as_deref(), &folder));
    for number in 15..30 {
        book(number).await;
    }
    let output = copying.await.unwrap();
    if records.url().is_some() {
        assert!(said(&output).contains("for PostgreSQL use pg_dump"), "{output:?}");
        return;
    }
    assert!(output.status.success(), "{output:?}");

    let place = tempfile::tempdir().unwrap();
    let output = skranke(&["restore", file.to_str().unwrap()], None, place.path());
    assert!(output.status.success(), "{output:?}");
    let address = Address::new(None, place.path()).unwrap();
    let restored = Store::open(&address).await.unwrap();
    let mut connection = restored.read().await.unwrap();
    for (person, _) in &people[..15] {
        let found =
            store::appointments::booked_for(&mut connection, &person.case, "2020-11-02T08:00:00Z".parse().unwrap());
        assert!(found.await.unwrap().is_some());
    }
    drop(connection);
    restored.close().await;

    // A file in use has a write-ahead log beside it, which is restored too.
    server.kill().await;
    assert!(records.folder().join("skranke.sqlite-wal").metadata().unwrap().len() > 0, "there is something in the log");
    let second = tempfile::tempdir().unwrap();
    let left = records.folder().join("skranke.sqlite");
    let output = skranke(&["restore", left.to_str().unwrap()], None, second.path());
    assert!(output.status.success(), "{output:?}");
    let restored = Store::open(&Address::new(None, second.path()).unwrap()).await.unwrap();
    let mut connection = restored.read().await.unwrap();
    for (person, _) in &people {
        let found =
            store::appointments::booked_for(&mut connection, &person.case, "2020-11-02T08:00:00Z".parse().unwrap());
        assert!(found.await.unwrap().is_some());
    }
    drop(connection);
    restored.close().await;

    for (from, to, says) in [
        (file.as_path(), place.path(), "exists already"),
        (Path::new("Cargo.toml"), tempfile::tempdir().unwrap().path(), "is no whole copy"),
        (Path::new("nothing"), tempfile::tempdir().unwrap().path(), "there is no file"),
    ] {
        let output = skranke(&["restore", from.to_str().unwrap()], None, to);
        assert_eq!(output.status.code(), Some(1));
        assert!(said(&output).contains(says), "{says} is not in {}", said(&output));
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
