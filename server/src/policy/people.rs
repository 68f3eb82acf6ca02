//! Standard people for previews: one for each value that a policy can change, on any day. Called by `effect`.

use api::policies::Person;
use chrono::{DateTime, Days, NaiveDate, Utc};
use rules::{
    Application, ApplicationType, Coded, Country, District, Facts, Question,
    facts::{Availability, Booking, Delivery, Entry, Invitation, Work},
};

/// A standard person with a question.
pub struct StandardPerson {
    pub kind: Person,
    /// A number of days, a district, a type or a country, which distinguishes people of one kind.
    pub value: String,
    facts: Box<dyn Fn(NaiveDate, Facts) -> Facts>,
}

/// Returns a description in English.
pub fn name(kind: Person, value: &str) -> String {
    match kind {
        Person::Quarantine => format!("Asha, an engineer in quarantine who entered {value} days before and books"),
        Person::Passport => format!("Kari, who books a passport in {value}"),
        Person::CriticalTravel => format!("Kari, who needs a passport in {value} for a critical journey"),
        Person::TechnicalFailure => {
            format!("Bruno, invited in {value}, whose documents cannot be delivered for technical reasons")
        }
        Person::Invite => format!("an officer who invites somebody with the type {value} to deliver electronically"),
        Person::Work => format!("a citizen of {value} who starts to work today"),
    }
}

impl StandardPerson {
    /// Returns the person's facts on a day; `None` at the end of the calendar.
    pub fn on(&self, day: NaiveDate) -> Option<Facts> {
        let nobody = Facts {
            at: noon(day)?,
            question: Question::Duties,
            citizenships: Vec::new(),
            entry: None,
            told_to_report_within_week: false,
            appointment: None,
            work: None,
        };
        Some((self.facts)(day, nobody))
    }
}

/// Returns all standard people.
pub fn all() -> Vec<StandardPerson> {
    let mut people = Vec::new();
    let mut add = |kind: Person, value: String, facts: Box<dyn Fn(NaiveDate, Facts) -> Facts>| {
        people.push(StandardPerson { kind, value, facts });
    };

    for days in [0, 1, 6, 7, 9, 10, 11, 13, 14, 15] {
        add(
            Person::Quarantine,
            days.to_string(),
            Box::new(move |day, nobody| Facts {
                question: book(ApplicationType::Work, District::Oslo, false),
                entry: day.checked_sub_days(Days::new(days)).map(|on| Entry { on, quarantine: true }),
                told_to_report_within_week: true,
                ..nobody
            }),
        );
    }
    for district in District::ALL {
        add(
            Person::Passport,
            district.code().to_owned(),
            Box::new(|_, nobody| Facts { question: book(ApplicationType::Passport, *district, false), ..nobody }),
        );
        add(
            Person::CriticalTravel,
            district.code().to_owned(),
            Box::new(|_, nobody| Facts { question: book(ApplicationType::Passport, *district, true), ..nobody }),
        );
        add(
            Person::TechnicalFailure,
            district.code().to_owned(),
            Box::new(|day, nobody| {
                let invitation = Invitation { issued: day, expires: None, technical_failure: true };
                let delivery = Delivery::Other { district: *district, invitation: Some(invitation) };
                Facts { question: Question::Upload(delivery), ..nobody }
            }),
        );
    }
    for kind in ApplicationType::ALL {
        add(
            Person::Invite,
            kind.code().to_owned(),
            Box::new(|_, nobody| Facts {
                question: Question::Invite(Application { kind: *kind, district: District::Oslo, submitted: true }),
                ..nobody
            }),
        );
    }
    for country in Country::all() {
        add(
            Person::Work,
            country.code().to_owned(),
            Box::new(move |day, nobody| Facts {
                citizenships: vec![country],
                work: Some(Work { starts: day, reported: None }),
                ..nobody
            }),
        );
    }
    people
}

/// Returns the question of booking, with a free slot.
fn book(kind: ApplicationType, district: District, critical_travel: bool) -> Question {
    let availability = Availability { type_open: Some(true), free: Some(1) };
    Question::Book(Booking {
        application: Application { kind, district, submitted: true },
        availability,
        critical_travel,
    })
}

/// Returns noon in Norway.
fn noon(day: NaiveDate) -> Option<DateTime<Utc>> {
    rules::day::from_oslo(day, 12, 0)
}
