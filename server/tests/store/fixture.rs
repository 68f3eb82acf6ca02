//! New databases on both engines, and the rows that most tests begin with.

use std::{
    future::Future,
    sync::{Arc, LazyLock},
};

use api::{
    cases::{Case, Slot},
    ids::{CaseId, PersonId},
    messages::{Kind, State},
    offices::{Bring, Hours, Office, OfficeKind, Posting},
};
use chrono::{DateTime, TimeDelta, Utc, Weekday};
use rules::{ApplicationType, Channel, Country, District, notice::Language};
use server::store::{
    Address, Connection, Store, cases, messages, new_id, offices,
    outbox::{NewMessage, Sendable},
    persons, sign_in_codes,
    slots::{self, Wanted},
};
use tokio::{sync::Barrier, task::JoinSet};

use crate::database;

/// Runs a check on a new database of each engine.
pub async fn on_both<F: Future<Output = ()>>(check: impl Fn(Store) -> F) {
    let folder = tempfile::tempdir().unwrap();
    let postgres = database::new_on_postgres().await;
    for url in [None, Some(postgres.as_str())] {
        let store = Store::open(&Address::new(url, folder.path()).unwrap()).await.unwrap();
        check(store.clone()).await;
        store.close().await;
    }
}

pub fn now() -> DateTime<Utc> {
    "2020-11-02T08:00:00Z".parse().unwrap()
}

/// The instant this many hours after `now`.
pub fn later(hours: i64) -> DateTime<Utc> {
    now() + TimeDelta::hours(hours)
}

pub const WORK: ApplicationType = ApplicationType::Work;
pub const OSLO: District = District::Oslo;

/// The id of no case.
static NO_CASE: LazyLock<CaseId> = LazyLock::new(CaseId::default);

/// A slot for work in Oslo, for no particular case.
pub fn wanted() -> Wanted<'static> {
    Wanted { kind: WORK, district: OSLO, case: &NO_CASE }
}

/// An office in Oslo with this many slots for work, one an hour. Returns the slots.
pub async fn office(store: &Store, slots_from_now: i64) -> Vec<Slot> {
    let office = Office {
        id: new_id(),
        name: "Oslo".to_owned(),
        kind: OfficeKind::Immigration,
        district: OSLO,
        address: "Storgata 1".to_owned(),
        phone: "1".to_owned(),
        hours: vec![Hours { day: Weekday::Mon, from: 540, to: 905 }, Hours { day: Weekday::Sun, from: 0, to: 1 }],
        bring: vec![Bring::Passport, Bring::Number],
        posts: Some(Posting { day: Weekday::Mon, at: 480 }),
    };
    let mut transaction = store.write().await.unwrap();
    offices::add(&mut transaction, &office, &[WORK]).await.unwrap();
    let mut all = Vec::new();
    for hour in 1..=slots_from_now {
        let slot = Slot { id: new_id(), office: office.id.clone(), starts: later(hour), minutes: 30 };
        slots::add(&mut transaction, &slot, &[WORK]).await.unwrap();
        all.push(slot);
    }
    transaction.commit().await.unwrap();
    all
}

/// A person with a case. Returns the ids of both.
pub async fn person(store: &Store, name: &str) -> (PersonId, CaseId) {
    let mut transaction = store.write().await.unwrap();
    let email = format!("{name}@example.org");
    let person = persons::find_or_add(&mut transaction, &email, Language::En, now()).await.unwrap();
    let case = Case {
        id: new_id(),
        reference: format!("WORK-{name}"),
        applicant: name.to_owned(),
        application_type: WORK,
        district: OSLO,
        submitted: true,
        citizenships: ["IN", "GB"].map(|code| Country::from_code(code).unwrap()).to_vec(),
        situation: None,
        work: None,
        appointment: None,
        lost: None,
        invitation: None,
    };
    assert!(cases::add(&mut transaction, &person, &case).await.unwrap());
    transaction.commit().await.unwrap();
    (person, case.id)
}

pub fn new_code<'c>(email: &'c str, ask: &'c str) -> sign_in_codes::NewCode<'c> {
    sign_in_codes::NewCode { email, ask, tries: 2, expires: later(1) }
}

/// An e-mail about the appointment of a case, due now and valid for ten hours.
pub fn message(case: &CaseId, address: &str, subject: &str) -> NewMessage {
    NewMessage {
        case: Some(case.clone()),
        about: "an appointment".to_owned(),
        kind: Kind::Booked,
        channel: Channel::Email,
        bulk_action: None,
        address: address.to_owned(),
        subject: subject.to_owned(),
        body: "Dear reader".to_owned(),
        sms: String::new(),
        fault: None,
        any_time: false,
        must_arrive: false,
        due: now(),
        expires: later(10),
    }
}

/// A message without a case, such as a code. It is not ordered with other messages.
pub fn of_no_case(subject: &str) -> NewMessage {
    NewMessage { case: None, ..message(&NO_CASE, "a", subject) }
}

/// An SMS of a kind that must be delivered.
pub fn sms(case: &CaseId, subject: &str) -> NewMessage {
    NewMessage {
        kind: Kind::CancelledByOffice,
        channel: Channel::Sms,
        must_arrive: true,
        ..message(case, "+47 22 34 21 07", subject)
    }
}

pub fn email_at(now: DateTime<Utc>) -> Sendable {
    Sendable { channel: Channel::Email, now, quiet: false }
}

pub fn sms_at(now: DateTime<Utc>, quiet: bool) -> Sendable {
    Sendable { channel: Channel::Sms, now, quiet }
}

/// The states of a person's messages, in the order of creation.
pub async fn states(connection: &mut Connection, person: &PersonId) -> Vec<State> {
    messages::of_person(connection, person).await.unwrap().into_iter().map(|told| told.state).collect()
}

/// Runs all tasks at once. Returns how many returned `true`.
pub async fn race<F>(count: usize, run: impl Fn(usize) -> F) -> usize
where
    F: Future<Output = bool> + Send + 'static,
{
    let start = Arc::new(Barrier::new(count));
    let mut running = JoinSet::new();
    for number in 0..count {
        let (start, run) = (start.clone(), run(number));
        running.spawn(async move {
            start.wait().await;
            run.await
        });
    }
    running.join_all().await.into_iter().filter(|won| *won).count()
}
