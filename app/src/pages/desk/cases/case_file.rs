//! `/desk/cases/:case`: one case during a telephone call: the decision, a booking, and the history.

use ::api::{
    appointments::{Appointment, Status},
    by_phone::{Decided, DeskCase},
    cases::Times,
    ids::CaseId,
    messages::Message,
};
use chrono::{DateTime, Utc};
use leptos::{html, prelude::*};
use rules::Coded;

use crate::{
    api::{self, Failure},
    booking::free_times::Unfolded,
    browser::clock::use_clock,
    pages::desk::cases::{case_booking::Book, case_documents::Documents},
    paths,
    state::{action::Action, drafts, remote::Remote},
    text::{dates, desk_texts::use_words, language::use_speech},
    ui::{
        dynamic::{is, part, press, text},
        failure::{FailureAlert, Fetched, Followed},
        field::TextField,
        page::{Page, focus_heading},
    },
};

/// Renders the page.
#[component]
pub fn CasePage(case: CaseId) -> impl IntoView {
    let words = use_words();
    let reason = drafts::line(reason_of(&case), String::new());
    let (id, of_times) = (case.clone(), case);
    let case = Remote::fetch(move || {
        let id = id.clone();
        async move { api::desk::case(&id).await }
    });
    let times = Remote::fetch(move || {
        let id = of_times.clone();
        async move { api::desk::times(&id).await }
    });
    provide_context(case);
    provide_context(times);
    provide_context(Booking { reason, failure: RwSignal::new(None) });
    provide_context(Unfolded::default());
    let said = RwSignal::new(None::<Said>);
    provide_context(Announce { said, is_new: StoredValue::new(false) });
    let about = text(move || {
        let loaded = case.loaded();
        loaded.map(|DeskCase { case, .. }| format!("{}, {}", case.applicant, case.reference)).unwrap_or_default()
    });
    let announced = move || {
        said.get().map(|said| match said {
            Said::Booked(at) => words.texts().case_booked_at(&dates::day_and_time(at, words.language())),
            Said::Cancelled => words.texts().case_cancelled.to_owned(),
            Said::Noted => words.texts().times_noted.to_owned(),
        })
    };
    view! {
        <Page title=words.signal(|t| t.case_title) about>
            // The status region exists before its text, and outlives what is rendered again.
            <div role="status">
                {part(move || announced().map(|said| view! { <p class="ds-alert" data-color="success">{said}</p> }))}
            </div>
            <Fetched remote=case show=|case| view! { <Whole case /> }.into_any() />
        </Page>
    }
}

/// State that outlives the list of slots, which is fetched again after a conflict: the reason as typed, and the last
/// failure.
#[derive(Clone, Copy)]
pub struct Booking {
    pub reason: RwSignal<String>,
    pub failure: RwSignal<Option<Failure>>,
}

/// The last action on this page.
#[derive(Clone, Copy)]
pub enum Said {
    Booked(DateTime<Utc>),
    Cancelled,
    Noted,
}

/// Context for the announcement of actions.
#[derive(Clone, Copy)]
pub struct Announce {
    pub said: RwSignal<Option<Said>>,
    /// `true` right after a booking. The heading of the appointment then takes the focus, once.
    pub is_new: StoredValue<bool>,
}

/// The name under which the reason is stored.
pub fn reason_of(case: &CaseId) -> String {
    format!("reason {case}")
}

/// Renders the loaded case.
#[component]
fn Whole(case: DeskCase) -> impl IntoView {
    let words = use_words();
    let speech = use_speech();
    let clock = use_clock();
    let times = expect_context::<Remote<Times>>();
    let DeskCase { case, email, phone, language, critical, appointments, messages, decisions } = case;
    let kind = case.application_type;
    let booked = case.appointment.clone();
    let of_documents = case.clone();
    let today = clock.now_untracked().map(rules::day::in_oslo);
    let is_today =
        |one: &&Appointment| Some(rules::day::in_oslo(one.starts)) == today && one.status != Status::Cancelled;
    let attendance: Vec<Appointment> = appointments.iter().filter(is_today).cloned().collect();
    view! {
        <dl class="facts">
            <dt>{words.say(|t| t.close_who)}</dt><dd>{case.applicant}</dd>
            <dt>{speech.say(|t| t.cases_reference)}</dt><dd>{case.reference}</dd>
            <dt>{words.say(|t| t.case_type)}</dt><dd>{text(move || speech.texts().kind.get(kind.code()))}</dd>
            <dt>{words.say(|t| t.case_phone)}</dt>
            <dd>{match phone {
                Some(phone) => {
                    let call = paths::call(&phone);
                    view! { <a class="ds-link" href=call>{phone}</a> }.into_any()
                }
                None => view! { {words.say(|t| t.case_no_phone)} }.into_any(),
            }}</dd>
            <dt>{words.say(|t| t.case_email)}</dt>
            <dd>{if email.is_empty() { view! { {words.say(|t| t.case_no_email)} }.into_any() } else { email.into_any() }}</dd>
            <dt>{words.say(|t| t.case_language)}</dt><dd>{text(move || words.texts().tongue.get(language.code()))}</dd>
            <dt>{words.say(|t| t.case_submitted)}</dt>
            <dd>{text(move || if case.submitted { speech.texts().times_yes } else { speech.texts().times_no })}</dd>
        </dl>
        {attendance.into_iter().map(|one| view! { <Attendance one /> }).collect_view()}
        {match booked {
            Some(appointment) => view! { <Booked appointment critical /> }.into_any(),
            None => view! { <Followed remote=times show=|_| view! { <Book /> }.into_any() /> }.into_any(),
        }}
        <Documents case=of_documents />
        <History appointments messages decisions />
        <div class="no-print">
            <button type="button" class="ds-button" data-variant="secondary" on:click=press(|| { window().print().ok(); })>
                {speech.say(|t| t.receipt_print)}
            </button>
        </div>
    }
}

/// Renders the attendance of today's appointment. A person at the door is found by the booking number.
#[component]
fn Attendance(one: Appointment) -> impl IntoView {
    let words = use_words();
    let clock = use_clock();
    let case = expect_context::<Remote<DeskCase>>();
    let Announce { said, .. } = expect_context();
    let action = Action::new();
    let Action { busy, failure, .. } = action;
    let Appointment { id, starts, status, .. } = one;
    let has_begun = clock.now_untracked().is_some_and(|now| now >= starts);
    let id = StoredValue::new(id);
    let mark = move |attended: bool| {
        move || {
            said.set(None);
            let id = id.get_value();
            action.run(async move { api::desk::attend(&id, attended).await }, move |()| {
                said.try_set(Some(Said::Noted));
                case.again();
                // The pressed button is rendered again.
                focus_heading();
            });
        }
    };
    view! {
        <section class="stack no-print" aria-labelledby="today">
            <h2 id="today" class="ds-heading" data-size="xs">{text(move || words.texts().case_today(&dates::time(starts, words.language())))}</h2>
            {part(move || failure.get().map(|said| view! { <FailureAlert failure=said again=move || case.again() /> }))}
            <div class="row">
                <button type="button" class="ds-button" data-variant="secondary" aria-pressed=(status == Status::Attended).to_string()
                    aria-disabled=is(busy) on:click=press(mark(true))>{words.say(|t| t.times_came)}</button>
                {has_begun.then(|| view! {
                    <button type="button" class="ds-button" data-variant="tertiary" aria-pressed=(status == Status::Missed).to_string()
                        aria-disabled=is(busy) on:click=press(mark(false))>{words.say(|t| t.times_missed)}</button>
                })}
            </div>
        </section>
    }
}

/// Renders the booked appointment, for reading it out, and the form that cancels it.
#[component]
fn Booked(appointment: Appointment, critical: Option<String>) -> impl IntoView {
    let words = use_words();
    let speech = use_speech();
    let clock = use_clock();
    let case = expect_context::<Remote<DeskCase>>();
    let times = expect_context::<Remote<Times>>();
    let Announce { said, is_new } = expect_context();
    let heading = NodeRef::<html::H2>::new();
    heading.on_load(move |heading| {
        if is_new.get_value() {
            is_new.set_value(false);
            // A heading that is already removed needs no focus.
            heading.focus().ok();
        }
    });
    let Appointment { id, number, office, starts, minutes, .. } = appointment;
    // The reason is stored, because the case is rendered again when anything in it changes.
    let kept = format!("cancel {id}");
    let reason = drafts::line(kept.clone(), String::new());
    let asked = RwSignal::new(false);
    let action = Action::new();
    let Action { busy, failure, .. } = action;
    let cancel = move || {
        asked.set(true);
        if reason.with_untracked(|reason| reason.trim().is_empty()) {
            return;
        }
        said.set(None);
        let (id, reason, kept) = (id.clone(), reason.get_untracked(), kept.clone());
        let cancel = async move {
            let cancelled = api::desk::cancel(&id, &reason).await?;
            drafts::forget_line(&kept);
            Ok(cancelled)
        };
        action.run(cancel, move |_| {
            said.try_set(Some(Said::Cancelled));
            case.again();
            // The decision depends on the appointment.
            times.again();
            // The form disappears with the appointment.
            focus_heading();
        });
    };
    let is_ahead = clock.now_untracked().is_some_and(|now| starts > now);
    let problem = move || {
        if asked.get() && reason.with(|reason| reason.trim().is_empty()) {
            words.texts().case_reason_missing
        } else {
            ""
        }
    };
    view! {
        <section class="ds-card" data-variant="default" aria-labelledby="booked">
            <div class="stack">
                <h2 id="booked" node_ref=heading tabindex="-1" class="ds-heading" data-size="sm">{words.say(|t| t.case_booked)}</h2>
                <p class="ds-paragraph"><strong>{text(move || dates::day_and_time(starts, words.language()))}</strong> " (" {minutes} " min)" <br /> {office.name} ", " {office.address}</p>
                <p class="ds-paragraph">{speech.say(|t| t.receipt_number)} ": " <span class="number">{number}</span></p>
                {critical.map(|reason| view! {
                    <p class="ds-paragraph">{words.say(|t| t.case_critical)} ": " <span class="as-typed">{reason}</span></p>
                })}
                {(!office.bring.is_empty()).then(|| view! {
                    <h3 class="ds-heading" data-size="2xs">{speech.say(|t| t.receipt_bring)}</h3>
                    <ul>{office.bring.iter().map(|what| {
                        let what = what.code();
                        view! { <li>{text(move || speech.texts().bring.get(what))}</li> }
                    }).collect_view()}</ul>
                })}
                {is_ahead.then(|| view! {
                    <details class="ds-details no-print">
                        <summary>{words.say(|t| t.case_cancel)}</summary>
                        <form class="stack desk-form" novalidate on:submit=move |event| { event.prevent_default(); cancel(); }>
                            <TextField id="cancel-reason" value=reason label=words.signal(|t| t.case_cancel_reason) problem=text(problem) />
                            <p class="ds-paragraph">{words.say(|t| t.case_cancel_text)}</p>
                            {part(move || failure.get().map(|said| view! { <FailureAlert failure=said again=move || case.again() /> }))}
                            <div><button type="submit" class="ds-button" data-color="danger" aria-disabled=is(busy)>{words.say(|t| t.case_cancel)}</button></div>
                        </form>
                    </details>
                })}
            </div>
        </section>
    }
}

/// Renders all appointments, messages and decisions, the newest first.
#[component]
fn History(appointments: Vec<Appointment>, messages: Vec<Message>, decisions: Vec<Decided>) -> impl IntoView {
    let words = use_words();
    let speech = use_speech();
    let when = move |at| dates::day_and_time(at, words.language());
    let status = move |appointment: &Appointment| match appointment.cancelled_by {
        Some(by) => words.texts().cancelled_by.get(by.code()),
        None => match appointment.status {
            Status::Booked => words.texts().slot_state.get("booked"),
            Status::Attended => words.texts().slot_state.get("attended"),
            Status::Missed => words.texts().slot_state.get("missed"),
            Status::Cancelled => "",
        },
    };
    view! {
        <section class="stack no-print" aria-labelledby="history">
            <h2 id="history" class="ds-heading" data-size="sm">{words.say(|t| t.case_history)}</h2>
            {(!appointments.is_empty()).then(|| view! {
                <h3 class="ds-heading" data-size="2xs">{words.say(|t| t.case_appointments)}</h3>
                <ul class="plain">{appointments.into_iter().map(|one| {
                    let starts = one.starts;
                    view! { <li>{text(move || when(starts))} ", " {one.office.name.clone()} ", " {text(move || status(&one))}</li> }
                }).collect_view()}</ul>
            })}
            {(!messages.is_empty()).then(|| view! {
                <h3 class="ds-heading" data-size="2xs">{words.say(|t| t.case_messages)}</h3>
                <ul class="plain">{messages.into_iter().map(|one| {
                    let Message { kind, channel, address, state, at } = one;
                    let state = move || speech.texts().message_state.fill(state.code(), &[("time", &when(at))]);
                    view! { <li>
                        {text(move || speech.texts().message.get(kind.code()))} ", "
                        {text(move || speech.texts().message_by.get(channel.code()))} ", " {address} ", " {text(state)}
                    </li> }
                }).collect_view()}</ul>
            })}
            {(!decisions.is_empty()).then(|| view! {
                <h3 class="ds-heading" data-size="2xs">{words.say(|t| t.case_decisions)}</h3>
                <ul class="plain">{decisions.into_iter().map(|one| {
                    let (outcome, made, reasons) = (one.decision.outcome, one.made, one.decision.reasons);
                    let reasons = move || reasons.iter().map(|ground| speech.texts().reason_title.get(&ground.code)).collect::<Vec<_>>().join("; ");
                    view! { <li>{text(move || when(made))} ", " {text(move || words.texts().outcome.get(outcome.code()))} " " <span class="quiet">{text(reasons)}</span></li> }
                }).collect_view()}</ul>
            })}
        </section>
    }
}
