//! Closures: a planner closes an office or reduces its capacity, and undoes it.

use api::officers::Role;
use reqwest::StatusCode;
use rules::District;
use serde_json::{Value, json};

use crate::common::{MONDAY, Person, Records, TestServer, Visitor, path_of, wait_for};

/// An office with ten slots on Monday 16 November 2020, and this many people who have booked the first ones in order.
async fn office_with(people: usize) -> (Records, Vec<(Person, String)>, Vec<String>) {
    let records = Records::new(10).await;
    let mut all = Vec::new();
    for number in 0..people {
        all.push(records.ready(&format!("Person {number}")).await);
    }
    let slots = records.slots().await;
    (records, all, slots)
}

async fn planner(records: &Records, server: &TestServer) -> Visitor {
    let session = records.officer("Jonas Lie", District::Oslo, Role::Planner).await;
    server.at_desk_with(&session)
}

fn closing(office: &str, share: u8) -> Value {
    json!({ "office": office, "first": "2020-11-16", "last": "2020-11-20", "share": share })
}

async fn preview(planner: &Visitor, asked: &Value) -> Value {
    let answer = planner.post("/api/desk/closures/preview", asked).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.body
}

fn seen(asked: &Value, preview: &Value) -> Value {
    let mut asked = asked.clone();
    asked["seen"] = preview["seen"].clone();
    asked
}

fn lots(extent: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    extent["people"].as_array().unwrap().iter().map(|one| (text(&one["applicant"]), text(&one["lot"]))).collect()
}

/// Critical travel is kept first, then the longest waiting. A second run changes nothing.
#[tokio::test]
async fn forty_percent_keeps_who_has_waited_longest() {
    let (records, people, slots) = office_with(6).await;
    let office = records.office().await.id;
    // Person 5 has booked first and person 0 last, for critical travel.
    for (number, (person, token)) in people.iter().enumerate().rev() {
        let clock = format!("2020-11-02T09:{:02}:00+01:00", 20 - number);
        let server = records.open(&clock).await;
        let booked = server.signed_in_with(token).book(&person.case, &slots[number]).await;
        assert_eq!(booked.status, StatusCode::CREATED, "{booked:?}");
        server.kill().await;
        if number == 0 {
            let mut t = records.store().write().await.unwrap();
            let id = booked.body["id"].as_str().unwrap();
            server::store::appointments::set_critical(&mut t, &id.into(), "a funeral").await.unwrap();
            t.commit().await.unwrap();
        }
    }
    let server = records.open("2020-11-02T09:25:00+01:00").await;
    let planner = planner(&records, &server).await;
    let asked = closing(&office, 40);
    let before = preview(&planner, &asked).await;
    let lot = |number: usize, lot: &str| (format!("Person {number}"), lot.to_owned());
    let expected = [
        lot(1, "no-room"),
        lot(2, "no-room"),
        lot(0, "critical-travel"),
        lot(3, "waited-longest"),
        lot(4, "waited-longest"),
        lot(5, "waited-longest"),
    ];
    assert_eq!(lots(&before), expected);
    for (field, count) in [
        ("keep", 4),
        ("critical", 1),
        ("lose", 2),
        ("by_email", 2),
        ("by_sms", 0),
        ("free_taken", 4),
        ("free_left", 0),
        ("at_short_notice", 0),
    ] {
        assert_eq!(before[field], json!(count), "{field}");
    }
    let closed = planner.post("/api/desk/closures", &seen(&asked, &before)).await;
    assert_eq!((closed.status, &closed.body["changed"]), (StatusCode::CREATED, &json!(false)), "{closed:?}");
    for (number, (person, token)) in people.iter().enumerate() {
        let cases = server.signed_in_with(token).get("/api/cases").await.body;
        let (kept, lost) = (!cases[0]["appointment"].is_null(), !cases[0]["lost"].is_null());
        assert_eq!(
            (kept, lost),
            if [1, 2].contains(&number) { (false, true) } else { (true, false) },
            "{}",
            person.email
        );
    }
    let again = preview(&planner, &asked).await;
    assert_eq!((&again["lose"], &again["keep"], &again["free_taken"]), (&json!(0), &json!(4), &json!(0)), "{again}");
    let closed = planner.post("/api/desk/closures", &seen(&asked, &again)).await;
    assert_eq!((closed.status, closed.code()), (StatusCode::CONFLICT, "nothing-to-close"));
    // A smaller share, then none.
    let asked = closing(&office, 20);
    let less = preview(&planner, &asked).await;
    assert_eq!(lots(&less)[..2], [lot(3, "no-room"), lot(4, "no-room")]);
    let asked = closing(&office, 0);
    let none = preview(&planner, &asked).await;
    assert_eq!((&none["lose"], &none["keep"], &none["critical"]), (&json!(4), &json!(0), &json!(0)));
    assert!(lots(&none).iter().all(|(_, lot)| lot == "closed"));
    let all = preview(&planner, &closing(&office, 100)).await;
    assert_eq!((&all["lose"], &all["free_taken"]), (&json!(0), &json!(0)));
    server.kill().await;
}

/// A share of 40 % of two slots is one, and so is 1 %. Only 0 % closes the day, on the page and on the command line.
#[tokio::test]
async fn a_share_above_zero_closes_no_day() {
    let (records, people, slots) = {
        let records = Records::new(2).await;
        let people = [records.ready("Asha Rao").await, records.ready("Kari Nordmann").await];
        let slots = records.slots().await;
        (records, people, slots)
    };
    let office = records.office().await;
    let server = records.open(MONDAY).await;
    for ((person, token), slot) in people.iter().zip(&slots) {
        assert_eq!(server.signed_in_with(token).book(&person.case, slot).await.status, StatusCode::CREATED);
    }
    let planner = planner(&records, &server).await;
    for (share, left, rounding, lose) in
        [(0, 0, "exact", 2), (1, 1, "one", 1), (40, 1, "up", 1), (60, 1, "down", 1), (80, 2, "up", 0)]
    {
        let extent = preview(&planner, &closing(&office.id, share)).await;
        let day = json!({
            "day": "2020-11-16", "times": 2, "left": left, "rounding": rounding,
            "booked": 2, "keep": 2 - lose, "free": 0, "free_left": 0,
        });
        assert_eq!((&extent["lose"], &extent["days"]), (&json!(lose), &json!([day])), "{share} %");
    }
    let said = tokio::process::Command::new(crate::common::binary())
        .args(["close", &office.name, "--from", "2020-11-16", "--to", "2020-11-20", "--share", "40", "--clock", MONDAY])
        .arg("--data-dir")
        .arg(records.folder())
        .env("DATABASE_URL", records.url().unwrap_or_default())
        .output()
        .await
        .unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    let day = "  2020-11-16: 40 % of 2 is 1 (rounded up); appointments 2 -> 1, free 0 -> 0\n";
    assert!(said.contains(day) && said.contains("  1 lose their appointment"), "{said}");

    let asked = closing(&office.id, 40);
    let before = preview(&planner, &asked).await;
    assert_eq!(planner.post("/api/desk/closures", &seen(&asked, &before)).await.status, StatusCode::CREATED);
    let mut kept = 0;
    for (_, token) in &people {
        let cases = server.signed_in_with(token).get("/api/cases").await.body;
        kept += usize::from(!cases[0]["appointment"].is_null());
    }
    assert_eq!(kept, 1);
    // Slots that are closed already count for the share, so a repeated closure cuts no one again.
    let again = preview(&planner, &asked).await;
    assert_eq!((&again["lose"], &again["days"][0]["times"]), (&json!(0), &json!(2)), "{again}");
    server.kill().await;
}

/// Two planners who close the same days: one succeeds, the other is told why not. Closures without a common day both
/// succeed.
#[tokio::test]
async fn two_planners_do_not_close_the_same_days_unseen() {
    let (records, people, slots) = office_with(2).await;
    let office = records.office().await.id;
    let server = records.open(MONDAY).await;
    for ((person, token), slot) in people.iter().zip(&slots) {
        server.signed_in_with(token).book(&person.case, slot).await;
    }
    records.slot_at("2020-12-01T09:00:00+01:00").await;
    let (jonas, henrik) = (planner(&records, &server).await, planner(&records, &server).await);
    let asked = closing(&office, 0);
    let both = preview(&jonas, &asked).await;
    let elsewhen = json!({ "office": office, "first": "2020-12-01", "last": "2020-12-02", "share": 0 });
    let far = preview(&henrik, &elsewhen).await;
    let both = seen(&asked, &both);
    let (of_jonas, of_henrik) =
        tokio::join!(jonas.post("/api/desk/closures", &both), henrik.post("/api/desk/closures", &both));
    let mut outcomes = [of_jonas.status.as_u16(), of_henrik.status.as_u16()];
    outcomes.sort_unstable();
    assert_eq!(outcomes, [201, 409]);
    let loser = if of_jonas.status == StatusCode::CONFLICT { of_jonas } else { of_henrik };
    assert_eq!(loser.code(), "closed-meanwhile");
    assert_eq!(henrik.post("/api/desk/closures", &seen(&elsewhen, &far)).await.status, StatusCode::CREATED);
    let missing = henrik.post("/api/desk/closures", &asked).await;
    assert_eq!((missing.status, missing.body["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("seen")));
    server.kill().await;
}

/// A booking during the preview is included, and the planner is told that the result differs.
#[tokio::test]
async fn who_books_while_the_preview_is_open_is_not_forgotten() {
    let (records, people, slots) = office_with(2).await;
    let office = records.office().await.id;
    let server = records.open(MONDAY).await;
    server.signed_in_with(&people[0].1).book(&people[0].0.case, &slots[0]).await;
    let planner = planner(&records, &server).await;
    let asked = closing(&office, 0);
    let before = preview(&planner, &asked).await;
    assert_eq!(before["lose"], json!(1));
    server.signed_in_with(&people[1].1).book(&people[1].0.case, &slots[1]).await;
    let closed = planner.post("/api/desk/closures", &seen(&asked, &before)).await.body;
    assert_eq!((&closed["changed"], &closed["extent"]["lose"]), (&json!(true), &json!(2)));
    server.kill().await;
}

/// A closure that is undone before its first message leaves no trace.
#[tokio::test]
async fn undone_before_the_first_message_leaves_a_closing_has_not_been() {
    let (records, people, slots) = office_with(3).await;
    let office = records.office().await.id;
    let server = records.open(MONDAY).await;
    let visitors: Vec<Visitor> = people.iter().map(|(_, token)| server.signed_in_with(token)).collect();
    for (number, visitor) in visitors.iter().enumerate() {
        visitor.book(&people[number].0.case, &slots[number]).await;
    }
    let planner = planner(&records, &server).await;
    let asked = closing(&office, 0);
    let before = preview(&planner, &asked).await;
    let closed = planner.post("/api/desk/closures", &seen(&asked, &before)).await.body;
    let path = format!("/api/desk/closures/{}", closed["id"].as_str().unwrap());
    let ledger = planner.get(&path).await.body;
    let parts = &ledger["ledger"];
    assert_eq!((&parts["to_tell"], &parts["waiting"], &ledger["share"]), (&json!(3), &json!(3), &json!(0)));
    // A person with a new appointment keeps that one.
    let elsewhere = records.slot_at("2020-11-30T09:00:00+01:00").await;
    assert_eq!(visitors[2].book(&people[2].0.case, &elsewhere).await.status, StatusCode::CREATED);
    let undone = planner.post(&format!("{path}/undo"), &json!({})).await;
    assert_eq!((undone.status, &undone.body["ledger"]["withdrawn"]), (StatusCode::OK, &json!(3)), "{undone:?}");
    for (number, visitor) in visitors.iter().enumerate() {
        let case = &visitor.get("/api/cases").await.body[0];
        let slot = if number == 2 { &elsewhere } else { &slots[number] };
        assert_eq!(case["appointment"]["slot"], json!(slot));
        let id = case["appointment"]["id"].as_str().unwrap();
        let told = visitor.get(&format!("/api/appointments/{id}/messages")).await.body;
        let kinds: Vec<&str> = told.as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["booked", "reminder"], "{number}");
    }
    assert_eq!(planner.post(&format!("{path}/undo"), &json!({})).await.code(), "undo-too-late", "once is enough");
    assert_eq!(preview(&planner, &asked).await["lose"], json!(2), "and it can be closed again");
    assert_eq!(records.slots().await.len(), 10 + 1 - 3);

    let before = preview(&planner, &asked).await;
    let closed = planner.post("/api/desk/closures", &seen(&asked, &before)).await.body;
    let id = closed["id"].as_str().unwrap().to_owned();
    server.kill().await;
    let server = records.open("2020-11-02T09:02:00+01:00").await;
    let session = records.officer("Jonas Lie", District::Oslo, Role::Planner).await;
    let planner = server.at_desk_with(&session);
    let ledger = async || planner.get(&format!("/api/desk/closures/{id}")).await.body["ledger"].clone();
    wait_for(async || ledger().await["sent"] == json!(2), "both are told").await;
    let ledger = ledger().await;
    let parts = ["waiting", "sent", "delivered", "withdrawn", "to_call", "called"];
    assert_eq!(
        parts.map(|part| ledger[part].as_i64().unwrap()).iter().sum::<i64>(),
        ledger["to_tell"].as_i64().unwrap()
    );
    server.kill().await;
}

/// Overlapping closures are undone in reverse order: an older one cannot be undone before a newer one.
#[tokio::test]
async fn an_older_closing_is_not_undone_under_a_newer_one() {
    let (records, people, slots) = office_with(2).await;
    let office = records.office().await.id;
    let server = records.open(MONDAY).await;
    for ((person, token), slot) in people.iter().zip(&slots) {
        server.signed_in_with(token).book(&person.case, slot).await;
    }
    let planner = planner(&records, &server).await;
    let mut undo = Vec::new();
    for share in [40, 0] {
        let asked = closing(&office, share);
        let before = preview(&planner, &asked).await;
        let closed = planner.post("/api/desk/closures", &seen(&asked, &before)).await;
        assert_eq!(closed.status, StatusCode::CREATED, "{closed:?}");
        undo.push(format!("/api/desk/closures/{}/undo", closed.body["id"].as_str().unwrap()));
    }
    assert_eq!(planner.post(&undo[0], &json!({})).await.code(), "closed-since");
    assert_eq!(records.slots().await.len(), 0);
    for path in undo.iter().rev() {
        assert_eq!(planner.post(path, &json!({})).await.status, StatusCode::OK);
    }
}

/// Closes the office and returns the closure's path.
async fn close(planner: &Visitor, office: &str) -> String {
    let asked = closing(office, 0);
    let before = preview(planner, &asked).await;
    let closed = planner.post("/api/desk/closures", &seen(&asked, &before)).await;
    assert_eq!(closed.status, StatusCode::CREATED, "{closed:?}");
    format!("/api/desk/closures/{}", closed.body["id"].as_str().unwrap())
}

async fn undo(planner: &Visitor, path: &str) -> Value {
    let undone = planner.post(&format!("{path}/undo"), &json!({})).await;
    assert_eq!(undone.status, StatusCode::OK, "{undone:?}");
    undone.body["undoing"].clone()
}

/// The people whose appointment is not restored, with the reasons.
fn left(undoing: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let people = undoing["people"].as_array().unwrap();
    people.iter().map(|one| (text(&one["applicant"]), text(&one["reason"]))).collect()
}

/// The slot of a person's appointment.
async fn slot_of(visitor: &Visitor) -> Value {
    visitor.get("/api/cases").await.body[0]["appointment"]["slot"].clone()
}

/// Changes the records directly.
async fn alter(records: &Records, sql: &'static str) {
    let mut t = records.store().write().await.unwrap();
    sqlx::query(sql).execute(&mut *t).await.unwrap();
    t.commit().await.unwrap();
}

/// The queued messages of a kind: address and text.
async fn waiting(records: &Records, kind: &str) -> Vec<(String, String)> {
    let sql = "SELECT address, body FROM messages WHERE state = 'queued' AND kind = $1 ORDER BY id";
    let mut connection = records.store().read().await.unwrap();
    sqlx::query_as(sql).bind(kind).fetch_all(&mut *connection).await.unwrap()
}

/// An appointment cancelled by hand stays cancelled, even in the same second as the closure. It also stays cancelled if
/// the closure took another appointment of its slot or case.
#[tokio::test]
async fn what_was_cancelled_by_hand_stays_cancelled() {
    let (records, people, slots) = office_with(4).await;
    let office = records.office().await.id;
    let server = records.open(MONDAY).await;
    let planner = planner(&records, &server).await;
    let visitors: Vec<Visitor> = people.iter().map(|(_, token)| server.signed_in_with(token)).collect();
    let book = async |who: usize, slot: usize| {
        let booked = visitors[who].book(&people[who].0.case, &slots[slot]).await;
        assert_eq!(booked.status, StatusCode::CREATED, "{booked:?}");
        booked.body
    };
    let by_hand = async |appointment: Value| {
        let path = format!("/api/desk/appointments/{}/cancel", appointment["id"].as_str().unwrap());
        assert_eq!(planner.post(&path, &json!({ "reason": "a mistake" })).await.status, StatusCode::OK);
    };
    by_hand(book(0, 0).await).await;
    // Two appointments of one slot, and two of one case.
    by_hand(book(1, 1).await).await;
    book(2, 1).await;
    by_hand(book(3, 2).await).await;
    book(3, 3).await;
    let path = close(&planner, &office).await;
    alter(&records, "UPDATE appointments SET cancelled = (SELECT made FROM bulk_actions WHERE kind = 'close')").await;
    let before = planner.get(&path).await.body["undoing"].clone();
    let done = undo(&planner, &path).await;
    let expected = [Value::Null, Value::Null, json!(slots[1]), json!(slots[3])];
    for (visitor, slot) in visitors.iter().zip(expected) {
        assert_eq!(slot_of(visitor).await, slot);
    }
    assert_eq!(records.slots().await.len(), 8);
    assert_eq!((&before["given"], &before["told"], &before["slots"]), (&json!(2), &json!(0), &json!(8)), "{before}");
    assert_eq!((&done["given"], left(&done)), (&json!(2), vec![]), "{done}");
    server.kill().await;
}

/// A person who was told by telephone is put on the call list again, because the appointment stands. A person who was
/// not called yet is removed from it.
#[tokio::test]
async fn who_was_called_is_told_that_the_appointment_stands() {
    let (records, people, slots) = office_with(3).await;
    let office = records.office().await.id;
    let server = records.open(MONDAY).await;
    let planner = planner(&records, &server).await;
    for ((person, token), slot) in people.iter().zip(&slots) {
        let booked = server.signed_in_with(token).book(&person.case, slot).await;
        assert_eq!(booked.status, StatusCode::CREATED, "{booked:?}");
    }
    // The first two have never signed in and have no e-mail address.
    alter(&records, "UPDATE persons SET email = 'desk ' || id WHERE email LIKE 'person.%' AND email NOT LIKE '%2%'")
        .await;
    let path = close(&planner, &office).await;
    let calls = async || planner.get("/api/desk/calls").await.body.as_array().unwrap().clone();
    assert_eq!(calls().await.len(), 2);
    let call = calls().await.into_iter().find(|call| call["applicant"] == json!("Person 0")).unwrap();
    let done = format!("/api/desk/calls/{}/done", call["message"].as_str().unwrap());
    assert_eq!(planner.post(&done, &json!({})).await.status, StatusCode::NO_CONTENT);
    let before = planner.get(&path).await.body["undoing"].clone();
    let after = undo(&planner, &path).await;
    let listed = calls().await;
    assert_eq!(
        (listed.len(), &listed[0]["applicant"], &listed[0]["kind"]),
        (1, &json!("Person 0"), &json!("restored"))
    );
    assert!(listed[0]["text"].as_str().unwrap().contains("stands after all"), "{listed:?}");
    for undoing in [&before, &after] {
        assert_eq!((&undoing["given"], &undoing["told"]), (&json!(3), &json!(1)), "{undoing}");
    }
    assert_eq!(after["ledger"]["to_call"], json!(1), "{after}");
    for ((_, token), slot) in people.iter().zip(&slots) {
        assert_eq!(slot_of(&server.signed_in_with(token)).await, json!(slot));
    }
    server.kill().await;
}

/// A person who has received the cancellation gets another message, that the appointment stands, and the reminder
/// again.
#[tokio::test]
async fn who_has_got_the_message_is_told_that_the_appointment_stands() {
    let (records, people, slots) = office_with(2).await;
    let office = records.office().await.id;
    let server = records.open(MONDAY).await;
    for ((person, token), slot) in people.iter().zip(&slots) {
        server.signed_in_with(token).book(&person.case, slot).await;
    }
    let path = close(&planner(&records, &server).await, &office).await;
    server.kill().await;
    let server = records.open("2020-11-02T09:02:00+01:00").await;
    let session = records.officer("Jonas Lie", District::Oslo, Role::Planner).await;
    let planner = server.at_desk_with(&session);
    wait_for(async || planner.get(&path).await.body["ledger"]["sent"] == json!(2), "both are told").await;
    let before = planner.get(&path).await.body["undoing"].clone();
    let after = undo(&planner, &path).await;
    for undoing in [&before, &after] {
        assert_eq!((&undoing["given"], &undoing["told"]), (&json!(2), &json!(2)), "{undoing}");
    }
    for (person, token) in &people {
        let visitor = server.signed_in_with(token);
        assert!(!slot_of(&visitor).await.is_null());
        let mail = async || {
            let mails = server.mailbox(&person.email);
            mails.into_iter().find(|mail| mail.body.contains("stands after all"))
        };
        wait_for(async || mail().await.is_some(), "the message that it stands").await;
        let id = visitor.get("/api/cases").await.body[0]["appointment"]["id"].as_str().unwrap().to_owned();
        let told = visitor.get(&format!("/api/appointments/{id}/messages")).await.body;
        let kinds: Vec<&str> = told.as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
        assert!(kinds.ends_with(&["restored", "reminder"]), "{kinds:?}");
    }
    let ledger = async || planner.get(&path).await.body["undoing"]["ledger"].clone();
    wait_for(async || ledger().await["sent"] == json!(2), "the ledger has both").await;
    assert_eq!(planner.get(&path).await.body["ledger"]["sent"], json!(2), "what was sent of the closing was sent");
    assert_eq!(planner.post(&format!("{path}/undo"), &json!({})).await.code(), "undo-too-late");
    server.kill().await;
}

/// A message with an attempt may have been delivered, also if it was rewritten since.
#[tokio::test]
async fn a_message_that_was_tried_counts_as_heard() {
    let (records, people, slots) = office_with(1).await;
    let office = records.office().await.id;
    let server = records.open(MONDAY).await;
    server.signed_in_with(&people[0].1).book(&people[0].0.case, &slots[0]).await;
    let path = close(&planner(&records, &server).await, &office).await;
    server.kill().await;
    // A closed port.
    let server = records.open_with("2020-11-02T09:02:00+01:00", &[("MAIL_URL", "smtp://127.0.0.1:1")]).await;
    let count = async |sql: &'static str| {
        let mut connection = records.store().read().await.unwrap();
        sqlx::query_scalar::<_, i64>(sql).fetch_one(&mut *connection).await.unwrap()
    };
    const TRIED: &str = "SELECT count(*) FROM messages WHERE kind = 'cancelled-by-office' AND state = 'queued'
        AND attempts > 0 AND due > 1604304120";
    wait_for(async || count(TRIED).await == 1, "it is tried, and put off").await;
    server.kill().await;
    // The state after a change of number: a new id and no attempt.
    alter(
        &records,
        "UPDATE messages SET id = 'anew', attempts = 0, leased_until = 0, due = due + 3600
        WHERE kind = 'cancelled-by-office'",
    )
    .await;
    let server = records.open("2020-11-02T09:03:00+01:00").await;
    let session = records.officer("Jonas Lie", District::Oslo, Role::Planner).await;
    let undoing = undo(&server.at_desk_with(&session), &path).await;
    assert_eq!((&undoing["given"], &undoing["told"]), (&json!(1), &json!(1)), "{undoing}");
    server.kill().await;
}

/// A restored reminder uses the person's present number and language.
#[tokio::test]
async fn a_reminder_is_given_back_as_the_person_is_now() {
    let (records, people, slots) = office_with(1).await;
    let office = records.office().await.id;
    let server = records.open(MONDAY).await;
    let planner = planner(&records, &server).await;
    alter(&records, "UPDATE cases SET type = 'passport'").await;
    alter(&records, "UPDATE slot_types SET type = 'passport' WHERE type = 'work'").await;
    alter(&records, "UPDATE office_types SET type = 'passport' WHERE type = 'work'").await;
    alter(&records, "UPDATE persons SET phone = '+47 22 34 21 01'").await;
    let visitor = server.signed_in_with(&people[0].1);
    let booked = visitor.book(&people[0].0.case, &slots[0]).await;
    assert_eq!(booked.status, StatusCode::CREATED, "{booked:?}");
    let path = close(&planner, &office).await;
    assert_eq!(waiting(&records, "reminder").await, []);
    let changed = visitor.patch("/api/account", &json!({ "language": "nb", "phone": "+47 22 34 21 02" })).await;
    assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
    undo(&planner, &path).await;
    let reminders = waiting(&records, "reminder").await;
    assert_eq!(reminders.len(), 1);
    let (address, body) = &reminders[0];
    assert_eq!(address, "+47 22 34 21 02");
    assert!(body.starts_with("Husk timen"), "{body}");
    server.kill().await;
}

/// Deleted accounts get nothing back and no message; later decisions of people stand. All of them are listed with the
/// reason, before and after, and their slots are available.
#[tokio::test]
async fn what_cannot_be_given_back_is_listed_with_the_reason() {
    let (records, people, slots) = office_with(4).await;
    let office = records.office().await.id;
    let elsewhere =
        [records.slot_at("2020-11-30T09:00:00+01:00").await, records.slot_at("2020-11-30T10:00:00+01:00").await];
    let server = records.open(MONDAY).await;
    let planner = planner(&records, &server).await;
    let visitors: Vec<Visitor> = people.iter().map(|(_, token)| server.signed_in_with(token)).collect();
    for (number, visitor) in visitors.iter().enumerate() {
        visitor.book(&people[number].0.case, &slots[number]).await;
    }
    let path = close(&planner, &office).await;
    assert_eq!(visitors[0].delete("/api/account").await.status, StatusCode::OK);
    let other = visitors[1].book(&people[1].0.case, &elsewhere[0]).await;
    assert_eq!(visitors[1].post(&path_of(&other.body, "/cancel"), &json!({})).await.status, StatusCode::OK);
    assert_eq!(visitors[2].book(&people[2].0.case, &elsewhere[1]).await.status, StatusCode::CREATED);
    let before = planner.get(&path).await.body["undoing"].clone();
    let after = undo(&planner, &path).await;
    assert!(slot_of(&visitors[1]).await.is_null());
    assert_eq!(slot_of(&visitors[2]).await, json!(elsewhere[1]));
    assert_eq!(slot_of(&visitors[3]).await, json!(slots[3]));
    assert_eq!(records.slots().await.len(), 10 + 2 - 2);
    let mut connection = records.store().read().await.unwrap();
    let nowhere = "SELECT count(*) FROM messages WHERE state IN ('queued', 'failed') AND (address = '' OR body = '')";
    assert_eq!(sqlx::query_scalar::<_, i64>(nowhere).fetch_one(&mut *connection).await.unwrap(), 0);
    drop(connection);
    let why = |number: usize, reason: &str| (format!("Person {number}"), reason.to_owned());
    let expected = [why(0, "account-deleted"), why(1, "cancelled-since"), why(2, "has-another")];
    for undoing in [&before, &after, &planner.get(&path).await.body["undoing"]] {
        assert_eq!(left(undoing), expected, "{undoing}");
        assert_eq!((&undoing["given"], &undoing["not_given"]), (&json!(1), &json!(3)), "{undoing}");
    }
    server.kill().await;
}

/// A slot with another appointment stays with it, whatever its origin; everyone else is restored.
#[tokio::test]
async fn a_slot_that_is_taken_does_not_stop_the_others() {
    let (records, people, slots) = office_with(3).await;
    let office = records.office().await.id;
    let server = records.open(MONDAY).await;
    let planner = planner(&records, &server).await;
    let visitors: Vec<Visitor> = people.iter().map(|(_, token)| server.signed_in_with(token)).collect();
    for (number, visitor) in visitors.iter().enumerate().take(2) {
        visitor.book(&people[number].0.case, &slots[number]).await;
    }
    let path = close(&planner, &office).await;
    let mut t = records.store().write().await.unwrap();
    sqlx::query(
        "INSERT INTO appointments (id, number, slot, case_id, status, booked, event, sequence)
         VALUES ('other', 'other', $1, $2, 'booked', 0, 'other', 0)",
    )
    .bind(&slots[0])
    .bind(&people[2].0.case)
    .execute(&mut *t)
    .await
    .unwrap();
    t.commit().await.unwrap();
    let undoing = undo(&planner, &path).await;
    assert_eq!(left(&undoing), [("Person 0".to_owned(), "slot-taken".to_owned())]);
    assert!(slot_of(&visitors[0]).await.is_null());
    assert_eq!(slot_of(&visitors[1]).await, json!(slots[1]));
    // A person who is not restored still gets the message.
    let told: Vec<String> = waiting(&records, "cancelled-by-office").await.into_iter().map(|(to, _)| to).collect();
    assert_eq!(told, [people[0].0.email.clone()]);
    server.kill().await;
}

/// An undo in the middle of the closed days restores the remaining days only; after the last day there is nothing to
/// restore.
#[tokio::test]
async fn a_closing_is_undone_for_the_days_that_are_left() {
    let (records, people, slots) = office_with(2).await;
    let office = records.office().await.id;
    let server = records.open(MONDAY).await;
    for (number, slot) in [(0, &slots[0]), (1, &slots[9])] {
        let (person, token) = &people[number];
        assert_eq!(server.signed_in_with(token).book(&person.case, slot).await.status, StatusCode::CREATED);
    }
    let path = close(&planner(&records, &server).await, &office).await;
    server.kill().await;
    let after = "2020-11-21T00:00:00+01:00";
    let session = records.officer_since(after, "Jonas Lie", District::Oslo, Role::Planner).await;
    let server = records.open(after).await;
    let planner = server.at_desk_with(&session);
    assert_eq!(planner.get(&path).await.body["undoing"]["refusal"], json!("undo-too-late"));
    assert_eq!(planner.post(&format!("{path}/undo"), &json!({})).await.code(), "undo-too-late");
    server.kill().await;
    let during = "2020-11-16T10:15:00+01:00";
    let session = records.officer_since(during, "Jonas Lie", District::Oslo, Role::Planner).await;
    let server = records.open(during).await;
    let planner = server.at_desk_with(&session);
    let undoing = undo(&planner, &path).await;
    assert_eq!(left(&undoing), [("Person 0".to_owned(), "over".to_owned())]);
    // The message was never attempted, so the person does not know.
    assert_eq!((&undoing["given"], &undoing["told"]), (&json!(1), &json!(0)));
    server.kill().await;
}

/// Closures from before their effects were recorded are not undone by guessing.
#[tokio::test]
async fn an_old_closing_is_not_undone_by_guessing() {
    let (records, people, slots) = office_with(1).await;
    let office = records.office().await.id;
    let server = records.open(MONDAY).await;
    let planner = planner(&records, &server).await;
    server.signed_in_with(&people[0].1).book(&people[0].0.case, &slots[0]).await;
    let path = close(&planner, &office).await;
    for sql in ["DELETE FROM closure_appointments", "DELETE FROM closure_slots", "UPDATE closures SET recorded = 0"] {
        alter(&records, sql).await;
    }
    assert_eq!(planner.get(&path).await.body["undoing"]["refusal"], json!("undo-unknown"));
    let refused = planner.post(&format!("{path}/undo"), &json!({})).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "undo-unknown"));
    assert_eq!(records.slots().await.len(), 0);
    server.kill().await;
}

#[tokio::test]
async fn what_cannot_be_closed_is_said_at_its_field() {
    let records = Records::new(1).await;
    let office = records.office().await.id;
    let server = records.open(MONDAY).await;
    let planner = planner(&records, &server).await;
    let vest = records.officer("Lars Vik", District::Vest, Role::Planner).await;
    let good = closing(&office, 40);
    let with = |field: &str, value: Value| {
        let mut asked = good.clone();
        asked[field] = value;
        asked
    };
    for (field, value, at) in [
        ("last", json!("2020-11-15"), "last"),
        ("last", json!("2022-11-15"), "last"),
        ("first", json!("2020-13-01"), "first"),
        ("share", json!(101), "share"),
        ("share", json!(-1), "share"),
        ("share", json!(300), "share"),
        ("office", json!("0198"), "office"),
    ] {
        let answer = planner.post("/api/desk/closures/preview", &with(field, value.clone())).await;
        assert_eq!(
            (answer.status.is_client_error(), &answer.body["field"]),
            (true, &json!(at)),
            "{field} {value}: {answer:?}"
        );
    }
    let vest = server.at_desk_with(&vest);
    assert_eq!(vest.post("/api/desk/closures/preview", &good).await.status, StatusCode::NOT_FOUND);
    let over = json!({ "office": office, "first": "2020-10-01", "last": "2020-10-31", "share": 0 });
    assert_eq!(planner.post("/api/desk/closures/preview", &over).await.body["field"], json!("last"));
    server.kill().await;
}

/// On a day that has begun, past appointments count against the capacity and are not cancelled.
#[tokio::test]
async fn a_day_that_has_begun_is_cut_by_what_is_left() {
    let (records, people, slots) = office_with(6).await;
    let office = records.office().await.id;
    let server = records.open(MONDAY).await;
    for ((person, token), slot) in people.iter().zip(&slots) {
        assert_eq!(server.signed_in_with(token).book(&person.case, slot).await.status, StatusCode::CREATED);
    }
    server.kill().await;
    // Two people have come at nine and ten. At 40 % four of ten may come in all.
    let clock = "2020-11-16T10:15:00+01:00";
    let session = records.officer_since(clock, "Jonas Lie", District::Oslo, Role::Planner).await;
    let server = records.open(clock).await;
    let planner = server.at_desk_with(&session);
    let extent = preview(&planner, &closing(&office, 40)).await;
    assert_eq!(
        (&extent["keep"], &extent["lose"], &extent["at_short_notice"]),
        (&json!(2), &json!(2), &json!(2)),
        "{extent}"
    );
    server.kill().await;
}

/// A closure for three thousand people: each is told once, and at 40 % the longest waiting keep their appointments.
#[tokio::test]
async fn three_thousand_lose_their_time_at_once() {
    let records = Records::new(1).await;
    let office = records.booked_office("full", 3000).await;
    let server = records.open(MONDAY).await;
    let planner = planner(&records, &server).await;
    let mut lost = 0;
    for share in [40, 0] {
        let asked = json!({ "office": office, "first": "2021-01-01", "last": "2021-12-31", "share": share });
        let before = preview(&planner, &asked).await;
        let closed = planner.post("/api/desk/closures", &seen(&asked, &before)).await;
        assert_eq!((closed.status, &closed.body["changed"]), (StatusCode::CREATED, &json!(false)));
        let lose = |extent: &Value| extent["lose"].as_u64().unwrap();
        assert_eq!(lose(&closed.body["extent"]), lose(&before));
        let path = format!("/api/desk/closures/{}", closed.body["id"].as_str().unwrap());
        assert_eq!(planner.get(&path).await.body["ledger"]["to_tell"], json!(lose(&before)));
        lost += lose(&before);
    }
    assert_eq!(lost, 3000);
    server.kill().await;
}
