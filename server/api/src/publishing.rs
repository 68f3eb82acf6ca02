//! Times as the desk sees them: published from a weekly pattern, looked at by week and day, moved and taken back.

use chrono::{DateTime, NaiveDate, Utc, Weekday};
use rules::{ApplicationType, coded};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{fields, offices::Minute};

/// Times to be published at an office from one day to another, the same each week. Public holidays are left out; the clock is
/// Norway's, also across the change to summer time.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    /// The office's id.
    pub office: String,
    #[serde(with = "fields::date")]
    #[schema(schema_with = fields::date::schema)]
    pub first: NaiveDate,
    /// Published too.
    #[serde(with = "fields::date")]
    #[schema(schema_with = fields::date::schema)]
    pub last: NaiveDate,
    pub week: Vec<Window>,
    /// How long a time lasts, from 5 to 240.
    pub minutes: u32,
    /// How many people are received at once, from 1 to 50.
    pub counters: u32,
    #[serde(with = "fields::codes")]
    #[schema(schema_with = fields::codes::schema::<ApplicationType>)]
    pub types: Vec<ApplicationType>,
    /// When applicants are to see them; null for at once.
    #[serde(default, with = "fields::instant_option")]
    #[schema(schema_with = fields::instant_option::schema)]
    pub publish_at: Option<DateTime<Utc>>,
}

/// A part of a day in which people are received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    #[serde(with = "fields::weekday")]
    #[schema(schema_with = fields::weekday::schema)]
    pub day: Weekday,
    #[serde(with = "fields::minute")]
    #[schema(schema_with = fields::minute::schema)]
    pub from: Minute,
    /// The last time ends by then.
    #[serde(with = "fields::minute")]
    #[schema(schema_with = fields::minute::schema)]
    pub to: Minute,
}

/// What a pattern comes to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Publication {
    /// The publication's id, once it is published.
    pub id: Option<String>,
    pub times: u64,
    /// On how many days.
    pub days: u64,
    /// Holidays within it that are left out.
    #[serde(with = "fields::dates")]
    #[schema(schema_with = fields::dates::schema)]
    pub holidays: Vec<NaiveDate>,
    /// How many times the office has in those days already.
    pub already: u64,
}

coded! {
    /// What a time is at this moment.
    SlotState {
        Free = "free",
        /// Somebody confirms it just now.
        Held = "held",
        Booked = "booked",
        Attended = "attended",
        Missed = "missed",
        /// Applicants do not see it yet.
        Planned = "planned",
        /// Taken back by the office.
        Withdrawn = "withdrawn",
        /// Nobody took it.
        Over = "over",
    }
}

/// How many times that start together are in which state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Tally {
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub starts: DateTime<Utc>,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<SlotState>)]
    pub state: SlotState,
    pub count: u64,
}

/// One time, with who has it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct DeskSlot {
    pub id: String,
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub starts: DateTime<Utc>,
    pub minutes: u32,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<SlotState>)]
    pub state: SlotState,
    #[serde(with = "fields::codes")]
    #[schema(schema_with = fields::codes::schema::<ApplicationType>)]
    pub types: Vec<ApplicationType>,
    pub taken: Option<Taken>,
}

/// Who has a time.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Taken {
    pub appointment: String,
    /// The booking number.
    pub number: String,
    /// The case's id.
    pub case: String,
    pub reference: String,
    pub applicant: String,
    pub critical_travel: bool,
}

/// One more time.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddSlot {
    pub office: String,
    #[serde(with = "fields::date")]
    #[schema(schema_with = fields::date::schema)]
    pub day: NaiveDate,
    #[serde(with = "fields::minute")]
    #[schema(schema_with = fields::minute::schema)]
    pub time: Minute,
    pub minutes: u32,
    #[serde(with = "fields::codes")]
    #[schema(schema_with = fields::codes::schema::<ApplicationType>)]
    pub types: Vec<ApplicationType>,
}

/// Move a time to a day and a time of the clock in Norway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveSlot {
    #[serde(with = "fields::date")]
    #[schema(schema_with = fields::date::schema)]
    pub day: NaiveDate,
    #[serde(with = "fields::minute")]
    #[schema(schema_with = fields::minute::schema)]
    pub time: Minute,
}

/// Whether somebody came.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Attendance {
    pub attended: bool,
}
