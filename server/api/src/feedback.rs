//! Feedback on a page: whether people found what they were looking for.

use rules::{coded, notice::Language};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::fields;

/// An answer, stored without the person. The page is named by its kind, so that no case id is stored.
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

/// Maximum length of the text, in characters.
pub const MOST_CHARACTERS: usize = 500;

coded! {
    /// The kinds of pages that ask for feedback.
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
