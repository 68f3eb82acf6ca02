//! Policy documents at the desk: the four-eyes rule, previews, and the day from which a document is in force.

use std::{
    io::Write,
    process::{Command, Output, Stdio},
};

use api::{ids::OfficerId, officers::Role};
use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use rules::District;
use serde_json::{Value, json};
use server::store::{
    access_grants::{self, Kind},
    audit::{self, Action, Actor},
};
use sqlx::query;

use super::authenticator;
use crate::common::{Answer, Records, TestServer, Visitor, binary, wait_for};

/// Tuesday 4 May 2021, the day on which Bergen decides about its passport offices.
const TUESDAY: &str = "2021-05-04T09:00:00+02:00";

const VEST: &str = r#"id = "vest-2021-05-03"
version = 1
publisher = "Vest politidistrikt"
published = 2021-05-03
changed = 2021-05-03
original = "nb"
title = { nb = "Passkontorene i Bergen", en = "The passport offices in Bergen" }

[[sentence]]
id = "window"
says = "forbids"
nb = "Fra og med 10. mai til og med 21. mai 2021 nedskalerer vi passkontorene."
en = "From 10 May to 21 May 2021, both days included, we reduce the capacity of the passport offices."

[[reduced-passport-capacity]]
districts = ["vest"]
first = 2021-05-10
last = 2021-05-21
sentence = "window"
"#;

/// A new quarantine for the whole country.
const QUARANTINE: &str = r#"
[[quarantine]]
days = 5
first = 2022-01-26
sentence = "window"
"#;

async fn administrator(records: &Records, clock: &str, name: &str, district: District) -> String {
    records.officer_since(clock, name, district, Role::Administrator).await
}

/// Session tokens: Lars and Marit are administrators of Vest, Solveig of Oslo.
struct Desks {
    lars: String,
    marit: String,
    solveig: String,
}

async fn desks(records: &Records, clock: &str) -> Desks {
    Desks {
        lars: administrator(records, clock, "Lars Vik", District::Vest).await,
        marit: administrator(records, clock, "Marit Nes", District::Vest).await,
        solveig: administrator(records, clock, "Solveig Dahl", District::Oslo).await,
    }
}

async fn draft(officer: &Visitor, body: &str, from: &str) -> Answer {
    officer.post("/api/desk/policies/drafts", &json!({ "body": body, "from": from })).await
}

/// Saves a valid draft and returns its path.
async fn drafted(officer: &Visitor, body: &str, from: &str) -> String {
    let answer = draft(officer, body, from).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    format!("/api/desk/policies/drafts/{}", answer.body["id"].as_str().unwrap())
}

/// Approves the draft with its current preview.
async fn approve(officer: &Visitor, draft: &str) -> Answer {
    let seen = officer.get(draft).await.body["preview"]["seen"].clone();
    let seen = if seen.is_null() { json!("") } else { seen };
    officer.post(&format!("{draft}/approve"), &json!({ "seen": seen })).await
}

async fn approved(officer: &Visitor, draft: &str) {
    let answer = approve(officer, draft).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
}

/// The decision for Kari in Bergen, who books a passport on this day.
async fn kari(server: &TestServer, day: &str) -> Value {
    let facts = json!({
        "at": format!("{day}T09:00:00+02:00"), "question": "book",
        "application": { "type": "passport", "district": "vest" },
    });
    server.visitor().post("/api/decide", &facts).await.body["outcome"].clone()
}

fn refused(answer: &Answer, status: StatusCode, code: &str) {
    assert_eq!((answer.status, answer.code()), (status, code), "{answer:?}");
}

fn skranke(arguments: &[&str], input: &str) -> Output {
    skranke_with(&[], arguments, input)
}

fn skranke_with(settings: &[(&str, &str)], arguments: &[&str], input: &str) -> Output {
    let mut process = Command::new(binary())
        .args(arguments)
        .envs(settings.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    process.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    process.wait_with_output().unwrap()
}

/// Lars drafts and Marit approves. From its day on the document decides for Kari, also on a server started only then.
#[tokio::test]
async fn one_drafts_another_approves_and_it_holds_from_its_day() {
    let records = Records::new(0).await;
    let Desks { lars, marit, solveig } = desks(&records, TUESDAY).await;
    let server = records.open(TUESDAY).await;
    let [lars, marit, solveig] = [&lars, &marit, &solveig].map(|session| server.at_desk_with(session));

    let asked = json!({ "body": VEST, "from": "2021-05-08" });
    let preview = lars.post("/api/desk/policies/preview", &asked).await.body;
    assert_eq!(
        (&preview["scope"], &preview["version"], &preview["cut"]),
        (&json!("district"), &json!(1), &json!(false))
    );
    let who: Vec<_> =
        preview["changes"].as_array().unwrap().iter().map(|one| (&one["person"], &one["value"])).collect();
    assert_eq!(who, [(&json!("passport"), &json!("vest")), (&json!("critical-travel"), &json!("vest"))]);
    let span = &preview["changes"][0]["spans"][0];
    assert_eq!((&span["first"], &span["last"]), (&json!("2021-05-10"), &json!("2021-05-21")));
    assert_eq!((&span["before"]["outcome"], &span["after"]["outcome"]), (&json!("allowed"), &json!("refused")));
    assert_eq!(span["after"]["reasons"][0]["code"], "passport-capacity-reduced");

    let once = json!({ "body": VEST, "from": "2021-05-08" });
    let first = lars.post_once("a-key-of-lars", "/api/desk/policies/drafts", &once).await;
    let again = lars.post_once("a-key-of-lars", "/api/desk/policies/drafts", &once).await;
    assert_eq!((first.status, &first.body), (StatusCode::CREATED, &again.body));
    let draft = format!("/api/desk/policies/drafts/{}", first.body["id"].as_str().unwrap());
    let shown = marit.get(&draft).await.body;
    assert_eq!((&shown["draft"]["state"], &shown["draft"]["drafted_by"]), (&json!("open"), &json!("Lars Vik")));
    assert_eq!((&shown["body"], &shown["preview"]), (&json!(VEST), &preview));
    // A draft about Vest only does not exist for Oslo.
    assert_eq!(solveig.get(&draft).await.status, StatusCode::NOT_FOUND);
    assert_eq!(solveig.delete(&draft).await.status, StatusCode::NOT_FOUND);
    assert_eq!(solveig.get("/api/desk/policies").await.body["drafts"], json!([]));

    refused(&approve(&lars, &draft).await, StatusCode::FORBIDDEN, "own-draft");
    let unseen = marit.post(&format!("{draft}/approve"), &json!({ "seen": "" })).await;
    refused(&unseen, StatusCode::CONFLICT, "preview-changed");
    assert_eq!(kari(&server, "2021-05-12").await, "allowed", "a draft changes nothing");
    approved(&marit, &draft).await;
    refused(&approve(&marit, &draft).await, StatusCode::CONFLICT, "draft-over");
    let list = lars.get("/api/desk/policies").await.body;
    assert_eq!(list["drafts"][0]["state"], "coming");
    assert_eq!(list["in_force"].as_array().unwrap().len(), 2);
    assert_eq!(kari(&server, "2021-05-12").await, "allowed", "its day has not come");
    server.kill().await;

    let later = "2021-05-08T00:00:00+02:00";
    let session = administrator(&records, later, "Lars Vik", District::Vest).await;
    let server = records.open(later).await;
    assert_eq!(kari(&server, "2021-05-12").await, "refused");
    let list = server.at_desk_with(&session).get("/api/desk/policies").await.body;
    assert_eq!(list["drafts"], json!([]));
    let holding = list["in_force"].as_array().unwrap().iter().find(|one| one["document"] == "vest-2021-05-03").unwrap();
    assert_eq!((&holding["origin"], &holding["since"]), (&json!("desk"), &json!("2021-05-08")));
    let in_force = server.visitor().get("/api/policy").await.body;
    assert_eq!(in_force["notices"][0]["sentences"][0]["id"], "window", "the page can quote it");
    refused(&server.at_desk_with(&session).delete(&draft).await, StatusCode::CONFLICT, "draft-over");
}

/// A running server switches to the new policy by itself at midnight in Norway.
#[tokio::test]
async fn at_midnight_a_running_server_goes_on_by_the_new_policy() {
    let records = Records::new(0).await;
    let Desks { lars, marit, .. } = desks(&records, TUESDAY).await;
    let server = records.open(TUESDAY).await;
    let [lars, marit] = [&lars, &marit].map(|session| server.at_desk_with(session));
    approved(&marit, &drafted(&lars, VEST, "2021-05-10").await).await;
    server.kill().await;
    let server = records.open("2021-05-09T23:59:55+02:00").await;
    assert_eq!(kari(&server, "2021-05-12").await, "allowed", "it is still the day before");
    wait_for(async || kari(&server, "2021-05-12").await == "refused", "the day comes").await;
}

/// The id of an officer of the same district.
async fn id_of(officer: &Visitor, name: &str) -> OfficerId {
    let officers = officer.get("/api/desk/officers").await.body;
    let found = officers.as_array().unwrap().iter().find(|one| one["name"] == name).unwrap();
    found["id"].as_str().unwrap().into()
}

async fn added(by: &Visitor, name: &str) -> Answer {
    let answer = by.post("/api/desk/officers", &json!({ "name": name, "role": "administrator" })).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    answer
}

/// A grant of access from one officer to another, with the instants at which it was made and used.
async fn given(records: &Records, giver: &OfficerId, receiver: &OfficerId, made: &str, used: Option<&str>) {
    let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    let mut transaction = records.store().write().await.unwrap();
    let id = access_grants::add(&mut transaction, Some(giver), receiver, Kind::Link, at(made)).await.unwrap();
    if let Some(used) = used {
        access_grants::used(&mut transaction, &id, at(used)).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

/// Lars creates an administrator with a passkey of his own, drafts as the new one, and tries to approve as himself.
#[tokio::test]
async fn nobody_approves_what_an_officer_of_their_own_making_drafts() {
    let records = Records::new(0).await;
    let Desks { lars, .. } = desks(&records, TUESDAY).await;
    let server = records.open(TUESDAY).await;
    let lars = server.at_desk_with(&lars);
    let invented = added(&lars, "Nils Nilsen").await.body;
    let nils = authenticator::join(&server, &invented["link"]).await.visitor;
    let draft = drafted(&nils, VEST, "2021-05-10").await;
    let answer = approve(&lars, &draft).await;
    refused(&answer, StatusCode::FORBIDDEN, "access-from-drafter");
    assert_eq!(answer.body["possible_from"], "2021-06-04");
    assert!(answer.body["detail"].as_str().unwrap().ends_with("drafted from 2021-06-04 on."), "{answer:?}");
    // The rule holds after the invented officer is removed, and for an officer whom the invented one has added.
    let nora = authenticator::join(&server, &added(&nils, "Nora Nor").await.body["link"]).await.visitor;
    let gone = lars.delete(&format!("/api/desk/officers/{}", invented["officer"]["id"].as_str().unwrap())).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    refused(&approve(&lars, &draft).await, StatusCode::FORBIDDEN, "access-from-drafter");
    refused(&approve(&nora, &draft).await, StatusCode::FORBIDDEN, "access-from-drafter");
    assert_eq!(nora.delete(&draft).await.status, StatusCode::NO_CONTENT);
    let draft = drafted(&nora, VEST, "2021-05-10").await;
    refused(&approve(&lars, &draft).await, StatusCode::FORBIDDEN, "access-from-drafter");
}

/// Lars uses a link made for Marit himself, adds an officer as Marit, and tries to approve as that officer.
#[tokio::test]
async fn nobody_approves_as_a_colleague_or_by_one_whom_the_colleague_adds() {
    let records = Records::new(0).await;
    let Desks { lars, marit, .. } = desks(&records, TUESDAY).await;
    let server = records.open(TUESDAY).await;
    let [lars, marit] = [&lars, &marit].map(|session| server.at_desk_with(session));
    let draft = drafted(&lars, VEST, "2021-05-10").await;
    let her = id_of(&lars, "Marit Nes").await;
    let link = lars.post(&format!("/api/desk/officers/{her}/link"), &json!({})).await.body;
    // The real Marit notices, because she is signed out.
    assert_eq!(marit.get("/api/desk/officers").await.status, StatusCode::UNAUTHORIZED);
    let false_marit = authenticator::join(&server, &link["link"]).await.visitor;
    refused(&approve(&false_marit, &draft).await, StatusCode::FORBIDDEN, "access-from-drafter");
    let nina = added(&false_marit, "Nina Straw").await.body;
    let nina = authenticator::join(&server, &nina["link"]).await.visitor;
    refused(&approve(&nina, &draft).await, StatusCode::FORBIDDEN, "access-from-drafter");
}

/// Access from another officer must be 30 days old as well; access from the command line need not.
#[tokio::test]
async fn an_approver_has_had_access_for_thirty_days() {
    let records = Records::new(0).await;
    let Desks { lars, marit, .. } = desks(&records, TUESDAY).await;
    let nora = administrator(&records, TUESDAY, "Nora Vik", District::Vest).await;
    let server = records.open(TUESDAY).await;
    let [lars, nora] = [&lars, &nora].map(|session| server.at_desk_with(session));
    let draft = drafted(&lars, VEST, "2021-05-10").await;
    let ola = authenticator::join(&server, &added(&nora, "Ola Berg").await.body["link"]).await.visitor;
    let answer = approve(&ola, &draft).await;
    refused(&answer, StatusCode::FORBIDDEN, "access-too-new");
    assert_eq!(answer.body["possible_from"], "2021-06-04");
    // A link made after the draft counts as new access.
    let her = id_of(&nora, "Marit Nes").await;
    let link = nora.post(&format!("/api/desk/officers/{her}/link"), &json!({})).await.body;
    assert_eq!(server.at_desk_with(&marit).get("/api/desk/officers").await.status, StatusCode::UNAUTHORIZED);
    let marit = authenticator::join(&server, &link["link"]).await.visitor;
    refused(&approve(&marit, &draft).await, StatusCode::FORBIDDEN, "access-too-new");
    // A passkey that she adds by herself changes nothing.
    let own = marit.post("/api/desk/account/link", &json!({})).await;
    assert_eq!(own.status, StatusCode::CREATED, "{own:?}");
    let again = authenticator::join(&server, &own.body["link"]).await.visitor;
    refused(&approve(&again, &draft).await, StatusCode::FORBIDDEN, "access-too-new");

    let folder = records.folder().to_str().unwrap();
    let url = records.url().unwrap_or_default();
    let at = ["--data-dir", folder, "--clock", TUESDAY];
    let said = skranke_with(
        &[("DATABASE_URL", url)],
        &[&["officer", "add", "Siri Foss", "--district", "vest"][..], &at[..]].concat(),
        "",
    );
    let said = String::from_utf8(said.stdout).unwrap();
    let link = said.split_whitespace().find(|word| word.contains("/desk/join#")).unwrap();
    let siri = authenticator::join(&server, &json!(link)).await.visitor;
    approved(&siri, &draft).await;
}

/// A grant counts from the later of its making and its use, for national drafts as well, and expires.
#[tokio::test]
async fn old_access_is_forgotten_and_slow_access_is_not() {
    let tuesday = "2021-05-04T09:00:00+02:00";
    for (made, used, expected) in [
        ("2021-04-03T09:00:00+02:00", None, None),
        ("2021-04-03T09:00:00+02:00", Some("2021-04-04T08:59:59+02:00"), None),
        ("2021-04-03T09:00:00+02:00", Some("2021-04-05T09:00:00+02:00"), Some("access-from-drafter")),
        ("2021-04-05T09:00:00+02:00", None, Some("access-from-drafter")),
    ] {
        let records = Records::new(0).await;
        let Desks { lars, solveig, .. } = desks(&records, tuesday).await;
        let server = records.open(tuesday).await;
        let [lars, solveig] = [&lars, &solveig].map(|session| server.at_desk_with(session));
        let (his, hers) = (id_of(&lars, "Lars Vik").await, id_of(&solveig, "Solveig Dahl").await);
        given(&records, &hers, &his, made, used).await;
        let draft = drafted(&lars, &(VEST.to_owned() + QUARANTINE), "2021-05-10").await;
        let answer = approve(&solveig, &draft).await;
        match expected {
            None => assert_eq!(answer.status, StatusCode::OK, "{made} {used:?}: {answer:?}"),
            Some(code) => refused(&answer, StatusCode::FORBIDDEN, code),
        }
    }
}

/// Grants recorded in the audit log before the table existed count as well.
#[tokio::test]
async fn earlier_grants_are_taken_over_from_the_audit() {
    let records = Records::new(0).await;
    let Desks { lars, marit, .. } = desks(&records, TUESDAY).await;
    let server = records.open(TUESDAY).await;
    let [lars, marit] = [&lars, &marit].map(|session| server.at_desk_with(session));
    let (his, hers) = (id_of(&lars, "Lars Vik").await, id_of(&lars, "Marit Nes").await);
    let mut transaction = records.store().write().await.unwrap();
    let before: DateTime<Utc> = "2021-04-20T09:00:00+02:00".parse().unwrap();
    for (actor, action) in [(Actor::CommandLine, Action::AddOfficer), (Actor::Officer(&his), Action::LinkOfficer)] {
        audit::add(&mut transaction, actor, action, &hers, before).await.unwrap();
    }
    let migration = include_str!("../../../migrations/0019_access_grants.sql");
    let take_over = migration.split(';').find(|sql| sql.contains("INSERT INTO access_grants")).unwrap();
    query(take_over).execute(&mut *transaction).await.unwrap();
    transaction.commit().await.unwrap();
    let draft = drafted(&marit, VEST, "2021-05-10").await;
    refused(&approve(&lars, &draft).await, StatusCode::FORBIDDEN, "access-from-drafter");
}

/// A drafter cannot gain an approver by giving access.
#[tokio::test]
async fn who_has_access_from_the_drafter_does_not_approve() {
    let records = Records::new(0).await;
    let Desks { lars, marit, .. } = desks(&records, TUESDAY).await;
    let server = records.open(TUESDAY).await;
    let [lars, old_marit] = [&lars, &marit].map(|session| server.at_desk_with(session));
    let her = id_of(&lars, "Marit Nes").await;
    let link = lars.post(&format!("/api/desk/officers/{her}/link"), &json!({})).await;
    assert_eq!(old_marit.get("/api/desk/officers").await.status, StatusCode::UNAUTHORIZED);
    assert!(link.status.is_success(), "{link:?}");
    let marit = authenticator::join(&server, &link.body["link"]).await.visitor;
    let draft = drafted(&lars, VEST, "2021-05-10").await;
    refused(&approve(&marit, &draft).await, StatusCode::FORBIDDEN, "access-from-drafter");
}

/// National rules are approved by another district, whoever drafts them, and every administrator sees the draft.
#[tokio::test]
async fn what_holds_for_the_country_is_approved_elsewhere() {
    let records = Records::new(0).await;
    let Desks { lars, marit, solveig } = desks(&records, TUESDAY).await;
    let server = records.open(TUESDAY).await;
    let [lars, marit, solveig] = [&lars, &marit, &solveig].map(|session| server.at_desk_with(session));
    for (body, from) in [
        (VEST.to_owned() + QUARANTINE, "2021-05-04"),
        // A window of another district.
        (VEST.replace("\"vest\"", "\"agder\"").replace("vest-2021-05-03", "vest-2021-05-04"), "2021-05-04"),
        // Sentences of another publisher.
        (VEST.replace("vest-2021-05-03", "udi-2021-05-03").replace("\"vest\"", "\"ost\""), "2021-05-04"),
    ] {
        let draft = drafted(&lars, &body, from).await;
        assert_eq!(solveig.get("/api/desk/policies").await.body["drafts"][0]["scope"], "country");
        refused(&approve(&lars, &draft).await, StatusCode::FORBIDDEN, "own-draft");
        refused(&approve(&marit, &draft).await, StatusCode::FORBIDDEN, "needs-other-district");
        approved(&solveig, &draft).await;
        let shown = marit.get(&draft).await.body["draft"].clone();
        assert_eq!((&shown["state"], &shown["approved_by"]), (&json!("published"), &json!("Solveig Dahl")));
        assert_eq!(solveig.get(&draft).await.status, StatusCode::OK, "who approved it can look at it");
    }
}

/// A document with faults is not saved, and each fault is reported with its line.
#[tokio::test]
async fn a_document_with_faults_is_refused_with_their_lines() {
    let records = Records::new(0).await;
    let Desks { lars, .. } = desks(&records, TUESDAY).await;
    let server = records.open(TUESDAY).await;
    let lars = server.at_desk_with(&lars);
    let udi = "/api/desk/policies/documents/udi-2020-10-26";
    let begun = lars.get(udi).await.body["body"].as_str().unwrap().to_owned();
    assert!(begun.contains("\nversion = 2\n"), "{begun}");
    assert_eq!(lars.get("/api/desk/policies/documents/nothing").await.status, StatusCode::NOT_FOUND);
    let overlapping = VEST.to_owned() + &QUARANTINE.replace("2022-01-26", "2021-05-01");
    for (body, faults) in [
        (
            VEST.replace("\"vest\"]", "\"atlantis\"]").replace("says =", "sais ="),
            vec![(9, "`says` is missing"), (11, "`sais` is not known"), (16, "`atlantis` is no police district")],
        ),
        (VEST.replace("2021-05-21", "2021-05-01"), vec![(15, "the end, 2021-05-01, lies before the start")]),
        (overlapping, vec![(21, "this overlaps with line")]),
        ("nonsense".to_owned(), vec![(1, "this is not TOML")]),
    ] {
        for path in ["/api/desk/policies/preview", "/api/desk/policies/drafts"] {
            let answer = lars.post(path, &json!({ "body": body, "from": "2021-05-04" })).await;
            refused(&answer, StatusCode::UNPROCESSABLE_ENTITY, "policy-faulty");
            let said = answer.body["faults"].as_array().unwrap();
            assert_eq!(said.len(), faults.len(), "{answer:?}");
            for (said, (line, message)) in said.iter().zip(&faults) {
                assert_eq!(said["line"], json!(line), "{said}");
                assert!(said["message"].as_str().unwrap().starts_with(message), "{said}");
            }
        }
    }
    let low = begun.replace("\nversion = 2\n", "\nversion = 1\n");
    refused(&draft(&lars, &low, "2021-05-04").await, StatusCode::UNPROCESSABLE_ENTITY, "version-too-low");
    let past = draft(&lars, VEST, "2021-05-03").await;
    refused(&past, StatusCode::UNPROCESSABLE_ENTITY, "invalid-field");
    assert_eq!(past.body["field"], "from");
    assert_eq!(lars.get("/api/desk/policies").await.body["drafts"], json!([]));
}

/// A document has one open draft at a time. A draft whose preview has changed since is not approved silently.
#[tokio::test]
async fn drafts_that_meet_are_told_so() {
    let records = Records::new(0).await;
    let Desks { lars, marit, .. } = desks(&records, TUESDAY).await;
    let server = records.open(TUESDAY).await;
    let [lars, marit] = [&lars, &marit].map(|session| server.at_desk_with(session));
    let first = drafted(&lars, VEST, "2021-05-05").await;
    refused(&draft(&marit, VEST, "2021-05-06").await, StatusCode::CONFLICT, "draft-open");
    assert_eq!(marit.delete(&first).await.status, StatusCode::NO_CONTENT);
    refused(&lars.delete(&first).await, StatusCode::CONFLICT, "draft-over");
    refused(&approve(&marit, &first).await, StatusCode::CONFLICT, "draft-over");

    // While Marit looks at a telephone line, another document is approved that changes its effect.
    let line = |id: &str, phone: &str, first: &str| {
        let window = VEST.split_once("\n[[reduced").unwrap().0.replace("vest-2021-05-03", id);
        format!(
            "{window}\n[[information-line]]\ndistricts = [\"vest\"]\nphone = \"{phone}\"\nfirst = {first}\nsentence = \"window\"\n"
        )
    };
    let phone = drafted(&lars, &line("vest-phone", "55 55 63 00", "2021-05-20"), "2021-05-06").await;
    let seen = marit.get(&phone).await.body["preview"]["seen"].clone();
    let until = line("vest-earlier", "55 55 63 01", "2021-05-10\nlast = 2021-05-19");
    approved(&marit, &drafted(&lars, &until, "2021-05-05").await).await;
    let approving = marit.post(&format!("{phone}/approve"), &json!({ "seen": seen })).await;
    // The draft is still valid, and its preview is the same.
    assert_eq!(approving.status, StatusCode::OK, "{approving:?}");

    let second = line("vest-phone", "55 55 63 02", "2021-05-20").replace("version = 1", "version = 2");
    let second = drafted(&lars, &second, "2021-05-06").await;
    let seen = marit.get(&second).await.body["preview"]["seen"].clone();
    // The window of VEST changes the decision for others, but not for people who call. Only the preview of this draft
    // counts.
    approved(&marit, &drafted(&lars, VEST, "2021-05-05").await).await;
    let overtaken =
        line("vest-earlier", "55 55 63 03", "2021-05-10\nlast = 2021-05-19").replace("version = 1", "version = 2");
    let overtaken = overtaken.replace("last = 2021-05-19", "last = 2021-05-21");
    // An invalid document cannot be drafted.
    refused(&draft(&lars, &overtaken, "2021-05-05").await, StatusCode::UNPROCESSABLE_ENTITY, "policy-faulty");
    assert_eq!(marit.post(&format!("{second}/approve"), &json!({ "seen": seen })).await.status, StatusCode::OK);
}

/// Two drafts that are valid alone, but not together: the second is not approved. A changed preview also blocks the
/// approval.
#[tokio::test]
async fn what_was_published_meanwhile_counts() {
    let records = Records::new(0).await;
    let Desks { lars, marit, .. } = desks(&records, TUESDAY).await;
    let server = records.open(TUESDAY).await;
    let [lars, marit] = [&lars, &marit].map(|session| server.at_desk_with(session));
    let rival = VEST.replace("vest-2021-05-03", "vest-2021-05-04").replace("2021-05-10", "2021-05-15");
    let next = VEST
        .replace("vest-2021-05-03", "vest-2021-05-05")
        .replace("2021-05-10", "2021-05-22")
        .replace("= 2021-05-21", "= 2021-05-25");
    let (first, second) = (drafted(&lars, VEST, "2021-05-05").await, drafted(&lars, &rival, "2021-05-06").await);
    let third = drafted(&lars, &next, "2021-05-05").await;
    let seen = marit.get(&third).await.body["preview"]["seen"].clone();
    approved(&marit, &first).await;
    let unfit = approve(&marit, &second).await;
    refused(&unfit, StatusCode::CONFLICT, "draft-unfit");
    assert!(
        unfit.body["faults"][0]["message"].as_str().unwrap().starts_with("this overlaps with line 15"),
        "{unfit:?}"
    );
    assert_eq!(marit.get(&second).await.body["faults"], unfit.body["faults"]);
    // The third begins where the first ends, so the earliest day changes on the first's last days.
    let changed = marit.post(&format!("{third}/approve"), &json!({ "seen": seen })).await;
    refused(&changed, StatusCode::CONFLICT, "preview-changed");
    approved(&marit, &third).await;

    // The first is not in force yet. It may be withdrawn, because the third is valid without it; a document that others
    // depend on may not.
    let without = VEST.replace("version = 1", "version = 2").replace("= 2021-05-21", "= 2021-05-12");
    let shorter = drafted(&lars, &without, "2021-05-05").await;
    approved(&marit, &shorter).await;
    let rival = rival.replace("version = 1", "version = 2").replace("= 2021-05-21", "= 2021-05-20");
    assert_eq!(lars.delete(&second).await.status, StatusCode::NO_CONTENT);
    approved(&marit, &drafted(&lars, &rival, "2021-05-06").await).await;
    refused(&marit.delete(&shorter).await, StatusCode::CONFLICT, "draft-needed");
    assert_eq!(marit.delete(&third).await.status, StatusCode::NO_CONTENT, "nothing rests on this one");
}

/// Another server picks up approvals and withdrawals by itself.
#[tokio::test]
async fn two_servers_answer_alike() {
    let records = Records::new(0).await;
    let Desks { lars, marit, .. } = desks(&records, TUESDAY).await;
    let (one, other) = (records.open(TUESDAY).await, records.open(TUESDAY).await);
    let lars = one.at_desk_with(&lars);
    let at_other = other.at_desk_with(&marit);
    let draft = drafted(&lars, VEST, "2021-05-04").await;
    approved(&at_other, &draft).await;
    assert_eq!(kari(&other, "2021-05-12").await, "refused", "at once");
    wait_for(async || kari(&one, "2021-05-12").await == "refused", "the other server has taken it up").await;
}

/// Receipts from before and after a change are each replayed with their own policy.
#[tokio::test]
async fn receipts_keep_their_own_policy() {
    let records = Records::new(2).await;
    let asha = records.person("Asha Rao").await;
    let monday = "2020-11-02T09:00:00+01:00";
    let oslo = administrator(&records, monday, "Solveig Dahl", District::Oslo).await;
    let lars = administrator(&records, monday, "Lars Vik", District::Vest).await;
    let server = records.open(monday).await;
    let visitor = server.sign_in(&asha).await;
    visitor.tell(&asha.case, json!({ "entry": { "on": "2020-10-26", "quarantine": true } })).await;
    let slot = visitor.times(&asha.case).await.slots[0].id.clone();
    let before = visitor.book(&asha.case, &slot).await;
    assert_eq!(before.body["decision"]["earliest"], "2020-11-06");

    // The quarantine becomes twelve days from this day on.
    let [solveig, lars] = [&oslo, &lars].map(|session| server.at_desk_with(session));
    let source = solveig.get("/api/desk/policies/documents/udi-2020-10-26").await.body;
    let longer = source["body"].as_str().unwrap().replace("days = 10", "days = 12");
    let draft = drafted(&solveig, &longer, "2020-11-02").await;
    let preview = lars.get(&draft).await.body["preview"].clone();
    let who: Vec<_> =
        preview["changes"].as_array().unwrap().iter().map(|one| one["person"].as_str().unwrap()).collect();
    assert!(!who.is_empty() && who.iter().all(|person| *person == "quarantine"), "{who:?}");
    approved(&lars, &draft).await;
    let after = visitor.book(&asha.case, &slot).await;
    assert_eq!(after.body["decision"]["earliest"], "2020-11-08");

    let folder = records.folder().to_str().unwrap();
    let url = records.url().unwrap_or_default();
    let output =
        skranke_with(&[("DATABASE_URL", url)], &["receipts", "--case", "WORK-Asha Rao", "--data-dir", folder], "");
    let lines = String::from_utf8(output.stdout).unwrap();
    let days: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["decision"]["earliest"].clone())
        .collect();
    assert_eq!(days, [json!("2020-11-06"), json!("2020-11-08")]);
    let replayed = skranke(&["replay"], &lines);
    let said = String::from_utf8(replayed.stdout).unwrap();
    assert_eq!((replayed.status.code(), said.matches(": the same decision").count()), (Some(0), 2), "{said}");
}

/// The log names who has drafted, approved and withdrawn.
#[tokio::test]
async fn every_step_stands_in_the_log() {
    let records = Records::new(0).await;
    let Desks { lars, marit, .. } = desks(&records, TUESDAY).await;
    let server = records.open(TUESDAY).await;
    let [lars, marit] = [&lars, &marit].map(|session| server.at_desk_with(session));
    let draft = drafted(&lars, VEST, "2021-05-08").await;
    approved(&marit, &draft).await;
    assert_eq!(lars.delete(&draft).await.status, StatusCode::NO_CONTENT);
    let log = lars.post("/api/desk/audit", &json!({})).await.body;
    let said: Vec<_> =
        log["entries"].as_array().unwrap().iter().map(|one| (&one["officer"], &one["action"], &one["words"])).collect();
    let words = json!("vest-2021-05-03, version 1, 2021-05-08");
    let expected = [("Lars Vik", "withdraw-policy"), ("Marit Nes", "approve-policy"), ("Lars Vik", "draft-policy")]
        .map(|(who, what)| (json!(who), json!(what), words.clone()));
    assert_eq!(said, expected.iter().map(|(who, what, words)| (who, what, words)).collect::<Vec<_>>());
}
