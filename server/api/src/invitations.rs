//! Invitations: the police ask for documents electronically, for one case or for all cases that match a filter.

use chrono::{DateTime, NaiveDate, Utc};
use rules::{
    Application, ApplicationType, Facts, Question, Reason,
    facts::{self, Standing},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    fields,
    ids::{CaseId, ClosureId, RoundId},
    messages::Ledger,
};

/// An invitation to send documents.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Invitation {
    #[serde(with = "fields::date")]
    #[schema(schema_with = fields::date::schema)]
    pub issued: NaiveDate,
    /// The last day, included.
    #[serde(with = "fields::date")]
    #[schema(schema_with = fields::date::schema)]
    pub last: NaiveDate,
    pub instructions: Instructions,
    /// The code of a technical failure of sending, which the office knows it by; null if there was none.
    #[schema(example = "H7K-4QM")]
    pub failure: Option<String>,
}

impl Invitation {
    /// Returns the state of the invitation on a day.
    pub fn standing(&self, day: NaiveDate) -> Standing {
        self.as_fact().standing(day)
    }

    /// Converts the invitation to a fact for the rules.
    pub(crate) fn as_fact(&self) -> facts::Invitation {
        let technical_failure = self.failure.is_some();
        facts::Invitation { issued: self.issued, expires: Some(self.last), technical_failure }
    }
}

/// Returns the facts for the question whether this application can be invited.
pub fn facts_to_invite(application: Application, at: DateTime<Utc>) -> Facts {
    Facts {
        at,
        question: Question::Invite(application),
        citizenships: Vec::new(),
        entry: None,
        told_to_report_within_week: false,
        appointment: None,
        work: None,
    }
}

/// The office's instructions: what to send, and how.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Instructions {
    #[schema(min_length = 1, max_length = 4000, pattern = "\\S")]
    pub nb: String,
    #[schema(min_length = 1, max_length = 4000, pattern = "\\S")]
    pub en: String,
}

/// A request to invite one case.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Invite {
    #[serde(with = "fields::date")]
    #[schema(schema_with = fields::date::schema)]
    pub last_day: NaiveDate,
    pub instructions: Instructions,
}

/// A request to invite all cases of the district that match. An absent filter matches every case.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InviteMany {
    #[serde(default, with = "fields::coded_option")]
    #[schema(schema_with = fields::coded_option::schema::<ApplicationType>)]
    pub application_type: Option<ApplicationType>,
    /// Only cases whose appointment was cancelled by the closure with this id.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub closure: Option<ClosureId>,
    pub invite: Invite,
    /// The `seen` of the preview that the officer looked at; null to ask for a preview.
    #[serde(default)]
    pub seen: Option<String>,
}

/// The people that a bulk invitation reaches, previewed or applied.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Invitees {
    /// The number of people invited, all by e-mail.
    pub asked: usize,
    /// The first of them by name.
    pub people: Vec<Invitee>,
    /// The people who match the filter but are not invited, with the reason.
    pub left_out: Vec<LeftOut>,
    /// A hash of the invited people.
    pub seen: String,
}

/// A person with the case that is invited.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Invitee {
    #[schema(value_type = String)]
    pub case: CaseId,
    pub reference: String,
    pub applicant: String,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<ApplicationType>)]
    pub application_type: ApplicationType,
}

/// A person who matches the filter but is not invited.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct LeftOut {
    pub invitee: Invitee,
    /// The reason of the rules; null if they allow it.
    #[serde(with = "fields::coded_option")]
    #[schema(schema_with = fields::coded_option::schema::<Reason>)]
    pub reason: Option<Reason>,
    /// The last day of a current invitation; null if there is none.
    #[serde(with = "fields::date_option")]
    #[schema(schema_with = fields::date_option::schema)]
    pub until: Option<NaiveDate>,
}

/// A bulk invitation that was applied.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Invited {
    #[schema(value_type = String)]
    pub id: RoundId,
    /// `true` if the people differ from the preview. `invitees` is the result as applied.
    pub changed: bool,
    pub invitees: Invitees,
}

/// A bulk invitation, with the delivery state of its messages.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Asking {
    #[schema(value_type = String)]
    pub id: RoundId,
    #[serde(with = "fields::coded_option")]
    #[schema(schema_with = fields::coded_option::schema::<ApplicationType>)]
    pub application_type: Option<ApplicationType>,
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub made: DateTime<Utc>,
    pub invite: Invite,
    /// The number of invitations that are still current.
    pub live: i64,
    pub ledger: Ledger,
}
