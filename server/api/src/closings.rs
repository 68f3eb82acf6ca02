//! An office closes, or works at a share of its capacity, from one day to another.

use chrono::{DateTime, NaiveDate, Utc};
use rules::{
    Channel,
    closure::{Lot, Rounding},
    coded,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{ProblemCode, fields, messages::Ledger, offices::Office};

/// What is to be closed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Close {
    /// The office's id.
    pub office: String,
    #[serde(with = "fields::date")]
    #[schema(schema_with = fields::date::schema)]
    pub first: NaiveDate,
    /// Closed too.
    #[serde(with = "fields::date")]
    #[schema(schema_with = fields::date::schema)]
    pub last: NaiveDate,
    /// The share of the capacity that is left, in percent: 0 closes the office.
    #[schema(example = 40)]
    pub share: u8,
    /// The preview that was looked at before this: its `seen`, or nothing for a preview.
    #[serde(default)]
    pub seen: Option<Seen>,
}

/// What a preview was made of.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// A hash over who would lose their time.
    pub people: String,
    /// The newest closing of the office that shares a day with it.
    #[serde(default)]
    pub closing: Option<String>,
}

/// What a closing does, or would do.
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
    /// How many keep their time, and how many of them because they travel for a critical reason.
    pub keep: usize,
    pub critical: usize,
    /// How many lose their time.
    pub lose: usize,
    pub by_sms: usize,
    pub by_email: usize,
    /// How many nobody knows an address of.
    pub to_call: usize,
    pub at_short_notice: usize,
    /// How many free times are taken back, and how many stay.
    pub free_taken: usize,
    pub free_left: usize,
    /// What becomes of each day that has times.
    pub days: Vec<DayOfClosing>,
    /// The first of them by name: those who lose their time, then those who keep it.
    pub people: Vec<Affected>,
    pub seen: Seen,
}

/// What a closing does to one day.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct DayOfClosing {
    #[serde(with = "fields::date")]
    #[schema(schema_with = fields::date::schema)]
    pub day: NaiveDate,
    /// The day's times, those included that earlier closings took back.
    pub times: usize,
    /// How many of them the share leaves.
    pub left: usize,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Rounding>)]
    pub rounding: Rounding,
    /// The appointments that are still to come, and how many of them stay.
    pub booked: usize,
    pub keep: usize,
    /// The free times that are still to come, and how many of them stay.
    pub free: usize,
    pub free_left: usize,
}

/// Somebody who has a time in those days.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Affected {
    pub case: String,
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
    /// How they are told, if they lose their time and an address is known.
    #[serde(with = "fields::coded_option")]
    #[schema(schema_with = fields::coded_option::schema::<Channel>)]
    pub channel: Option<Channel>,
    pub short_notice: bool,
}

/// A closing that was carried out.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Closed {
    pub id: String,
    /// Somebody has booked, moved or cancelled since the preview; `extent` is as it was carried out.
    pub changed: bool,
    pub extent: Extent,
}

/// A closing, and how far its messages have come.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Closing {
    pub id: String,
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
    /// Until when the first message waits, so that it can be undone.
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub undo_until: DateTime<Utc>,
    pub ledger: Ledger,
    /// Left out where all closings are listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoing: Option<Undoing>,
}

/// What undoing a closing would give back now, or what it has given back.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Undoing {
    /// Why it cannot be undone at all.
    #[serde(with = "fields::coded_option")]
    #[schema(schema_with = fields::coded_option::schema::<ProblemCode>)]
    pub refusal: Option<ProblemCode>,
    /// How many slots are given back besides those of these appointments.
    pub slots: usize,
    /// How many have their appointment again.
    pub given: usize,
    /// How many of them may have heard that it was cancelled, so that they are told.
    pub told: usize,
    /// How many do not have it again, and the first of them by name.
    pub not_given: usize,
    pub people: Vec<Left>,
    /// How far the messages have come that say so, once it is undone.
    pub ledger: Option<Ledger>,
}

/// Somebody who does not get back what a closing took from them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Left {
    pub case: String,
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
    /// Why an appointment that a closing cancelled is not given back.
    NotGiven {
        /// The case has another one since, or was at another one.
        HasAnother = "has-another",
        /// Its applicant booked another one since and cancelled it.
        CancelledSince = "cancelled-since",
        AccountDeleted = "account-deleted",
        /// Another appointment stands at its slot.
        SlotTaken = "slot-taken",
        /// Its time has come.
        Over = "over",
    }
}
