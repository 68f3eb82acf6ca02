//! Explanation of a decision: each rule in order, with what it saw and what it concluded.

use leptos::prelude::*;
use rules::{
    Coded,
    trace::{Conclusion, Step, Value},
};

use crate::{
    text::{
        dates,
        language::{Speech, use_speech},
    },
    ui::{dynamic::text, refusal::Quotation},
};

/// Renders the steps of `rules::explain` as sentences, folded.
#[component]
pub fn Trace(steps: Vec<Step>) -> impl IntoView {
    let speech = use_speech();
    view! {
        <details class="ds-details" data-variant="tinted">
            <summary>{speech.say(|t| t.trace_title)}</summary>
            <div class="stack">
                <p class="ds-paragraph">{speech.say(|t| t.trace_lead)}</p>
                <ol class="steps">
                    {steps.into_iter().map(|step| {
                        let source = step.source.clone();
                        let seen = step.clone();
                        view! {
                            <li>
                                <p class="ds-paragraph">{text(move || saw(&seen, speech))}</p>
                                <p class="ds-paragraph"><strong>{text(move || follows(&step, speech))}</strong></p>
                                <Quotation source />
                            </li>
                        }
                    }).collect_view()}
                </ol>
            </div>
        </details>
    }
}

/// The input of a rule as a sentence or two.
fn saw(step: &Step, speech: Speech) -> String {
    let texts = speech.texts();
    let values: Vec<(&str, String)> =
        step.saw.values().into_iter().map(|(name, value)| (name, spoken(value, speech))).collect();
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    texts.saw.fill(step.saw.code(), &values)
}

fn follows(step: &Step, speech: Speech) -> String {
    let texts = speech.texts();
    let conclusion = match step.concluded {
        Conclusion::Nothing => return texts.trace_nothing.to_owned(),
        Conclusion::Reason(reason) => texts.reason_title.get(reason.code()),
        Conclusion::Due(duty) => texts.duty_title.get(duty.code()),
        Conclusion::Channel(channel) => texts.channel.get(channel.code()),
    };
    speech.texts().trace_follows(conclusion)
}

fn spoken(value: Value, speech: Speech) -> String {
    let language = speech.language();
    match value {
        Value::Day(day) => dates::short_day(day, language),
        // Rules apply by the day. A question about a day has no time.
        Value::Instant(at) => dates::short_day(rules::day::in_oslo(at), language),
        Value::Number(number) => number.to_string(),
        Value::Phone(phone) => phone,
        Value::Country(country) => dates::country(country.code(), language),
        Value::District(district) => speech.texts().district.get(district.code()).to_owned(),
    }
}
