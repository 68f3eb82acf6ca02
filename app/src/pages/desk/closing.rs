//! `/desk/closings/:id`: how far the messages of a closing have come, and the way back as long as none has left.

use ::api::closings::Closing;
use leptos::prelude::*;
use std::time::Duration;

use super::texts::use_words;
use crate::{
    api::{self, Failure},
    clock::use_clock,
    components::{
        failure::{FailureAlert, Fetched, use_fail},
        page::Page,
    },
    dates,
    dynamic::{is, part, press, spawn, text},
    paths,
    remote::{Loadable, Remote},
    router::use_router,
};

/// How often the ledger is looked at while messages wait.
const EVERY: Duration = Duration::from_secs(2);

#[component]
pub fn ClosingPage(closing: String) -> impl IntoView {
    let words = use_words();
    let changed = untrack(|| use_router().query("changed")).is_some();
    let remote = Remote::fetch(move || {
        let closing = closing.clone();
        async move { api::desk::closing(&closing).await }
    });
    provide_context(remote);
    let still = move || match remote.state.try_get_untracked() {
        Some(Loadable::Loaded(closing)) if closing.waiting > 0 => remote.again(),
        _ => {}
    };
    if let Ok(interval) = set_interval_with_handle(still, EVERY) {
        on_cleanup(move || interval.clear());
    }
    view! {
        <Page title=words.signal(|t| t.closing_title)>
            {changed.then(|| view! { <p class="ds-alert" data-color="warning">{words.say(|t| t.closing_changed)}</p> })}
            <Fetched remote show=|closing| view! { <Ledger closing /> }.into_any() />
            <p><a class="ds-link" href=paths::DESK_CLOSE>{words.say(|t| t.close_title)}</a></p>
        </Page>
    }
}

#[component]
fn Ledger(closing: Closing) -> impl IntoView {
    let words = use_words();
    let Closing {
        id,
        office,
        first,
        last,
        share,
        undone,
        undo_until,
        to_tell,
        waiting,
        sent,
        delivered,
        withdrawn,
        to_call,
        called,
        ..
    } = closing;
    let days = move || {
        words.fill(
            |t| t.close_days,
            &[
                ("first", &dates::short_day(first, words.language())),
                ("last", &dates::short_day(last, words.language())),
                ("share", &share.to_string()),
            ],
        )
    };
    let row = move |name: fn(&super::texts::Texts) -> &'static str, count: i64| {
        view! {
            <tr><th scope="row">{words.say(name)}</th><td class="desk-count">{count}</td></tr>
        }
    };
    view! {
        <p class="ds-paragraph">{office} ", " {text(days)}</p>
        {match undone {
            Some(at) => view! {
                <p class="ds-alert" data-color="info">
                    {text(move || words.fill(|t| t.closing_undone_at, &[("time", &dates::day_and_time(at, words.language()))]))}
                </p>
            }.into_any(),
            None => view! { <Undo id until=undo_until possible={sent + delivered == 0} /> }.into_any(),
        }}
        <table class="ds-table desk-ledger">
            <caption>{text(move || words.fill(|t| t.closing_to_tell, &[("count", &to_tell.to_string())]))}</caption>
            <tbody>
                {row(|t| t.closing_waiting, waiting)}
                {row(|t| t.closing_sent, sent)}
                {row(|t| t.closing_delivered, delivered)}
                {row(|t| t.closing_to_call, to_call)}
                {row(|t| t.closing_called, called)}
                {row(|t| t.closing_withdrawn, withdrawn)}
            </tbody>
        </table>
        {(to_call > 0).then(|| view! { <p><a class="ds-link" href=paths::DESK_CALLS>{words.say(|t| t.calls_title)}</a></p> })}
    }
}

#[component]
fn Undo(id: String, until: chrono::DateTime<chrono::Utc>, possible: bool) -> impl IntoView {
    let words = use_words();
    let clock = use_clock();
    let remote = expect_context::<Remote<Closing>>();
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    let fail = use_fail(failure);
    let in_time = possible && clock.now_untracked().is_some_and(|now| now < until);
    let undo = move || {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let id = id.clone();
        spawn(async move {
            let answer = api::desk::undo_closing(&id).await;
            busy.try_set(false);
            match answer {
                Ok(_) => remote.again(),
                Err(why) => fail(why),
            }
        });
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
