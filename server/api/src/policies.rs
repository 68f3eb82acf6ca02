//! Policy documents at the desk: what is in force, what is drafted, and whom a draft would answer differently.

use chrono::{DateTime, NaiveDate, Utc};
use rules::{District, coded};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Decision, fields, policy::Texts};

coded! {
    /// Where a document in force comes from.
    Origin {
        /// The program brings it along.
        Program = "program",
        /// It lies in the data folder.
        Folder = "folder",
        /// It was drafted and approved at the desk.
        Desk = "desk",
    }
}

coded! {
    /// For whom a draft changes something, and so who approves it.
    Scope {
        /// For the drafter's own district only: another administrator there approves it.
        District = "district",
        /// For others too: an administrator of another district approves it.
        Country = "country",
    }
}

coded! {
    /// What has become of a draft.
    DraftState {
        /// It waits for somebody to approve it.
        Open = "open",
        /// It is approved, and its day is still to come.
        Coming = "coming",
        /// It is approved, and its day has come.
        Published = "published",
        Withdrawn = "withdrawn",
    }
}

coded! {
    /// The kinds of standard people, each told apart by a value.
    Person {
        /// In quarantine, entered so many days before, books.
        Quarantine = "quarantine",
        /// Books a passport in a district.
        Passport = "passport",
        /// The same for a critical journey.
        CriticalTravel = "critical-travel",
        /// Invited in a district, cannot deliver for technical reasons.
        TechnicalFailure = "technical-failure",
        /// An officer who invites somebody with a type to deliver electronically.
        Invite = "invite",
        /// A citizen of a country who starts to work.
        Work = "work",
    }
}

/// What is in force today, and the drafts that are open or still to come.
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
    /// The day from which it was published at the desk.
    #[serde(default, with = "fields::date_option")]
    #[schema(schema_with = fields::date_option::schema)]
    pub since: Option<NaiveDate>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Draft {
    pub id: String,
    #[schema(example = "vest-2021-05-03")]
    pub document: String,
    pub version: u32,
    #[serde(with = "fields::date")]
    #[schema(schema_with = fields::date::schema)]
    pub from: NaiveDate,
    /// The drafter's.
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<District>)]
    pub district: District,
    /// As it was when it was drafted.
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
    /// Whoever asks has drafted it.
    pub own: bool,
}

/// A draft with all that is to be seen before it is approved.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Shown {
    pub draft: Draft,
    pub body: String,
    /// What it would change, as long as its day has not come.
    pub preview: Option<Preview>,
    /// Why it no longer fits what is in force.
    pub faults: Vec<Fault>,
}

/// A document to look at or to keep as a draft.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Write {
    /// The document, as TOML.
    pub body: String,
    /// The day from which it is to hold.
    #[serde(with = "fields::date")]
    #[schema(schema_with = fields::date::schema)]
    pub from: NaiveDate,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Approve {
    /// The `seen` of the preview that was looked at.
    pub seen: String,
}

/// The text of a document, to begin a new version from: the newest, with its version raised by one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Source {
    pub body: String,
}

/// Whom a document would answer differently.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Preview {
    pub document: String,
    pub version: u32,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Scope>)]
    pub scope: Scope,
    /// The standard people that were asked about.
    pub people: usize,
    pub changes: Vec<Change>,
    /// It changes more days than were looked at.
    pub cut: bool,
    /// The hash over all of this and the document, to be sent along when it is approved.
    pub seen: String,
}

/// One of the standard people, and the days on which their answer changes.
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

/// Days in a row with the same answers, but for the days that are named in them: those are the first day's.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Span {
    /// Null where it already was so on the first day that was looked at.
    #[serde(default, with = "fields::date_option")]
    #[schema(schema_with = fields::date_option::schema)]
    pub first: Option<NaiveDate>,
    /// Null where it still was so on the last one.
    #[serde(default, with = "fields::date_option")]
    #[schema(schema_with = fields::date_option::schema)]
    pub last: Option<NaiveDate>,
    pub before: Decision,
    pub after: Decision,
}

/// Something that is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Fault {
    /// The document's id, as far as it is known.
    pub document: String,
    /// Counted from 1.
    pub line: usize,
    /// In English.
    pub message: String,
}
