//! The audit log and its hash chain, which reveals changed and missing entries.

use std::process::{Command, Output, Stdio};

use api::{ids::PersonId, officers::Role};
use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use rules::District;
use serde_json::{Map, Value, json};
use server::{
    secrets,
    services::audit_chain::seal_all,
    store::{
        Address, Store,
        audit::{self, Action, Actor, Since},
        tables,
    },
};
use sqlx::{AssertSqlSafe, query, query_as, query_scalar};
use tokio::task::JoinSet;

use crate::common::{DOCUMENTS_KEY, MONDAY, Records, TestServer, Visitor, binary, wait_for};

fn now() -> DateTime<Utc> {
    MONDAY.parse().unwrap()
}

fn skranke(records: &Records, arguments: &[&str]) -> Output {
    let mut command = Command::new(binary());
    command.args(arguments).env("DATABASE_URL", records.url().unwrap_or_default()).env("DATA_DIR", records.folder());
    command.stdin(Stdio::null()).output().unwrap()
}

/// The output of `skranke audit verify`, and `true` if it found no fault.
fn verify(records: &Records, head: Option<&str>) -> (String, bool) {
    let mut arguments = vec!["audit", "verify"];
    arguments.extend(head.iter().flat_map(|head| ["--head", head]));
    let output = skranke(records, &arguments);
    let said = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (said, output.status.success())
}

fn head_in(said: &str) -> String {
    said.split_once("The end of the chain: ").unwrap().1.lines().next().unwrap().to_owned()
}

async fn run(records: &Records, sql: &str) {
    let mut transaction = records.store().write().await.unwrap();
    query(AssertSqlSafe(sql.to_owned())).execute(&mut *transaction).await.unwrap();
    transaction.commit().await.unwrap();
}

const BOTH: [&str; 2] = ["audit", "audit_seals"];

type Rows = Vec<(&'static str, Map<String, Value>)>;

async fn rows(records: &Records) -> Rows {
    let mut all = Vec::new();
    let mut connection = records.store().read().await.unwrap();
    for table in BOTH {
        let each = |row| {
            all.push((table, row));
            Ok::<_, sqlx::Error>(())
        };
        tables::read(&mut connection, table, each).await.unwrap();
    }
    all
}

async fn put_back(records: &Records, rows: &Rows) {
    let mut transaction = records.store().write().await.unwrap();
    for table in BOTH {
        query(AssertSqlSafe(format!("DELETE FROM {table}"))).execute(&mut *transaction).await.unwrap();
    }
    for (table, row) in rows {
        tables::insert(&mut transaction, table, row).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

/// This many entries, sealed into the chain.
async fn chained(records: &Records, count: usize) {
    let mut transaction = records.store().write().await.unwrap();
    for number in 0..count {
        let person = PersonId::from(format!("person {number}"));
        audit::add(&mut transaction, Actor::Applicant(&person), Action::Tell, "case", now()).await.unwrap();
    }
    transaction.commit().await.unwrap();
    seal_all(records.store(), Since::Ever, now()).await.unwrap();
}

#[tokio::test]
async fn whatever_is_tampered_with_shows() {
    let records = Records::new(1).await;
    chained(&records, 9).await;
    let (said, good) = verify(&records, None);
    assert!(good && said.contains("9 entries are chained, 0 wait to be."), "{said}");
    let head = head_in(&said);
    assert!(head.starts_with("9:"), "{head}");
    assert!(verify(&records, Some(&head)).1);

    let untouched = rows(&records).await;
    let of = |number: i64| format!("(SELECT entry FROM audit_seals WHERE number = {number})");
    let changed = "number 4: changed, or in another's place";
    let mut tamperings: Vec<(Vec<String>, Vec<&str>)> = Vec::new();
    for field in ["actor", "action", "subject", "district", "words", "receipt"] {
        tamperings
            .push((vec![format!("UPDATE audit SET {field} = 'x' WHERE id = {}", of(4))], vec![changed, "1 faults"]));
    }
    tamperings.push((vec![format!("UPDATE audit SET at = at + 1 WHERE id = {}", of(4))], vec![changed, "1 faults"]));
    tamperings
        .push((vec![format!("DELETE FROM audit WHERE id = {}", of(4))], vec!["number 4: missing (entry", "1 faults"]));
    tamperings.push((
        vec!["DELETE FROM audit_seals WHERE number = 4".to_owned()],
        vec!["number 4: missing in the chain", "1 wait"],
    ));
    tamperings.push((
        ["9999 WHERE number = 4", "4 WHERE number = 5", "5 WHERE number = 9999"]
            .map(|sql| format!("UPDATE audit_seals SET number = {sql}"))
            .into(),
        vec![changed, "number 5: changed"],
    ));
    tamperings.push((
        vec!["UPDATE audit_seals SET hash = 'x' WHERE number = 4".to_owned()],
        vec![changed, "number 5: changed"],
    ));
    for (sql, expected) in tamperings {
        for sql in &sql {
            run(&records, sql).await;
        }
        let (said, good) = verify(&records, None);
        assert!(!good, "{sql:?}: {said}");
        for part in expected {
            assert!(said.contains(part), "{sql:?}: {part} is not in {said}");
        }
        put_back(&records, &untouched).await;
        assert!(verify(&records, Some(&head)).1, "{sql:?} is undone");
    }

    // A truncated chain, or one rebuilt from the start, shows only in comparison with a noted head.
    run(&records, "DELETE FROM audit WHERE id IN (SELECT entry FROM audit_seals WHERE number > 6)").await;
    run(&records, "DELETE FROM audit_seals WHERE number > 6").await;
    assert!(verify(&records, None).1);
    let (said, good) = verify(&records, Some(&head));
    assert!(!good && said.contains("cut off: the chain ends at 6, and 9 was written down"), "{said}");
    put_back(&records, &untouched).await;
    run(&records, &format!("UPDATE audit SET actor = 'x' WHERE id = {}", of(2))).await;
    run(&records, "DELETE FROM audit_seals").await;
    seal_all(records.store(), Since::Ever, now()).await.unwrap();
    assert!(verify(&records, None).1);
    let (said, good) = verify(&records, Some(&head));
    assert!(!good && said.contains("number 9 has another hash than was written down"), "{said}");
    assert!(!verify(&records, Some("nonsense")).1);
}

/// Concurrent servers extend one chain while others write: every entry gets one number, and the chain is valid.
#[tokio::test(flavor = "multi_thread")]
async fn several_servers_chain_as_one() {
    const WRITERS: usize = 4;
    const EACH: usize = 250;
    let records = Records::new(1).await;
    let address = Address::new(records.url(), records.folder()).unwrap();
    let mut working = JoinSet::new();
    for writer in 0..WRITERS {
        let store = records.store().clone();
        working.spawn(async move {
            for number in 0..EACH {
                let mut transaction = store.write().await.unwrap();
                let person = PersonId::from(format!("{writer} {number}"));
                audit::add(&mut transaction, Actor::Applicant(&person), Action::Tell, "case", now()).await.unwrap();
                transaction.commit().await.unwrap();
            }
        });
    }
    for _ in 0..3 {
        let store = Store::open(&address).await.unwrap();
        working.spawn(async move {
            for _ in 0..40 {
                seal_all(&store, Since::Lately, now()).await.unwrap();
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        });
    }
    working.join_all().await;
    seal_all(records.store(), Since::Ever, now()).await.unwrap();
    let verdict = audit::verify(&mut records.store().read().await.unwrap(), None).await.unwrap();
    assert_eq!((verdict.chained, verdict.waiting, &*verdict.broken), ((WRITERS * EACH) as i64, 0, &[][..]));
    // Without waiting entries, nothing is written.
    let count = || async {
        let mut connection = records.store().read().await.unwrap();
        query_scalar::<_, i64>("SELECT count FROM uses WHERE who = 'audit'").fetch_one(&mut *connection).await.unwrap()
    };
    let before = count().await;
    seal_all(records.store(), Since::Ever, now()).await.unwrap();
    assert_eq!(count().await, before);
}

/// The chain survives the move to the other engine and can be extended there.
#[tokio::test]
async fn the_chain_moves_with_everything() {
    let records = Records::new(1).await;
    chained(&records, 5).await;
    let head = head_in(&verify(&records, None).0);
    let file = records.folder().join("all.jsonl");
    assert!(skranke(&records, &["export", file.to_str().unwrap()]).status.success());
    let other = Records::empty_on_the_other_engine(&records).await;
    assert!(skranke(&other, &["import", file.to_str().unwrap()]).status.success());
    chained(&other, 2).await;
    let (said, good) = verify(&other, Some(&head));
    assert!(good && said.contains("7 entries are chained"), "{said}");
}

#[tokio::test]
async fn an_administrator_reads_what_was_done_in_the_district() {
    let records = Records::new(3).await;
    let (asha, token) = records.ready("Asha Rao").await;
    let (_, other) = records.ready("Piotr Nowak").await;
    let oslo = records.officer("Solveig Dahl", District::Oslo, Role::Administrator).await;
    let vest = records.officer("Lars Vik", District::Vest, Role::Administrator).await;
    let server = records.open(MONDAY).await;
    let (oslo, vest) = (server.at_desk_with(&oslo), server.at_desk_with(&vest));
    let applicant = server.signed_in_with(&token);
    let slots = records.slots().await;
    assert_eq!(applicant.book(&asha.case, &slots[0]).await.status, StatusCode::CREATED);
    let piotr = server.signed_in_with(&other);
    let case = piotr.get("/api/cases").await.body[0]["id"].as_str().unwrap().to_owned();
    piotr.tell(&case, json!({})).await;
    oslo.post("/api/desk/officers", &json!({ "name": "Ola Berg", "role": "clerk" })).await;

    let list = async |visitor: &crate::common::Visitor, asked: Value| {
        let answer = visitor.post("/api/desk/audit", &asked).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.body
    };
    let what = |audit: &Value| -> Vec<String> {
        let text = |entry: &Value, name: &str| entry[name].as_str().unwrap_or("-").to_owned();
        let entries = audit["entries"].as_array().unwrap();
        // Reading the log is logged as well.
        let others = entries.iter().filter(|one| one["action"] != "look-at-log");
        others.map(|one| ["who", "officer", "action", "about"].map(|name| text(one, name)).join(" | ")).collect()
    };
    let all = list(&oslo, json!({})).await;
    assert_eq!(
        what(&all),
        [
            "officer | Solveig Dahl | add-officer | Ola Berg",
            "applicant | - | tell | WORK-Piotr Nowak",
            "applicant | - | book | WORK-Asha Rao"
        ]
    );
    assert_eq!((&all["more"], all["officers"].as_array().unwrap().len()), (&json!(false), 2));
    let of_case = list(&oslo, json!({ "reference": " WORK-Asha Rao " })).await;
    assert_eq!(what(&of_case), ["applicant | - | book | WORK-Asha Rao"]);
    assert_eq!(of_case["entries"][0]["case"], asha.case.as_str());
    let id = oslo.get("/api/desk/session").await.body["officer"]["id"].clone();
    let of_officer = list(&oslo, json!({ "officer": id })).await;
    assert_eq!(what(&of_officer), ["officer | Solveig Dahl | add-officer | Ola Berg"]);
    let older = list(&oslo, json!({ "before": all["entries"][1]["id"] })).await;
    assert_eq!(what(&older), ["applicant | - | book | WORK-Asha Rao"]);
    assert!(what(&list(&vest, json!({ "reference": "WORK-Asha Rao" })).await).is_empty());

    // A booking links to its receipt, which another district cannot read.
    let receipt = of_case["entries"][0]["receipt"].as_str().unwrap();
    let path = format!("/api/desk/audit/receipts/{receipt}");
    assert_eq!(oslo.get(&path).await.body["case"], "WORK-Asha Rao");
    assert_eq!(vest.get(&path).await.status, StatusCode::NOT_FOUND);

    // The running server extends the chain by itself.
    let numbered =
        async || list(&oslo, json!({})).await["entries"].as_array().unwrap().iter().all(|one| one["number"].is_i64());
    wait_for(numbered, "every entry is chained").await;

    // A closure on the command line belongs to the district's log as well.
    let output =
        skranke(&records, &["close", "Oslo", "--from", "2020-11-16", "--to", "2020-11-16", "--yes", "--clock", MONDAY]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(
        what(&list(&oslo, json!({})).await)[..2],
        ["command-line | - | cancel-by-office | WORK-Asha Rao", "command-line | - | close | Oslo, 2020-11-16"]
    );

    // The page size is 100 entries.
    let mut transaction = records.store().write().await.unwrap();
    for _ in 0..150 {
        audit::add(&mut transaction, Actor::Applicant(&asha.id), Action::Tell, &asha.case, now()).await.unwrap();
    }
    transaction.commit().await.unwrap();
    let first = list(&oslo, json!({})).await;
    assert_eq!((what(&first).len(), &first["more"]), (100, &json!(true)));
    let rest = list(&oslo, json!({ "before": first["entries"][99]["id"] })).await;
    assert_eq!((what(&rest).len(), &rest["more"]), (55, &json!(false)));
}

/// Actor, action, subject and words of every entry, in order.
async fn written(records: &Records) -> Vec<(String, String, String, String)> {
    let mut connection = records.store().read().await.unwrap();
    query_as("SELECT actor, action, subject, words FROM audit ORDER BY id").fetch_all(&mut *connection).await.unwrap()
}

async fn words_of(records: &Records, action: &str) -> Vec<String> {
    written(records).await.into_iter().filter(|one| one.1 == action).map(|one| one.3).collect()
}

/// A search is logged with a keyed hash, which does not reveal the words.
#[tokio::test]
async fn searches_stand_in_the_log_with_a_keyed_hash() {
    let records = Records::new(0).await;
    records.ready("Asha Rao").await;
    records.ready("Asha Sen").await;
    let ingrid = records.officer("Ingrid Berg", District::Oslo, Role::Clerk).await;
    let solveig = records.officer("Solveig Dahl", District::Oslo, Role::Administrator).await;
    let server = records.open(MONDAY).await;
    let (ingrid, solveig) = (server.at_desk_with(&ingrid), server.at_desk_with(&solveig));
    for words in ["asha", "  ASHA ", "asha sen", "nobody at all"] {
        let answer = ingrid.post("/api/desk/search", &json!({ "words": words })).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    }
    let log = solveig.post("/api/desk/audit", &json!({})).await.body;
    let said: Vec<&str> = log["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            assert_eq!((&entry["officer"], &entry["action"]), (&json!("Ingrid Berg"), &json!("search")));
            entry["words"].as_str().unwrap()
        })
        .collect();
    let (found, hashes): (Vec<&str>, Vec<&str>) = said.iter().rev().map(|one| one.split_once(", ").unwrap()).unzip();
    assert_eq!(found, ["2", "2", "1", "0"]);
    assert_eq!(hashes[0], hashes[1], "the same words have the same hash");
    assert!(hashes[0] != hashes[2] && hashes.iter().all(|hash| hash.len() == 16), "{hashes:?}");
    assert!(!log.to_string().to_lowercase().contains("asha"), "{log}");
    let key = if records.url().is_some() { DOCUMENTS_KEY } else { "" };
    let code = skranke(&records, &["audit", "words", " Asha ", "--documents-key", key]);
    assert_eq!(String::from_utf8(code.stdout).unwrap().trim(), hashes[0]);
    // The hash cannot be computed without the key.
    for plain in [secrets::hash(&["asha"]), secrets::sha256_hex(b"asha"), secrets::hash(&["search", "asha"])] {
        assert!(!plain.starts_with(hashes[0]));
    }
}

/// A list with names is logged once per session and quarter of an hour, before it is returned.
#[tokio::test]
async fn looking_at_lists_of_people_stands_in_the_log() {
    let records = Records::new(2).await;
    let (asha, token) = records.ready("Asha Rao").await;
    let jonas = records.officer("Jonas Lie", District::Oslo, Role::Planner).await;
    let other = records.officer("Jonas Lie", District::Oslo, Role::Planner).await;
    let office = records.office().await;
    let server = records.open(MONDAY).await;
    assert_eq!(
        server.signed_in_with(&token).book(&asha.case, &records.slots().await[0]).await.status,
        StatusCode::CREATED
    );
    let look = async |server: &TestServer, session: &str| {
        let visitor: Visitor = server.at_desk_with(session);
        for day in ["2020-11-16", "2020-11-17"] {
            let path = format!("/api/desk/offices/{}/days/{day}", office.id);
            assert_eq!(visitor.get(&path).await.status, StatusCode::OK);
        }
        let documents = format!("/api/desk/cases/{}/documents", asha.case);
        for path in ["/api/desk/documents", "/api/desk/calls", &documents] {
            assert_eq!(visitor.get(path).await.status, StatusCode::OK, "{path}");
        }
        let close = json!({ "office": office.id, "first": "2020-11-16", "last": "2020-11-16", "share": 0 });
        let preview = visitor.post("/api/desk/closures/preview", &close).await;
        assert_eq!(preview.status, StatusCode::OK, "{preview:?}");
    };
    let looks = async || {
        let all = written(&records).await.into_iter().filter(|one| one.1.starts_with("look-at-"));
        all.map(|(_, action, _, words)| format!("{action} {words}").trim().to_owned()).collect::<Vec<_>>()
    };
    for _ in 0..3 {
        look(&server, &jonas).await;
    }
    let once = [
        "look-at-day Oslo, 2020-11-16",
        "look-at-day Oslo, 2020-11-17",
        "look-at-inbox",
        "look-at-calls",
        "look-at-documents",
        "look-at-preview",
    ];
    assert_eq!(looks().await, once);
    look(&server, &other).await;
    assert_eq!(looks().await, [once, once].concat());
    server.kill().await;
    // After a quarter of an hour they are logged again.
    let server = records.open("2020-11-02T09:15:00+01:00").await;
    look(&server, &jonas).await;
    assert_eq!(looks().await.len(), 3 * once.len());
}

/// Sign-in, failed sign-in, sign-out and a new number are logged, without any address.
#[tokio::test]
async fn what_applicants_do_to_their_access_stands_in_the_log() {
    let records = Records::new(0).await;
    let asha = records.person("Asha Rao").await;
    let server = records.open(MONDAY).await;
    let visitor = server.sign_in(&asha).await;
    for phone in ["+47 22 34 21 00", "+47 22 34 21 00", ""] {
        assert_eq!(visitor.patch("/api/account", &json!({ "phone": phone })).await.status, StatusCode::OK);
    }
    for _ in 0..2 {
        assert_eq!(visitor.delete("/api/session").await.status, StatusCode::NO_CONTENT);
    }
    let stranger = server.visitor();
    for email in [&*asha.email, "nobody@example.org", "nobody.else@example.org"] {
        let wrong = json!({ "email": email, "code": "000000" });
        assert_eq!(stranger.put("/api/session", &wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let all: Vec<(String, String, String)> =
        written(&records).await.into_iter().map(|(actor, action, subject, _)| (actor, action, subject)).collect();
    let entry = |actor: &str, action: &str, subject: &str| (actor.to_owned(), action.to_owned(), subject.to_owned());
    assert_eq!(
        all,
        [
            entry(&asha.id, "sign-in", &asha.id),
            entry(&asha.id, "change-phone", &asha.id),
            entry(&asha.id, "change-phone", &asha.id),
            entry(&asha.id, "sign-out", &asha.id),
            entry("unknown", "sign-in-failed", &asha.id),
            // A failed sign-in without an account is logged once per network and quarter of an hour.
            entry("unknown", "sign-in-failed", ""),
        ]
    );
    assert!(words_of(&records, "sign-in-failed").await.iter().all(String::is_empty));
}

/// The server's log has the kind of actor and the session of a request, but no person.
#[tokio::test]
async fn a_log_line_names_the_session_and_nobody() {
    let records = Records::new(0).await;
    let (_, token) = records.ready("Asha Rao").await;
    let ingrid = records.officer("Ingrid Berg", District::Oslo, Role::Clerk).await;
    let mut server = records.open(MONDAY).await;
    let name = |token: &str| secrets::session_name(&secrets::hash(&[token])).to_owned();
    let nobody = server.visitor();
    for (visitor, path, status, actor, session) in [
        (server.signed_in_with(&token), "/api/cases", 200, "applicant", name(&token)),
        (server.at_desk_with(&ingrid), "/api/desk/offices", 200, "officer", name(&ingrid)),
        // Refused for the role, or for a case that does not exist.
        (server.at_desk_with(&ingrid), "/api/desk/officers", 403, "officer", name(&ingrid)),
        (server.at_desk_with(&ingrid), "/api/desk/cases/0198", 404, "officer", name(&ingrid)),
        (nobody, "/api/desk/offices", 401, "anyone", String::new()),
    ] {
        let answer = visitor.get(path).await;
        assert_eq!(answer.status.as_u16(), status);
        let line = server.log_line(answer.headers["x-request-id"].to_str().unwrap()).await;
        assert!(line.contains(&format!("actor=\"{actor}\" session=\"{session}\"")), "{line}");
        assert!(!line.contains("Ingrid") && !line.contains(&ingrid) && !line.contains(&token), "{line}");
    }
}
