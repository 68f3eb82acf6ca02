//! Refusal: every reason with its official sentence, the first possible day, and the next steps.

use chrono::NaiveDate;
use leptos::prelude::*;
use std::borrow::Cow;

use rules::{Coded, Decision, Ground, Outcome, Reason};

use crate::{
    state::policy::use_law,
    text::{dates, language::use_speech},
    ui::{
        dynamic::text,
        next_steps::{Around, WaysOn},
    },
};

/// Renders a decision that is not a plain yes.
#[component]
pub fn Refusal(
    decision: Decision,
    /// The first day on which the booking is allowed; `None` if unknown.
    first_day: Option<NaiveDate>,
    /// Context for the next steps. `None` at the desk, where none are shown.
    #[prop(optional)]
    around: Option<Around>,
) -> impl IntoView {
    let speech = use_speech();
    let by_phone = decision.outcome == Outcome::ByPhone;
    // No day is shown for an existing appointment: waiting does not end that reason.
    let is_booked = decision.codes().any(|code| code == Reason::AlreadyBooked);
    let title = move || {
        let texts = speech.texts();
        if by_phone { texts.refusal_by_phone } else { texts.refusal_title }
    };
    let earliest = move |day| {
        let texts = speech.texts();
        let day = dates::day(day, speech.language());
        if first_day.is_some() { texts.refusal_earliest(&day) } else { texts.refusal_earliest_partly(&day) }
    };
    let ways = around.map(|around| {
        let (reasons, contact) = (decision.codes().collect(), decision.contact.clone());
        view! { <WaysOn reasons contact around /> }
    });
    // The telephone number goes first if calling is the only way.
    let (ways_first, ways_last) = if by_phone { (ways, None) } else { (None, ways) };
    view! {
        <section class="ds-alert" data-color=if by_phone { "info" } else { "warning" } aria-labelledby="refusal">
            <div class="stack">
                <h2 id="refusal" class="ds-heading" data-size="xs">{title}</h2>
                {first_day.or(decision.earliest).filter(|_| !is_booked).map(|day| view! {
                    <p class="ds-paragraph" data-size="lg"><strong>{text(move || earliest(day))}</strong></p>
                })}
                {ways_first}
                {decision.reasons.into_iter().map(|ground| view! { <ReasonText ground /> }).collect_view()}
                {ways_last}
            </div>
        </section>
    }
}

/// Renders a reason, the next step and the official sentence. With `no_contact`, the sentence that names another
/// district's telephone line is left out.
#[component]
pub fn ReasonText(ground: Ground, #[prop(optional)] no_contact: bool) -> impl IntoView {
    let speech = use_speech();
    let code = ground.reason.code();
    let without_line = no_contact && ground.reason == Reason::TechnicalFailure;
    let next = move || {
        let texts = speech.texts();
        if without_line { texts.refusal_no_line } else { texts.reason_next.get(code) }
    };
    view! {
        <div class="stack">
            <h3 class="ds-heading" data-size="2xs">{text(move || speech.texts().reason_title.get(code))}</h3>
            <p class="ds-paragraph">{text(next)}</p>
            {(!without_line).then(|| view! { <Quotation source=ground.source /> })}
        </div>
    }
}

/// Renders the official sentence of a reference with its source. Renders nothing for an unknown reference.
#[component]
pub fn Quotation(source: Cow<'static, str>) -> impl IntoView {
    let speech = use_speech();
    let (notice, sentence) = use_law().find(&source)?;
    let whence = move || {
        let day = dates::short_day(notice.changed, speech.language());
        let whence = speech.texts().refusal_source(&day, notice.publisher);
        if sentence.original.is_translated_in(speech.language()) {
            format!("{whence} ({})", speech.texts().refusal_translated)
        } else {
            whence
        }
    };
    Some(view! {
        <figure>
            <blockquote>{text(move || sentence.text.in_language(speech.language()))}</blockquote>
            <figcaption class="ds-paragraph quiet" data-size="sm">
                {speech.say(|t| t.refusal_sentence)} ": " {whence}
            </figcaption>
        </figure>
    })
}
