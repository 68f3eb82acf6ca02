//! `/desk/closures/:id`: one closure, the progress of its messages, and the undo with its preview and result.

use ::api::{
    closures::{Closure, Left, Undoing},
    ids::ClosureId,
};
use leptos::prelude::*;
use rules::Coded;

use crate::{
    api,
    browser::clock::use_clock,
    pages::desk::{
        offices::close::days_closed,
        parts::delivery_progress::{LedgerTable, look_again},
    },
    paths,
    router::use_router,
    state::{action::Action, remote::Remote},
    text::{
        dates,
        desk_texts::{Pick, Texts, use_words},
        language::use_speech,
    },
    ui::{
        dynamic::{is, part, press, text},
        failure::{FailureAlert, Fetched},
        page::Page,
    },
};

/// Renders the page.
#[component]
pub fn ClosurePage(closure: ClosureId) -> impl IntoView {
    let words = use_words();
    let changed = untrack(|| use_router().query("changed")).is_some();
    let remote = Remote::fetch(move || {
        let closure = closure.clone();
        async move { api::desk::closure(&closure).await }
    });
    provide_context(remote);
    look_again(remote, |closure| {
        let restoring = closure.undoing.as_ref().and_then(|undoing| undoing.ledger);
        restoring.filter(|ledger| ledger.waiting > 0).unwrap_or(closure.ledger)
    });
    let about = text(move || {
        let closure = remote.loaded();
        let about =
            closure.map(|one| format!("{}, {}", one.office, days_closed(words, one.first, one.last, one.share)));
        about.unwrap_or_default()
    });
    view! {
        <Page title=words.signal(|t| t.closure_title) about>
            {changed.then(|| view! { <p class="ds-alert" data-color="warning">{words.say(|t| t.closure_changed)}</p> })}
            <Fetched remote show=|closure| view! { <Shown closure /> }.into_any() />
            <p><a class="ds-link" href=paths::DESK_CLOSE>{words.say(|t| t.close_title)}</a></p>
        </Page>
    }
}

/// Renders the loaded closure.
#[component]
fn Shown(closure: Closure) -> impl IntoView {
    let words = use_words();
    let Closure { id, office, first, last, share, undone, undo_until, ledger, undoing, .. } = closure;
    let days = move || days_closed(words, first, last, share);
    let is_undone = undone.is_some();
    view! {
        <p class="ds-paragraph">{office} ", " {text(days)}</p>
        {undone.map(|at| view! {
            <p class="ds-alert" data-color="info">
                {text(move || words.texts().closure_undone_at(&dates::day_and_time(at, words.language())))}
            </p>
        })}
        {undoing.map(|undoing| view! { <Back id undoing until=undo_until is_undone /> })}
        <LedgerTable ledger />
    }
}

/// Renders the preview of the undo with its button, or the result of an undo.
#[component]
fn Back(id: ClosureId, undoing: Undoing, until: chrono::DateTime<chrono::Utc>, is_undone: bool) -> impl IntoView {
    let words = use_words();
    let speech = use_speech();
    let Undoing { refusal, slots, given, told, not_given, people, ledger } = undoing;
    let row = move |name: Pick, count: usize| {
        view! {
            <dt>{words.say(name)}</dt><dd>{count}</dd>
        }
    };
    let (title, has): (Pick, Pick) = if is_undone {
        (|t| t.closure_did, |t| t.closure_given_again)
    } else {
        (|t| t.closure_would, |t| t.closure_given)
    };
    if let Some(code) = refusal {
        return view! { <p class="ds-paragraph">{text(move || speech.texts().problem.get(code.code()))}</p> }
            .into_any();
    }
    view! {
        <section class="stack" aria-labelledby="back">
            <h2 id="back" class="ds-heading" data-size="sm">{words.say(title)}</h2>
            <dl class="facts">
                {row(has, given)}
                {(told > 0).then(|| row(|t| t.closure_told, told))}
                {row(|t| t.closure_not_given, not_given)}
                {row(|t| t.closure_slots, slots)}
            </dl>
            {(!is_undone).then(|| view! { <Undo id until /> })}
            {(!people.is_empty()).then(|| view! { <NotGivenBack people all=not_given /> })}
            {ledger.map(|ledger| view! { <LedgerTable ledger caption=Texts::closure_restoring /> })}
        </section>
    }
    .into_any()
}

/// Renders the people whose appointment is not restored, with the reason.
#[component]
fn NotGivenBack(people: Vec<Left>, all: usize) -> impl IntoView {
    let words = use_words();
    let (count, all) = (people.len().to_string(), all.to_string());
    let caption = move || words.texts().closure_left(&all, &count);
    view! {
        <div class="desk-scroll" tabindex="0" role="group" aria-label=words.say(|t| t.closure_not_given)>
            <table class="ds-table">
                <caption>{text(caption)}</caption>
                <thead><tr>
                    <th scope="col">{words.say(|t| t.close_who)}</th>
                    <th scope="col">{words.say(|t| t.close_when)}</th>
                    <th scope="col">{words.say(|t| t.closure_why)}</th>
                </tr></thead>
                <tbody>{people.into_iter().map(|one| {
                    let Left { case, reference, applicant, starts, reason } = one;
                    view! {
                        <tr>
                            <th scope="row"><a class="ds-link" href=paths::desk_case(&case)>{applicant}</a> <br /> <span class="quiet">{reference}</span></th>
                            <td>{text(move || dates::day_and_time(starts, words.language()))}</td>
                            <td>{text(move || words.texts().not_given.get(reason.code()))}</td>
                        </tr>
                    }
                }).collect_view()}</tbody>
            </table>
        </div>
    }
}

/// Renders the button that undoes the closure, while that is possible.
#[component]
fn Undo(id: ClosureId, until: chrono::DateTime<chrono::Utc>) -> impl IntoView {
    let words = use_words();
    let clock = use_clock();
    let remote = expect_context::<Remote<Closure>>();
    let action = Action::new();
    let Action { busy, failure, .. } = action;
    let in_time = clock.now_untracked().is_some_and(|now| now < until);
    let undo = move || {
        let id = id.clone();
        action.run(async move { api::desk::undo_closure(&id).await }, move |_| remote.again());
    };
    view! {
        {part(move || failure.get().map(|said| view! { <FailureAlert failure=said again=move || remote.again() /> }))}
        <div class="row">
            <button type="button" class="ds-button" data-variant="secondary" aria-disabled=is(busy) on:click=press(undo)>{words.say(|t| t.closure_undo)}</button>
            {in_time.then(|| view! {
                <span>{text(move || words.texts().closure_undo_until(&dates::time(until, words.language())))}</span>
            })}
        </div>
    }
}
