//! Whether the server can answer.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The database has answered.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Health {
    #[schema(example = "ok")]
    pub status: String,
}
