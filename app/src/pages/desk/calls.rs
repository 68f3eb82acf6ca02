//! `/desk/calls`: whom nobody could reach, and who has to be called.

use ::api::by_phone::Call;
use leptos::prelude::*;
use rules::Coded;

use super::texts::use_words;
use crate::{
    action::Action,
    api,
    components::{
        failure::{FailureAlert, Fetched},
        page::Page,
    },
    dates,
    dynamic::{is, part, press, text},
    language::use_speech,
    paths,
    remote::Remote,
};

#[component]
pub fn Calls() -> impl IntoView {
    let words = use_words();
    let calls = Remote::fetch(api::desk::calls);
    provide_context(calls);
    view! {
        <Page title=words.signal(|t| t.calls_title)>
            <p class="ds-paragraph">{words.say(|t| t.calls_lead)}</p>
            <Fetched remote=calls show=|calls| view! { <List calls /> }.into_any() />
        </Page>
    }
}

#[component]
fn List(calls: Vec<Call>) -> impl IntoView {
    let words = use_words();
    if calls.is_empty() {
        return view! { <p class="ds-paragraph" role="status">{words.say(|t| t.calls_none)}</p> }.into_any();
    }
    let count = calls.len().to_string();
    view! {
        <p class="ds-paragraph" role="status">{text(move || words.fill(|t| t.calls_count, &[("count", &count)]))}</p>
        <ul class="plain stack">{calls.into_iter().map(|call| view! { <li><One call /></li> }).collect_view()}</ul>
    }
    .into_any()
}

#[component]
fn One(call: Call) -> impl IntoView {
    let words = use_words();
    let speech = use_speech();
    let remote = expect_context::<Remote<Vec<Call>>>();
    let action = Action::new();
    let Action { busy, failure, .. } = action;
    let Call { message, case, reference, applicant, phone, email, kind, fault, text: said, since } = call;
    let name = applicant.clone();
    let done = move || {
        let message = message.clone();
        action.run(async move { api::desk::called(&message).await }, move |()| remote.again());
    };
    view! {
        <article class="ds-card" data-variant="default">
            <div class="stack">
                <h2 class="ds-heading" data-size="2xs"><a class="ds-link" href=paths::desk_case(&case)>{applicant}</a> ", " {reference}</h2>
                <p class="ds-paragraph">{match phone {
                    Some(phone) => {
                    let call = paths::call(&phone);
                    view! { <a class="ds-link" href=call>{phone}</a> }.into_any()
                }
                    None => view! { {words.say(|t| t.case_no_phone)} }.into_any(),
                }} ", " {email}</p>
                <p class="ds-paragraph">
                    {text(move || speech.texts().message.get(kind.code()))} ": " {text(move || words.texts().fault.get(fault.code()))}
                    ", " {text(move || dates::day_and_time(since, words.language()))}
                </p>
                <details class="ds-details"><summary>{words.say(|t| t.calls_text)}</summary><pre class="desk-message">{said}</pre></details>
                {part(move || failure.get().map(|said| view! { <FailureAlert failure=said again=move || remote.again() /> }))}
                <div><button type="button" class="ds-button" data-variant="secondary"
                    aria-label=text(move || format!("{}: {name}", words.texts().calls_done))
                    aria-disabled=is(busy) on:click=press(done)>{words.say(|t| t.calls_done)}</button></div>
            </div>
        </article>
    }
}
