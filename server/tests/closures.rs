//! Model test of closures: random bookings, cancellations, closures, undos, deliveries and the passing of time, in an
//! order given by a seed. After each step the records match a small model, and every person's last message is true.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "in a test, an unwrap that fails is a finding"
)]

use std::collections::BTreeSet;

use api::{
    ProblemCode,
    appointments::CancelledBy,
    cases::{Case, Slot},
    closures::NotGiven,
    ids::{AppointmentId, CaseId, ClosureId, MessageId, PersonId, SlotId},
    messages::Kind,
    offices::{Office, OfficeKind},
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use fastrand::Rng;
use rules::{ApplicationType, Channel, Country, District, closure::Share, notice::Language};
use server::{
    messages::{self, Recipient, Subject, TemplateValues, Templates},
    services::closure::{self, Closure, Outcome},
    store::{
        self, Address, Connection, Store,
        appointments::{self, Claim},
        audit::Actor,
        cases, closures, new_id, offices,
        outbox::{self, Sendable},
        persons,
        slots::{self, Wanted},
    },
};

const WORK: ApplicationType = ApplicationType::Work;
const OSLO: District = District::Oslo;
const PEOPLE: usize = 6;
const STEPS: usize = 60;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Booked,
    CancelledBySelf,
    CancelledByOffice,
}

struct Appointment {
    id: AppointmentId,
    person: usize,
    slot: usize,
    status: Status,
    /// `true` if the person has a reminder of it.
    reminded: bool,
}

struct Closed {
    id: ClosureId,
    days: (NaiveDate, NaiveDate),
    lost: Vec<usize>,
    undone: bool,
}

struct Person {
    id: PersonId,
    case: CaseId,
    email: String,
    language: Language,
    is_deleted: bool,
}

/// The expected records.
struct Model {
    office: Office,
    slots: Vec<Slot>,
    /// The closure that has taken each slot, by its index.
    taken: Vec<Option<usize>>,
    people: Vec<Person>,
    appointments: Vec<Appointment>,
    closings: Vec<Closed>,
    now: DateTime<Utc>,
}

#[tokio::test]
async fn undoing_gives_back_what_the_model_says() {
    let templates = Templates::load(std::path::Path::new("/nowhere"), "http://localhost:8080").unwrap();
    let (mut given, mut refused, mut left) = (0, 0, BTreeSet::new());
    for seed in 0..60 {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Address::new(None, folder.path()).unwrap()).await.unwrap();
        let mut chance = Rng::with_seed(seed);
        let mut model = Model::new(&store).await;
        for step in 0..STEPS {
            let place = format!("seed {seed}, step {step}");
            let mut t = store.write().await.unwrap();
            match chance.u32(0..20) {
                0..6 => model.book(&templates, &mut t, &mut chance).await,
                6 | 7 => model.cancel(&mut t, &mut chance, CancelledBy::Applicant).await,
                8 => model.cancel(&mut t, &mut chance, CancelledBy::Office).await,
                9..12 => model.close(&templates, &mut t, &mut chance).await,
                12..15 => match model.undo(&templates, &mut t, &mut chance, &place).await {
                    Some((some, why)) => {
                        given += some;
                        left.extend(why);
                    }
                    None => refused += 1,
                },
                15 => model.send(&mut t).await,
                16 => call(&mut t, &mut chance, model.now).await,
                17 => model.change_or_delete(&mut t, &mut chance).await,
                18 => model.now += TimeDelta::seconds(chance.i64(1..90)),
                _ if chance.u32(0..3) == 0 => model.now += TimeDelta::days([1, 4, 4, 5][chance.usize(0..4)]),
                _ => {}
            }
            model.compare(&mut t, &place).await;
            t.commit().await.unwrap();
        }
        store.close().await;
    }
    // The seeds reach every reason for not restoring an appointment, except those that the records exclude.
    let every = [NotGiven::HasAnother, NotGiven::CancelledSince, NotGiven::AccountDeleted, NotGiven::Over];
    assert_eq!(left.into_iter().collect::<Vec<_>>(), every);
    assert!(given > 20 && refused > 20, "given {given}, refused {refused}");
}

impl Model {
    async fn new(store: &Store) -> Model {
        let office = Office {
            id: new_id(),
            name: "Oslo".to_owned(),
            kind: OfficeKind::Immigration,
            district: OSLO,
            address: "Storgata 1".to_owned(),
            phone: "1".to_owned(),
            hours: Vec::new(),
            bring: Vec::new(),
            posts: None,
        };
        let now: DateTime<Utc> = "2020-11-02T08:00:00Z".parse().unwrap();
        let mut t = store.write().await.unwrap();
        offices::add(&mut t, &office, &[WORK]).await.unwrap();
        let mut slots = Vec::new();
        for (day, hour) in [4, 8, 9, 14].into_iter().flat_map(|day| (0..2).map(move |hour| (day, hour))) {
            let starts = now + TimeDelta::days(day) + TimeDelta::hours(hour);
            let slot = Slot { id: new_id(), office: office.id.clone(), starts, minutes: 30 };
            slots::add(&mut t, &slot, &[WORK]).await.unwrap();
            slots.push(slot);
        }
        let mut people = Vec::new();
        for number in 0..PEOPLE {
            // Person 0 has never signed in and has no e-mail address.
            let email = if number == 0 { String::new() } else { format!("person{number}@example.org") };
            let id = match number {
                0 => persons::add_at_desk(&mut t, Language::En, None, now).await.unwrap(),
                _ => persons::find_or_add(&mut t, &email, Language::En, now).await.unwrap(),
            };
            let case = Case {
                id: new_id(),
                reference: format!("WORK-{number}"),
                applicant: format!("Person {number}"),
                application_type: WORK,
                district: OSLO,
                submitted: true,
                citizenships: vec![Country::from_code("IN").unwrap()],
                situation: None,
                work: None,
                appointment: None,
                lost: None,
                invitation: None,
            };
            assert!(cases::add(&mut t, &id, &case).await.unwrap());
            people.push(Person { id, case: case.id, email, language: Language::En, is_deleted: false });
        }
        t.commit().await.unwrap();
        let taken = vec![None; slots.len()];
        Model { office, slots, taken, people, appointments: Vec::new(), closings: Vec::new(), now }
    }

    fn booked(&self, person: usize) -> Option<usize> {
        self.appointments.iter().position(|one| one.person == person && one.status == Status::Booked)
    }

    fn is_free(&self, slot: usize) -> bool {
        let has = |one: &Appointment| one.slot == slot && one.status == Status::Booked;
        self.taken[slot].is_none() && self.slots[slot].starts > self.now && !self.appointments.iter().any(has)
    }

    async fn book(&mut self, templates: &Templates, t: &mut Connection, chance: &mut Rng) {
        let (person, slot) = (chance.usize(0..PEOPLE), chance.usize(0..self.slots.len()));
        let whose = &self.people[person];
        if whose.is_deleted || self.booked(person).is_some() || self.slots[slot].starts <= self.now {
            return;
        }
        let claim = appointments::claim(t, &self.slots[slot], &whose.case, None, self.now).await.unwrap();
        let Claim::Booked { id, number } = claim else {
            assert!(!self.is_free(slot));
            return;
        };
        assert!(self.is_free(slot));
        let starts = self.slots[slot].starts;
        let reminded = messages::is_reminder_ahead(starts, self.now);
        let to = Recipient { language: whose.language, email: &whose.email, phone: None };
        let subject = Subject {
            case: Some(&whose.case),
            about: &id,
            application_type: Some(WORK),
            starts: Some(starts),
            bulk_action: None,
        };
        let values = TemplateValues {
            number: &number,
            starts: Some(starts),
            office: Some(&self.office),
            ..TemplateValues::default()
        };
        for kind in [Kind::Booked, Kind::Reminder].into_iter().take(1 + usize::from(reminded)) {
            let written = messages::write(templates, to, kind, subject, &values, self.now).unwrap();
            outbox::add(t, &written, self.now).await.unwrap();
        }
        self.appointments.push(Appointment { id, person, slot, status: Status::Booked, reminded });
    }

    async fn cancel(&mut self, t: &mut Connection, chance: &mut Rng, by: CancelledBy) {
        let Some(booked) = self.booked(chance.usize(0..PEOPLE)) else { return };
        if self.slots[self.appointments[booked].slot].starts <= self.now {
            return;
        }
        let appointment = &mut self.appointments[booked];
        assert!(appointments::cancel(t, &appointment.id, by, self.now).await.unwrap());
        outbox::withdraw(t, &appointment.id).await.unwrap();
        appointment.status =
            if by == CancelledBy::Office { Status::CancelledByOffice } else { Status::CancelledBySelf };
    }

    async fn close(&mut self, templates: &Templates, t: &mut Connection, chance: &mut Rng) {
        let first = rules::day::in_oslo(self.slots[chance.usize(0..self.slots.len())].starts);
        let last = first + TimeDelta::days(chance.i64(0..3));
        let Ok(closing) = Closure::new(self.office.clone(), first, last, Share::CLOSED, self.now) else { return };
        let wait = TimeDelta::minutes(1);
        let outcome = closure::close(templates, t, &closing, None, Actor::CommandLine, wait, self.now).await.unwrap();
        let within = |slot: &Slot| (first..=last).contains(&rules::day::in_oslo(slot.starts)) && slot.starts > self.now;
        let number = self.closings.len();
        let mut took = 0;
        for (slot, taken) in self.slots.iter().zip(&mut self.taken) {
            if within(slot) && taken.is_none() {
                *taken = Some(number);
                took += 1;
            }
        }
        let lost: Vec<usize> = (0..self.appointments.len())
            .filter(|one| self.appointments[*one].status == Status::Booked)
            .filter(|one| within(&self.slots[self.appointments[*one].slot]))
            .collect();
        let Outcome::Closed { id, extent } = outcome else {
            assert_eq!(took, 0, "there is something to close");
            return;
        };
        assert_eq!((extent.lose, extent.free_taken), (lost.len(), took - lost.len()));
        for one in &lost {
            self.appointments[*one].status = Status::CancelledByOffice;
        }
        self.closings.push(Closed { id, days: (first, last), lost, undone: false });
    }

    /// The number of restored appointments and the reasons for the others; `None` if the closure could not be undone.
    async fn undo(
        &mut self,
        templates: &Templates,
        t: &mut Connection,
        chance: &mut Rng,
        place: &str,
    ) -> Option<(usize, Vec<NotGiven>)> {
        let number = chance.usize(0..self.closings.len().max(1));
        let this = self.closings.get(number)?;
        let (first, last) = this.days;
        let is_over = rules::day::in_oslo(self.now) > last;
        let is_covered = self.closings[number + 1..]
            .iter()
            .any(|later| !later.undone && later.days.0 <= last && later.days.1 >= first);
        let listed = closures::find(t, OSLO, &this.id).await.unwrap().unwrap();
        let before = closure::undoing(t, &listed, self.now).await.unwrap();
        let outcome = closure::undo(templates, t, &listed, OSLO, Actor::CommandLine, self.now).await;
        if this.undone || is_over || is_covered {
            let code = if this.undone || is_over { ProblemCode::UndoTooLate } else { ProblemCode::ClosedSince };
            assert_eq!(outcome.unwrap_err().code, code, "{place}");
            return None;
        }
        outcome.unwrap_or_else(|error| panic!("{place}: {error:?}"));
        let mut left = Vec::new();
        let lost = this.lost.clone();
        for one in &lost {
            let appointment = &self.appointments[*one];
            let since = self.appointments[one + 1..].iter().rev().find(|since| since.person == appointment.person);
            let why = if self.people[appointment.person].is_deleted {
                Some(NotGiven::AccountDeleted)
            } else if self.slots[appointment.slot].starts <= self.now {
                Some(NotGiven::Over)
            } else if self
                .appointments
                .iter()
                .any(|other| other.person == appointment.person && other.status == Status::Booked)
            {
                Some(NotGiven::HasAnother)
            } else {
                since.filter(|since| since.status == Status::CancelledBySelf).map(|_| NotGiven::CancelledSince)
            };
            match why {
                Some(why) => left.push(why),
                None => self.appointments[*one].status = Status::Booked,
            }
        }
        for taken in self.taken.iter_mut().filter(|taken| **taken == Some(number)) {
            *taken = None;
        }
        self.closings[number].undone = true;
        let listed = closures::find(t, OSLO, &listed.id).await.unwrap().unwrap();
        let after = closure::undoing(t, &listed, self.now).await.unwrap();
        let mut said: Vec<NotGiven> = after.people.iter().map(|one| one.reason).collect();
        assert_eq!((&before.people, before.given, before.told), (&after.people, after.given, after.told), "{place}");
        said.sort_unstable();
        left.sort_unstable();
        assert_eq!(said, left, "{place}");
        assert_eq!(after.given, lost.len() - left.len(), "{place}");
        Some((after.given, left))
    }

    /// Sends every message that is due.
    async fn send(&mut self, t: &mut Connection) {
        let what = Sendable { channel: Channel::Email, now: self.now, quiet: false };
        outbox::expire(t, what).await.unwrap();
        loop {
            let until = self.now + TimeDelta::seconds(90);
            let leased = outbox::lease(t, what, until, 100).await.unwrap();
            if leased.is_empty() {
                return;
            }
            let ids: Vec<&MessageId> = leased.iter().map(|one| &one.id).collect();
            outbox::sent(t, &ids, self.now).await.unwrap();
        }
    }

    async fn change_or_delete(&mut self, t: &mut Connection, chance: &mut Rng) {
        let number = chance.usize(0..PEOPLE);
        let may_go = self.booked(number).is_none() && chance.u32(0..2) == 0;
        let person = &mut self.people[number];
        if person.is_deleted {
            return;
        }
        if may_go {
            persons::empty(t, &person.id, &person.email, "2030-01-01".parse().unwrap()).await.unwrap();
            person.is_deleted = true;
            return;
        }
        // The handler rewrites waiting messages after a change of language. The store alone does not, so nothing may be
        // waiting.
        if outbox::waiting(t, &person.id, self.now).await.unwrap().is_empty() {
            person.language = if person.language == Language::En { Language::Nb } else { Language::En };
            persons::change(t, &person.id, person.language, None).await.unwrap();
        }
    }

    async fn compare(&self, t: &mut Connection, place: &str) {
        let nobody = CaseId::default();
        let wanted = Wanted { kind: WORK, district: OSLO, case: &nobody };
        let free: Vec<SlotId> =
            slots::free(t, wanted, self.now, 100).await.unwrap().into_iter().map(|slot| slot.id).collect();
        let expected: Vec<SlotId> =
            (0..self.slots.len()).filter(|slot| self.is_free(*slot)).map(|slot| self.slots[slot].id.clone()).collect();
        assert_eq!(free, expected, "{place}");
        for (number, person) in self.people.iter().enumerate() {
            let sql = "SELECT id FROM appointments WHERE case_id = $1 AND status = 'booked'";
            let has: Option<AppointmentId> =
                sqlx::query_scalar(sql).bind(&person.case).fetch_optional(&mut *t).await.unwrap();
            assert_eq!(has, self.booked(number).map(|one| self.appointments[one].id.clone()), "{place}");
        }
        for appointment in &self.appointments {
            self.heard(t, appointment, place).await;
        }
    }

    /// Asserts that the messages about an appointment are true and went to the person's present address.
    async fn heard(&self, t: &mut Connection, appointment: &Appointment, place: &str) {
        let person = &self.people[appointment.person];
        let sql = "SELECT kind, state, address, subject, coalesce(called, 0) FROM messages
                   WHERE about = $1 AND state <> 'withdrawn' ORDER BY id";
        let all: Vec<(String, String, String, String, i64)> =
            sqlx::query_as(sql).bind(&appointment.id).fetch_all(&mut *t).await.unwrap();
        for (kind, state, address, subject, _) in all.iter().filter(|one| one.1 == "queued") {
            assert!(!person.is_deleted, "{place}: {kind} to nobody");
            assert_eq!(address, &person.email, "{place}: {kind}");
            let starts_in_english =
                ["We ", "Do not", "Your ", "Remember"].iter().any(|first| subject.starts_with(first));
            assert_eq!(starts_in_english, person.language == Language::En, "{place}: {state} {subject}");
        }
        if person.is_deleted {
            return;
        }
        // A message on the call list counts as said when somebody has called.
        let last = all.iter().rev().find(|one| one.0 != "reminder").map(|one| one.0.as_str());
        let reminders = all.iter().filter(|one| one.0 == "reminder" && one.1 != "sent").count();
        if appointment.status == Status::Booked {
            assert!(matches!(last, Some("booked" | "restored")), "{place}: {all:?}");
            let reminders = all.iter().filter(|one| one.0 == "reminder").count();
            assert_eq!(reminders, usize::from(appointment.reminded), "{place}: {all:?}");
        } else if !person.email.is_empty() {
            assert_eq!(reminders, 0, "{place}: {all:?}");
        }
    }
}

/// Calls one person on the call list.
async fn call(t: &mut Connection, chance: &mut Rng, now: DateTime<Utc>) {
    let calls = store::messages::calls(t, None).await.unwrap();
    if let Some(call) = chance.choice(&calls) {
        assert!(store::messages::called(t, &call.message, now).await.unwrap());
    }
}
