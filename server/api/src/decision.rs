//! A decision as it goes over the wire.

use std::borrow::Cow;

use chrono::NaiveDate;
use rules::{Channel, Coded, Duty, Ground, Outcome, Reason};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    facts::{FactsError, QuestionCode},
    fields,
    trace::Step,
};

/// The answer to one question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Decision {
    pub id: Option<String>,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<QuestionCode>)]
    pub question: QuestionCode,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Outcome>)]
    pub outcome: Outcome,
    /// The last of the known ends of the reasons.
    #[serde(with = "fields::date_option")]
    #[schema(schema_with = fields::date_option::schema)]
    pub earliest: Option<NaiveDate>,
    /// Every reason that holds, in the order of the rules.
    pub reasons: Vec<Sourced>,
    pub duties: Vec<Sourced>,
    pub contact: Option<Contact>,
    /// How word of a cancellation is sent.
    #[serde(with = "fields::coded_option")]
    #[schema(schema_with = fields::coded_option::schema::<Channel>)]
    pub channel: Option<Channel>,
    /// Each rule that was looked at, if that was asked for.
    #[serde(default, skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub trace: Option<Vec<Step>>,
}

/// A code and the sentence it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Sourced {
    #[schema(value_type = String, example = "quarantine-not-over")]
    pub code: Cow<'static, str>,
    #[schema(value_type = String, example = "udi-2020-10-26#quarantine-booking")]
    pub source: Cow<'static, str>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Contact {
    #[schema(example = "22 34 21 00")]
    pub phone: String,
}

impl Decision {
    pub fn new(id: Option<String>, facts: &rules::Facts, decision: rules::Decision) -> Decision {
        Decision {
            id,
            question: QuestionCode::of(&facts.question),
            outcome: decision.outcome,
            earliest: decision.earliest,
            reasons: decision
                .reasons
                .into_iter()
                .map(|ground| Sourced { code: Cow::Borrowed(ground.reason.code()), source: ground.source })
                .collect(),
            duties: decision
                .duties
                .iter()
                .map(|duty| Sourced {
                    code: Cow::Borrowed(duty.code()),
                    source: Cow::Borrowed(duty.sentence().reference),
                })
                .collect(),
            contact: decision.contact.map(|phone| Contact { phone }),
            channel: decision.channel,
            trace: None,
        }
    }
}

impl From<Decision> for rules::Decision {
    /// A code that this build does not know is left out: a newer server may know more reasons than an older page.
    fn from(decision: Decision) -> rules::Decision {
        rules::Decision {
            outcome: decision.outcome,
            earliest: decision.earliest,
            reasons: decision
                .reasons
                .into_iter()
                .filter_map(|sourced| {
                    Some(Ground { reason: Reason::from_code(&sourced.code)?, source: sourced.source })
                })
                .collect(),
            duties: decision.duties.iter().filter_map(|duty| Duty::from_code(&duty.code)).collect(),
            contact: decision.contact.map(|contact| contact.phone),
            channel: decision.channel,
        }
    }
}

impl QuestionCode {
    pub fn of(question: &rules::Question) -> QuestionCode {
        match question {
            rules::Question::Book(_) => QuestionCode::Book,
            rules::Question::Attend => QuestionCode::Attend,
            rules::Question::Upload(_) => QuestionCode::Upload,
            rules::Question::Invite(_) => QuestionCode::Invite,
            rules::Question::Cancel(_) => QuestionCode::Cancel,
            rules::Question::Duties => QuestionCode::Duties,
            rules::Question::AskUdiForAppointment => QuestionCode::AskUdiForAppointment,
            rules::Question::AskToUpload => QuestionCode::AskToUpload,
        }
    }
}

/// What is written for a line that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LineError {
    pub id: Option<String>,
    /// Counted from 1.
    pub line: u64,
    pub error: FactsError,
}

/// Answers one line: facts in, a decision or an error out. The command line, the server and the page all answer by it.
pub fn answer_line(policy: &rules::Policy, json: &[u8], line: u64) -> Result<Decision, LineError> {
    match crate::facts::read(json) {
        (id, Ok(facts)) => Ok(Decision::new(id, &facts, rules::decide(policy, &facts))),
        (id, Err(error)) => Err(LineError { id, line, error }),
    }
}

/// The same with the trace.
pub fn explain_line(policy: &rules::Policy, json: &[u8], line: u64) -> Result<Decision, LineError> {
    match crate::facts::read(json) {
        (id, Ok(facts)) => {
            let (decision, steps) = rules::explain(policy, &facts);
            let trace = steps.into_iter().map(Step::from).collect();
            Ok(Decision { trace: Some(trace), ..Decision::new(id, &facts, decision) })
        }
        (id, Err(error)) => Err(LineError { id, line, error }),
    }
}
