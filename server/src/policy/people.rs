//! The standard people: somebody for each thing that a policy can change, on any day.

use chrono::{DateTime, Days, NaiveDate, Utc};
use rules::{
    Application, ApplicationType, Coded, Country, District, Facts, Question,
    facts::{Availability, Booking, Delivery, Entry, Invitation, Work},
};

pub struct StandardPerson {
    pub name: String,
    facts: Box<dyn Fn(NaiveDate, Facts) -> Facts>,
}

impl StandardPerson {
    /// The person's question on a day.
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

pub fn all() -> Vec<StandardPerson> {
    let mut people = Vec::new();
    let mut add =
        |name: String, facts: Box<dyn Fn(NaiveDate, Facts) -> Facts>| people.push(StandardPerson { name, facts });

    for days in [0, 1, 6, 7, 9, 10, 11, 13, 14, 15] {
        add(
            format!("Asha, an engineer in quarantine who entered {days} days before and books"),
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
            format!("Kari, who books a passport in {}", district.code()),
            Box::new(|_, nobody| Facts { question: book(ApplicationType::Passport, *district, false), ..nobody }),
        );
        add(
            format!("Kari, who needs a passport in {} for a critical journey", district.code()),
            Box::new(|_, nobody| Facts { question: book(ApplicationType::Passport, *district, true), ..nobody }),
        );
        add(
            format!("Bruno, invited in {}, whose documents cannot be delivered for technical reasons", district.code()),
            Box::new(|day, nobody| {
                let invitation = Invitation { issued: day, expires: None, technical_failure: true };
                let delivery = Delivery::Other { district: *district, invitation: Some(invitation) };
                Facts { question: Question::Upload(delivery), ..nobody }
            }),
        );
    }
    for kind in ApplicationType::ALL {
        add(
            format!("an officer who invites somebody with the type {} to deliver electronically", kind.code()),
            Box::new(|_, nobody| Facts {
                question: Question::Invite(Application { kind: *kind, district: District::Oslo, submitted: true }),
                ..nobody
            }),
        );
    }
    for country in Country::all() {
        add(
            format!("a citizen of {} who starts to work today", country.code()),
            Box::new(move |day, nobody| Facts {
                citizenships: vec![country],
                work: Some(Work { starts: day, reported: None }),
                ..nobody
            }),
        );
    }
    people
}

fn book(kind: ApplicationType, district: District, critical_travel: bool) -> Question {
    let availability = Availability { type_open: Some(true), free: Some(1) };
    Question::Book(Booking {
        application: Application { kind, district, submitted: true },
        availability,
        critical_travel,
    })
}

fn noon(day: NaiveDate) -> Option<DateTime<Utc>> {
    rules::day::from_oslo(day, 12, 0)
}
