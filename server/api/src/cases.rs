//! An applicant's cases.

use chrono::{DateTime, Utc};
use rules::{
    Application, ApplicationType, Country, District, Facts, Question,
    facts::{self, AppointmentStatus, Availability, Booking, Entry},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{appointments::Appointment, fields, offices::Office, situation::Situation};

/// One application.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Case {
    pub id: String,
    /// The reference on the applicant's papers.
    #[schema(example = "WORK-2021-0001")]
    pub reference: String,
    /// Whom the case is about.
    #[schema(example = "Asha Rao")]
    pub applicant: String,
    #[serde(with = "fields::coded")]
    #[schema(value_type = String, example = "work")]
    pub application_type: ApplicationType,
    #[serde(with = "fields::coded")]
    #[schema(value_type = String, example = "oslo")]
    pub district: District,
    /// Sent in through the Application Portal.
    pub submitted: bool,
    #[schema(value_type = Vec<String>, example = json!(["IN"]))]
    #[serde(with = "fields::countries")]
    pub citizenships: Vec<Country>,
    /// What the applicant has told; null when they have not yet.
    pub situation: Option<Situation>,
    /// The booked appointment, if there is one.
    pub appointment: Option<Appointment>,
}

impl Case {
    /// The facts of an applicant who wants to book, from what is on record. The page and the server both ask the rules
    /// with these, so neither can forget a fact that the other looks at.
    pub fn facts_to_book(&self, at: DateTime<Utc>, situation: &Situation, availability: Availability) -> Facts {
        let application =
            Application { kind: self.application_type, district: self.district, submitted: self.submitted };
        let booking = Booking { application, availability, critical_travel: situation.critical_travel };
        let appointment = self.appointment.as_ref();
        Facts {
            at,
            question: Question::Book(booking),
            citizenships: self.citizenships.clone(),
            entry: situation.entry.map(Entry::from),
            told_to_report_within_week: situation.told_to_report_within_week,
            appointment: appointment.map(|appointment| facts::Appointment {
                starts: appointment.starts,
                status: AppointmentStatus::Booked,
            }),
            work: None,
        }
    }
}

/// The free times for a case, and what else the rules look at when it books.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Times {
    pub case: Case,
    #[serde(with = "fields::instant")]
    pub checked_at: DateTime<Utc>,
    /// Whether appointments for this type are offered at all at the moment.
    pub type_open: bool,
    /// How many are free in all; `slots` holds the first of them.
    pub free: u64,
    pub slots: Vec<Slot>,
    /// The offices of the slots.
    pub offices: Vec<Office>,
}

impl Times {
    /// What the rules look at of these times.
    pub fn availability(&self) -> Availability {
        Availability { type_open: Some(self.type_open), free: Some(self.free) }
    }
}

/// One seat at one start time.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Slot {
    pub id: String,
    /// The office's id.
    pub office: String,
    #[serde(with = "fields::instant")]
    pub starts: DateTime<Utc>,
    pub minutes: u32,
}
