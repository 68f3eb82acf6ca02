//! Keeping a time for some minutes while one person confirms.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::fields;

/// Keep this slot for a case, instead of any other that it keeps.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Keep {
    pub slot: String,
}

/// A slot that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Hold {
    pub slot: String,
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub expires: DateTime<Utc>,
}
