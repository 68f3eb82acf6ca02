//! Why documents cannot be sent here now, and what the person does instead.

use leptos::prelude::*;
use rules::{Coded, Decision, Outcome};

use super::refusal::ReasonText;
use crate::{dynamic::text, language::use_speech, paths};

#[component]
pub fn Delivery(
    decision: Decision,
    /// What is told on the telephone, if sending has failed and the office knows of it.
    code: Option<String>,
) -> impl IntoView {
    let speech = use_speech();
    let outcome = decision.outcome;
    let no_contact = decision.contact.is_none();
    let title = move || speech.texts().answer.get(&format!("upload-{}", outcome.code()));
    let color = if outcome == Outcome::ByPhone { "info" } else { "warning" };
    view! {
        <section class="ds-alert" data-color=color aria-labelledby="delivery">
            <div class="stack">
                <h2 id="delivery" class="ds-heading" data-size="xs">{text(title)}</h2>
                {decision.contact.map(|phone| {
                    let call = paths::call(&phone);
                    view! {
                        <p class="ds-paragraph" data-size="lg">
                            <a class="ds-link" href=call>{text(move || speech.fill(|t| t.refusal_phone, &[("phone", &phone)]))}</a>
                        </p>
                    }
                })}
                {code.filter(|code| !code.is_empty()).map(|code| view! {
                    <p class="ds-paragraph">{speech.say(|t| t.case_failure_code)} " " <strong class="number">{code}</strong></p>
                })}
                {decision.reasons.into_iter().map(|ground| view! { <ReasonText ground no_contact /> }).collect_view()}
            </div>
        </section>
    }
}
