//! The situation of an applicant: statements about themselves that the rules need.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{facts::EntryFacts, fields};

/// An applicant's own statements. They are stored as given, and the rules evaluate them at each request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Situation {
    /// The entry to Norway that requires quarantine; null if none is required.
    #[serde(default, deserialize_with = "fields::object::deserialize")]
    pub entry: Option<EntryFacts>,
    #[serde(default)]
    pub told_to_report_within_week: bool,
    /// `true` if a passport is needed for critical travel.
    #[serde(default)]
    pub critical_travel: bool,
}
