//! Officers: their roles, sessions, passkeys and links.

use chrono::{DateTime, Utc};
use rules::{District, coded};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    fields,
    ids::{GrantId, OfficerId, PasskeyId},
};

coded! {
    /// The role of an officer in their district. Each role includes the earlier ones.
    Role {
        /// Serves applicants: search, booking by phone, call list.
        Clerk = "clerk",
        /// Publishes slots, makes closures and fills the register of cases.
        Planner = "planner",
        /// Adds officers and ends their access.
        Administrator = "administrator",
    }
}

/// An officer of a district.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Officer {
    #[schema(value_type = String)]
    pub id: OfficerId,
    #[schema(example = "Ingrid Berg")]
    pub name: String,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<District>)]
    pub district: District,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Role>)]
    pub role: Role,
}

/// The state of the desk session. The page requests it first.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct DeskSession {
    /// The server's clock.
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub now: DateTime<Utc>,
    /// The signed-in officer; null if there is none.
    pub officer: Option<Officer>,
    /// The time at which the session ends without activity.
    #[serde(default, with = "fields::instant_option")]
    #[schema(schema_with = fields::instant_option::schema)]
    pub ends: Option<DateTime<Utc>>,
    /// Links that another officer made for this one in the last 30 days, and that were not yet acknowledged with this passkey.
    #[serde(default)]
    pub links: Vec<LinkMade>,
    /// The officers that can be tried without a passkey. Empty outside the demo.
    pub demo_officers: Vec<Officer>,
}

/// A request to add an officer to the district of the caller.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddOfficer {
    pub name: String,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Role>)]
    pub role: Role,
}

/// An officer, with a single-use link for adding a passkey.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Joining {
    pub officer: Officer,
    pub link: String,
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub expires: DateTime<Utc>,
}

/// A link for a passkey that another officer made.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct LinkMade {
    #[schema(value_type = String)]
    pub id: GrantId,
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub made: DateTime<Utc>,
    /// The officer who made it; null for the command line.
    #[schema(example = "Solveig Dahl")]
    pub by: Option<String>,
    /// The time at which a passkey was added with it; null if it was not used.
    #[serde(default, with = "fields::instant_option")]
    #[schema(schema_with = fields::instant_option::schema)]
    pub used: Option<DateTime<Utc>>,
}

/// An officer's access: passkeys, sessions and links.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Access {
    pub officer: Officer,
    pub passkeys: Vec<Passkey>,
    pub sessions: Vec<AtDesk>,
    /// Links that others made for the officer in the last 30 days, newest first.
    pub links: Vec<LinkMade>,
}

/// A passkey, without its key material.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Passkey {
    #[schema(value_type = String)]
    pub id: PasskeyId,
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub added: DateTime<Utc>,
    /// The time of its last use.
    #[serde(default, with = "fields::instant_option")]
    #[schema(schema_with = fields::instant_option::schema)]
    pub used: Option<DateTime<Utc>>,
    /// The browser in which it was added; empty if that is not known.
    #[schema(example = "Chrome, Windows")]
    pub device: String,
    /// `true` if the current session was opened with it.
    pub this: bool,
}

/// A session at the desk.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct AtDesk {
    pub id: String,
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub began: DateTime<Utc>,
    /// The time of the officer's last activity in it.
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub seen: DateTime<Utc>,
    #[schema(example = "Chrome, Windows")]
    pub device: String,
    /// `true` for the current session.
    pub this: bool,
}

/// A request to sign in as a demo officer, without a passkey.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DemoSignIn {
    #[schema(value_type = String)]
    pub officer: OfficerId,
}
