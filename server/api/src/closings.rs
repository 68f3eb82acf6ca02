//! An office closes, or works at a share of its capacity, from one day to another.

use chrono::{DateTime, NaiveDate, Utc};
use rules::{Channel, closure::Lot};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{fields, messages::Ledger, offices::Office};

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
    /// The first of them by name: those who lose their time, then those who keep it.
    pub people: Vec<Affected>,
    pub seen: Seen,
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
}
