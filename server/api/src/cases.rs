//! An applicant's cases.

use chrono::{DateTime, Utc};
use rules::{ApplicationType, Country, District};
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

/// The free times for a case, and what else the rules look at when it books.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Times {
    pub case: Case,
    pub checked_at: DateTime<Utc>,
    /// Whether appointments for this type are offered at all at the moment.
    pub type_open: bool,
    /// How many are free in all; `slots` holds the first of them.
    pub free: u64,
    pub slots: Vec<Slot>,
    /// The offices of the slots.
    pub offices: Vec<Office>,
}

/// One seat at one start time.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Slot {
    pub id: String,
    /// The office's id.
    pub office: String,
    pub starts: DateTime<Utc>,
    pub minutes: u32,
}
