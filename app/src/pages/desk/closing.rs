//! `/desk/closings/:id`: how far the messages of a closing have come, and the way back as long as none has left.

use ::api::closings::Closing;
use leptos::prelude::*;

use super::{
    close::days_closed,
    ledger::{LedgerTable, look_again},
    texts::use_words,
};
use crate::{
    action::Action,
    api,
    clock::use_clock,
    components::{
        failure::{FailureAlert, Fetched},
        page::Page,
    },
    dates,
    dynamic::{is, part, press, text},
    paths,
    remote::Remote,
    router::use_router,
};

#[component]
pub fn ClosingPage(closing: String) -> impl IntoView {
    let words = use_words();
    let changed = untrack(|| use_router().query("changed")).is_some();
    let remote = Remote::fetch(move || {
        let closing = closing.clone();
        async move { api::desk::closing(&closing).await }
    });
    provide_context(remote);
    look_again(remote, |closing| closing.ledger);
    view! {
        <Page title=words.signal(|t| t.closing_title)>
            {changed.then(|| view! { <p class="ds-alert" data-color="warning">{words.say(|t| t.closing_changed)}</p> })}
            <Fetched remote show=|closing| view! { <Shown closing /> }.into_any() />
            <p><a class="ds-link" href=paths::DESK_CLOSE>{words.say(|t| t.close_title)}</a></p>
        </Page>
    }
}

#[component]
fn Shown(closing: Closing) -> impl IntoView {
    let words = use_words();
    let Closing { id, office, first, last, share, undone, undo_until, ledger, .. } = closing;
    let days = move || days_closed(words, first, last, share);
    view! {
        <p class="ds-paragraph">{office} ", " {text(days)}</p>
        {match undone {
            Some(at) => view! {
                <p class="ds-alert" data-color="info">
                    {text(move || words.fill(|t| t.closing_undone_at, &[("time", &dates::day_and_time(at, words.language()))]))}
                </p>
            }.into_any(),
            None => view! { <Undo id until=undo_until possible={ledger.sent + ledger.delivered == 0} /> }.into_any(),
        }}
        <LedgerTable ledger />
    }
}

#[component]
fn Undo(id: String, until: chrono::DateTime<chrono::Utc>, possible: bool) -> impl IntoView {
    let words = use_words();
    let clock = use_clock();
    let remote = expect_context::<Remote<Closing>>();
    let action = Action::new();
    let Action { busy, failure, .. } = action;
    let in_time = possible && clock.now_untracked().is_some_and(|now| now < until);
    let undo = move || {
        let id = id.clone();
        action.run(async move { api::desk::undo_closing(&id).await }, move |_| remote.again());
    };
    view! {
        {part(move || failure.get().map(|said| view! { <FailureAlert failure=said again=move || remote.again() /> }))}
        {in_time.then(|| view! {
            <div class="row">
                <button type="button" class="ds-button" data-variant="secondary" aria-disabled=is(busy) on:click=press(undo)>{words.say(|t| t.closing_undo)}</button>
                <span>{text(move || words.fill(|t| t.closing_undo_until, &[("time", &dates::time(until, words.language()))]))}</span>
            </div>
        })}
    }
}
