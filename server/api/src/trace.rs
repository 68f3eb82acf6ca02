//! The trace of a decision in its wire format.

use std::{borrow::Cow, collections::BTreeMap};

use rules::{
    Coded,
    trace::{self, Conclusion, Value},
};
use serde::Serialize;
use utoipa::ToSchema;

/// A rule that was checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Step {
    #[schema(value_type = String, example = "quarantine")]
    pub rule: &'static str,
    /// The code of what it saw, which selects the text.
    #[schema(value_type = String, example = "in-quarantine")]
    pub saw: &'static str,
    /// The values for that text: dates, instants, numbers and codes, in the format of the facts.
    #[schema(value_type = Object, example = json!({ "entry": "2020-10-26", "days": "10", "last": "2020-11-05" }))]
    pub values: BTreeMap<&'static str, String>,
    /// The code of the resulting reason, duty or channel; null if there is none.
    #[schema(value_type = Option<String>, example = "quarantine-not-over")]
    pub concluded: Option<&'static str>,
    #[schema(value_type = String, example = "udi-2020-10-26#quarantine-booking")]
    pub source: Cow<'static, str>,
}

impl From<trace::Step> for Step {
    fn from(step: trace::Step) -> Step {
        Step {
            rule: step.rule.code(),
            saw: step.saw.code(),
            values: step.saw.values().into_iter().map(|(name, value)| (name, written(value))).collect(),
            concluded: match step.concluded {
                Conclusion::Nothing => None,
                Conclusion::Reason(reason) => Some(reason.code()),
                Conclusion::Due(duty) => Some(duty.code()),
                Conclusion::Channel(channel) => Some(channel.code()),
            },
            source: step.source,
        }
    }
}

/// Formats a value as in the facts.
fn written(value: Value) -> String {
    match value {
        Value::Day(day) => day.to_string(),
        Value::Instant(at) => rules::day::oslo_time(at).to_rfc3339(),
        Value::Number(number) => number.to_string(),
        Value::Phone(phone) => phone,
        Value::Country(country) => country.code().to_owned(),
        Value::District(district) => district.code().to_owned(),
    }
}
