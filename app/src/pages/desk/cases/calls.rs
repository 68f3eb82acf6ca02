//! `/desk/calls`: people whom no message has reached, to be called.

use ::api::by_phone::Call;
use leptos::prelude::*;
use rules::Coded;

use crate::{
    api,
    pages::desk::parts::confirm_button::Confirm,
    paths,
    state::{action::Action, remote::Remote},
    text::{dates, desk_texts::use_words, language::use_speech},
    ui::{
        dynamic::{part, text},
        failure::{FailureAlert, Fetched},
        page::{Page, focus_heading},
    },
};

/// Renders the page.
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

/// Renders the list.
#[component]
fn List(calls: Vec<Call>) -> impl IntoView {
    let words = use_words();
    if calls.is_empty() {
        return view! { <p class="ds-paragraph" role="status">{words.say(|t| t.calls_none)}</p> }.into_any();
    }
    let count = calls.len().to_string();
    view! {
        <p class="ds-paragraph" role="status">{text(move || words.texts().calls_count(&count))}</p>
        <ul class="plain desk-calls">{calls.into_iter().map(|call| view! { <li><One call /></li> }).collect_view()}</ul>
    }
    .into_any()
}

/// Renders one person with the undelivered message.
#[component]
fn One(call: Call) -> impl IntoView {
    let words = use_words();
    let speech = use_speech();
    let remote = expect_context::<Remote<Vec<Call>>>();
    let action = Action::new();
    let failure = action.failure;
    let Call { message, case, reference, applicant, phone, email, kind, fault, text: said, since } = call;
    let (name, asked) = (applicant.clone(), applicant.clone());
    let done = move || {
        let message = message.clone();
        action.run(async move { api::desk::called(&message).await }, move |()| {
            remote.again();
            // The pressed button disappears with its row.
            focus_heading();
        });
    };
    view! {
        <article class="desk-call">
            <div>
                <h2 class="ds-heading" data-size="2xs"><a class="ds-link" href=paths::desk_case(&case)>{applicant}</a></h2>
                <p class="ds-paragraph quiet" data-size="sm">{reference}</p>
            </div>
            <p class="ds-paragraph">
                {match phone {
                    Some(phone) => {
                        let call = paths::call(&phone);
                        view! { <a class="ds-link desk-whole" href=call>{phone}</a> }.into_any()
                    }
                    None => view! { {words.say(|t| t.case_no_phone)} }.into_any(),
                }}
                {(!email.is_empty()).then(|| view! { <br /> <span class="desk-code">{email}</span> })}
            </p>
            <div>
                <p class="ds-paragraph" data-size="sm">
                    {text(move || speech.texts().message.get(kind.code()))} ": " {text(move || words.texts().fault.get(fault.code()))}
                    ", " {text(move || dates::day_and_time(since, words.language()))}
                </p>
                <details class="desk-more"><summary>{words.say(|t| t.calls_text)}</summary><pre class="desk-message">{said}</pre></details>
                {part(move || failure.get().map(|said| view! { <FailureAlert failure=said again=move || remote.again() /> }))}
            </div>
            <Confirm variant="secondary" size="sm" name=text(words.say(|t| t.calls_done))
                spoken=text(move || format!("{}: {name}", words.texts().calls_done))
                question=text(move || words.texts().calls_done_ask(&asked))
                consequence=text(words.say(|t| t.calls_done_text)) yes=text(words.say(|t| t.calls_done_do)) act=done />
        </article>
    }
}
