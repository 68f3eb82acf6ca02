//! Many at once.

use std::collections::BTreeMap;

use reqwest::StatusCode;
use serde_json::json;
use tokio::task::JoinSet;

use crate::counter::{FRIDAY, MONDAY, Records, answer, client, path_of};

/// 200 people press "Book" for the same slot in the same moment.
#[tokio::test]
async fn of_200_requests_for_one_slot_exactly_one_succeeds() {
    let records = Records::new(2).await;
    let people = records.ready_many(200).await;
    let counter = records.open(MONDAY).await;
    let client = client().build().unwrap();
    let cookie = |token: &str| format!("skranke={token}");
    let case = &people[0].0.case;
    let times = client.get(format!("{}/api/cases/{case}/times", counter.url)).header("cookie", cookie(&people[0].1));
    let slot = answer(times.send().await.unwrap()).await.body["slots"][0]["id"].clone();

    let mut requests = JoinSet::new();
    for (person, token) in people {
        let request = client
            .post(format!("{}/api/appointments", counter.url))
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

/// One case, two windows open, two different slots at the same moment.
#[tokio::test]
async fn a_case_gets_one_appointment_however_many_are_asked_for() {
    let records = Records::new(20).await;
    let asha = records.person("Asha Rao").await;
    let counter = records.open(FRIDAY).await;
    let visitor = counter.sign_in(&asha).await;
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

/// Of two who go for the last slot, one gets it, and the other is told why not.
#[tokio::test]
async fn the_last_slot_goes_to_one() {
    let records = Records::new(1).await;
    let (tuva, amal) = (records.person("Tuva Lind").await, records.person("Amal Yusuf").await);
    let counter = records.open(FRIDAY).await;
    let (first, second) = (counter.sign_in(&tuva).await, counter.sign_in(&amal).await);
    for (visitor, person) in [(&first, &tuva), (&second, &amal)] {
        visitor.tell(&person.case, json!({ "entry": null })).await;
    }
    let slot = first.times(&tuva.case).await.slots[0].id.clone();
    assert_eq!(first.book(&tuva.case, &slot).await.status, StatusCode::CREATED);
    let refused = second.book(&amal.case, &slot).await;
    assert_eq!(refused.body["decision"]["reasons"][0]["code"], "no-free-appointment");
}

/// Two families want the same three times, each in its own order: one gets them all, the other none, and nobody waits for
/// the other for ever.
#[tokio::test]
async fn of_two_families_one_gets_the_times() {
    let records = Records::new(3).await;
    let silvas = records.ready_family(&["Bruno Silva", "Carla Silva", "Miguel Silva"]).await;
    let raos = records.ready_family(&["Asha Rao", "Vikram Rao", "Mira Rao"]).await;
    let slots = records.slots().await;
    let backwards: Vec<String> = slots.iter().rev().cloned().collect();
    let counter = records.open(MONDAY).await;
    for _ in 0..10 {
        let mut requests = JoinSet::new();
        for ((family, token), slots) in [(&silvas, &slots), (&raos, &backwards)] {
            let visitor = counter.signed_in_with(token);
            let bookings = family.iter().zip(slots).map(|(member, slot)| json!({ "case": member.case, "slot": slot }));
            let body = json!({ "bookings": bookings.collect::<Vec<_>>() });
            requests.spawn(async move { (visitor.post("/api/appointments/together", &body).await, visitor) });
        }
        let mut codes = Vec::new();
        for (answer, visitor) in requests.join_all().await {
            codes.push((answer.status.as_u16(), answer.code().to_owned()));
            // Given back, for the next round.
            for appointment in answer.body.as_array().into_iter().flatten() {
                visitor.post(&path_of(appointment, "/cancel"), &json!({})).await;
            }
        }
        codes.sort();
        // Who comes after the other has everything is told that no time is left, who comes during it that this one is gone.
        assert_eq!((codes[0].0, codes[1].0), (201, 409), "{codes:?}");
        assert!(["slot-taken", "refused"].contains(&&*codes[1].1), "{codes:?}");
    }
}

/// In one window she books, in the other she deletes her account: whichever comes first, nothing is booked for an account
/// that is no more, and its address is written nowhere.
#[tokio::test]
async fn nobody_books_for_an_account_that_is_deleted() {
    let records = Records::new(20).await;
    let people = records.ready_many(20).await;
    let slots = records.slots().await;
    let counter = records.open(MONDAY).await;
    for (number, (person, token)) in people.iter().enumerate() {
        let (one, other) = (counter.signed_in_with(token), counter.signed_in_with(token));
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
