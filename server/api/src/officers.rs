//! Who works at the desk.

use chrono::{DateTime, Utc};
use rules::{District, coded};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::fields;

coded! {
    /// What an officer may do in their district. Each may do what those before may.
    Role {
        /// Helps people: finds them, books for them, works off the call list.
        Clerk = "clerk",
        /// Publishes times, closes offices, fills the register of cases.
        Planner = "planner",
        /// Adds officers and ends their access.
        Administrator = "administrator",
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Officer {
    pub id: String,
    #[schema(example = "Ingrid Berg")]
    pub name: String,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<District>)]
    pub district: District,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Role>)]
    pub role: Role,
}

/// What the desk asks first.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct DeskSession {
    /// The server's clock.
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub now: DateTime<Utc>,
    /// Who is signed in, if anybody is.
    pub officer: Option<Officer>,
    /// When they are signed out if they do nothing more.
    #[serde(default, with = "fields::instant_option")]
    #[schema(schema_with = fields::instant_option::schema)]
    pub ends: Option<DateTime<Utc>>,
    /// Links that somebody made for this officer in the last 30 days, and that were not yet read with this passkey.
    #[serde(default)]
    pub links: Vec<LinkMade>,
    /// In the demo, who can be tried without a passkey; else nobody.
    pub demo_officers: Vec<Officer>,
}

/// An officer to be added to the district of who adds them.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddOfficer {
    pub name: String,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Role>)]
    pub role: Role,
}

/// An officer with the address, good for one use, at which they add a passkey.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Joining {
    pub officer: Officer,
    pub link: String,
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub expires: DateTime<Utc>,
}

/// A link for a passkey that somebody else made for an officer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct LinkMade {
    pub id: String,
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub made: DateTime<Utc>,
    /// The officer who made it; null for the command line.
    #[schema(example = "Solveig Dahl")]
    pub by: Option<String>,
    /// When a passkey was added by it.
    #[serde(default, with = "fields::instant_option")]
    #[schema(schema_with = fields::instant_option::schema)]
    pub used: Option<DateTime<Utc>>,
}

/// Where an officer signs in with which passkey, and where they are signed in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Access {
    pub officer: Officer,
    pub passkeys: Vec<Passkey>,
    pub sessions: Vec<AtDesk>,
    /// Links that others made for the officer in the last 30 days, the newest first.
    pub links: Vec<LinkMade>,
}

/// A passkey, without what it is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Passkey {
    pub id: String,
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub added: DateTime<Utc>,
    /// When it was last shown.
    #[serde(default, with = "fields::instant_option")]
    #[schema(schema_with = fields::instant_option::schema)]
    pub used: Option<DateTime<Utc>>,
    /// The browser by which it was added; empty if that is not known.
    #[schema(example = "Chrome, Windows")]
    pub device: String,
    /// The session that asks began with it.
    pub this: bool,
}

/// A session at the desk.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct AtDesk {
    pub id: String,
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub began: DateTime<Utc>,
    /// When the officer last did something in it.
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub seen: DateTime<Utc>,
    #[schema(example = "Chrome, Windows")]
    pub device: String,
    /// The session that asks.
    pub this: bool,
}

/// Signs in as one of the demo's officers, without a passkey.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DemoSignIn {
    pub officer: String,
}
