//! Passkeys: the WebAuthn options for the browser and its response.
//!
//! Both are JSON as WebAuthn defines it (<https://www.w3.org/TR/webauthn-3/>, `PublicKeyCredentialCreationOptionsJSON` and
//! related types). Only the browser and the server's library interpret them.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::ids::CeremonyId;

/// A request to start adding a passkey.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartPasskey {
    /// The last segment of the officer's link.
    pub link: String,
}

/// A started ceremony, with the options for the browser.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Ceremony {
    /// The ceremony's id, to be returned with the response.
    #[schema(value_type = String)]
    pub id: CeremonyId,
    #[schema(value_type = Object)]
    pub options: Value,
}

/// The browser's response.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    #[schema(value_type = String)]
    pub ceremony: CeremonyId,
    #[schema(value_type = Object)]
    pub credential: Value,
}
