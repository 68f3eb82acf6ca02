//! On a case: ask for its documents electronically, as far as the rules let the office.

use ::api::{
    by_phone::DeskCase,
    cases::Case,
    invitations::{Invitation, facts_to_invite},
};
use leptos::prelude::*;
use rules::{Application, Outcome, facts::Standing};

use super::{
    form::Detail,
    invite_form::{InviteDraft, InviteFields},
    texts::use_words,
};
use crate::{
    api::{self, Failure},
    clock::use_clock,
    components::{
        failure::{FailureAlert, use_fail},
        refusal::ReasonText,
    },
    dates,
    dynamic::{is, part, press, spawn, text},
    law::use_law,
    remote::{Loadable, Remote},
};

#[component]
pub fn Documents(case: Case) -> impl IntoView {
    let words = use_words();
    let clock = use_clock();
    let law = use_law();
    let Case { id, application_type: kind, district, submitted, invitation, .. } = case;
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
                Some(invitation) => view! { <Asked id invitation /> }.into_any(),
                None => part(move || decision().map(|decision| match decision.outcome {
                    Outcome::Allowed => view! { <Ask id=id.clone() /> }.into_any(),
                    _ => decision.reasons.into_iter().map(|ground| view! { <ReasonText ground /> }).collect_view().into_any(),
                })).into_any(),
            }}
        </section>
    }
}

#[component]
fn Ask(id: String) -> impl IntoView {
    let words = use_words();
    let remote = expect_context::<Remote<DeskCase>>();
    let draft = InviteDraft::new(&format!("invite {id}"));
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    let fail = use_fail(failure);
    let ask = move || {
        failure.set(None);
        let Some(invite) = draft.invite().filter(|_| !busy.get_untracked()) else { return };
        busy.set(true);
        let id = id.clone();
        spawn(async move {
            let answer = api::desk::invite(&id, &invite).await;
            busy.try_set(false);
            match answer {
                Ok(case) => {
                    draft.forget();
                    remote.state.try_set(Loadable::Loaded(case));
                }
                Err(why) => fail(why),
            }
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

#[component]
fn Asked(id: String, invitation: Invitation) -> impl IntoView {
    let words = use_words();
    let remote = expect_context::<Remote<DeskCase>>();
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    let fail = use_fail(failure);
    let withdraw = move || {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let id = id.clone();
        spawn(async move {
            let answer = api::desk::withdraw_invitation(&id).await;
            busy.try_set(false);
            match answer {
                Ok(case) => {
                    remote.state.try_set(Loadable::Loaded(case));
                }
                Err(why) => fail(why),
            }
        });
    };
    let Invitation { issued, last, instructions } = invitation;
    let asked = move || {
        let (issued, last) = (dates::short_day(issued, words.language()), dates::short_day(last, words.language()));
        words.fill(|t| t.documents_asked, &[("issued", &issued), ("last", &last)])
    };
    view! {
        <p class="ds-paragraph"><strong>{text(asked)}</strong></p>
        <p class="ds-paragraph as-typed" lang="nb">{instructions.nb}</p>
        <p class="ds-paragraph as-typed" lang="en">{instructions.en}</p>
        {part(move || failure.get().map(|said| view! { <FailureAlert failure=said again=move || remote.again() /> }))}
        <div><button type="button" class="ds-button" data-variant="secondary" aria-disabled=is(busy) on:click=press(withdraw)>
            {words.say(|t| t.asking_withdraw)}
        </button></div>
    }
}
