//! Outbox end to end: mail servers and SMS gateways that fail in various ways, and the resulting state of each message.
//!
//! Here: people with appointments, the command line beside the server, and the states of messages.

mod gateway;
mod links;
mod mail;
mod mail_server;
mod receipts;
mod reminders;
mod settings;
mod sms;

use std::collections::BTreeMap;

use api::{
    cases::{Case, Slot},
    messages::State,
    offices::{Bring, Office, OfficeKind},
    situation::Situation,
};
use chrono::{DateTime, TimeDelta, Utc};
use rules::{ApplicationType, Country, District, notice::Language};
use server::store::{self, appointments, messages, new_id};
use tokio::process::Command;

use crate::common::{MONDAY, Person, Records, binary};

/// `true` if a mailbox has a mail whose subject starts like this.
fn has_come(server: &crate::common::TestServer, email: &str, subject: &str) -> bool {
    server.mailbox(email).iter().any(|mail| mail.subject.starts_with(subject))
}

/// A passport office in Oslo.
pub async fn passport_office(records: &Records) -> Office {
    let office = Office {
        id: new_id(),
        name: "Pass- og ID-kontoret".to_owned(),
        kind: OfficeKind::Passport,
        district: District::Oslo,
        address: "Storgata 2".to_owned(),
        phone: "02800".to_owned(),
        hours: Vec::new(),
        bring: vec![Bring::OldDocument],
        posts: None,
    };
    let mut t = records.store().write().await.unwrap();
    store::offices::add(&mut t, &office, &[ApplicationType::Passport]).await.unwrap();
    t.commit().await.unwrap();
    office
}

/// A person with an appointment for a passport, booked before the test begins.
pub async fn has_passport_time(
    records: &Records,
    office: &Office,
    name: &str,
    starts: &str,
    phone: Option<&str>,
) -> Holder {
    let mut t = records.store().write().await.unwrap();
    let email = format!("{}@example.org", name.to_lowercase().replace(' ', "."));
    let id = store::persons::find_or_add(&mut t, &email, Language::Nb, DateTime::UNIX_EPOCH).await.unwrap();
    store::persons::change(&mut t, &id, Language::Nb, phone).await.unwrap();
    let case = Case {
        id: new_id(),
        reference: format!("PASS-{name}"),
        applicant: name.to_owned(),
        application_type: ApplicationType::Passport,
        district: District::Oslo,
        submitted: true,
        citizenships: vec![Country::from_code("NO").unwrap()],
        situation: None,
        work: None,
        appointment: None,
        lost: None,
        invitation: None,
    };
    assert!(store::cases::add(&mut t, &id, &case).await.unwrap());
    let now = instant(MONDAY);
    store::situations::set(&mut t, &case.id, &Situation::default(), now).await.unwrap();
    let slot = Slot { id: new_id(), office: office.id.clone(), starts: instant(starts), minutes: 15 };
    store::slots::add(&mut t, &slot, &[ApplicationType::Passport]).await.unwrap();
    let claim = appointments::claim(&mut t, &slot, &case.id, None, now).await.unwrap();
    let appointments::Claim::Booked { id: appointment, .. } = claim else { panic!("not booked") };
    t.commit().await.unwrap();
    Holder { person: Person { id, email, case: case.id }, appointment: appointment.into() }
}

pub struct Holder {
    pub person: Person,
    pub appointment: String,
}

fn instant(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

/// The instant this many minutes after `MONDAY`.
fn later(minutes: i64) -> String {
    (instant(MONDAY) + TimeDelta::minutes(minutes)).to_rfc3339()
}

/// Closes an office on the command line. Returns the output.
async fn close(records: &Records, office: &str, days: [&str; 2], clock: &str, yes: bool) -> String {
    let mut arguments = vec!["close", office, "--from", days[0], "--to", days[1]];
    arguments.extend(yes.then_some("--yes"));
    run(records, &arguments, clock).await.0
}

/// Runs `skranke` beside the server. Returns its output, and `true` if it succeeded.
async fn run(records: &Records, arguments: &[&str], clock: &str) -> (String, bool) {
    let output = Command::new(binary())
        .args(arguments)
        .args(["--clock", clock, "--data-dir"])
        .arg(records.folder())
        .env("DATABASE_URL", records.url().unwrap_or_default())
        .output()
        .await
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (String::from_utf8(said).unwrap(), output.status.success())
}

/// The state of a person's messages by kind; of several of one kind, the last.
async fn states(records: &Records, person: &Person) -> BTreeMap<String, State> {
    let mut connection = records.store().read().await.unwrap();
    let all = messages::of_person(&mut connection, &person.id).await.unwrap();
    all.into_iter().map(|told| (rules::Coded::code(told.kind).to_owned(), told.state)).collect()
}

const ORIGIN: &str = "https://time.politiet.example";

/// The id of the office of `Records::new`.
async fn first_office(records: &Records) -> String {
    let mut connection = records.store().read().await.unwrap();
    store::offices::list(&mut connection).await.unwrap().remove(0).id.into()
}
