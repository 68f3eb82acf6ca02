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
    pub now: DateTime<Utc>,
    /// The demo shows its own mailbox.
    pub demo: bool,
    /// Who is signed in, if anybody is.
    pub person: Option<Person>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Person {
    pub email: String,
}

/// Send a code to this address.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskForCode {
    #[schema(example = "asha@example.org")]
    pub email: String,
    /// The language of the e-mail.
    #[serde(with = "fields::coded")]
    #[schema(value_type = String, example = "en")]
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
}
