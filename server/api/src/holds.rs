//! Holds: keeping a slot for some minutes while one person confirms.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{fields, ids::SlotId};

/// A request to hold this slot for a case. It replaces the case's current hold.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldSlot {
    #[schema(value_type = String)]
    pub slot: SlotId,
}

/// A slot on hold.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Hold {
    #[schema(value_type = String)]
    pub slot: SlotId,
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub expires: DateTime<Utc>,
}
