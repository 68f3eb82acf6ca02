//! `/appointments/:id`: the receipt of an appointment, and its cancellation.

use ::api::{
    appointments::{Appointment, CancelledBy, Status},
    ids::{AppointmentId, CaseId},
    messages::{Message, State},
    offices::Bring,
};
use leptos::{ev, html, prelude::*};
use rules::{Coded, Reason};

use crate::{
    api,
    browser::{clock::use_clock, event_loop::effect},
    paths::{self, Purpose},
    state::{
        action::Action,
        remote::{Loadable, Remote},
    },
    text::{dates, language::use_speech},
    ui::{
        dynamic::{is, part, press, text},
        failure::{FailureAlert, Fetched},
        next_steps::{Around, WaysOn},
        page::{Page, focus_heading},
    },
};

/// Renders the page.
#[component]
pub fn Receipt(#[prop(name = "appointment")] id: AppointmentId) -> impl IntoView {
    let speech = use_speech();
    let appointment = Remote::fetch(move || {
        let id = id.clone();
        async move { api::appointment(&id).await }
    });
    provide_context(appointment);
    let title = move || {
        let texts = speech.texts();
        match appointment.loaded() {
            Some(Appointment { status: Status::Booked, .. }) => texts.receipt_title,
            Some(Appointment { moved_to: Some(_), .. }) => texts.receipt_moved_title,
            Some(Appointment { cancelled_by: Some(CancelledBy::Office), .. }) => texts.receipt_office_title,
            Some(Appointment { status: Status::Cancelled, .. }) => texts.receipt_cancelled_title,
            _ => texts.receipt_over_title,
        }
    };
    view! {
        <Page title=Signal::derive(title)>
            <Fetched remote=appointment show=|appointment| view! { <Details appointment /> }.into_any() />
        </Page>
    }
}

/// Renders the appointment by its status.
#[component]
fn Details(appointment: Appointment) -> impl IntoView {
    let id = appointment.id.clone();
    let printed = appointment.clone();
    view! {
        <PrintHead appointment=printed />
        {match appointment.status {
            Status::Booked => view! { <Booked appointment /> }.into_any(),
            Status::Cancelled => view! { <Cancelled appointment /> }.into_any(),
            Status::Missed => {
                let around = around(&appointment);
                view! {
                    <Facts appointment is_gone=false />
                    <WaysOn reasons=vec![Reason::NoAppointment] contact=None around alone=true />
                }
                .into_any()
            }
            Status::Attended => view! { <Facts appointment is_gone=false /> }.into_any(),
        }}
        <Told about=id />
    }
}

/// The appointment's office as the context of the next steps.
fn around(appointment: &Appointment) -> Around {
    let office = &appointment.office;
    Around {
        case: Some(appointment.case.clone()),
        kind: Some(appointment.application_type),
        district: Some(office.district),
        open: Some(vec![office.clone()]),
        ..Around::default()
    }
}

/// Renders a booked appointment: the facts first, then the next steps.
#[component]
fn Booked(appointment: Appointment) -> impl IntoView {
    let speech = use_speech();
    let Appointment { id, case, office, .. } = appointment.clone();
    view! {
        <div class="ds-alert receipt" data-color="success">
            <Facts appointment=appointment.clone() is_gone=false />
        </div>
        <Together to=appointment />
        <section class="stack" aria-labelledby="next">
            <h2 id="next" class="ds-heading" data-size="xs">{speech.say(|t| t.receipt_next)}</h2>
            <ul class="ds-paragraph">
                <li>{speech.say(|t| t.receipt_next_told)}</li>
                <li>{speech.say(|t| t.receipt_next_come)}</li>
                <li>{speech.say(|t| t.receipt_next_change)}</li>
                <li>{speech.say(|t| t.receipt_quarantine)}</li>
            </ul>
        </section>
        <Bringing bring=office.bring />
        <figure class="stack">
            <img class="qr" src=paths::qr(&id) width="160" height="160" alt=speech.say(|t| t.receipt_qr_alt) />
            <figcaption class="ds-paragraph quiet" data-size="sm">{speech.say(|t| t.receipt_qr)}</figcaption>
        </figure>
        <div class="row no-print">
            <a class="ds-button" href=paths::calendar(&id) rel="external" download="">
                {speech.say(|t| t.receipt_calendar)}
            </a>
            <button type="button" class="ds-button" data-variant="secondary" on:click=press(|| { window().print().ok(); })>
                {speech.say(|t| t.receipt_print)}
            </button>
            <a class="ds-button" data-variant="secondary" href=paths::times(&case, Purpose::Change)>
                {speech.say(|t| t.receipt_change)}
            </a>
        </div>
        <Cancel id />
    }
}

/// Renders a cancelled appointment: its end first, then what replaces it, then the old facts struck through.
#[component]
fn Cancelled(appointment: Appointment) -> impl IntoView {
    let speech = use_speech();
    let by_office = appointment.cancelled_by == Some(CancelledBy::Office);
    let is_moved = appointment.moved_to.is_some();
    let says = move || {
        let texts = speech.texts();
        match (is_moved, by_office) {
            (true, _) => texts.receipt_moved_text,
            (false, true) => texts.receipt_office_text,
            (false, false) => texts.receipt_cancelled_text,
        }
    };
    let calendar = paths::calendar(&appointment.id);
    let around = around(&appointment);
    let instead = match appointment.moved_to.clone() {
        Some(new) => view! {
            <div><a class="ds-button" href=paths::receipt(&new)>{speech.say(|t| t.receipt_moved_to)}</a></div>
        }
        .into_any(),
        None => view! { <Instead case=appointment.case.clone() around /> }.into_any(),
    };
    view! {
        <div class="ds-alert" data-color="danger">
            <p class="ds-paragraph" role="status"><strong>{says}</strong></p>
        </div>
        {instead}
        <Facts appointment is_gone=true />
        {(!is_moved).then(|| view! {
            <p class="ds-paragraph alone no-print">
                <a class="ds-link" href=calendar rel="external" download="">{speech.say(|t| t.receipt_calendar_gone)}</a>
            </p>
        })}
    }
}

/// Renders the case's present appointment, or the next steps if there is none.
#[component]
fn Instead(case: CaseId, around: Around) -> impl IntoView {
    let speech = use_speech();
    let case = Remote::fetch(move || {
        let case = case.clone();
        async move { api::case(&case).await }
    });
    part(move || {
        let now = match case.state.get() {
            Loadable::Loading => return None,
            Loadable::Loaded(case) => Some(case),
            // The page of the slots handles the failure.
            Loadable::Failed(_) => None,
        };
        Some(match now.and_then(|case| case.appointment) {
            Some(new) => {
                let starts = new.starts;
                view! {
                    <p class="ds-paragraph"><strong>{text(move || speech.texts().receipt_another(&dates::day_and_time(starts, speech.language())))}</strong></p>
                    <div><a class="ds-button" href=paths::receipt(&new.id)>{speech.say(|t| t.receipt_moved_to)}</a></div>
                }
                .into_any()
            }
            None => view! {
                <WaysOn reasons=vec![Reason::AppointmentCancelled] contact=None around=around.clone() alone=true />
            }
            .into_any(),
        })
    })
}

/// Renders number, time, person and place. `is_gone` strikes them through.
#[component]
fn Facts(appointment: Appointment, is_gone: bool) -> impl IntoView {
    let speech = use_speech();
    let Appointment { number, applicant, starts, application_type: kind, office, .. } = appointment;
    let gone = if is_gone { "gone" } else { "" };
    let number_class = if is_gone { "number gone" } else { "number" };
    view! {
        <dl class="facts">
            <dt>{speech.say(|t| t.receipt_number)}</dt>
            <dd class=number_class>{number}</dd>
            <dt>{speech.say(|t| t.confirm_when)}</dt>
            <dd class=if is_gone { "when gone" } else { "when" }>{text(move || dates::day_and_time(starts, speech.language()))}</dd>
            <dt>{speech.say(|t| t.confirm_who)}</dt>
            <dd>{applicant} <br /> {text(move || speech.texts().kind.get(kind.code()))}</dd>
            <dt>{speech.say(|t| t.confirm_where)}</dt>
            <dd class=gone>
                {office.name} <br />
                <a class="ds-link" href=paths::map(&office.address) target="_blank" rel="noreferrer">
                    {office.address.clone()} <span class="visually-hidden">" " {speech.say(|t| t.receipt_map)}</span>
                </a>
            </dd>
            <dt>{speech.say(|t| t.receipt_phone)}</dt>
            <dd><a class="ds-link" href=paths::call(&office.phone)>{office.phone.clone()}</a></dd>
        </dl>
    }
}

/// Renders the head of the printed page: sender, time of printing and URL.
#[component]
fn PrintHead(appointment: Appointment) -> impl IntoView {
    let (speech, clock) = (use_speech(), use_clock());
    let printed = RwSignal::new(clock.now_untracked());
    let listener = window_event_listener(ev::beforeprint, move |_| printed.set(clock.now_untracked()));
    on_cleanup(move || listener.remove());
    let address = window().location().href().unwrap_or_default();
    let office = appointment.office;
    let when = move || {
        let time = printed.get().map(|now| dates::day_and_time(now, speech.language())).unwrap_or_default();
        speech.texts().receipt_printed(&address, &time)
    };
    view! {
        <div class="print-only">
            <p class="ds-paragraph"><strong>{speech.say(|t| t.receipt_sender)}</strong> <br /> {office.name} ", " {office.phone}</p>
            <p class="ds-paragraph" data-size="sm">{text(when)}</p>
        </div>
    }
}

/// Renders the messages about the appointment, with their delivery state.
#[component]
fn Told(about: AppointmentId) -> impl IntoView {
    let (speech, clock) = (use_speech(), use_clock());
    let messages = Remote::fetch(move || {
        let about = about.clone();
        async move { api::messages(&about).await }
    });
    let line = move |message: &Message| {
        let texts = speech.texts();
        let what = texts.receipt_message(
            &message.address,
            texts.message_by.get(message.channel.code()),
            texts.message.get(message.kind.code()),
        );
        let on_its_way = message.state == State::Queued && clock.now().is_some_and(|now| message.at <= now);
        let time = dates::day_and_time(message.at, speech.language());
        let state = if on_its_way {
            texts.receipt_sending.to_owned()
        } else {
            texts.message_state.fill(message.state.code(), &[("time", &time)])
        };
        format!("{what}: {state}")
    };
    // Optional content: without an answer nothing is shown.
    part(move || {
        let all = messages.loaded().filter(|all| !all.is_empty())?;
        Some(view! {
            <section class="stack no-print" aria-labelledby="told">
                <h2 id="told" class="ds-heading" data-size="2xs">{speech.say(|t| t.receipt_messages)}</h2>
                <ul class="ds-paragraph">
                    {all.into_iter().map(|message| view! { <li>{text(move || line(&message))}</li> }).collect_view()}
                </ul>
            </section>
        })
    })
}

/// Renders the other appointments of the account at this office on the same day.
#[component]
fn Together(to: Appointment) -> impl IntoView {
    let speech = use_speech();
    let cases = Remote::fetch(api::cases);
    part(move || {
        let day = |appointment: &Appointment| rules::day::in_oslo(appointment.starts);
        let with = |other: &Appointment| other.id != to.id && other.office.id == to.office.id && day(other) == day(&to);
        let mut others: Vec<Appointment> =
            cases.loaded()?.into_iter().filter_map(|case| case.appointment).filter(with).collect();
        others.sort_by_key(|other| other.starts);
        (!others.is_empty()).then(|| view! {
            <section class="stack" aria-labelledby="together">
                <h2 id="together" class="ds-heading" data-size="2xs">{speech.say(|t| t.receipt_together)}</h2>
                <ul class="ds-paragraph">
                    {others.into_iter().map(|other| view! {
                        <li class="alone">
                            <a class="ds-link" href=paths::receipt(&other.id)>
                                {text(move || dates::time(other.starts, speech.language()))} ", " {other.applicant} ", " {other.number}
                            </a>
                        </li>
                    }).collect_view()}
                </ul>
            </section>
        })
    })
}

/// Renders the list of things to bring.
#[component]
fn Bringing(bring: Vec<Bring>) -> impl IntoView {
    let speech = use_speech();
    (!bring.is_empty()).then(|| {
        view! {
            <section class="stack" aria-labelledby="bring">
                <h2 id="bring" class="ds-heading" data-size="2xs">{speech.say(|t| t.receipt_bring)}</h2>
                <ul class="ds-paragraph">
                    {bring.into_iter().map(|what| view! {
                        <li>{text(move || speech.texts().bring.get(what.code()))}</li>
                    }).collect_view()}
                </ul>
            </section>
        }
    })
}

/// Renders the cancellation, with a confirmation in place.
#[component]
fn Cancel(id: AppointmentId) -> impl IntoView {
    let speech = use_speech();
    let appointment = expect_context::<Remote<Appointment>>();
    let asked = RwSignal::new(false);
    // The pressed button is replaced by others. The focus goes to the first of them, and back again.
    let pressed = StoredValue::new(false);
    let button = NodeRef::<html::Button>::new();
    effect(move || {
        if let Some(button) = button.get()
            && pressed.get_value()
        {
            // A button that is already removed needs no focus.
            button.focus().ok();
        }
    });
    let ask = move |whether| {
        pressed.set_value(true);
        asked.set(whether);
    };
    let action = Action::new();
    let Action { busy, failure, .. } = action;
    let cancel = move || {
        let id = id.clone();
        action.run(async move { api::cancel(&id).await }, move |cancelled| {
            appointment.put(cancelled);
            focus_heading();
        });
    };
    let again = cancel.clone();
    view! {
        {part(move || failure.get().map(|said| {
            let again = again.clone();
            view! { <FailureAlert failure=said again /> }
        }))}
        {part(move || {
            let cancel = cancel.clone();
            if asked.get() {
                view! {
                    <div class="ds-alert no-print" data-color="warning" role="alert">
                        <div class="stack">
                            <p class="ds-paragraph">{speech.say(|t| t.receipt_cancel_sure)}</p>
                            <div class="row">
                                <button node_ref=button type="button" class="ds-button" data-color="danger" aria-disabled=is(busy) on:click=press(cancel)>
                                    {speech.say(|t| t.receipt_cancel_yes)}
                                </button>
                                <button type="button" class="ds-button" data-variant="secondary" on:click=press(move || ask(false))>
                                    {speech.say(|t| t.receipt_cancel_no)}
                                </button>
                            </div>
                        </div>
                    </div>
                }.into_any()
            } else {
                view! {
                    <div class="no-print">
                        <button node_ref=button type="button" class="ds-button" data-variant="secondary" on:click=press(move || ask(true))>
                            {speech.say(|t| t.receipt_cancel)}
                        </button>
                    </div>
                }.into_any()
            }
        })}
    }
}
