//! Races: concurrent bookings, closures and deletions.

use std::collections::BTreeMap;

use api::officers::Role;
use futures_util::future::join_all;
use reqwest::StatusCode;
use rules::District;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::common::{Answer, FRIDAY, MONDAY, Person, Records, TestServer, Visitor, answer, client, path_of};

/// 200 people request the same slot at the same moment.
#[tokio::test]
async fn of_200_requests_for_one_slot_exactly_one_succeeds() {
    let records = Records::new(2).await;
    let people = records.ready_many(200).await;
    let server = records.open(MONDAY).await;
    let client = client().build().unwrap();
    let cookie = |token: &str| format!("skranke={token}");
    let case = &people[0].0.case;
    let times = client.get(format!("{}/api/cases/{case}/times", server.url)).header("cookie", cookie(&people[0].1));
    let slot = answer(times.send().await.unwrap()).await.body["slots"][0]["id"].clone();

    let mut requests = JoinSet::new();
    for (person, token) in people {
        let request = client
            .post(format!("{}/api/appointments", server.url))
            .header("cookie", cookie(&token))
            .json(&json!({ "case": person.case, "slot": slot }));
        requests.spawn(async move { answer(request.send().await.unwrap()).await });
    }
    let mut outcomes = BTreeMap::new();
    while let Some(answer) = requests.join_next().await {
        let answer = answer.unwrap();
        *outcomes.entry((answer.status, answer.code().to_owned())).or_insert(0) += 1;
    }
    assert_eq!(
        outcomes,
        BTreeMap::from([
            ((StatusCode::CREATED, String::new()), 1),
            ((StatusCode::CONFLICT, "slot-taken".to_owned()), 199),
        ])
    );
}

/// One case requests several slots at the same moment.
#[tokio::test]
async fn a_case_gets_one_appointment_however_many_are_asked_for() {
    let records = Records::new(20).await;
    let asha = records.person("Asha Rao").await;
    let server = records.open(FRIDAY).await;
    let visitor = server.sign_in(&asha).await;
    visitor.tell(&asha.case, json!({ "entry": null })).await;
    let mut requests = JoinSet::new();
    for slot in visitor.times(&asha.case).await.slots {
        let (visitor, case) = (visitor.clone(), asha.case.clone());
        requests.spawn(async move { visitor.book(&case, &slot.id).await.status });
    }
    let statuses = requests.join_all().await;
    assert_eq!(statuses.len(), 20);
    assert_eq!(statuses.iter().filter(|status| **status == StatusCode::CREATED).count(), 1);
}

/// Two people request the last slot: one gets it, and the other gets the reason.
#[tokio::test]
async fn the_last_slot_goes_to_one() {
    let records = Records::new(1).await;
    let (tuva, amal) = (records.person("Tuva Lind").await, records.person("Amal Yusuf").await);
    let server = records.open(FRIDAY).await;
    let (first, second) = (server.sign_in(&tuva).await, server.sign_in(&amal).await);
    for (visitor, person) in [(&first, &tuva), (&second, &amal)] {
        visitor.tell(&person.case, json!({ "entry": null })).await;
    }
    let slot = first.times(&tuva.case).await.slots[0].id.clone();
    assert_eq!(first.book(&tuva.case, &slot).await.status, StatusCode::CREATED);
    let refused = second.book(&amal.case, &slot).await;
    assert_eq!(refused.body["decision"]["reasons"][0]["code"], "no-free-appointment");
}

/// Two families request the same three slots in different orders: one gets all of them, the other none, and neither
/// deadlocks.
#[tokio::test]
async fn of_two_families_one_gets_the_times() {
    let records = Records::new(3).await;
    let silvas = records.ready_family(&["Bruno Silva", "Carla Silva", "Miguel Silva"]).await;
    let raos = records.ready_family(&["Asha Rao", "Vikram Rao", "Mira Rao"]).await;
    let slots = records.slots().await;
    let backwards: Vec<String> = slots.iter().rev().cloned().collect();
    let server = records.open(MONDAY).await;
    for _ in 0..10 {
        let mut requests = JoinSet::new();
        for ((family, token), slots) in [(&silvas, &slots), (&raos, &backwards)] {
            let visitor = server.signed_in_with(token);
            let bookings = family.iter().zip(slots).map(|(member, slot)| json!({ "case": member.case, "slot": slot }));
            let body = json!({ "bookings": bookings.collect::<Vec<_>>() });
            requests.spawn(async move { (visitor.post("/api/appointments/together", &body).await, visitor) });
        }
        let mut codes = Vec::new();
        for (answer, visitor) in requests.join_all().await {
            codes.push((answer.status.as_u16(), answer.code().to_owned()));
            // The slots are released for the next round.
            for appointment in answer.body.as_array().into_iter().flatten() {
                visitor.post(&path_of(appointment, "/cancel"), &json!({})).await;
            }
        }
        codes.sort();
        // A request after the other's booking finds no slot; one during it finds the slot taken.
        assert_eq!((codes[0].0, codes[1].0), (201, 409), "{codes:?}");
        assert!(["slot-taken", "refused"].contains(&&*codes[1].1), "{codes:?}");
    }
}

/// A booking races with the deletion of the account: no appointment remains for a deleted account, and its address is
/// stored nowhere.
#[tokio::test]
async fn nobody_books_for_an_account_that_is_deleted() {
    let records = Records::new(20).await;
    let people = records.ready_many(20).await;
    let slots = records.slots().await;
    let server = records.open(MONDAY).await;
    for (number, (person, token)) in people.iter().enumerate() {
        let (one, other) = (server.signed_in_with(token), server.signed_in_with(token));
        let (booked, deleted) = tokio::join!(one.book(&person.case, &slots[number]), other.delete("/api/account"));
        let outcome = (booked.status.as_u16(), deleted.status.as_u16());
        match outcome {
            (201, 409) => {}
            (401, 200) => {
                let everything = records.everything().await;
                assert!(!everything.contains(&format!("\"{}\"", person.email)), "{number}: {everything}");
            }
            _ => panic!("{number}: {outcome:?}"),
        }
    }
}

/// An office with this many booked people from 16 November 2020, a planner, and as many available slots in a later
/// week.
struct Closable {
    records: Records,
    people: Vec<Person>,
    visitors: Vec<Visitor>,
    planner: Visitor,
    elsewhere: Vec<String>,
    _server: TestServer,
}

impl Closable {
    async fn new(count: usize) -> Closable {
        let records = Records::new(count as i64).await;
        let (people, tokens): (Vec<Person>, Vec<String>) = records.ready_many(count).await.into_iter().unzip();
        let slots = records.slots().await;
        let mut elsewhere = Vec::new();
        for number in 0..count {
            elsewhere.push(records.slot_at(&format!("2020-12-10T09:{number:02}:00+01:00")).await);
        }
        let server = records.open(MONDAY).await;
        let session = records.officer("Jonas Lie", District::Oslo, Role::Planner).await;
        let planner = server.at_desk_with(&session);
        let visitors: Vec<Visitor> = tokens.iter().map(|token| server.signed_in_with(token)).collect();
        for (number, visitor) in visitors.iter().enumerate() {
            assert_eq!(visitor.book(&people[number].case, &slots[number]).await.status, StatusCode::CREATED);
        }
        Closable { records, people, visitors, planner, elsewhere, _server: server }
    }

    /// Closes the weeks before the available slots.
    async fn close(&self) -> Answer {
        let office = self.records.office().await.id;
        let mut asked = json!({ "office": office, "first": "2020-11-16", "last": "2020-12-09", "share": 0 });
        let before = self.planner.post("/api/desk/closures/preview", &asked).await;
        asked["seen"] = before.body["seen"].clone();
        self.planner.post("/api/desk/closures", &asked).await
    }

    async fn undo(&self, closed: &Answer) -> Answer {
        assert_eq!(closed.status, StatusCode::CREATED, "{closed:?}");
        let path = format!("/api/desk/closures/{}/undo", closed.body["id"].as_str().unwrap());
        let undone = self.planner.post(&path, &json!({})).await;
        assert_eq!(undone.status, StatusCode::OK, "{undone:?}");
        undone
    }

    async fn appointment(&self, number: usize) -> Value {
        self.visitors[number].get("/api/cases").await.body[0]["appointment"].clone()
    }

    async fn count(&self, sql: &'static str) -> i64 {
        let mut connection = self.records.store().read().await.unwrap();
        sqlx::query_scalar(sql).fetch_one(&mut *connection).await.unwrap()
    }
}

/// An undo races with new bookings: at the end each person has one of the two appointments, and no request fails
/// internally.
#[tokio::test]
async fn undoing_and_booking_at_once() {
    const PEOPLE: usize = 12;
    let all = Closable::new(PEOPLE).await;
    for round in 0..6 {
        let closed = all.close().await;
        let book = |number: usize| all.visitors[number].book(&all.people[number].case, &all.elsewhere[number]);
        let (undone, booked) = tokio::join!(all.undo(&closed), join_all((0..PEOPLE).map(book)));
        let mut got = 0;
        for (number, booked) in booked.iter().enumerate() {
            let appointment = all.appointment(number).await;
            match booked.status {
                StatusCode::CREATED => {
                    got += 1;
                    assert_eq!(appointment["id"], booked.body["id"], "{round} {number}");
                    // The first appointment is restored for the next round.
                    let cancelled = all.visitors[number].post(&path_of(&appointment, "/cancel"), &json!({})).await;
                    assert_eq!(cancelled.status, StatusCode::OK);
                }
                StatusCode::CONFLICT => {
                    assert_eq!((booked.code(), appointment.is_null()), ("refused", false), "{round} {number}");
                }
                _ => panic!("{round} {number}: {booked:?}"),
            }
        }
        assert_eq!(undone.body["undoing"]["not_given"], json!(got), "{round}: {undone:?}");
        for (number, booked) in booked.iter().enumerate() {
            if booked.status == StatusCode::CREATED {
                let slots = all.visitors[number].times(&all.people[number].case).await.slots;
                let again = all.visitors[number].book(&all.people[number].case, &slots[0].id).await;
                assert_eq!(again.status, StatusCode::CREATED, "{again:?}");
            }
        }
    }
}

/// An undo races with cancellations of the new appointments: at the end people have none, in either order.
#[tokio::test]
async fn undoing_and_cancelling_at_once() {
    const PEOPLE: usize = 12;
    let all = Closable::new(PEOPLE).await;
    let closed = all.close().await;
    let mut others = Vec::new();
    for number in 0..PEOPLE {
        let booked = all.visitors[number].book(&all.people[number].case, &all.elsewhere[number]).await;
        assert_eq!(booked.status, StatusCode::CREATED);
        others.push(booked.body);
    }
    let nothing = json!({});
    let paths: Vec<String> = others.iter().map(|one| path_of(one, "/cancel")).collect();
    let cancel = |number: usize| all.visitors[number].post(&paths[number], &nothing);
    let (undone, cancelled) = tokio::join!(all.undo(&closed), join_all((0..PEOPLE).map(cancel)));
    assert!(cancelled.iter().all(|one| one.status == StatusCode::OK), "{cancelled:?}");
    assert_eq!(undone.body["undoing"]["given"], json!(0));
    for number in 0..PEOPLE {
        assert!(all.appointment(number).await.is_null());
    }
}

/// A closure and its undo race with changes of language: waiting messages are in the new language.
#[tokio::test]
async fn closing_undoing_and_changing_the_language_at_once() {
    const PEOPLE: usize = 12;
    let all = Closable::new(PEOPLE).await;
    for language in ["nb", "en", "nb", "en"] {
        let change = json!({ "language": language });
        let changes = || (0..PEOPLE).map(|number| all.visitors[number].patch("/api/account", &change));
        let (closed, changed) = tokio::join!(all.close(), join_all(changes()));
        assert!(changed.iter().all(|one| one.status == StatusCode::OK), "{changed:?}");
        let wrong = match language {
            "nb" => {
                "SELECT count(*) FROM messages WHERE state = 'queued' AND kind IN ('cancelled-by-office', 'reminder')
                   AND subject NOT LIKE 'Vi har avlyst%' AND subject NOT LIKE 'Husk%'"
            }
            _ => {
                "SELECT count(*) FROM messages WHERE state = 'queued' AND kind IN ('cancelled-by-office', 'reminder')
                   AND subject NOT LIKE 'We have%' AND subject NOT LIKE 'Remember%'"
            }
        };
        assert_eq!(all.count(wrong).await, 0, "closed, {language}");
        let other = json!({ "language": if language == "nb" { "en" } else { "nb" } });
        join_all((0..PEOPLE).map(|number| all.visitors[number].patch("/api/account", &other))).await;
        let (_, changed) = tokio::join!(all.undo(&closed), join_all(changes()));
        assert!(changed.iter().all(|one| one.status == StatusCode::OK), "{changed:?}");
        assert_eq!(all.count(wrong).await, 0, "undone, {language}");
        let reminders = "SELECT count(*) FROM messages WHERE state = 'queued' AND kind = 'reminder'";
        assert_eq!(all.count(reminders).await, PEOPLE as i64);
    }
}

/// An undo races with deletions of accounts: people have both appointment and account, or neither.
#[tokio::test]
async fn undoing_and_deleting_accounts_at_once() {
    const PEOPLE: usize = 12;
    let all = Closable::new(PEOPLE).await;
    let closed = all.close().await;
    let delete = |number: usize| all.visitors[number].delete("/api/account");
    let (undone, deleted) = tokio::join!(all.undo(&closed), join_all((0..PEOPLE).map(delete)));
    let mut gone = 0;
    for (number, deleted) in deleted.iter().enumerate() {
        match deleted.status {
            StatusCode::OK => gone += 1,
            StatusCode::CONFLICT => assert!(!all.appointment(number).await.is_null()),
            _ => panic!("{deleted:?}"),
        }
    }
    assert_eq!(undone.body["undoing"]["not_given"], json!(gone));
    let booked = all.count("SELECT count(*) FROM appointments WHERE status = 'booked'").await;
    assert_eq!(booked, PEOPLE as i64 - gone);
    let nowhere = "SELECT count(*) FROM messages WHERE state IN ('queued', 'failed') AND (address = '' OR body = '')";
    assert_eq!(all.count(nowhere).await, 0);
}
