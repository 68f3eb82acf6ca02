//! Did you find what you were looking for?

use rules::{coded, notice::Language};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::fields;

/// An answer. It is stored without the person; the page is named by its kind, so that no address of a case gets in.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Feedback {
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Page>)]
    pub page: Page,
    pub found: bool,
    /// The language of the page.
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Language>)]
    pub language: Language,
    /// At most 500 characters.
    #[serde(default)]
    pub words: String,
}

/// How many characters an answer may have.
pub const MOST_CHARACTERS: usize = 500;

coded! {
    Page {
        Start = "start",
        Check = "check",
        SignIn = "sign-in",
        Cases = "cases",
        Case = "case",
        Documents = "documents",
        Times = "times",
        Confirm = "confirm",
        Receipt = "receipt",
        Profile = "profile",
        Unknown = "unknown",
    }
}
