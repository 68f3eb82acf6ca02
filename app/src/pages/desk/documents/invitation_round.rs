//! `/desk/invitations/:id`: one request for documents to many cases, the progress of its messages, and its withdrawal.

use ::api::{ids::RoundId, invitations::Asking};
use leptos::prelude::*;
use rules::Coded;

use crate::{
    api,
    pages::desk::parts::delivery_progress::LedgerTable,
    paths,
    router::use_router,
    state::{action::Action, remote::Remote},
    text::{
        dates,
        desk_texts::{Words, use_words},
        language::{Speech, use_speech},
    },
    ui::{
        dynamic::{is, part, press, text},
        failure::{FailureAlert, Fetched},
        page::Page,
    },
};

/// Renders the page.
#[component]
pub fn AskingPage(asking: RoundId) -> impl IntoView {
    let words = use_words();
    let speech = use_speech();
    let changed = untrack(|| use_router().query("changed")).is_some();
    let remote = Remote::fetch(move || {
        let asking = asking.clone();
        async move { api::desk::asking(&asking).await }
    });
    provide_context(remote);
    crate::pages::desk::parts::delivery_progress::look_again(remote, |asking| asking.ledger);
    let about = text(move || {
        let kind = remote.loaded().map(|asking| match asking.application_type {
            Some(kind) => speech.texts().kind.get(kind.code()),
            None => words.texts().invite_all_types,
        });
        kind.unwrap_or_default()
    });
    view! {
        <Page title=words.signal(|t| t.asking_title) about>
            {changed.then(|| view! { <p class="ds-alert" data-color="warning">{words.say(|t| t.asking_changed)}</p> })}
            <Fetched remote show=|asking| view! { <Shown asking /> }.into_any() />
            <p><a class="ds-link" href=paths::DESK_INVITE>{words.say(|t| t.invite_title)}</a></p>
        </Page>
    }
}

/// Renders the loaded request.
#[component]
fn Shown(asking: Asking) -> impl IntoView {
    let words = use_words();
    let speech = use_speech();
    let remote = expect_context::<Remote<Asking>>();
    let action = Action::new();
    let Action { busy, failure, .. } = action;
    let id = asking.id.clone();
    let withdraw = move || {
        let id = id.clone();
        action.run(async move { api::desk::withdraw_asking(&id).await }, move |asking| remote.put(asking));
    };
    let (live, ledger) = (asking.live, asking.ledger);
    let instructions = asking.invite.instructions.clone();
    view! {
        <p class="ds-paragraph">{text(move || name(&asking, words, speech))}</p>
        <p class="ds-paragraph"><strong>{text(move || words.texts().asking_live(&live.to_string()))}</strong></p>
        <details class="ds-details">
            <summary>{words.say(|t| t.asking_text)}</summary>
            <p class="ds-paragraph as-typed" lang="nb">{instructions.nb}</p>
            <p class="ds-paragraph as-typed" lang="en">{instructions.en}</p>
        </details>
        {part(move || failure.get().map(|said| view! { <FailureAlert failure=said again=move || remote.again() /> }))}
        {(live > 0).then(|| view! {
            <details class="ds-details">
                <summary>{words.say(|t| t.asking_withdraw)}</summary>
                <p class="ds-paragraph">{words.say(|t| t.asking_withdraw_text)}</p>
                <div><button type="button" class="ds-button" data-color="danger" aria-disabled=is(busy) on:click=press(withdraw)>
                    {text(move || words.texts().asking_withdraw_do(&live.to_string()))}
                </button></div>
            </details>
        })}
        <LedgerTable ledger />
    }
}

/// A request's name: type, time and deadline.
pub fn name(asking: &Asking, words: Words, speech: Speech) -> String {
    let kind = match asking.application_type {
        Some(kind) => speech.texts().kind.get(kind.code()),
        None => words.texts().invite_all_types,
    };
    let made = dates::day_and_time(asking.made, words.language());
    let last = dates::short_day(asking.invite.last_day, words.language());
    words.texts().asking_name(&last, &made, kind)
}
