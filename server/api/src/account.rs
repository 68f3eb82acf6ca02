//! What a person can take away, and what stays when they delete their account.

use chrono::{DateTime, NaiveDate, Utc};
use rules::Channel;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    appointments::Appointment,
    cases::Case,
    documents::Document,
    fields,
    messages::{Kind, State},
    receipts::Receipt,
    session::{Person, SignedIn},
};

/// Everything that is kept about a person, to take away.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MyData {
    pub made: DateTime<Utc>,
    pub person: Person,
    pub cases: Vec<Case>,
    /// Every appointment, also those that are over or cancelled.
    pub appointments: Vec<Appointment>,
    /// What was decided, and by what.
    pub receipts: Vec<Receipt>,
    pub messages: Vec<Told>,
    /// What was sent in, by name and not by content.
    pub documents: Vec<Document>,
    pub sessions: Vec<SignedIn>,
}

/// A message to the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Told {
    pub made: DateTime<Utc>,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Kind>)]
    pub kind: Kind,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Channel>)]
    pub channel: Channel,
    pub address: String,
    pub subject: String,
    pub body: String,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<State>)]
    pub state: State,
}

/// What becomes of an account that is deleted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Leaving {
    /// Until when the office keeps the cases, what was decided on them, and who did what.
    #[serde(with = "fields::date")]
    #[schema(schema_with = fields::date::schema)]
    pub kept_until: NaiveDate,
}
