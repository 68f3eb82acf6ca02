//! A decision in its wire format, and the functions that answer a line of JSON. The logic is in `rules`.

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
    /// The latest known end of a reason, as the first day without it.
    #[serde(with = "fields::date_option")]
    #[schema(schema_with = fields::date_option::schema)]
    pub earliest: Option<NaiveDate>,
    /// All reasons, in the order of the rules.
    pub reasons: Vec<Sourced>,
    pub duties: Vec<Sourced>,
    pub contact: Option<Contact>,
    /// The channel for news of a cancellation.
    #[serde(with = "fields::coded_option")]
    #[schema(schema_with = fields::coded_option::schema::<Channel>)]
    pub channel: Option<Channel>,
    /// The rules that were checked; left out unless it was asked for.
    #[serde(default, skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub trace: Option<Vec<Step>>,
}

/// A code and the sentence that it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Sourced {
    #[schema(value_type = String, example = "quarantine-not-over")]
    pub code: Cow<'static, str>,
    #[schema(value_type = String, example = "udi-2020-10-26#quarantine-booking")]
    pub source: Cow<'static, str>,
}

/// A phone number to call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Contact {
    #[schema(example = "22 34 21 00")]
    pub phone: String,
}

impl Decision {
    /// Converts a decision of `rules` to the wire format, without a trace.
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
    /// Converts back. Unknown codes are dropped, because a newer server can send reasons that an older page does not know.
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
    /// Returns the code of a question.
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

/// The output for a line that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LineError {
    pub id: Option<String>,
    /// The line, counted from 1.
    pub line: u64,
    pub error: FactsError,
}

/// Answers one line of JSON facts. The command line, the server and the page all use it. `line` is only copied into an error.
///
/// # Errors
///
/// A [`LineError`] if the line is not valid facts.
pub fn answer_line(policy: &rules::Policy, json: &[u8], line: u64) -> Result<Decision, LineError> {
    match crate::facts::read(json) {
        (id, Ok(facts)) => Ok(Decision::new(id, &facts, rules::decide(policy, &facts))),
        (id, Err(error)) => Err(LineError { id, line, error }),
    }
}

/// Answers one line like [`answer_line`], with the trace.
///
/// # Errors
///
/// A [`LineError`] if the line is not valid facts.
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
