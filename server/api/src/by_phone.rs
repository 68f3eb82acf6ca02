//! Help by phone: search for a case, book for its applicant, and the list of people to call because a message failed.

use chrono::{DateTime, Utc};
use rules::{ApplicationType, notice::Language};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Decision,
    appointments::Appointment,
    cases::Case,
    fields,
    ids::{CaseId, MessageId, ReceiptId, SlotId},
    messages::{DeliveryFailure, Kind, Message},
};

/// A search for a case by reference, booking number, name or phone number, or a part of one, or by the day of birth. It is a
/// request body because names do not belong in a URL.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Search {
    #[schema(min_length = 1, max_length = 200, pattern = "\\S")]
    pub words: String,
}

/// Maximum number of search results.
pub const MOST_FOUND: usize = 50;

/// A request to open a registered case that is in no account, for the person on the phone.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenCase {
    pub reference: String,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Language>)]
    pub language: Language,
    /// The phone number as the person tells it.
    #[serde(default)]
    pub phone: Option<String>,
}

/// A search result.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Found {
    /// The case's id; null if the case is registered but in no account.
    #[schema(value_type = Option<String>)]
    pub case: Option<CaseId>,
    pub reference: String,
    pub applicant: String,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<ApplicationType>)]
    pub application_type: ApplicationType,
    /// The start of the booked appointment; null if there is none.
    #[serde(with = "fields::instant_option")]
    #[schema(schema_with = fields::instant_option::schema)]
    pub starts: Option<DateTime<Utc>>,
}

/// A case with everything that an officer needs while its applicant is on the phone.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct DeskCase {
    pub case: Case,
    pub email: String,
    pub phone: Option<String>,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Language>)]
    pub language: Language,
    /// The reason that an officer gave for critical travel when booking the current appointment; null if it is not for critical
    /// travel.
    pub critical: Option<String>,
    /// All appointments of the case, newest first.
    pub appointments: Vec<Appointment>,
    /// The messages to the applicant, newest first.
    pub messages: Vec<Message>,
    /// The decisions, newest first.
    pub decisions: Vec<Decided>,
}

/// A decision that is stored with its receipt.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Decided {
    /// The receipt's id.
    #[schema(value_type = String)]
    pub receipt: ReceiptId,
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub made: DateTime<Utc>,
    pub decision: Decision,
}

/// A request to book a slot for a person on the phone.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BookByPhone {
    #[schema(value_type = String)]
    pub case: CaseId,
    #[schema(value_type = String)]
    pub slot: SlotId,
    /// The reason for critical travel, in the officer's words. Required if the rules answer that the slot is booked by phone.
    #[serde(default)]
    pub reason: String,
}

/// A request by the office to cancel an appointment.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelByOffice {
    /// The reason, in the officer's words. It is logged and not sent to the applicant.
    #[schema(min_length = 1, max_length = 500, pattern = "\\S")]
    pub reason: String,
}

/// A person to call, because a message that they must know failed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Call {
    /// The message's id.
    #[schema(value_type = String)]
    pub message: MessageId,
    #[schema(value_type = String)]
    pub case: CaseId,
    pub reference: String,
    pub applicant: String,
    pub phone: Option<String>,
    pub email: String,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Kind>)]
    pub kind: Kind,
    /// The reason why the message failed.
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<DeliveryFailure>)]
    pub fault: DeliveryFailure,
    /// The text of the message.
    pub text: String,
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub since: DateTime<Utc>,
}
