//! Sessions of applicants: sign-in by e-mail code, session state and profile.

use chrono::{DateTime, Utc};
use rules::notice::Language;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::fields;

/// The state of the session. The page requests it first.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Session {
    /// The server's clock. The page decides by it.
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub now: DateTime<Utc>,
    /// `true` in the demo, which has its own mailbox.
    pub demo: bool,
    /// The signed-in person; null if there is none.
    pub person: Option<Person>,
    /// The end of the session.
    #[serde(default, with = "fields::instant_option")]
    #[schema(schema_with = fields::instant_option::schema)]
    pub ends: Option<DateTime<Utc>>,
    /// The latest time to which the session can be extended. After it the person signs in again.
    #[serde(default, with = "fields::instant_option")]
    #[schema(schema_with = fields::instant_option::schema)]
    pub ends_at_last: Option<DateTime<Utc>>,
}

/// A person's own profile.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Person {
    pub email: String,
    /// The language of messages.
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Language>)]
    pub language: Language,
    /// The phone number in international format.
    #[schema(example = "+47 22 34 21 00")]
    pub phone: Option<String>,
}

/// A change of the profile. Absent fields stay as they are.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Change {
    #[serde(default, with = "fields::coded_option", skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = fields::coded_option::schema::<Language>)]
    pub language: Option<Language>,
    /// The phone number as typed, with the country code. An empty text removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// A session of a person.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct SignedIn {
    pub id: String,
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub began: DateTime<Utc>,
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub ends: DateTime<Utc>,
    /// The browser and operating system, for instance `Firefox, Android`, so that the owner recognises the session.
    pub device: String,
    /// `true` for the current session.
    pub this: bool,
}

/// A request to send a code to this address.
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

/// The answer to a request for a code. It is the same for known and unknown addresses.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct CodeSent {
    pub valid_minutes: u32,
}

/// A request to sign in with the code from the e-mail.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    pub email: String,
    #[schema(example = "042017")]
    pub code: String,
    /// The language of messages for a new person.
    #[serde(default, with = "fields::coded_option")]
    #[schema(schema_with = fields::coded_option::schema::<Language>)]
    pub language: Option<Language>,
}
