//! Passkeys: what the browser is asked, and what it answers. Both are as WebAuthn writes them in JSON
//! (<https://www.w3.org/TR/webauthn-3/>, `PublicKeyCredentialCreationOptionsJSON` and so on); only browser and server's
//! library look into them.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// Begin to add a passkey.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartPasskey {
    /// The last part of the link that the officer was given.
    pub link: String,
}

/// What the browser is to be asked.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Ceremony {
    /// Given back with the answer.
    pub id: String,
    #[schema(value_type = Object)]
    pub options: Value,
}

/// What the browser has answered.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    pub ceremony: String,
    #[schema(value_type = Object)]
    pub credential: Value,
}
