//! Figures of a district: slots, appointments and messages of the last weeks.

use chrono::{DateTime, NaiveDate, Utc};
use rules::ApplicationType;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{fields, messages::State};

/// The number of weeks in the figures, including the current one.
pub const WEEKS: usize = 8;

/// The figures of a district.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Numbers {
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub at: DateTime<Utc>,
    /// The current figures of each type. Types without any are left out.
    pub types: Vec<OfType>,
    /// The last weeks, oldest first.
    pub weeks: Vec<Week>,
    /// The messages written in these weeks, by state.
    pub messages: Vec<OfState>,
    /// The messages with no known e-mail address or phone number. They are not counted in `messages`.
    pub no_address: u64,
}

/// The current figures of one application type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct OfType {
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<ApplicationType>)]
    pub application_type: ApplicationType,
    /// Free slots in the future. A slot for several types is counted for each.
    pub free: u64,
    /// Booked appointments in the future.
    pub booked: u64,
    /// Submitted cases that have no appointment in the future and have not attended one.
    pub waiting: u64,
}

/// The figures of one week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Week {
    #[serde(with = "fields::date")]
    #[schema(schema_with = fields::date::schema)]
    pub monday: NaiveDate,
    /// Appointments of the week that were attended.
    pub attended: u64,
    /// Appointments of the week that were missed.
    pub missed: u64,
    /// Appointments cancelled during the week. Moved appointments are not counted.
    pub cancelled_by_applicant: u64,
    pub cancelled_by_office: u64,
    /// Feedback answers, on all pages and in all districts, because feedback is anonymous.
    pub found: u64,
    pub not_found: u64,
}

/// The number of messages in one state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct OfState {
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<State>)]
    pub state: State,
    pub count: u64,
}
