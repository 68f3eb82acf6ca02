//! Failed sendings of documents: applicants call, give their code and get help by telephone.

use ::api::{documents::FailureToCall, ids::CaseId};
use leptos::prelude::*;

use crate::{
    api, paths,
    state::action::Action,
    text::{
        dates,
        desk_texts::{Words, use_words},
    },
    ui::{
        dynamic::{is, part, press, text},
        failure::FailureAlert,
    },
};

/// Renders one failed sending.
#[component]
pub fn FailureCard(failure: FailureToCall, done: Callback<()>) -> impl IntoView {
    let words = use_words();
    let FailureToCall { code, case, reference, applicant, since, what } = failure;
    let to_case = paths::desk_case(&case);
    view! {
        <article class="ds-card" data-variant="default">
            <div class="stack">
                <h3 class="ds-heading" data-size="2xs"><a class="ds-link" href=to_case>{applicant.clone()}</a> ", " {reference}</h3>
                <p class="ds-paragraph">{words.say(|t| t.failures_code)} " " <strong class="number">{code}</strong></p>
                <p class="ds-paragraph quiet">
                    {text(move || dates::day_and_time(since, words.language()))}
                </p>
                <p class="ds-paragraph">{text(move || what_went_wrong(&what, words))}</p>
                <Done case about=applicant done />
            </div>
        </article>
    }
}

/// The description of a failure by its code. An unknown code is shown as it is, for technicians.
fn what_went_wrong(code: &str, words: Words) -> String {
    match words.texts().failure_what.get(code) {
        "" => words.texts().failures_other(code),
        text => text.to_owned(),
    }
}

/// Renders the button that marks a failed sending as handled.
#[component]
pub fn Done(case: CaseId, about: String, done: Callback<()>) -> impl IntoView {
    let words = use_words();
    let action = Action::new();
    let Action { busy, failure, .. } = action;
    let end = move || {
        let case = case.clone();
        action.run(async move { api::desk::failure_done(&case).await }, move |()| {
            done.try_run(());
        });
    };
    let again = end.clone();
    view! {
        {part(move || failure.get().map(|said| view! { <FailureAlert failure=said again=again.clone() /> }))}
        <div><button type="button" class="ds-button" data-variant="secondary" aria-disabled=is(busy)
            aria-label=text(move || format!("{}: {about}", words.texts().failures_done))
            on:click=press(end)>{words.say(|t| t.failures_done)}</button></div>
    }
}
