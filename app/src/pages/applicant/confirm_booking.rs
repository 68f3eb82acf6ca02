//! `/cases/:case/times/:slot` and `/cases/:case/change/:slot`: the slot is held for some minutes while the person
//! checks and books.

use ::api::{
    ProblemCode,
    appointments::{Appointment, Book},
    cases::{Case, Slot, Times},
    holds::Hold,
    ids::{CaseId, SlotId},
};
use chrono::{DateTime, Utc};
use leptos::{html, prelude::*};
use rules::{Coded, Decision, Reason};

use crate::{
    api::{self, Failure},
    booking::{free_times::FreeTimes, step::Step},
    browser::{clock::use_clock, event_loop::spawn},
    paths::{self, Place, Purpose},
    router::use_router,
    state::{action::Action, policy::use_law, remote::Remote},
    text::{dates, language::use_speech},
    ui::{
        dynamic::{is, part, press, text},
        failure::{FailureAlert, Fetched},
        next_steps::Around,
        page::Page,
        refusal::Refusal,
    },
};

/// The parameters of the URL: the slot, and the cases and slots of other people.
#[derive(Clone)]
struct Chosen {
    purpose: Purpose,
    slot: SlotId,
    others: Vec<(CaseId, SlotId)>,
}

/// The fetched data: the case with its slots, and the other people's cases.
#[derive(Clone, PartialEq)]
struct Fresh {
    times: Times,
    others: Vec<Case>,
}

/// Renders the page.
#[component]
pub fn Confirm() -> impl IntoView {
    let speech = use_speech();
    let router = use_router();
    view! {
        <Page title=Signal::derive(speech.say(|t| t.confirm_title))>
            // The page stays when the slot in the URL changes. Everything that belongs to the slot is rendered again.
            {part(move || {
                let Place::Confirm { case, purpose, slot, others } = router.place() else { return ().into_any() };
                provide_context(Chosen { purpose, slot, others: others.clone() });
                let fresh = Remote::fetch(move || {
                    let (case, others) = (case.clone(), others.clone());
                    async move {
                        let times = api::times(&case).await?;
                        let all = if others.is_empty() { Vec::new() } else { api::cases().await? };
                        let others = others.iter().filter_map(|(id, _)| all.iter().find(|case| case.id == *id).cloned());
                        Ok(Fresh { others: others.collect(), times })
                    }
                });
                provide_context(fresh);
                view! { <Fetched remote=fresh show=|fresh| view! { <Check fresh /> }.into_any() /> }.into_any()
            })}
        </Page>
    }
}

/// Renders the booking, or the existing appointment, or the other slots if the slot is taken.
#[component]
fn Check(fresh: Fresh) -> impl IntoView {
    let chosen: Chosen = expect_context();
    // The record counts, also if the answer to a booking was lost.
    let has = |appointment: &&Appointment| chosen.purpose == Purpose::Book || appointment.slot == chosen.slot;
    if let Some(appointment) = fresh.times.case.appointment.as_ref().filter(has) {
        return view! { <HasOne appointment=appointment.clone() /> }.into_any();
    }
    let find = |id: &SlotId| fresh.times.slots.iter().find(|free| free.id == *id).cloned();
    let others: Option<Vec<(Case, Slot)>> = chosen
        .others
        .iter()
        .map(|(case, slot)| Some((fresh.others.iter().find(|other| other.id == *case)?.clone(), find(slot)?)))
        .collect();
    match (find(&chosen.slot), others) {
        (Some(slot), Some(others)) => view! { <Order times=fresh.times chosen=slot others /> }.into_any(),
        _ => view! { <Taken times=fresh.times others=fresh.others /> }.into_any(),
    }
}

/// Renders the existing appointment of the case, with links to it and to a change.
#[component]
pub fn HasOne(appointment: Appointment) -> impl IntoView {
    let speech = use_speech();
    let starts = appointment.starts;
    let heading = NodeRef::<html::H2>::new();
    heading.on_load(move |heading| {
        // The pressed button is gone. The focus goes to the heading, unless something else has it.
        if document().active_element().is_none_or(|now| now.tag_name() == "BODY") {
            heading.focus().ok();
        }
    });
    view! {
        <div class="ds-alert" data-color="info">
            <h2 node_ref=heading tabindex="-1" class="ds-heading" data-size="xs">{speech.say(|t| t.confirm_has_one)}</h2>
            <p class="ds-paragraph"><strong>{text(move || dates::day_and_time(starts, speech.language()))}</strong></p>
        </div>
        <div class="row">
            <a class="ds-button" href=paths::receipt(&appointment.id)>{speech.say(|t| t.times_see_appointment)}</a>
            <a class="ds-button" data-variant="secondary" href=paths::times(&appointment.case, Purpose::Change)>
                {speech.say(|t| t.receipt_change)}
            </a>
        </div>
    }
}

/// Holds the slots and renders the summary with the button that books.
#[component]
fn Order(times: Times, chosen: Slot, others: Vec<(Case, Slot)>) -> impl IntoView {
    let speech = use_speech();
    let router = use_router();
    let Chosen { purpose, .. } = expect_context();
    let remote = expect_context::<Remote<Fresh>>();
    let action = Action::new();
    let Action { busy, failure, .. } = action;
    let holding = Action::saying(failure);
    // Idempotency key of this page: a second press, or a retry after a lost answer, books once.
    let key = StoredValue::new(api::new_key());

    let clock = use_clock();
    let law = use_law();
    let availability = times.availability();
    let office = times.offices.into_iter().find(|office| office.id == chosen.office);
    let case = times.case;
    let case_on_record = case.clone();
    let old = case.appointment.clone();
    let back = paths::times(&case.id, purpose);
    let starts = chosen.starts;
    let minutes = chosen.minutes.to_string();
    let situation = case.situation;
    let first_day = move || {
        let facts = case_on_record.facts_to_book(clock.now()?, &situation?, availability);
        rules::first_day_allowed(&*law.policy()?, &facts)
    };

    let mut bookings = vec![Book { case: case.id.clone(), slot: chosen.id.clone() }];
    bookings.extend(others.iter().map(|(case, slot)| Book { case: case.id.clone(), slot: slot.id.clone() }));
    let several = bookings.len() > 1;
    let bookings = StoredValue::new(bookings);
    let hold = RwSignal::new(None::<Hold>);
    let booked = StoredValue::new(false);
    let failed = move |said: Failure| {
        if said.code() != Some(ProblemCode::SlotTaken) && !is_booked(&said) {
            return Some(said);
        }
        // The page shows the present state instead of a failure.
        remote.again();
        None
    };
    let hold_slots = move || {
        let bookings = bookings.get_value();
        let hold_all = async move {
            let mut last = None;
            for Book { case, slot } in bookings {
                last = Some(api::hold_slot(&case, &slot).await?);
                // The person has left during the request, so the hold is released again.
                let is_chosen = matches!(untrack(|| router.place()), Place::Confirm { .. });
                if !is_chosen && hold.is_disposed() {
                    api::release_hold(&case).await.ok();
                }
            }
            Ok(last)
        };
        let done = move |held| {
            hold.try_set(held);
        };
        holding.run_or(hold_all, done, failed);
    };
    hold_slots();
    // Leaving the page releases the hold at once. Not an action, because the page and its signals are gone.
    on_cleanup(move || {
        if !booked.get_value() {
            for Book { case, .. } in bookings.get_value() {
                spawn(async move {
                    // A lost release is harmless, because the hold expires.
                    api::release_hold(&case).await.ok();
                });
            }
        }
    });
    let book = {
        let old = old.clone();
        move || {
            let old = old.clone();
            let (asked, key) = (bookings.get_value(), key.get_value());
            let book = async move {
                let new = match (old, &asked[..]) {
                    (Some(old), [one, ..]) => vec![api::change(&old.id, &one.slot, &key).await?],
                    (None, [one]) => vec![api::book(one, &key).await?],
                    _ => api::book_together(asked, &key).await?,
                };
                booked.try_set_value(true);
                Ok(new)
            };
            let done = move |new: Vec<Appointment>| {
                let to = new.first().map(|first| paths::receipt(&first.id));
                // Replaces the history entry: the back button must not lead to a page that would book again.
                router.go_instead(to.as_deref().unwrap_or(paths::CASES));
            };
            action.run_or(book, done, failed);
        }
    };
    let book_again = book.clone();
    let around = Around::case(&case);
    let people = std::iter::once((case, starts)).chain(others.into_iter().map(|(case, slot)| (case, slot.starts)));
    view! {
        <Step number=2 />
        {part(move || hold.get().map(|hold| view! { <HoldNotice until=hold.expires several again=hold_slots /> }))}
        <dl class="facts">
            <dt>{speech.say(|t| t.confirm_when)}</dt>
            <dd>
                {text(move || dates::day_and_time(starts, speech.language()))} " (" {text(move || speech.texts().confirm_minutes(&minutes))} ")"
            </dd>
            {old.map(|old| view! {
                <dt>{speech.say(|t| t.confirm_instead)}</dt>
                <dd>{text(move || dates::day_and_time(old.starts, speech.language()))}</dd>
            })}
            {office.map(|office| view! {
                <dt>{speech.say(|t| t.confirm_where)}</dt>
                <dd>{office.name} <br /> {office.address}</dd>
            })}
            <dt>{speech.say(|t| t.confirm_who)}</dt>
            {people.map(|(case, starts)| view! {
                <dd>
                    {case.applicant}
                    {several.then(|| view! { ", " {text(move || dates::time(starts, speech.language()))} })}
                    <br /> {text(move || speech.texts().kind.get(case.application_type.code()))}
                </dd>
            }).collect_view()}
        </dl>
        {part(move || failure.get().map(|said| {
            let again = book_again.clone();
            match said {
                Failure::Problem(problem) if problem.decision.is_some() => problem.decision.map(|decision| {
                    view! { <div role="alert"><Refusal decision=decision.into() first_day=first_day() around=around.clone() /></div> }
                }).into_any(),
                said => view! { <FailureAlert failure=said again /> }.into_any(),
            }
        }))}
        <div class="row">
            <button type="button" class="ds-button" disabled=move || is_refused(failure) aria-disabled=is(busy)
                on:click=press(book)>
                {text(move || match (busy.get(), purpose) {
                    (true, _) => speech.texts().confirm_booking,
                    (false, Purpose::Change) => speech.texts().confirm_change,
                    (false, Purpose::Book) if several => speech.texts().confirm_book_several,
                    (false, Purpose::Book) => speech.texts().confirm_book,
                })}
            </button>
            <a class="ds-button" data-variant="secondary" href=back>{speech.say(|t| t.confirm_other)}</a>
        </div>
    }
}

/// Returns `true` if the case has an appointment already, for instance from another tab.
fn is_booked(failure: &Failure) -> bool {
    let Failure::Problem(problem) = failure else { return false };
    let decision = problem.decision.clone().map(Decision::from);
    decision.is_some_and(|decision| decision.codes().any(|code| code == Reason::AlreadyBooked))
}

/// Returns `true` if the rules have refused: a second press would not change that.
fn is_refused(failure: RwSignal<Option<Failure>>) -> bool {
    failure.with(|failure| failure.as_ref().and_then(Failure::code) == Some(ProblemCode::Refused))
}

/// Renders the end of the hold, as text that changes only shortly before the end. A running countdown would put people
/// under pressure.
#[component]
fn HoldNotice(until: DateTime<Utc>, several: bool, again: impl Fn() + Clone + Send + 'static) -> impl IntoView {
    let speech = use_speech();
    let clock = use_clock();
    let left = RwSignal::new(None::<i64>);
    let look = move || {
        left.try_set(clock.now_untracked().map(|now| (until - now).num_seconds()));
    };
    look();
    let ticking = set_interval_with_handle(look, std::time::Duration::from_secs(5));
    on_cleanup(move || {
        if let Ok(ticking) = ticking {
            ticking.clear();
        }
    });
    const NEARLY: i64 = 60;
    let state = Memo::new(move |_| match left.get() {
        Some(left) if left <= 0 => State::Over,
        Some(left) if left <= NEARLY => State::NearlyOver,
        _ => State::Held,
    });
    part(move || {
        let time = move || dates::time(until, speech.language());
        let again = again.clone();
        let says = move || match state.get() {
            State::Held if several => speech.texts().confirm_kept_several(&time()),
            State::Held => speech.texts().confirm_kept(&time()),
            State::NearlyOver => speech.texts().confirm_nearly_over(&time()),
            State::Over => speech.texts().confirm_over.to_owned(),
        };
        view! {
            <div class="row">
                <p class="ds-paragraph" role="status">{text(says)}</p>
                {(state.get() != State::Held).then(|| view! {
                    <button type="button" class="ds-button" data-variant="secondary" data-size="sm" on:click=press(again)>
                        {speech.say(|t| t.confirm_keep)}
                    </button>
                })}
            </div>
        }
    })
}

/// The state of the hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Held,
    NearlyOver,
    Over,
}

/// Renders the other slots after somebody else has booked the chosen one.
#[component]
fn Taken(times: Times, others: Vec<Case>) -> impl IntoView {
    let speech = use_speech();
    let router = use_router();
    let Chosen { purpose, .. } = expect_context();
    let none = times.slots.is_empty();
    let case = times.case.id.clone();
    let others: Vec<CaseId> =
        others.into_iter().filter(|other| other.appointment.is_none()).map(|other| other.id).collect();
    let people = others.len() + 1;
    let choose = Callback::new(move |row: Vec<Slot>| {
        let Some((first, rest)) = row.split_first() else { return };
        let others: Vec<_> = others.iter().cloned().zip(rest.iter().map(|slot| slot.id.clone())).collect();
        router.go_instead(&match &others[..] {
            [] => paths::confirm(&case, purpose, &first.id),
            others => paths::confirm_together(&case, &first.id, others),
        });
    });
    view! {
        <div class="ds-alert" data-color="warning" role="alert">
            <h2 class="ds-heading" data-size="xs">{speech.say(|t| t.confirm_taken)}</h2>
            <p class="ds-paragraph">
                {text(move || if none { speech.texts().confirm_taken_none } else { speech.texts().confirm_taken_text })}
            </p>
        </div>
        <FreeTimes times people choose />
    }
}
