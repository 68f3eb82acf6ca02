//! Many at once.

use std::collections::BTreeMap;

use reqwest::StatusCode;
use serde_json::json;
use tokio::task::JoinSet;

use crate::counter::{FRIDAY, MONDAY, Records, answer, client};

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
