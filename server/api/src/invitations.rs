//! The police ask for documents electronically: of one case, or of all that a filter shows.

use chrono::{DateTime, NaiveDate, Utc};
use rules::{
    Application, ApplicationType, Facts, Question, Reason,
    facts::{self, Standing},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{fields, messages::Ledger};

/// What an applicant is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Invitation {
    #[serde(with = "fields::date")]
    #[schema(schema_with = fields::date::schema)]
    pub issued: NaiveDate,
    /// The last day, which still counts.
    #[serde(with = "fields::date")]
    #[schema(schema_with = fields::date::schema)]
    pub last: NaiveDate,
    pub instructions: Instructions,
    /// Sending has failed for technical reasons: the code that the office knows it by.
    #[schema(example = "H7K-4QM")]
    pub failure: Option<String>,
}

impl Invitation {
    /// Whether it holds on a day.
    pub fn standing(&self, day: NaiveDate) -> Standing {
        self.as_fact().standing(day)
    }

    /// As the rules see it.
    pub(crate) fn as_fact(&self) -> facts::Invitation {
        let technical_failure = self.failure.is_some();
        facts::Invitation { issued: self.issued, expires: Some(self.last), technical_failure }
    }
}

/// The facts of an officer who wants to ask for the documents of an application.
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

/// What is to be sent and how, as the office says it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Instructions {
    #[schema(min_length = 1, max_length = 4000, pattern = "\\S")]
    pub nb: String,
    #[schema(min_length = 1, max_length = 4000, pattern = "\\S")]
    pub en: String,
}

/// Ask for the documents of one case.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Invite {
    #[serde(with = "fields::date")]
    #[schema(schema_with = fields::date::schema)]
    pub last_day: NaiveDate,
    pub instructions: Instructions,
}

/// Ask for the documents of all cases of the district that fit; what is left out leaves nobody out.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InviteMany {
    #[serde(default, with = "fields::coded_option")]
    #[schema(schema_with = fields::coded_option::schema::<ApplicationType>)]
    pub application_type: Option<ApplicationType>,
    /// Those whose time was cancelled in the closing with this id.
    #[serde(default)]
    pub closing: Option<String>,
    pub invite: Invite,
    /// The preview that was looked at before this: its `seen`, or nothing for a preview.
    #[serde(default)]
    pub seen: Option<String>,
}

/// Whom asking reaches, or would reach.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Invitees {
    /// How many are asked, all by e-mail.
    pub asked: usize,
    /// The first of them by name.
    pub people: Vec<Invitee>,
    /// Everybody who fits the filter and is not asked, with the reason.
    pub left_out: Vec<LeftOut>,
    /// A hash over who is asked.
    pub seen: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Invitee {
    pub case: String,
    pub reference: String,
    pub applicant: String,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<ApplicationType>)]
    pub application_type: ApplicationType,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct LeftOut {
    pub invitee: Invitee,
    /// Why the rules say no, if they do.
    #[serde(with = "fields::coded_option")]
    #[schema(schema_with = fields::coded_option::schema::<Reason>)]
    pub reason: Option<Reason>,
    /// Until when they are asked already, if they are.
    #[serde(with = "fields::date_option")]
    #[schema(schema_with = fields::date_option::schema)]
    pub until: Option<NaiveDate>,
}

/// Many were asked at once.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Invited {
    pub id: String,
    /// Others were asked than in the preview; `invitees` is as it was done.
    pub changed: bool,
    pub invitees: Invitees,
}

/// What many were asked for at once, and how far their messages have come.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Asking {
    pub id: String,
    #[serde(with = "fields::coded_option")]
    #[schema(schema_with = fields::coded_option::schema::<ApplicationType>)]
    pub application_type: Option<ApplicationType>,
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub made: DateTime<Utc>,
    pub invite: Invite,
    /// How many are asked still.
    pub live: i64,
    pub ledger: Ledger,
}
