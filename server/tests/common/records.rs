//! The records of an office, in a temporary folder and database: people, cases, slots and officers, for use while no server
//! or several servers run.

use std::path::Path;

use api::{
    cases::{Case, Slot},
    ids::{CaseId, PersonId},
    officers::Role,
    offices::{Bring, Office, OfficeKind},
    situation::Situation,
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rules::{ApplicationType, Country, District, notice::Language};
use serde_json::Value;
use server::store::{self, Address, Store, slots::Wanted};
use tempfile::TempDir;

use super::test_server::TestServer;

/// Monday 2 November 2020. An entry on 26 October is in quarantine until 5 November.
pub const MONDAY: &str = "2020-11-02T09:00:00+01:00";

pub const FRIDAY: &str = "2020-11-06T09:00:00+01:00";

/// Encryption key for test documents. A server with a shared database requires an explicit one.
pub const DOCUMENTS_KEY: &str = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";

/// The records of an office, for use while no server or several servers run. They are in SQLite, or with
/// `TEST_DATABASE=postgres` in a new database on the server in `TEST_POSTGRES_URL`.
pub struct Records {
    folder: TempDir,
    url: Option<String>,
    store: Store,
}

impl Records {
    /// An immigration office in Oslo with this many slots, one an hour from Monday 16 November 2020.
    pub async fn new(slots: i64) -> Records {
        match std::env::var("TEST_DATABASE").as_deref() {
            Ok("postgres") => Records::on_postgres(slots).await,
            _ => Records::on_sqlite(slots).await,
        }
    }

    pub async fn on_sqlite(slots: i64) -> Records {
        Records::at(None, slots).await
    }

    pub async fn on_postgres(slots: i64) -> Records {
        Records::at(Some(super::database::new_on_postgres().await), slots).await
    }

    /// Empty records on the other engine.
    pub async fn empty_on_the_other_engine(other: &Records) -> Records {
        let url = if other.url.is_some() { None } else { Some(super::database::new_on_postgres().await) };
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Address::new(url.as_deref(), folder.path()).unwrap()).await.unwrap();
        Records { folder, url, store }
    }

    async fn at(url: Option<String>, slots: i64) -> Records {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Address::new(url.as_deref(), folder.path()).unwrap()).await.unwrap();
        let office = Office {
            id: store::new_id(),
            name: "Oslo".to_owned(),
            kind: OfficeKind::Immigration,
            district: District::Oslo,
            address: "Storgata 1".to_owned(),
            phone: "1".to_owned(),
            hours: Vec::new(),
            bring: vec![Bring::Passport, Bring::Number],
            posts: None,
        };
        let types = [ApplicationType::Work, ApplicationType::FamilyImmigration];
        let mut transaction = store.write().await.unwrap();
        store::offices::add(&mut transaction, &office, &types).await.unwrap();
        let first: DateTime<Utc> = "2020-11-16T08:00:00Z".parse().unwrap();
        for hour in 0..slots {
            let starts = first + TimeDelta::hours(hour);
            let slot = Slot { id: store::new_id(), office: office.id.clone(), starts, minutes: 30 };
            store::slots::add(&mut transaction, &slot, &types).await.unwrap();
        }
        transaction.commit().await.unwrap();
        Records { folder, url, store }
    }

    /// A person with a case for a work permit in Oslo.
    pub async fn person(&self, name: &str) -> Person {
        let mut transaction = self.store.write().await.unwrap();
        let person = Self::add_person(&mut transaction, name).await;
        transaction.commit().await.unwrap();
        person
    }

    async fn add_person(connection: &mut store::Connection, name: &str) -> Person {
        Self::add_case(connection, &address_of(name), &case_of(name, &format!("WORK-{name}"), "IN")).await
    }

    async fn add_case(connection: &mut store::Connection, email: &str, case: &Case) -> Person {
        let id = store::persons::find_or_add(connection, email, Language::En, DateTime::UNIX_EPOCH).await.unwrap();
        assert!(store::cases::add(connection, &id, case).await.unwrap());
        Person { id, email: email.to_owned(), case: case.id.clone() }
    }

    /// Several people with a case each in one account, not in quarantine. Returns them with a session token.
    pub async fn ready_family(&self, names: &[&str]) -> (Vec<Person>, String) {
        let mut transaction = self.store.write().await.unwrap();
        let mut family = Vec::new();
        let mut token = String::new();
        for name in names {
            let case = case_of(name, &format!("WORK-{name}"), "BR");
            let member = Self::add_case(&mut transaction, &address_of(names[0]), &case).await;
            token = Self::make_ready(&mut transaction, &member).await;
            family.push(member);
        }
        transaction.commit().await.unwrap();
        (family, token)
    }

    /// A person as in `ready`, with this citizenship.
    pub async fn ready_citizen(&self, name: &str, country: &str) -> (Person, String) {
        let mut transaction = self.store.write().await.unwrap();
        let case = case_of(name, &format!("WORK-{name}"), country);
        let person = Self::add_case(&mut transaction, &address_of(name), &case).await;
        let token = Self::make_ready(&mut transaction, &person).await;
        transaction.commit().await.unwrap();
        (person, token)
    }

    /// A case in the register that no account has.
    pub async fn on_record(&self, reference: &str, applicant: &str, born: &str) {
        let born: NaiveDate = born.parse().unwrap();
        let mut transaction = self.store.write().await.unwrap();
        store::records::add(&mut transaction, &case_of(applicant, reference, "IN"), born).await.unwrap();
        transaction.commit().await.unwrap();
    }

    /// A case in the register with a code on its letter.
    pub async fn on_record_with_code(&self, reference: &str, applicant: &str, born: &str, code: &str) {
        let record = store::records::Record {
            reference: reference.to_owned(),
            born: born.parse().unwrap(),
            applicant: applicant.to_owned(),
            kind: ApplicationType::Work,
            district: District::Oslo,
            submitted: true,
            citizenships: Vec::new(),
            letter_code: Some(server::services::register::letter_code_hash(reference, code)),
        };
        let mut transaction = self.store.write().await.unwrap();
        store::records::put_all(&mut transaction, &[&record]).await.unwrap();
        transaction.commit().await.unwrap();
    }

    /// A slot at the office, starting at this instant. Returns its id.
    pub async fn slot_at(&self, starts: &str) -> String {
        let mut transaction = self.store.write().await.unwrap();
        let office = store::offices::list(&mut transaction).await.unwrap().remove(0);
        let starts = DateTime::parse_from_rfc3339(starts).unwrap().to_utc();
        let slot = Slot { id: store::new_id(), office: office.id, starts, minutes: 30 };
        store::slots::add(&mut transaction, &slot, &[ApplicationType::Work]).await.unwrap();
        transaction.commit().await.unwrap();
        slot.id.into()
    }

    /// The office.
    pub async fn office(&self) -> Office {
        store::offices::list(&mut self.store.read().await.unwrap()).await.unwrap().remove(0)
    }

    /// A slot for a passport, starting at this instant. Returns its id.
    pub async fn passport_slot(&self, office: &Office, starts: &str) -> String {
        let starts = DateTime::parse_from_rfc3339(starts).unwrap().to_utc();
        let slot = Slot { id: store::new_id(), office: office.id.clone(), starts, minutes: 15 };
        let mut transaction = self.store.write().await.unwrap();
        store::slots::add(&mut transaction, &slot, &[ApplicationType::Passport]).await.unwrap();
        transaction.commit().await.unwrap();
        slot.id.into()
    }

    /// All rows of the database in the format of `skranke export`, each behind its table's name.
    pub async fn everything(&self) -> String {
        let mut all = String::new();
        let mut snapshot = self.store.snapshot().await.unwrap();
        for table in store::tables::ALL {
            let each = |row| {
                all += &format!("{table} {}\n", Value::Object(row));
                Ok::<_, sqlx::Error>(())
            };
            store::tables::read(&mut snapshot, table, each).await.unwrap();
        }
        all
    }

    /// A person who is not in quarantine, with a session token, both written directly to the records.
    pub async fn ready(&self, name: &str) -> (Person, String) {
        let person = self.person(name).await;
        let mut transaction = self.store.write().await.unwrap();
        let token = Self::make_ready(&mut transaction, &person).await;
        transaction.commit().await.unwrap();
        (person, token)
    }

    /// This many people as in `ready`, in one transaction.
    pub async fn ready_many(&self, count: usize) -> Vec<(Person, String)> {
        let mut transaction = self.store.write().await.unwrap();
        let mut people = Vec::new();
        for number in 0..count {
            let person = Self::add_person(&mut transaction, &format!("Person {number}")).await;
            let token = Self::make_ready(&mut transaction, &person).await;
            people.push((person, token));
        }
        transaction.commit().await.unwrap();
        people
    }

    async fn make_ready(connection: &mut store::Connection, person: &Person) -> String {
        let token = server::secrets::session_token();
        let hash = server::secrets::hash(&[&token]);
        let now: DateTime<Utc> = MONDAY.parse().unwrap();
        store::situations::set(connection, &person.case, &Situation::default(), now).await.unwrap();
        store::sessions::add(connection, &hash, &person.id, "", now, now + TimeDelta::hours(1)).await.unwrap();
        token
    }

    /// A session token of a new officer, written directly to the records.
    pub async fn officer(&self, name: &str, district: District, role: Role) -> String {
        self.officer_since(MONDAY, name, district, role).await
    }

    /// A session token of a new officer who has signed in at this instant.
    pub async fn officer_since(&self, clock: &str, name: &str, district: District, role: Role) -> String {
        let mut transaction = self.store.write().await.unwrap();
        let now: DateTime<Utc> = clock.parse().unwrap();
        let officer = store::officers::add(&mut transaction, name, district, role, now).await.unwrap();
        let token = server::secrets::session_token();
        let hash = server::secrets::hash(&[&token]);
        store::desk_sessions::add(&mut transaction, &hash, &officer.id, now).await.unwrap();
        transaction.commit().await.unwrap();
        token
    }

    /// An office for students with this many appointments from 4 January 2021. Returns its id.
    pub async fn booked_office(&self, name: &str, people: usize) -> String {
        let office = Office {
            id: store::new_id(),
            name: name.to_owned(),
            kind: OfficeKind::Immigration,
            district: District::Oslo,
            address: "Storgata 3".to_owned(),
            phone: "02800".to_owned(),
            hours: Vec::new(),
            bring: Vec::new(),
            posts: None,
        };
        let now: DateTime<Utc> = MONDAY.parse().unwrap();
        let first: DateTime<Utc> = "2021-01-04T08:00:00Z".parse().unwrap();
        let mut t = self.store.write().await.unwrap();
        store::offices::add(&mut t, &office, &[ApplicationType::Study]).await.unwrap();
        for number in 0..people {
            let email = format!("{name}-{number}@example.org");
            let person = store::persons::find_or_add(&mut t, &email, Language::En, now).await.unwrap();
            let reference = format!("{}-{number}", name.to_uppercase());
            let case = case_of(&format!("Person {number}"), &reference, "IN");
            let case = Case { application_type: ApplicationType::Study, ..case };
            store::cases::add(&mut t, &person, &case).await.unwrap();
            let starts = first + TimeDelta::minutes(number as i64 * 15);
            let slot = Slot { id: store::new_id(), office: office.id.clone(), starts, minutes: 15 };
            store::slots::add(&mut t, &slot, &[ApplicationType::Study]).await.unwrap();
            store::appointments::claim(&mut t, &slot, &case.id, None, now).await.unwrap();
        }
        t.commit().await.unwrap();
        office.id.into()
    }

    /// The ids of the available slots.
    pub async fn slots(&self) -> Vec<String> {
        let mut connection = self.store.read().await.unwrap();
        let wanted = Wanted { kind: ApplicationType::Work, district: District::Oslo, case: &CaseId::default() };
        let now = MONDAY.parse().unwrap();
        let slots = store::slots::free(&mut connection, wanted, now, i64::MAX).await.unwrap();
        slots.into_iter().map(|slot| slot.id.into()).collect()
    }

    /// The URL of the database; `None` for SQLite.
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub async fn open(&self, clock: &str) -> TestServer {
        self.open_with(clock, &[]).await
    }

    /// Starts the server with these environment variables.
    pub async fn open_with(&self, clock: &str, settings: &[(&str, &str)]) -> TestServer {
        self.open_under(clock, settings, &[]).await
    }

    /// Starts the server by another program, which limits its resources.
    pub async fn open_under(&self, clock: &str, settings: &[(&str, &str)], under: &[&str]) -> TestServer {
        TestServer::open(self.folder.path().to_owned(), self.url.as_deref(), clock, settings, under).await
    }
}

fn address_of(name: &str) -> String {
    format!("{}@example.org", name.to_lowercase().replace(' ', "."))
}

fn case_of(applicant: &str, reference: &str, country: &str) -> Case {
    Case {
        id: store::new_id(),
        reference: reference.to_owned(),
        applicant: applicant.to_owned(),
        application_type: ApplicationType::Work,
        district: District::Oslo,
        submitted: true,
        citizenships: vec![Country::from_code(country).unwrap()],
        situation: None,
        work: None,
        appointment: None,
        lost: None,
        invitation: None,
    }
}

pub struct Person {
    pub id: PersonId,
    pub email: String,
    pub case: CaseId,
}
