//! Receipts: the stored record of a decision that had an effect.

use chrono::{DateTime, Utc};
use rules::coded;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Decision, Facts, fields, ids::ReceiptId, policy::Policy};

/// A decision with all its inputs. The same facts and policy reproduce it at any later time (`skranke replay`).
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Receipt {
    #[schema(value_type = String)]
    pub id: ReceiptId,
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
    /// SHA-256 in hexadecimal, over the canonical JSON of `decision`, `facts` and `policy`: keys in alphabetical order, no
    /// whitespace between tokens.
    pub sha256: String,
}

coded! {
    /// The kind of the decision.
    About { Booking = "booking", Refusal = "refusal", Upload = "upload" }
}
