//! Account data: the export of everything stored about a person, and the retention date after an account is deleted.

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

/// The export of all data stored about a person.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MyData {
    pub made: DateTime<Utc>,
    pub person: Person,
    pub cases: Vec<Case>,
    /// All appointments, including past and cancelled ones.
    pub appointments: Vec<Appointment>,
    /// The receipts of the decisions.
    pub receipts: Vec<Receipt>,
    pub messages: Vec<Told>,
    /// The documents that were sent in, without their content.
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

/// The consequences of deleting the account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Leaving {
    /// The last day on which the office keeps the cases, their decisions and the audit log.
    #[serde(with = "fields::date")]
    #[schema(schema_with = fields::date::schema)]
    pub kept_until: NaiveDate,
}
