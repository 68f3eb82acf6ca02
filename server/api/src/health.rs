//! The health check: the answer of a server that can reach its database.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The answer of a healthy server.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Health {
    #[schema(example = "ok")]
    pub status: String,
}
