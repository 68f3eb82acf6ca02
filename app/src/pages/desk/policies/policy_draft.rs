//! `/desk/notices/:id`: one draft of a policy document: its effect, its approval and its withdrawal.

use ::api::{
    ids::DraftId,
    policies::{Draft, DraftState, Scope, Shown},
};
use leptos::prelude::*;
use rules::Coded;

use crate::{
    api,
    browser::clock::use_clock,
    pages::desk::{
        frame::use_officer,
        parts::confirm_button::Confirm,
        policies::{
            effect::{Answers, Faults},
            notices,
        },
    },
    paths,
    state::{action::Action, remote::Remote},
    text::{dates, desk_texts::use_words},
    ui::{
        dynamic::{is, part, press, text},
        failure::{FailureAlert, Fetched},
        page::Page,
    },
};

/// Renders the page.
#[component]
pub fn DraftPage(draft: DraftId) -> impl IntoView {
    let words = use_words();
    let remote = Remote::fetch(move || {
        let draft = draft.clone();
        async move { api::desk::policy_draft(&draft).await }
    });
    // The action outlives the draft, which is fetched again after it.
    let doing = Action::new();
    provide_context(remote);
    provide_context(doing);
    let outcome = move || {
        let Draft { state, from, .. } = remote.loaded()?.draft;
        match state {
            DraftState::Open => None,
            DraftState::Withdrawn => Some(words.texts().draft_withdrawn.to_owned()),
            DraftState::Coming | DraftState::Published => {
                Some(words.texts().draft_approved(&dates::short_day(from, words.language())))
            }
        }
    };
    let about = text(move || remote.loaded().map(|shown| notices::name(words, &shown.draft)).unwrap_or_default());
    view! {
        <Page title=words.signal(|t| t.draft_title) about>
            <div role="status">
                {part(move || outcome().map(|said| view! { <p class="ds-alert" data-color="info">{said}</p> }))}
            </div>
            {part(move || doing.failure.get().map(|said| {
                let faults = said.faults().to_vec();
                let possible = said.possible_from().map(|day| {
                    let words = words.texts().draft_possible_from(&dates::short_day(day, words.language()));
                    view! { <p class="ds-paragraph">{words}</p> }
                });
                view! { <FailureAlert failure=said again=move || { doing.failure.set(None); remote.again(); } /> {possible} <Faults faults /> }
            }))}
            <Fetched remote show=|shown| view! { <Whole shown /> }.into_any() />
            <p><a class="ds-link" href=paths::DESK_NOTICES>{words.say(|t| t.draft_back)}</a></p>
        </Page>
    }
}

/// Renders the loaded draft.
#[component]
fn Whole(shown: Shown) -> impl IntoView {
    let words = use_words();
    let Shown { draft, body, preview, faults } = shown;
    let by = move |name: String, at| {
        let name = StoredValue::new(name);
        text(move || {
            let time = dates::day_and_time(at, words.language());
            name.with_value(|name| words.texts().draft_by_at(name, &time))
        })
    };
    let (state, district) = (draft.state, draft.district);
    let named = draft.clone();
    let is_unfit = preview.is_none() && matches!(state, DraftState::Open | DraftState::Coming);
    let seen = preview.as_ref().map(|preview| (preview.scope, preview.seen.clone()));
    let drafted = by(draft.drafted_by.clone(), draft.drafted);
    let approved = draft.approved_by.clone().zip(draft.approved).map(|(name, at)| by(name, at));
    view! {
        <p class="ds-paragraph"><strong>{text(move || notices::name(words, &named))}</strong></p>
        <dl class="facts">
            <dt>{words.say(|t| t.draft_facts_state)}</dt><dd>{text(move || words.texts().draft_state.get(state.code()))}</dd>
            <dt>{words.say(|t| t.draft_drafted_by)}</dt><dd>{drafted}</dd>
            {approved.map(|approved| view! { <dt>{words.say(|t| t.draft_approved_by)}</dt><dd>{approved}</dd> })}
        </dl>
        {is_unfit.then(|| view! { <p class="ds-alert" data-color="warning">{words.say(|t| t.draft_unfit)}</p> })}
        <Faults faults />
        {preview.map(|preview| view! { <Answers preview district /> })}
        <Decide draft seen />
        <details class="ds-details">
            <summary>{words.say(|t| t.draft_text)}</summary>
            <pre class="desk-message" tabindex="0" role="region" aria-label=words.say(|t| t.draft_text)>{body}</pre>
        </details>
    }
}

/// Renders the buttons to approve, for officers who may, and to withdraw. `seen` identifies the preview above.
#[component]
fn Decide(draft: Draft, seen: Option<(Scope, String)>) -> impl IntoView {
    let words = use_words();
    let officer = use_officer();
    let clock = use_clock();
    let remote = expect_context::<Remote<Shown>>();
    let action = expect_context::<Action>();
    let busy = action.busy;
    let named = draft.clone();
    let Draft { id, own, state, from, district, .. } = draft;
    let is_open = state == DraftState::Open;
    let is_over = clock.now_untracked().is_some_and(|now| from < rules::day::in_oslo(now));
    let may_withdraw = is_open || state == DraftState::Coming;
    // The same conditions as on the server.
    let approving = seen.filter(|(scope, _)| {
        is_open && !own && !is_over && (*scope == Scope::District) == (officer.district == district)
    });
    let of_approve = id.clone();
    let approve = move |seen: String| {
        let id = of_approve.clone();
        action.run(async move { api::desk::approve_policy(&id, seen).await }, move |()| remote.again());
    };
    let withdraw = move || {
        let id = id.clone();
        action.run(async move { api::desk::withdraw_policy(&id).await }, move |()| remote.again());
    };
    view! {
        {(is_open && own).then(|| view! { <p class="ds-paragraph">{words.say(|t| t.draft_own)}</p> })}
        {(is_open && is_over).then(|| view! { <p class="ds-alert" data-color="warning">{words.say(|t| t.draft_day_over)}</p> })}
        <div class="row">
            {approving.map(|(_, seen)| view! {
                <button type="button" class="ds-button" aria-disabled=is(busy) on:click=press(move || approve(seen.clone()))>{words.say(|t| t.draft_approve)}</button>
            })}
            {may_withdraw.then(|| view! {
                <Confirm variant="secondary" is_danger=true busy name=text(words.say(|t| t.draft_withdraw))
                    question=text(move || words.texts().draft_withdraw_ask(&notices::name(words, &named)))
                    consequence=text(words.say(|t| t.draft_withdraw_text)) yes=text(words.say(|t| t.draft_withdraw_do)) act=withdraw />
            })}
        </div>
    }
}
