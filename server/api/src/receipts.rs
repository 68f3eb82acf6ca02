//! What is kept of a decision that mattered.

use chrono::{DateTime, Utc};
use rules::coded;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Decision, Facts, fields, policy::Policy};

/// A decision with all it was made of: years later the same facts and policy give it again (`skranke replay`).
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Receipt {
    pub id: String,
    pub made: DateTime<Utc>,
    /// The reference of the case.
    #[schema(example = "WORK-2021-0001")]
    pub case: String,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<About>)]
    pub about: About,
    pub facts: Facts,
    pub decision: Decision,
    pub policy: Policy,
    /// In hexadecimal, over the JSON object of `decision`, `facts` and `policy` with its keys in alphabetical order and
    /// nothing between its tokens.
    pub sha256: String,
}

coded! {
    About { Booking = "booking", Refusal = "refusal", Upload = "upload" }
}
