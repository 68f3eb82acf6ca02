//! Random facts for proptest. The proofs of `rules` use them, and by path the test of `api` that writes facts and reads
//! them again.
#![allow(dead_code, reason = "the proofs draw facts to book, and the test of `api` any facts")]

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use proptest::prelude::*;
use rules::{
    Application, Coded, Country, Facts, Question,
    facts::{Appointment, Availability, Booking, Delivery, Entry, Invitation, Standing, Work},
};

fn country() -> impl Strategy<Value = Country> {
    prop::sample::select(Country::all().collect::<Vec<_>>())
}

fn date() -> impl Strategy<Value = NaiveDate> {
    (0..1000_i64).prop_map(|by| NaiveDate::from_ymd_opt(2020, 1, 1).unwrap() + TimeDelta::days(by))
}

fn instant() -> impl Strategy<Value = DateTime<Utc>> {
    (1_577_836_800..1_664_236_800_i64).prop_map(|seconds| DateTime::from_timestamp(seconds, 0).unwrap())
}

fn coded<T: Coded + std::fmt::Debug>() -> impl Strategy<Value = T> {
    prop::sample::select(T::ALL)
}

prop_compose! {
    fn application()(kind in coded(), district in coded(), submitted: bool) -> Application {
        Application { kind, district, submitted }
    }
}

prop_compose! {
    fn booking()(
        application in application(),
        type_open: Option<bool>,
        free in prop::option::of(0..3_u64),
        critical_travel: bool,
    ) -> Booking {
        Booking { application, availability: Availability { type_open, free }, critical_travel }
    }
}

pub fn facts_to_book() -> impl Strategy<Value = Facts> {
    facts_with(booking().prop_map(Question::Book).boxed())
}

pub fn facts() -> impl Strategy<Value = Facts> {
    let invitation = (date(), prop::option::of(date()), any::<bool>())
        .prop_map(|(issued, expires, technical_failure)| Invitation { issued, expires, technical_failure });
    let letter = prop::sample::select(vec![Standing::NotInvited, Standing::Expired, Standing::Live]);
    let question = prop_oneof![
        booking().prop_map(Question::Book),
        Just(Question::Attend),
        (coded(), prop::option::of(invitation))
            .prop_map(|(district, invitation)| Question::Upload(Delivery::Other { district, invitation })),
        (coded(), letter).prop_map(|(district, letter)| Question::Upload(Delivery::Citizenship { district, letter })),
        application().prop_map(Question::Invite),
        application().prop_map(Question::Cancel),
        Just(Question::Duties),
        Just(Question::AskUdiForAppointment),
        Just(Question::AskToUpload),
    ];
    facts_with(question.boxed())
}

prop_compose! {
    fn facts_with(question: BoxedStrategy<Question>)(
        at in instant(),
        question in question,
        citizenships in prop::collection::vec(country(), 0..4),
        entry in prop::option::of((date(), any::<bool>())),
        told_to_report_within_week: bool,
        appointment in prop::option::of((instant(), coded())),
        work in prop::option::of((date(), prop::option::of(date()))),
    ) -> Facts {
        Facts {
            at,
            question,
            citizenships,
            entry: entry.map(|(on, quarantine)| Entry { on, quarantine }),
            told_to_report_within_week,
            appointment: appointment.map(|(starts, status)| Appointment { starts, status }),
            work: work.map(|(starts, reported)| Work { starts, reported }),
        }
    }
}
