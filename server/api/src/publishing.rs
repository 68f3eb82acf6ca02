//! Slots at the desk: published from a weekly pattern, listed by week and day, moved and withdrawn.

use chrono::{DateTime, NaiveDate, Utc, Weekday};
use rules::{ApplicationType, coded};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    fields,
    ids::{AppointmentId, BulkActionId, CaseId, OfficeId, SlotId},
    offices::Minute,
};

/// A weekly pattern of slots to publish at an office. Public holidays are left out. Times are Norwegian local time, also across
/// the change to summer time.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    /// The office's id.
    #[schema(value_type = String)]
    pub office: OfficeId,
    #[serde(with = "fields::date")]
    #[schema(schema_with = fields::date::schema)]
    pub first: NaiveDate,
    /// The last day, included.
    #[serde(with = "fields::date")]
    #[schema(schema_with = fields::date::schema)]
    pub last: NaiveDate,
    pub week: Vec<Window>,
    /// Duration of a slot in minutes, from 5 to 240.
    pub minutes: u32,
    /// Number of slots that start at the same time, from 1 to 50.
    pub counters: u32,
    #[serde(with = "fields::codes")]
    #[schema(schema_with = fields::codes::schema::<ApplicationType>)]
    pub types: Vec<ApplicationType>,
    /// The time at which applicants can see them; null for at once.
    #[serde(default, with = "fields::instant_option")]
    #[schema(schema_with = fields::instant_option::schema)]
    pub publish_at: Option<DateTime<Utc>>,
}

/// A part of a weekday with slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    #[serde(with = "fields::weekday")]
    #[schema(schema_with = fields::weekday::schema)]
    pub day: Weekday,
    #[serde(with = "fields::minute")]
    #[schema(schema_with = fields::minute::schema)]
    pub from: Minute,
    /// The end; the last slot ends by then.
    #[serde(with = "fields::minute")]
    #[schema(schema_with = fields::minute::schema)]
    pub to: Minute,
}

/// The result of a pattern, previewed or published.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Publication {
    /// The publication's id; null in a preview.
    #[schema(value_type = Option<String>)]
    pub id: Option<BulkActionId>,
    pub times: u64,
    /// The number of days with slots.
    pub days: u64,
    /// The public holidays that are left out.
    #[serde(with = "fields::dates")]
    #[schema(schema_with = fields::dates::schema)]
    pub holidays: Vec<NaiveDate>,
    /// The number of slots that the office already has on those days.
    pub already: u64,
}

coded! {
    /// The current state of a slot.
    SlotState {
        Free = "free",
        /// On hold while an applicant confirms.
        Held = "held",
        Booked = "booked",
        Attended = "attended",
        Missed = "missed",
        /// Not yet visible to applicants.
        Planned = "planned",
        /// Withdrawn by the office.
        Withdrawn = "withdrawn",
        /// In the past and never booked.
        Over = "over",
    }
}

/// The number of slots with the same start and state.
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

/// A slot, with the appointment that uses it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct DeskSlot {
    #[schema(value_type = String)]
    pub id: SlotId,
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

/// The appointment that uses a slot.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Taken {
    #[schema(value_type = String)]
    pub appointment: AppointmentId,
    /// The booking number.
    pub number: String,
    /// The case's id.
    #[schema(value_type = String)]
    pub case: CaseId,
    pub reference: String,
    pub applicant: String,
    pub critical_travel: bool,
}

/// A request to add a slot.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddSlot {
    #[schema(value_type = String)]
    pub office: OfficeId,
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

/// A request to move a slot to a day and a time in Norwegian local time.
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

/// A record of whether the applicant came.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Attendance {
    pub attended: bool,
}
