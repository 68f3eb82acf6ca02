//! What an applicant tells about themselves, and what the counter decides by.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{facts::EntryFacts, fields};

/// An applicant's own account. It is stored as told; the rules look at it anew each time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Situation {
    /// The entry to Norway that brings a quarantine; null for who need not be quarantined.
    #[serde(default, deserialize_with = "fields::object::deserialize")]
    pub entry: Option<EntryFacts>,
    #[serde(default)]
    pub told_to_report_within_week: bool,
    /// A passport is needed for a critical travel.
    #[serde(default)]
    pub critical_travel: bool,
}
