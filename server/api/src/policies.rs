//! Policy documents at the desk: those in force, drafts, and the preview of a draft's effect.

use chrono::{DateTime, NaiveDate, Utc};
use rules::{District, coded};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Decision, fields, ids::DraftId, policy::Texts};

coded! {
    /// The origin of a document in force.
    Origin {
        /// Built into the program.
        Program = "program",
        /// Read from the data folder.
        Folder = "folder",
        /// Drafted and approved at the desk.
        Desk = "desk",
    }
}

coded! {
    /// The reach of a draft, which decides who can approve it (four-eyes rule).
    Scope {
        /// Only the drafter's own district. Another administrator of that district approves it.
        District = "district",
        /// Other districts too. An administrator of another district approves it.
        Country = "country",
    }
}

coded! {
    /// The state of a draft.
    DraftState {
        /// Waiting for approval.
        Open = "open",
        /// Approved; its first day is in the future.
        Coming = "coming",
        /// Approved and in force.
        Published = "published",
        Withdrawn = "withdrawn",
    }
}

coded! {
    /// The kinds of standard people for a preview. A value distinguishes people of one kind.
    Person {
        /// Books in quarantine. The value is the number of days since entry.
        Quarantine = "quarantine",
        /// Books a passport. The value is the district.
        Passport = "passport",
        /// Books a passport for critical travel. The value is the district.
        CriticalTravel = "critical-travel",
        /// Was invited and cannot deliver for technical reasons. The value is the district.
        TechnicalFailure = "technical-failure",
        /// An officer who invites to electronic delivery. The value is the application type.
        Invite = "invite",
        /// Starts to work. The value is the country of citizenship.
        Work = "work",
    }
}

/// The documents in force today, and the drafts that are open or coming.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Policies {
    pub in_force: Vec<Holding>,
    pub drafts: Vec<Draft>,
}

/// A document in force.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Holding {
    #[schema(example = "oslo-2021-03-16")]
    pub document: String,
    pub version: u32,
    pub publisher: String,
    pub title: Texts,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Origin>)]
    pub origin: Origin,
    /// The first day of a document published at the desk; null for others.
    #[serde(default, with = "fields::date_option")]
    #[schema(schema_with = fields::date_option::schema)]
    pub since: Option<NaiveDate>,
}

/// A draft of a policy document.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Draft {
    #[schema(value_type = String)]
    pub id: DraftId,
    #[schema(example = "vest-2021-05-03")]
    pub document: String,
    pub version: u32,
    #[serde(with = "fields::date")]
    #[schema(schema_with = fields::date::schema)]
    pub from: NaiveDate,
    /// The drafter's district.
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<District>)]
    pub district: District,
    /// The reach at the time of drafting.
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Scope>)]
    pub scope: Scope,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<DraftState>)]
    pub state: DraftState,
    pub drafted_by: String,
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub drafted: DateTime<Utc>,
    pub approved_by: Option<String>,
    #[serde(default, with = "fields::instant_option")]
    #[schema(schema_with = fields::instant_option::schema)]
    pub approved: Option<DateTime<Utc>>,
    /// `true` if the caller drafted it.
    pub own: bool,
}

/// A draft, with everything that an approver reviews.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Shown {
    pub draft: Draft,
    pub body: String,
    /// The effect of the draft; null once it is in force.
    pub preview: Option<Preview>,
    /// The reasons why it no longer fits the documents in force.
    pub faults: Vec<PolicyFault>,
}

/// A document to preview or to store as a draft.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Write {
    /// The document as TOML.
    pub body: String,
    /// The first day on which it applies.
    #[serde(with = "fields::date")]
    #[schema(schema_with = fields::date::schema)]
    pub from: NaiveDate,
}

/// A request to approve a draft.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Approve {
    /// The `seen` of the preview that the approver looked at.
    pub seen: String,
}

/// The text to start a new version from: the newest version, with its number raised by one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Source {
    pub body: String,
}

/// The preview of a draft: the standard people whose answer would change.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Preview {
    pub document: String,
    pub version: u32,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Scope>)]
    pub scope: Scope,
    /// The number of standard people that were checked.
    pub people: usize,
    pub changes: Vec<Change>,
    /// `true` if it changes more days than were checked.
    pub cut: bool,
    /// A hash of the preview and the document. It is the precondition of the approval.
    pub seen: String,
}

/// A standard person, with the days on which the answer changes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Change {
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Person>)]
    pub person: Person,
    /// A number of days, a district, a type or a country.
    #[schema(example = "vest")]
    pub value: String,
    pub spans: Vec<Span>,
}

/// Consecutive days with the same answers. Dates within the answers are those of the first day.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Span {
    /// The first day; null if the answer already differs on the first day checked.
    #[serde(default, with = "fields::date_option")]
    #[schema(schema_with = fields::date_option::schema)]
    pub first: Option<NaiveDate>,
    /// The last day; null if the answer still differs on the last day checked.
    #[serde(default, with = "fields::date_option")]
    #[schema(schema_with = fields::date_option::schema)]
    pub last: Option<NaiveDate>,
    pub before: Decision,
    pub after: Decision,
}

/// A fault of a policy document.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct PolicyFault {
    /// The document's id; empty if it could not be read.
    pub document: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The message, in English.
    pub message: String,
}
