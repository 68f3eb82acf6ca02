//! Booking for a person who calls: the decision, the slots, and the reason that the officer writes down. Used by the page of
//! a case.

use ::api::{
    appointments::Appointment,
    by_phone::{BookByPhone, DeskCase},
    cases::{Slot, Times},
};
use chrono::{DateTime, Utc};
use leptos::{html, prelude::*};
use rules::Outcome;

use crate::{
    api,
    booking::{free_times::FreeTimes, situation_form::SituationForm},
    browser::{attention, clock::use_clock},
    pages::desk::cases::case_file::{Announce, Booking, Said, reason_of},
    state::{
        action::Action,
        drafts::{self, Draft, use_drafts},
        policy::use_law,
        remote::Remote,
    },
    text::{dates, desk_texts::use_words},
    ui::{
        dynamic::{is, part, press, text},
        failure::FailureAlert,
        field::TextField,
        page::focus_on,
        refusal::Refusal,
    },
};

/// Renders the decision, and the slots if it allows a booking, online or by telephone.
#[component]
pub fn Book() -> impl IntoView {
    let words = use_words();
    let clock = use_clock();
    let law = use_law();
    let reloaded = expect_context::<Remote<Times>>();
    let Booking { failure, .. } = expect_context();
    // The form stays during a refresh.
    let times = Memo::new(move |_| reloaded.loaded());
    let case = times.get_untracked()?.case;
    let draft = use_drafts().of(&case.id, case.situation.as_ref());
    let at_passport_office = case.application_type.belongs_to_passport_office();
    let decision = Memo::new(move |_| {
        let situation = draft.with(Draft::situation).ok()?;
        let (now, policy) = (clock.now()?, law.policy()?);
        let facts = times.with(|times| {
            let times = times.as_ref()?;
            Some(times.case.facts_to_book(now, &situation, times.availability()))
        })?;
        Some((rules::decide(&policy, &facts), rules::first_day_allowed(&policy, &facts)))
    });
    // The failure is shown above the slots: after the loss of the last one there is no list.
    let again = move || {
        failure.set(None);
        reloaded.again();
    };
    Some(view! {
        <section class="stack" aria-labelledby="book">
            <h2 id="book" class="ds-heading" data-size="sm">{words.say(|t| t.case_book)}</h2>
            <SituationForm draft at_passport_office />
            {part(move || failure.get().map(|said| view! { <FailureAlert failure=said again /> }))}
            {part(move || match decision.get().zip(times.get()) {
                None => view! { <p class="ds-paragraph quiet">{words.say(|t| t.case_ask_first)}</p> }.into_any(),
                Some(((decision, _), times)) if decision.outcome == Outcome::Allowed => {
                    view! { <Choose times draft by_phone=false /> }.into_any()
                }
                Some(((decision, first_day), times)) => {
                    let by_phone = decision.outcome == Outcome::ByPhone;
                    view! {
                        <Refusal decision first_day />
                        {by_phone.then(|| view! { <Choose times draft by_phone=true /> })}
                    }.into_any()
                }
            })}
        </section>
    })
}

/// Renders the slots and the reason for a booking by telephone.
#[component]
fn Choose(times: Times, draft: RwSignal<Draft>, by_phone: bool) -> impl IntoView {
    let words = use_words();
    let case = expect_context::<Remote<DeskCase>>();
    let reloaded = expect_context::<Remote<Times>>();
    let Booking { reason, failure } = expect_context();
    let Announce { said, is_new } = expect_context();
    let asked = RwSignal::new(false);
    let action = Action::saying(failure);
    let busy = action.busy;
    let chosen = RwSignal::new(None::<Slot>);
    let id = times.case.id.clone();
    let offices = StoredValue::new(times.offices.clone());
    let book = move || {
        asked.set(true);
        let Some(slot) = chosen.get_untracked() else { return };
        let Ok(situation) = draft.with_untracked(Draft::situation) else { return };
        if by_phone && reason.with_untracked(|reason| reason.trim().is_empty()) {
            // The field may be outside the viewport.
            focus_on("reason");
            return;
        }
        if busy.get_untracked() {
            return;
        }
        said.set(None);
        let wanted = BookByPhone { case: id.clone(), slot: slot.id, reason: reason.get_untracked() };
        let sent = wanted.reason.clone();
        let book = async move {
            api::desk::tell(&wanted.case, &situation).await?;
            let booked = api::desk::book(&wanted, &api::new_key()).await?;
            drafts::forget_line(&reason_of(&wanted.case));
            Ok(booked)
        };
        let done = move |booked: Appointment| {
            said.try_set(Some(Said::Booked(booked.starts)));
            // The focus stays where the officer has moved it since.
            is_new.try_set_value(!attention::has_gone_on());
            drafts::replace(reason, &sent, String::new());
            case.again();
        };
        let failed = move |said| {
            chosen.try_set(None);
            reloaded.again();
            Some(said)
        };
        action.run_or(book, done, failed);
    };
    let choose = Callback::new(move |row: Vec<Slot>| {
        failure.set(None);
        chosen.set(row.into_iter().next());
    });
    let problem = move || {
        if asked.get() && reason.with(|reason| reason.trim().is_empty()) {
            words.texts().case_reason_missing
        } else {
            ""
        }
    };
    let book = StoredValue::new_local(book);
    view! {
        <div class="stack">
            {by_phone.then(|| view! {
                <TextField id="reason" value=reason label=words.signal(|t| t.case_reason) hint=text(words.say(|t| t.case_reason_hint)) problem=text(problem) />
            })}
            // A block, not a grid: in a grid the bar would stick to its own row only.
            <div>
                <FreeTimes times choose chosen=Signal::derive(move || chosen.with(|slot| slot.as_ref().map(|slot| slot.id.clone()))) />
                {part(move || chosen.get().map(|slot| {
                    let office = offices.with_value(|all| all.iter().find(|one| one.id == slot.office).map(|one| one.name.clone()));
                    view! { <Chosen starts=slot.starts office=office.unwrap_or_default() busy book=move || book.with_value(|book| book()) /> }
                }))}
            </div>
        </div>
    }
}

/// Renders the chosen slot and the button that books it, at the lower edge of the screen. The button takes the focus
/// and has the time in its name, so that a screen reader announces the choice.
#[component]
fn Chosen(starts: DateTime<Utc>, office: String, busy: RwSignal<bool>, book: impl Fn() + 'static) -> impl IntoView {
    let words = use_words();
    let button = NodeRef::<html::Button>::new();
    button.on_load(|button| {
        let options = web_sys::FocusOptions::new();
        // The bar is always in view, and the list must not scroll.
        options.set_prevent_scroll(true);
        // A button that is already removed needs no focus.
        button.focus_with_options(&options).ok();
    });
    view! {
        <div class="desk-chosen no-print">
            <span id="chosen"><strong>{text(move || dates::day_and_time(starts, words.language()))}</strong> <br /> {office}</span>
            <button node_ref=button id="book-chosen" type="button" class="ds-button" aria-labelledby="book-chosen chosen" aria-disabled=is(busy)
                on:click=press(book)>{words.say(|t| t.case_book_this)}</button>
        </div>
    }
}
