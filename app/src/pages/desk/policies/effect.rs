//! Effect of a policy document on the standard people, and its faults. Used by the editor and the page of a draft.

use ::api::{
    Decision,
    policies::{Change, Person, PolicyFault, Preview, Span},
};
use leptos::prelude::*;
use rules::{Coded, District};

use crate::{
    text::{
        dates,
        desk_texts::{Words, use_words},
        language::{Speech, use_speech},
    },
    ui::dynamic::text,
};

/// Renders the people whose decision changes, before and after, and who has to approve.
#[component]
pub fn Answers(preview: Preview, district: District) -> impl IntoView {
    let words = use_words();
    let speech = use_speech();
    let Preview { scope, people, changes, cut, .. } = preview;
    let count = changes.len();
    let lead = move || {
        let all = people.to_string();
        match count {
            0 => words.texts().notices_nobody(&all),
            count => words.texts().notices_would(&all, &count.to_string()),
        }
    };
    let scope = move || {
        let name = speech.texts().district.get(district.code());
        words.texts().scope.fill(scope.code(), &[("district", name)])
    };
    view! {
        <p class="ds-paragraph"><strong>{text(lead)}</strong></p>
        <p class="ds-paragraph">{text(scope)}</p>
        {cut.then(|| view! { <p class="ds-alert" data-color="warning">{words.say(|t| t.notices_cut)}</p> })}
        <ul class="plain stack">{changes.into_iter().map(|change| {
            let Change { person, value, spans } = change;
            view! {
                <li class="desk-answer">
                    <strong>{text(move || who(words, speech, person, &value))}</strong>
                    <ul class="plain">{spans.into_iter().map(|span| view! { <Days span /> }).collect_view()}</ul>
                </li>
            }
        }).collect_view()}</ul>
    }
}

/// The description of a standard person.
fn who(words: Words, speech: Speech, person: Person, value: &str) -> String {
    let value = match person {
        Person::Quarantine => value.to_owned(),
        Person::Passport | Person::CriticalTravel | Person::TechnicalFailure => {
            speech.texts().district.get(value).to_owned()
        }
        Person::Invite => speech.texts().kind.get(value).to_owned(),
        Person::Work => dates::country(value, words.language()),
    };
    words.texts().standard.fill(person.code(), &[("value", &value)])
}

/// Renders one change with its days.
#[component]
fn Days(span: Span) -> impl IntoView {
    let words = use_words();
    let speech = use_speech();
    let Span { first, last, before, after } = span;
    let when = move || {
        let day = |day| dates::short_day(day, words.language());
        let first = first.map(day).unwrap_or_default();
        match last {
            Some(last) if day(last) == first => words.texts().notices_on(&first),
            Some(last) => words.texts().notices_between(&first, &day(last)),
            None => words.texts().notices_from_on(&first),
        }
    };
    view! {
        <li>
            {text(when)} <br />
            <span class="quiet">{words.say(|t| t.notices_before)}</span> " " {text(move || said(words, speech, &before))} <br />
            <span class="quiet">{words.say(|t| t.notices_after)}</span> " " {text(move || said(words, speech, &after))}
        </li>
    }
}

/// One line for a decision: outcome, reasons, duties, telephone number, and last day.
fn said(words: Words, speech: Speech, decision: &Decision) -> String {
    let texts = speech.texts();
    let mut said = vec![words.texts().outcome.get(decision.outcome.code()).to_owned()];
    said.extend(decision.reasons.iter().map(|reason| texts.reason_title.get(&reason.code).to_owned()));
    said.extend(decision.duties.iter().map(|duty| texts.duty_title.get(&duty.code).to_owned()));
    said.extend(decision.contact.as_ref().map(|contact| words.texts().notices_phone(&contact.phone)));
    said.extend(decision.earliest.map(|day| words.texts().notices_until(&dates::short_day(day, words.language()))));
    said.join("; ")
}

/// Renders the faults by line. The messages are in English, as is usual for such files.
#[component]
pub fn Faults(faults: Vec<PolicyFault>) -> impl IntoView {
    let words = use_words();
    (!faults.is_empty()).then(|| {
        view! {
            <section class="stack" aria-labelledby="faults">
                <h2 id="faults" class="ds-heading" data-size="2xs">{words.say(|t| t.notices_faults)}</h2>
                <ul>{faults.into_iter().map(|fault| {
                    let PolicyFault { document, line, message } = fault;
                    let line = line.to_string();
                    let said = move || {
                        if document.is_empty() {
                            words.texts().notices_fault(&line, &message)
                        } else {
                            words.texts().notices_fault_in(&document, &line, &message)
                        }
                    };
                    view! { <li>{text(said)}</li> }
                }).collect_view()}</ul>
            </section>
        }
    })
}
