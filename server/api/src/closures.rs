//! Closures: an office works at a reduced share of its capacity, or not at all, from one day to another.

use chrono::{DateTime, NaiveDate, Utc};
use rules::{
    Channel,
    closure::{Lot, Rounding},
    coded,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    ProblemCode, fields,
    ids::{CaseId, ClosureId, OfficeId},
    messages::Ledger,
    offices::Office,
};

/// A request to preview or apply a closure.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Close {
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
    /// The share of the capacity that is left, in percent. 0 closes the office.
    #[schema(example = 40)]
    pub share: u8,
    /// The `seen` of the preview that the officer looked at; null to ask for a preview.
    #[serde(default)]
    pub seen: Option<Seen>,
}

/// The state on which a preview is based. A newer closure of the office refuses the request; other people are only reported.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// A hash of the people whose appointments would be cancelled.
    pub people: String,
    /// The newest closure of the office that shares a day with this one.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub closure: Option<ClosureId>,
}

/// The effect of a closure, applied or previewed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Extent {
    pub office: Office,
    #[serde(with = "fields::date")]
    #[schema(schema_with = fields::date::schema)]
    pub first: NaiveDate,
    #[serde(with = "fields::date")]
    #[schema(schema_with = fields::date::schema)]
    pub last: NaiveDate,
    pub share: u8,
    /// Number of appointments kept; `critical` counts those kept for critical travel.
    pub keep: usize,
    pub critical: usize,
    /// Number of appointments cancelled.
    pub lose: usize,
    pub by_sms: usize,
    pub by_email: usize,
    /// Number of people with no known address.
    pub to_call: usize,
    pub at_short_notice: usize,
    /// Number of free slots withdrawn; `free_left` counts those that stay.
    pub free_taken: usize,
    pub free_left: usize,
    /// The effect on each day that has slots.
    pub days: Vec<DayOfClosure>,
    /// The affected people, cut to a maximum number: first those whose appointment is cancelled, then those who keep it, each by
    /// name.
    pub people: Vec<Affected>,
    pub seen: Seen,
}

/// The effect of a closure on one day.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct DayOfClosure {
    #[serde(with = "fields::date")]
    #[schema(schema_with = fields::date::schema)]
    pub day: NaiveDate,
    /// The slots of the day, including those that earlier closures withdrew.
    pub times: usize,
    /// The number of slots that the share leaves.
    pub left: usize,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Rounding>)]
    pub rounding: Rounding,
    /// The number of appointments still to come; `keep` counts those that stay.
    pub booked: usize,
    pub keep: usize,
    /// The number of free slots still to come; `free_left` counts those that stay.
    pub free: usize,
    pub free_left: usize,
}

/// A person with an appointment on those days.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Affected {
    #[schema(value_type = String)]
    pub case: CaseId,
    pub reference: String,
    pub applicant: String,
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub starts: DateTime<Utc>,
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub waiting_since: DateTime<Utc>,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Lot>)]
    pub lot: Lot,
    /// The channel of the message; null if the appointment is kept or no address is known.
    #[serde(with = "fields::coded_option")]
    #[schema(schema_with = fields::coded_option::schema::<Channel>)]
    pub channel: Option<Channel>,
    pub short_notice: bool,
}

/// A closure that was applied.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Closed {
    #[schema(value_type = String)]
    pub id: ClosureId,
    /// `true` if a booking, move or cancellation came after the preview. `extent` is the effect as applied.
    pub changed: bool,
    pub extent: Extent,
}

/// A closure, with the delivery state of its messages.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Closure {
    #[schema(value_type = String)]
    pub id: ClosureId,
    /// The office's name.
    pub office: String,
    #[serde(with = "fields::date")]
    #[schema(schema_with = fields::date::schema)]
    pub first: NaiveDate,
    #[serde(with = "fields::date")]
    #[schema(schema_with = fields::date::schema)]
    pub last: NaiveDate,
    pub share: u8,
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub made: DateTime<Utc>,
    #[serde(with = "fields::instant_option")]
    #[schema(schema_with = fields::instant_option::schema)]
    pub undone: Option<DateTime<Utc>>,
    /// The end of the time in which it can be undone before the first message is sent.
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub undo_until: DateTime<Utc>,
    pub ledger: Ledger,
    /// Left out of the list of closures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoing: Option<Undoing>,
}

/// The effect of undoing a closure, previewed or applied.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Undoing {
    /// The reason why it cannot be undone; null if it can.
    #[serde(with = "fields::coded_option")]
    #[schema(schema_with = fields::coded_option::schema::<ProblemCode>)]
    pub refusal: Option<ProblemCode>,
    /// The number of slots that are given back, besides those of the restored appointments.
    pub slots: usize,
    /// The number of appointments restored.
    pub given: usize,
    /// The number of people among them who may have received the cancellation, and are told of the restoration.
    pub told: usize,
    /// The number of appointments not restored; `people` holds the first of them by name.
    pub not_given: usize,
    pub people: Vec<Left>,
    /// The delivery state of the restoration messages; null before it is undone.
    pub ledger: Option<Ledger>,
}

/// A person whose appointment is not restored.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Left {
    #[schema(value_type = String)]
    pub case: CaseId,
    pub reference: String,
    pub applicant: String,
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub starts: DateTime<Utc>,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<NotGiven>)]
    pub reason: NotGiven,
}

coded! {
    /// The reason why a cancelled appointment is not restored.
    NotGiven {
        /// The case has booked another appointment since, or attended one.
        HasAnother = "has-another",
        /// The applicant booked another appointment since and cancelled it.
        CancelledSince = "cancelled-since",
        AccountDeleted = "account-deleted",
        /// Another appointment uses its slot.
        SlotTaken = "slot-taken",
        /// The appointment's time has passed.
        Over = "over",
    }
}
