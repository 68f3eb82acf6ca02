//! How a district's counters are getting on.

use chrono::{DateTime, NaiveDate, Utc};
use rules::ApplicationType;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{fields, messages::State};

/// How many weeks back the figures go, with the one that runs.
pub const WEEKS: usize = 8;

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Numbers {
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub at: DateTime<Utc>,
    /// As it is now: types for which there is anything.
    pub types: Vec<OfType>,
    /// The last weeks, the oldest first.
    pub weeks: Vec<Week>,
    /// The messages written in these weeks.
    pub messages: Vec<OfState>,
    /// Those for which neither an e-mail address nor a phone number is known. They stand in no state above.
    pub no_address: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct OfType {
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<ApplicationType>)]
    pub application_type: ApplicationType,
    /// Times ahead that can be booked for it. A time that several types may have is counted for each.
    pub free: u64,
    /// Appointments ahead.
    pub booked: u64,
    /// Cases that were sent in, have no appointment ahead, and were at none that somebody came to.
    pub waiting: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Week {
    #[serde(with = "fields::date")]
    #[schema(schema_with = fields::date::schema)]
    pub monday: NaiveDate,
    /// Appointments of the week to which somebody came.
    pub attended: u64,
    /// Those to which nobody came.
    pub missed: u64,
    /// Appointments that were cancelled in the week; one that was moved is not.
    pub cancelled_by_applicant: u64,
    pub cancelled_by_office: u64,
    /// Whether people found what they were looking for, on all pages and of all districts: nothing says who they are.
    pub found: u64,
    pub not_found: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct OfState {
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<State>)]
    pub state: State,
    pub count: u64,
}
