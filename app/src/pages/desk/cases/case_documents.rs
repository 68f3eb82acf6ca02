//! Documents section of a case: the sent documents, and the request for more, as far as the rules allow it.

use ::api::{
    by_phone::DeskCase,
    cases::Case,
    documents::Document,
    ids::CaseId,
    invitations::{Invitation, facts_to_invite},
};
use leptos::prelude::*;
use rules::{Application, Coded, Outcome, facts::Standing};

use crate::{
    api,
    browser::clock::use_clock,
    pages::desk::{
        documents::{
            failed_uploads::Done,
            invitation_form::{InviteDraft, InviteFields},
        },
        parts::fields::Detail,
    },
    paths,
    state::{action::Action, policy::use_law, remote::Remote},
    text::{dates, desk_texts::use_words, file_size},
    ui::{
        dynamic::{is, part, press, text},
        failure::{FailureAlert, Fetched},
        refusal::ReasonText,
    },
};

/// Renders the section.
#[component]
pub fn Documents(case: Case) -> impl IntoView {
    let words = use_words();
    let clock = use_clock();
    let law = use_law();
    let Case { id, applicant, application_type: kind, district, submitted, invitation, .. } = case;
    let of_case = id.clone();
    let sent = Remote::fetch(move || {
        let case = of_case.clone();
        async move { Ok(Sent { documents: api::desk::documents(&case).await?, case }) }
    });
    let live = invitation.filter(|invitation| {
        let today = clock.now_untracked().map(rules::day::in_oslo);
        today.is_some_and(|today| invitation.standing(today) == Standing::Live)
    });
    let decision = move || {
        let (now, policy) = (clock.now()?, law.policy()?);
        Some(rules::decide(&policy, &facts_to_invite(Application { kind, district, submitted }, now)))
    };
    view! {
        <section class="stack no-print" aria-labelledby="documents">
            <h2 id="documents" class="ds-heading" data-size="sm">{words.say(|t| t.documents_title)}</h2>
            {match live {
                Some(invitation) => view! { <Asked id applicant invitation /> }.into_any(),
                None => part(move || decision().map(|decision| match decision.outcome {
                    Outcome::Allowed => view! { <Ask id=id.clone() /> }.into_any(),
                    _ => decision.reasons.into_iter().map(|ground| view! { <ReasonText ground /> }).collect_view().into_any(),
                })).into_any(),
            }}
            <Fetched remote=sent show=|sent| view! { <SentList sent /> }.into_any() />
        </section>
    }
}

/// The documents of a case.
#[derive(Clone, PartialEq)]
struct Sent {
    case: CaseId,
    documents: Vec<Document>,
}

/// Renders the sent documents. Renders nothing if there are none.
#[component]
fn SentList(sent: Sent) -> impl IntoView {
    let words = use_words();
    let Sent { case, documents } = sent;
    if documents.is_empty() {
        return ().into_any();
    }
    let any_there = documents.iter().any(Document::is_kept);
    let archive = paths::desk_archive(&case);
    view! {
        <h3 class="ds-heading" data-size="2xs">{words.say(|t| t.documents_sent)}</h3>
        <ul class="plain">{documents.into_iter().map(|document| {
            let Document { id, name, size, state, since, .. } = document;
            view! {
                <li>
                    <a class="ds-link desk-code" href=paths::desk_document(&id)>{name}</a> ", "
                    {text(move || file_size::of(size, words.language()))} ", "
                    {text(move || words.texts().document_state.get(state.code()))} ", "
                    {text(move || dates::day_and_time(since, words.language()))}
                </li>
            }
        }).collect_view()}</ul>
        {any_there.then(|| view! {
            <div><a class="ds-button" data-variant="secondary" href=archive rel="external" download>{words.say(|t| t.documents_archive)}</a></div>
        })}
    }
    .into_any()
}

/// Renders the form for a request.
#[component]
fn Ask(id: CaseId) -> impl IntoView {
    let words = use_words();
    let remote = expect_context::<Remote<DeskCase>>();
    let draft = InviteDraft::new(&format!("invite {id}"));
    let action = Action::new();
    let Action { busy, failure, .. } = action;
    let ask = move || {
        let Some(invite) = draft.invite() else { return };
        let id = id.clone();
        action.run(async move { api::desk::invite(&id, &invite).await }, move |case| {
            draft.forget();
            remote.put(case);
        });
    };
    view! {
        <details class="ds-details">
            <summary>{words.say(|t| t.documents_ask)}</summary>
            <form class="stack" novalidate on:submit=move |event| { event.prevent_default(); ask(); }>
                <InviteFields draft />
                {part(move || failure.get().map(|said| view! { <Detail failure=said.clone() /> <FailureAlert failure=said again=move || remote.again() /> }))}
                <div><button type="submit" class="ds-button" aria-disabled=is(busy)>{words.say(|t| t.documents_ask)}</button></div>
            </form>
        </details>
    }
}

/// Renders the open request, its failure, and its withdrawal.
#[component]
fn Asked(id: CaseId, applicant: String, invitation: Invitation) -> impl IntoView {
    let words = use_words();
    let of_case = id.clone();
    let remote = expect_context::<Remote<DeskCase>>();
    let action = Action::new();
    let Action { busy, failure, .. } = action;
    let withdraw = move || {
        let id = id.clone();
        action.run(async move { api::desk::withdraw_invitation(&id).await }, move |case| remote.put(case));
    };
    let Invitation { issued, last, instructions, failure: failed } = invitation;
    let done = Callback::new(move |()| remote.again());
    let asked = move || {
        let (issued, last) = (dates::short_day(issued, words.language()), dates::short_day(last, words.language()));
        words.texts().documents_asked(&issued, &last)
    };
    view! {
        {failed.map(|code| view! {
            <div class="ds-alert" data-color="warning"><div class="stack">
                <p class="ds-paragraph">{words.say(|t| t.failures_on_case)} " " <strong class="number">{code}</strong></p>
                <Done case=of_case about=applicant done />
            </div></div>
        })}
        <p class="ds-paragraph"><strong>{text(asked)}</strong></p>
        <p class="ds-paragraph as-typed" lang="nb">{instructions.nb}</p>
        <p class="ds-paragraph as-typed" lang="en">{instructions.en}</p>
        {part(move || failure.get().map(|said| view! { <FailureAlert failure=said again=move || remote.again() /> }))}
        <div><button type="button" class="ds-button" data-variant="secondary" aria-disabled=is(busy) on:click=press(withdraw)>
            {words.say(|t| t.asking_withdraw)}
        </button></div>
    }
}
