//! Where to meet.

use rules::{District, coded};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::fields;

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Office {
    pub id: String,
    #[schema(example = "Oslo immigration office")]
    pub name: String,
    #[serde(with = "fields::coded")]
    #[schema(value_type = String, example = "immigration")]
    pub kind: OfficeKind,
    #[serde(with = "fields::coded")]
    #[schema(value_type = String, example = "oslo")]
    pub district: District,
    pub address: String,
    pub phone: String,
}

coded! {
    OfficeKind {
        Immigration = "immigration",
        /// Service centre for foreign workers.
        Sua = "sua",
        Passport = "passport",
    }
}
