//! A planner closes an office, or lets it work at a share of its capacity.

use api::officers::Role;
use reqwest::StatusCode;
use rules::District;
use serde_json::{Value, json};

use crate::counter::{Counter, MONDAY, Person, Records, Visitor, wait_for};

/// Ten times on Monday 16 November 2020, and who has the first of them, in the order of their booking.
async fn office_with(people: usize) -> (Records, Vec<(Person, String)>, Vec<String>) {
    let records = Records::new(10).await;
    let mut all = Vec::new();
    for number in 0..people {
        all.push(records.ready(&format!("Person {number}")).await);
    }
    let slots = records.slots().await;
    (records, all, slots)
}

async fn planner(records: &Records, counter: &Counter) -> Visitor {
    let session = records.officer("Jonas Lie", District::Oslo, Role::Planner).await;
    counter.at_desk_with(&session)
}

fn closing(office: &str, share: u8) -> Value {
    json!({ "office": office, "first": "2020-11-16", "last": "2020-11-20", "share": share })
}

async fn preview(planner: &Visitor, asked: &Value) -> Value {
    let answer = planner.post("/api/desk/closings/preview", asked).await;
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

/// Critical travel is kept, then whoever has waited longest; a second run changes nobody.
#[tokio::test]
async fn forty_percent_keeps_who_has_waited_longest() {
    let (records, people, slots) = office_with(6).await;
    let office = records.office().await.id;
    // Person 5 has booked first, and so on; person 0 last, for critical travel.
    for (number, (person, token)) in people.iter().enumerate().rev() {
        let clock = format!("2020-11-02T09:{:02}:00+01:00", 20 - number);
        let counter = records.open(&clock).await;
        let booked = counter.signed_in_with(token).book(&person.case, &slots[number]).await;
        assert_eq!(booked.status, StatusCode::CREATED, "{booked:?}");
        counter.kill().await;
        if number == 0 {
            let mut t = records.store().write().await.unwrap();
            let id = booked.body["id"].as_str().unwrap();
            server::store::appointments::set_critical(&mut t, id, "a funeral").await.unwrap();
            t.commit().await.unwrap();
        }
    }
    let counter = records.open("2020-11-02T09:25:00+01:00").await;
    let planner = planner(&records, &counter).await;
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
    let closed = planner.post("/api/desk/closings", &seen(&asked, &before)).await;
    assert_eq!((closed.status, &closed.body["changed"]), (StatusCode::CREATED, &json!(false)), "{closed:?}");
    for (number, (person, token)) in people.iter().enumerate() {
        let cases = counter.signed_in_with(token).get("/api/cases").await.body;
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
    let closed = planner.post("/api/desk/closings", &seen(&asked, &again)).await;
    assert_eq!((closed.status, closed.code()), (StatusCode::CONFLICT, "nothing-to-close"));
    // Less still, then nothing at all.
    let asked = closing(&office, 20);
    let less = preview(&planner, &asked).await;
    assert_eq!(lots(&less)[..2], [lot(3, "no-room"), lot(4, "no-room")]);
    let asked = closing(&office, 0);
    let none = preview(&planner, &asked).await;
    assert_eq!((&none["lose"], &none["keep"], &none["critical"]), (&json!(4), &json!(0), &json!(0)));
    assert!(lots(&none).iter().all(|(_, lot)| lot == "closed"));
    let all = preview(&planner, &closing(&office, 100)).await;
    assert_eq!((&all["lose"], &all["free_taken"]), (&json!(0), &json!(0)));
    counter.kill().await;
}

/// 40 % of two times is one, and so is 1 %: only 0 % closes the day. The page and the command line say the same.
#[tokio::test]
async fn a_share_above_zero_closes_no_day() {
    let (records, people, slots) = {
        let records = Records::new(2).await;
        let people = [records.ready("Asha Rao").await, records.ready("Kari Nordmann").await];
        let slots = records.slots().await;
        (records, people, slots)
    };
    let office = records.office().await;
    let counter = records.open(MONDAY).await;
    for ((person, token), slot) in people.iter().zip(&slots) {
        assert_eq!(counter.signed_in_with(token).book(&person.case, slot).await.status, StatusCode::CREATED);
    }
    let planner = planner(&records, &counter).await;
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
    let said = tokio::process::Command::new(crate::counter::binary())
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
    assert_eq!(planner.post("/api/desk/closings", &seen(&asked, &before)).await.status, StatusCode::CREATED);
    let mut kept = 0;
    for (_, token) in &people {
        let cases = counter.signed_in_with(token).get("/api/cases").await.body;
        kept += usize::from(!cases[0]["appointment"].is_null());
    }
    assert_eq!(kept, 1);
    // Of what is closed already the share is the same, and nobody is cut again.
    let again = preview(&planner, &asked).await;
    assert_eq!((&again["lose"], &again["days"][0]["times"]), (&json!(0), &json!(2)), "{again}");
    counter.kill().await;
}

/// Of two planners who close the same days one does, and the other hears why not; of two closings that share no day both do.
#[tokio::test]
async fn two_planners_do_not_close_the_same_days_unseen() {
    let (records, people, slots) = office_with(2).await;
    let office = records.office().await.id;
    let counter = records.open(MONDAY).await;
    for ((person, token), slot) in people.iter().zip(&slots) {
        counter.signed_in_with(token).book(&person.case, slot).await;
    }
    records.slot_at("2020-12-01T09:00:00+01:00").await;
    let (jonas, henrik) = (planner(&records, &counter).await, planner(&records, &counter).await);
    let asked = closing(&office, 0);
    let both = preview(&jonas, &asked).await;
    let elsewhen = json!({ "office": office, "first": "2020-12-01", "last": "2020-12-02", "share": 0 });
    let far = preview(&henrik, &elsewhen).await;
    let both = seen(&asked, &both);
    let (of_jonas, of_henrik) =
        tokio::join!(jonas.post("/api/desk/closings", &both), henrik.post("/api/desk/closings", &both));
    let mut outcomes = [of_jonas.status.as_u16(), of_henrik.status.as_u16()];
    outcomes.sort_unstable();
    assert_eq!(outcomes, [201, 409]);
    let loser = if of_jonas.status == StatusCode::CONFLICT { of_jonas } else { of_henrik };
    assert_eq!(loser.code(), "closed-meanwhile");
    assert_eq!(henrik.post("/api/desk/closings", &seen(&elsewhen, &far)).await.status, StatusCode::CREATED);
    let missing = henrik.post("/api/desk/closings", &asked).await;
    assert_eq!((missing.status, missing.body["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("seen")));
    counter.kill().await;
}

/// Somebody books while the preview is open: they are told too, and the planner hears that it was others than they saw.
#[tokio::test]
async fn who_books_while_the_preview_is_open_is_not_forgotten() {
    let (records, people, slots) = office_with(2).await;
    let office = records.office().await.id;
    let counter = records.open(MONDAY).await;
    counter.signed_in_with(&people[0].1).book(&people[0].0.case, &slots[0]).await;
    let planner = planner(&records, &counter).await;
    let asked = closing(&office, 0);
    let before = preview(&planner, &asked).await;
    assert_eq!(before["lose"], json!(1));
    counter.signed_in_with(&people[1].1).book(&people[1].0.case, &slots[1]).await;
    let closed = planner.post("/api/desk/closings", &seen(&asked, &before)).await.body;
    assert_eq!((&closed["changed"], &closed["extent"]["lose"]), (&json!(true), &json!(2)));
    counter.kill().await;
}

/// Undone before the first message leaves, a closing has not been; after that it cannot be undone.
#[tokio::test]
async fn a_closing_is_undone_until_the_first_message_leaves() {
    let (records, people, slots) = office_with(3).await;
    let office = records.office().await.id;
    let counter = records.open(MONDAY).await;
    let visitors: Vec<Visitor> = people.iter().map(|(_, token)| counter.signed_in_with(token)).collect();
    for (number, visitor) in visitors.iter().enumerate() {
        visitor.book(&people[number].0.case, &slots[number]).await;
    }
    let planner = planner(&records, &counter).await;
    let asked = closing(&office, 0);
    let before = preview(&planner, &asked).await;
    let closed = planner.post("/api/desk/closings", &seen(&asked, &before)).await.body;
    let path = format!("/api/desk/closings/{}", closed["id"].as_str().unwrap());
    let ledger = planner.get(&path).await.body;
    let parts = &ledger["ledger"];
    assert_eq!((&parts["to_tell"], &parts["waiting"], &ledger["share"]), (&json!(3), &json!(3), &json!(0)));
    // One of them has another time already when it is undone: that one they keep.
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
    let closed = planner.post("/api/desk/closings", &seen(&asked, &before)).await.body;
    let id = closed["id"].as_str().unwrap().to_owned();
    counter.kill().await;
    let counter = records.open("2020-11-02T09:02:00+01:00").await;
    let session = records.officer("Jonas Lie", District::Oslo, Role::Planner).await;
    let planner = counter.at_desk_with(&session);
    let ledger = async || planner.get(&format!("/api/desk/closings/{id}")).await.body["ledger"].clone();
    wait_for(async || ledger().await["sent"] == json!(2), "both are told").await;
    assert_eq!(planner.post(&format!("/api/desk/closings/{id}/undo"), &json!({})).await.code(), "undo-too-late");
    let ledger = ledger().await;
    let parts = ["waiting", "sent", "delivered", "withdrawn", "to_call", "called"];
    assert_eq!(
        parts.map(|part| ledger[part].as_i64().unwrap()).iter().sum::<i64>(),
        ledger["to_tell"].as_i64().unwrap()
    );
    counter.kill().await;
}

/// What was closed twice is opened in the order of the closings, the last one first: an older one is not undone under a newer.
#[tokio::test]
async fn an_older_closing_is_not_undone_under_a_newer_one() {
    let (records, people, slots) = office_with(2).await;
    let office = records.office().await.id;
    let counter = records.open(MONDAY).await;
    for ((person, token), slot) in people.iter().zip(&slots) {
        counter.signed_in_with(token).book(&person.case, slot).await;
    }
    let planner = planner(&records, &counter).await;
    let mut undo = Vec::new();
    for share in [40, 0] {
        let asked = closing(&office, share);
        let before = preview(&planner, &asked).await;
        let closed = planner.post("/api/desk/closings", &seen(&asked, &before)).await;
        assert_eq!(closed.status, StatusCode::CREATED, "{closed:?}");
        undo.push(format!("/api/desk/closings/{}/undo", closed.body["id"].as_str().unwrap()));
    }
    assert_eq!(planner.post(&undo[0], &json!({})).await.code(), "closed-since");
    assert_eq!(records.slots().await.len(), 0);
    for path in undo.iter().rev() {
        assert_eq!(planner.post(path, &json!({})).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn what_cannot_be_closed_is_said_at_its_field() {
    let records = Records::new(1).await;
    let office = records.office().await.id;
    let counter = records.open(MONDAY).await;
    let planner = planner(&records, &counter).await;
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
        let answer = planner.post("/api/desk/closings/preview", &with(field, value.clone())).await;
        assert_eq!(
            (answer.status.is_client_error(), &answer.body["field"]),
            (true, &json!(at)),
            "{field} {value}: {answer:?}"
        );
    }
    let vest = counter.at_desk_with(&vest);
    assert_eq!(vest.post("/api/desk/closings/preview", &good).await.status, StatusCode::NOT_FOUND);
    let over = json!({ "office": office, "first": "2020-10-01", "last": "2020-10-31", "share": 0 });
    assert_eq!(planner.post("/api/desk/closings/preview", &over).await.body["field"], json!("last"));
    counter.kill().await;
}

/// On a day that has begun, whoever came already has used some of its capacity, and is not cancelled.
#[tokio::test]
async fn a_day_that_has_begun_is_cut_by_what_is_left() {
    let (records, people, slots) = office_with(6).await;
    let office = records.office().await.id;
    let counter = records.open(MONDAY).await;
    for ((person, token), slot) in people.iter().zip(&slots) {
        assert_eq!(counter.signed_in_with(token).book(&person.case, slot).await.status, StatusCode::CREATED);
    }
    counter.kill().await;
    // Two have come at nine and ten; four of ten may come in all.
    let clock = "2020-11-16T10:15:00+01:00";
    let session = records.officer_since(clock, "Jonas Lie", District::Oslo, Role::Planner).await;
    let counter = records.open(clock).await;
    let planner = counter.at_desk_with(&session);
    let extent = preview(&planner, &closing(&office, 40)).await;
    assert_eq!(
        (&extent["keep"], &extent["lose"], &extent["at_short_notice"]),
        (&json!(2), &json!(2), &json!(2)),
        "{extent}"
    );
    counter.kill().await;
}

/// Three thousand in one go: everybody is told once, and at 40 % whoever has waited longest keeps their time.
#[tokio::test]
async fn three_thousand_lose_their_time_at_once() {
    let records = Records::new(1).await;
    let office = records.booked_office("full", 3000).await;
    let counter = records.open(MONDAY).await;
    let planner = planner(&records, &counter).await;
    let mut lost = 0;
    for share in [40, 0] {
        let asked = json!({ "office": office, "first": "2021-01-01", "last": "2021-12-31", "share": share });
        let before = preview(&planner, &asked).await;
        let closed = planner.post("/api/desk/closings", &seen(&asked, &before)).await;
        assert_eq!((closed.status, &closed.body["changed"]), (StatusCode::CREATED, &json!(false)));
        let lose = |extent: &Value| extent["lose"].as_u64().unwrap();
        assert_eq!(lose(&closed.body["extent"]), lose(&before));
        let path = format!("/api/desk/closings/{}", closed.body["id"].as_str().unwrap());
        assert_eq!(planner.get(&path).await.body["ledger"]["to_tell"], json!(lose(&before)));
        lost += lose(&before);
    }
    assert_eq!(lost, 3000);
    counter.kill().await;
}
