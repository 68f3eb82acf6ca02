//! Explanation why documents cannot be sent on this site now, and the way that the rules name instead.

use leptos::prelude::*;
use rules::{Coded, Decision, Outcome};

use crate::{
    text::language::use_speech,
    ui::{
        dynamic::text,
        next_steps::{Around, WaysOn},
        refusal::ReasonText,
    },
};

/// Renders a decision about `upload` that is not a yes.
#[component]
pub fn Delivery(
    decision: Decision,
    /// The failure code to give on the telephone; `None` if sending has not failed, empty if the office does not know
    /// of it.
    code: Option<String>,
    around: Around,
) -> impl IntoView {
    let speech = use_speech();
    let outcome = decision.outcome;
    let no_contact = decision.contact.is_none();
    let title = move || speech.texts().answer.get(&format!("upload-{}", outcome.code()));
    let color = if outcome == Outcome::ByPhone { "info" } else { "warning" };
    let (reasons, contact) = (decision.codes().collect(), decision.contact.clone());
    let ways = view! { <WaysOn reasons contact around /> };
    // The telephone number goes first if calling is the way, followed by the code.
    let (ways_first, ways_last) = if outcome == Outcome::ByPhone { (Some(ways), None) } else { (None, Some(ways)) };
    view! {
        <section class="ds-alert" data-color=color aria-labelledby="delivery">
            <div class="stack">
                <h2 id="delivery" class="ds-heading" data-size="xs">{text(title)}</h2>
                {ways_first}
                {code.filter(|code| !code.is_empty()).map(|code| view! {
                    <p class="ds-paragraph">{speech.say(|t| t.case_failure_code)} " " <strong class="number">{code}</strong></p>
                })}
                {decision.reasons.into_iter().map(|ground| view! { <ReasonText ground no_contact /> }).collect_view()}
                {ways_last}
            </div>
        </section>
    }
}
