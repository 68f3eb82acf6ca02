//! `/cases/:case/times/:slot`: look at everything once more, and book.

use ::api::{
    ProblemCode,
    appointments::{Appointment, Book},
    cases::{Slot, Times},
};
use leptos::prelude::*;
use rules::Coded;

use crate::{
    api::{self, Failure},
    clock::use_clock,
    components::{
        failure::{FailureAlert, Fetched, use_to_sign_in},
        free_times::FreeTimes,
        page::Page,
        refusal::Refusal,
    },
    dates,
    dynamic::{part, press, spawn, text},
    language::use_speech,
    law::use_law,
    paths::{self, Place},
    remote::Remote,
    router::use_router,
};

/// The slot that is to be booked, by its id in the address.
#[derive(Clone)]
struct Chosen(String);

#[component]
pub fn Confirm() -> impl IntoView {
    let speech = use_speech();
    let router = use_router();
    view! {
        <Page title=Signal::derive(speech.say(|t| t.confirm_title))>
            // From one slot to another the address changes and the page stays; what belongs to the slot begins anew.
            {part(move || {
                let Place::Confirm { case, slot } = router.place() else { return ().into_any() };
                provide_context(Chosen(slot));
                let times = Remote::fetch(move || {
                    let case = case.clone();
                    async move { api::times(&case).await }
                });
                provide_context(times);
                view! { <Fetched remote=times show=|times| view! { <Check times /> }.into_any() /> }.into_any()
            })}
        </Page>
    }
}

#[component]
fn Check(times: Times) -> impl IntoView {
    let Chosen(slot) = expect_context();
    // Also when the answer to a booking got lost on the way: what is on record counts.
    if let Some(appointment) = times.case.appointment {
        return view! { <HasOne appointment /> }.into_any();
    }
    match times.slots.iter().find(|free| free.id == slot).cloned() {
        Some(slot) => view! { <Order times chosen=slot /> }.into_any(),
        None => view! { <Taken times /> }.into_any(),
    }
}

#[component]
fn HasOne(appointment: Appointment) -> impl IntoView {
    let speech = use_speech();
    let starts = appointment.starts;
    view! {
        <div class="ds-alert" data-color="info">
            <p class="ds-paragraph">{speech.say(|t| t.confirm_has_one)}</p>
            <p class="ds-paragraph"><strong>{text(move || dates::day_and_time(starts, speech.language()))}</strong></p>
        </div>
        <div><a class="ds-button" href=paths::receipt(&appointment.id)>{speech.say(|t| t.times_see_appointment)}</a></div>
    }
}

#[component]
fn Order(times: Times, chosen: Slot) -> impl IntoView {
    let speech = use_speech();
    let router = use_router();
    let to_sign_in = use_to_sign_in();
    let remote = expect_context::<Remote<Times>>();
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    // One key for this page: pressing twice, or again after a lost answer, books once.
    let key = StoredValue::new(api::new_key());

    let clock = use_clock();
    let law = use_law();
    let availability = times.availability();
    let office = times.offices.into_iter().find(|office| office.id == chosen.office);
    let case = times.case;
    let case_on_record = case.clone();
    let kind = case.application_type;
    let back = paths::times(&case.id);
    let starts = chosen.starts;
    let minutes = chosen.minutes.to_string();
    let situation = case.situation;
    let facts = move |now| situation.map(|situation| case_on_record.facts_to_book(now, &situation, availability));
    let first_day = move || {
        let facts = facts(clock.now()?)?;
        rules::first_day_allowed(&*law.policy()?, &facts)
    };
    let asked = Book { case: case.id, slot: chosen.id };
    let book = move || {
        busy.set(true);
        failure.set(None);
        let asked = asked.clone();
        spawn(async move {
            let answer = api::book(&asked, &key.get_value()).await;
            busy.try_set(false);
            match answer {
                // Going back from the receipt must not lead to a page that would book once more.
                Ok(appointment) => router.go_instead(&paths::receipt(&appointment.id)),
                Err(said) if said.needs_sign_in() => to_sign_in(said),
                Err(said) if said.code() == Some(ProblemCode::SlotTaken) => remote.again(),
                Err(said) => {
                    failure.try_set(Some(said));
                }
            }
        });
    };
    let book_again = book.clone();
    view! {
        <dl class="facts">
            <dt>{speech.say(|t| t.confirm_when)}</dt>
            <dd>
                {text(move || dates::day_and_time(starts, speech.language()))} " (" {text(move || speech.fill(|t| t.confirm_minutes, &[("minutes", &minutes)]))} ")"
            </dd>
            {office.map(|office| view! {
                <dt>{speech.say(|t| t.confirm_where)}</dt>
                <dd>{office.name} <br /> {office.address}</dd>
            })}
            <dt>{speech.say(|t| t.confirm_who)}</dt>
            <dd>{case.applicant} <br /> {text(move || speech.texts().kind.get(kind.code()))}</dd>
        </dl>
        {part(move || failure.get().map(|said| {
            let again = book_again.clone();
            match said {
                Failure::Problem(problem) if problem.decision.is_some() => problem.decision.map(|decision| {
                    view! { <div role="alert"><Refusal decision=decision.into() first_day=first_day() /></div> }
                }).into_any(),
                said => view! { <FailureAlert failure=said again /> }.into_any(),
            }
        }))}
        <div class="row">
            <button type="button" class="ds-button" disabled=busy on:click=press(book)>
                {text(move || if busy.get() { speech.texts().confirm_booking } else { speech.texts().confirm_book })}
            </button>
            <a class="ds-button" data-variant="secondary" href=back>{speech.say(|t| t.confirm_other)}</a>
        </div>
    }
}

/// Somebody else was faster. The other times are offered at once.
#[component]
fn Taken(times: Times) -> impl IntoView {
    let speech = use_speech();
    let router = use_router();
    let none = times.slots.is_empty();
    let case = times.case.id.clone();
    let choose = Callback::new(move |slot: Slot| {
        router.go_instead(&paths::confirm(&case, &slot.id));
    });
    view! {
        <div class="ds-alert" data-color="warning" role="alert">
            <h2 class="ds-heading" data-size="xs">{speech.say(|t| t.confirm_taken)}</h2>
            <p class="ds-paragraph">
                {text(move || if none { speech.texts().confirm_taken_none } else { speech.texts().confirm_taken_text })}
            </p>
        </div>
        <FreeTimes times choose />
    }
}
