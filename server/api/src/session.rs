//! Signing in.

use chrono::{DateTime, Utc};
use rules::notice::Language;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::fields;

/// What the page asks first.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Session {
    /// The server's clock, by which the page decides.
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub now: DateTime<Utc>,
    /// The demo shows its own mailbox.
    pub demo: bool,
    /// Who is signed in, if anybody is.
    pub person: Option<Person>,
    /// Until when.
    #[serde(default, with = "fields::instant_option")]
    #[schema(schema_with = fields::instant_option::schema)]
    pub ends: Option<DateTime<Utc>>,
    /// Until when they can stay at most; after that they sign in anew.
    #[serde(default, with = "fields::instant_option")]
    #[schema(schema_with = fields::instant_option::schema)]
    pub ends_at_last: Option<DateTime<Utc>>,
}

/// A person as they know themselves.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Person {
    pub email: String,
    /// The language of messages.
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Language>)]
    pub language: Language,
    /// With the country's code, in international form.
    #[schema(example = "+47 22 34 21 00")]
    pub phone: Option<String>,
}

/// What a person may change about themselves; what is left out stays.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Change {
    #[serde(default, with = "fields::coded_option", skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = fields::coded_option::schema::<Language>)]
    pub language: Option<Language>,
    /// As typed, with the country's code; an empty one takes the number away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// Where a person is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct SignedIn {
    pub id: String,
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub began: DateTime<Utc>,
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub ends: DateTime<Utc>,
    /// The browser and the system by which its owner will know it again, for instance `Firefox, Android`.
    pub device: String,
    /// The one that asks.
    pub this: bool,
}

/// Send a code to this address.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskForCode {
    #[schema(example = "asha@example.org")]
    pub email: String,
    /// The language of the e-mail.
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Language>)]
    pub language: Language,
}

/// How the code was sent. The same for every address, known or not.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct CodeSent {
    pub valid_minutes: u32,
}

/// The code from the e-mail.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    pub email: String,
    #[schema(example = "042017")]
    pub code: String,
    /// The language of messages to somebody who signs in for the first time.
    #[serde(default, with = "fields::coded_option")]
    #[schema(schema_with = fields::coded_option::schema::<Language>)]
    pub language: Option<Language>,
}
