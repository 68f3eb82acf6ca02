//! Helping somebody on the phone: finding their case, booking for them; and the list of those whom nobody could reach.

use chrono::{DateTime, Utc};
use rules::{ApplicationType, notice::Language};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Decision,
    appointments::Appointment,
    cases::Case,
    fields,
    messages::{Fault, Kind, Message},
};

/// Find a case by a reference, a booking number, a name or a phone number, each also in part, or by the day of birth. It stands in the body, because
/// nobody's name belongs into an address.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Search {
    #[schema(min_length = 1, max_length = 200, pattern = "\\S")]
    pub words: String,
}

/// How many are shown of those who are found.
pub const MOST_FOUND: usize = 50;

/// Open a case that is on record and that nobody has added to an account, for whoever is on the phone.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenCase {
    pub reference: String,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Language>)]
    pub language: Language,
    /// Where they can be reached, as they say it.
    #[serde(default)]
    pub phone: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Found {
    /// The case's id; null if it is on record and in no account.
    pub case: Option<String>,
    pub reference: String,
    pub applicant: String,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<ApplicationType>)]
    pub application_type: ApplicationType,
    /// When they have a time, if they have one.
    #[serde(with = "fields::instant_option")]
    #[schema(schema_with = fields::instant_option::schema)]
    pub starts: Option<DateTime<Utc>>,
}

/// A case with all that an officer who has its applicant on the phone wants to see.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct DeskCase {
    pub case: Case,
    pub email: String,
    pub phone: Option<String>,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Language>)]
    pub language: Language,
    /// Why the journey is critical for which an officer has booked the appointment that they have.
    pub critical: Option<String>,
    /// Every appointment of the case, the newest first.
    pub appointments: Vec<Appointment>,
    /// What was written to them, the newest first.
    pub messages: Vec<Message>,
    /// What was decided, the newest first.
    pub decisions: Vec<Decided>,
}

/// A decision that is kept with its receipt.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Decided {
    /// The receipt's id.
    pub receipt: String,
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub made: DateTime<Utc>,
    pub decision: Decision,
}

/// Book a time for somebody on the phone.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BookByPhone {
    pub case: String,
    pub slot: String,
    /// Why the journey is critical, in the officer's words; needed where the rules say that it is to be booked by phone.
    #[serde(default)]
    pub reason: String,
}

/// Cancel somebody's appointment, for the office.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelByOffice {
    /// Why, in the officer's words; it is kept in the log and not sent.
    #[schema(min_length = 1, max_length = 500, pattern = "\\S")]
    pub reason: String,
}

/// Somebody who has to be called, because what they must know did not reach them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Call {
    /// The message's id.
    pub message: String,
    pub case: String,
    pub reference: String,
    pub applicant: String,
    pub phone: Option<String>,
    pub email: String,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Kind>)]
    pub kind: Kind,
    /// Why it did not arrive.
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Fault>)]
    pub fault: Fault,
    /// What it says.
    pub text: String,
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub since: DateTime<Utc>,
}
