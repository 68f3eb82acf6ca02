//! Next steps after a refusal: whom to call and when, where to go, and a reminder. The steps come from `api::ways`.

use ::api::{
    cases::Case,
    fields::minute_text,
    ids::{AppointmentId, CaseId},
    offices::{Office, Opening},
    ways::{Known, Step, on},
};
use leptos::prelude::*;
use rules::{ApplicationType, District, Reason};

use crate::{
    browser::clock::use_clock,
    paths::{self, Purpose},
    state::offices::use_places,
    text::{dates, language::use_speech, udi},
    ui::dynamic::{part, text},
};

/// Context of a refusal, as far as the page knows it.
#[derive(Clone, Default)]
pub struct Around {
    pub case: Option<CaseId>,
    pub reference: Option<String>,
    pub appointment: Option<AppointmentId>,
    pub kind: Option<ApplicationType>,
    pub district: Option<District>,
    /// The offices that have appointments for this type now; `None` if the page has not fetched them.
    pub open: Option<Vec<Office>>,
}

impl Around {
    /// The context of a case, without the offices that have appointments now.
    pub fn case(case: &Case) -> Around {
        Around {
            case: Some(case.id.clone()),
            reference: Some(case.reference.clone()),
            appointment: case.appointment.as_ref().map(|appointment| appointment.id.clone()),
            kind: Some(case.application_type),
            district: Some(case.district),
            open: None,
        }
    }
}

/// Renders the next steps that these reasons allow. `contact` is the telephone number of the decision.
#[component]
pub fn WaysOn(
    reasons: Vec<Reason>,
    contact: Option<String>,
    around: Around,
    /// The heading level: directly below the page's heading, and not below a section.
    #[prop(optional)]
    alone: bool,
) -> impl IntoView {
    let speech = use_speech();
    let places = use_places();
    let is_critical = reasons.contains(&Reason::CriticalTravelByPhone);
    let is_about_times = reasons.iter().any(|one| matches!(one, Reason::NoFreeAppointment | Reason::TypeNotBookable));
    let others = around.open.as_ref().filter(|_| is_about_times).map(Vec::len);
    let reference = around.reference.clone().filter(|_| !is_critical);
    let steps = move || {
        let open = around.open.clone().filter(|open| !open.is_empty());
        let offices =
            open.unwrap_or_else(|| around.district.map_or_else(Vec::new, |district| places.of(district, around.kind)));
        let known = Known {
            case: around.case.as_deref(),
            appointment: around.appointment.as_deref(),
            contact: contact.as_deref(),
            offices: &offices,
        };
        on(reasons.iter().copied(), known)
    };
    view! {
        <div class="stack ways">
            {if alone {
                view! { <h2 class="ds-heading" data-size="2xs">{speech.say(|t| t.ways_title)}</h2> }.into_any()
            } else {
                view! { <h3 class="ds-heading" data-size="2xs">{speech.say(|t| t.ways_title)}</h3> }.into_any()
            }}
            {others.map(|others| view! {
                <p class="ds-paragraph">{text(move || match others {
                    0 => speech.texts().ways_none,
                    1 => speech.texts().ways_only,
                    _ => speech.texts().ways_several,
                })}</p>
            })}
            {part(move || {
                let steps = steps();
                let calls = steps.iter().any(|step| matches!(step, Step::Office { .. } | Step::Line { .. }));
                let reference = reference.clone().filter(|_| calls);
                view! {
                    {steps.into_iter().map(|step| view! { <OneStep step /> }).collect_view()}
                    {reference.map(|reference| view! {
                        <p class="ds-paragraph">
                            {text(move || speech.texts().ways_reference(&reference))}
                        </p>
                    })}
                }
            })}
            {is_critical.then(|| view! { <p class="ds-paragraph">{speech.say(|t| t.ways_ready)}</p> })}
        </div>
    }
}

/// Renders one step.
#[component]
fn OneStep(step: Step) -> impl IntoView {
    let speech = use_speech();
    let link = |href: String, label: Signal<String>, is_away: bool| {
        view! { <div><a class="ds-button" href=href rel=is_away.then_some("external noreferrer")>{label}</a></div> }
            .into_any()
    };
    let call = move |phone: &str| {
        let (href, phone) = (paths::call(phone), phone.to_owned());
        link(href, text(move || speech.texts().ways_call(&phone)), false)
    };
    match step {
        Step::Line { phone } => view! {
            <div class="way">
                <strong>{speech.say(|t| t.ways_line)}</strong>
                {call(&phone)}
            </div>
        }
        .into_any(),
        Step::Udi => view! {
            <p class="ds-paragraph">
                <a class="ds-link" href=udi::CALL>{text(move || speech.texts().case_call(udi::PHONE))}</a>
            </p>
        }
        .into_any(),
        Step::Portal => link(udi::PORTAL.to_owned(), text(speech.say(|t| t.ways_portal)), true),
        Step::Appointment { id } => {
            link(paths::receipt(&id.into()), text(speech.say(|t| t.times_see_appointment)), false)
        }
        Step::Times { case } => {
            link(paths::times(&case.into(), Purpose::Book), text(speech.say(|t| t.cases_find_time)), false)
        }
        Step::Cases => link(paths::CASES.to_owned(), text(speech.say(|t| t.shell_my_cases)), false),
        Step::AllOffices => link(paths::PLACES.to_owned(), text(speech.say(|t| t.ways_all_offices)), true),
        Step::Office { office, remind } => view! { <CallOffice office remind /> }.into_any(),
    }
}

/// Renders an office with its telephone number, its opening hours today, and the day on which it posts times.
#[component]
fn CallOffice(office: Office, remind: bool) -> impl IntoView {
    let speech = use_speech();
    let clock = use_clock();
    let (call, phone) = (paths::call(&office.phone), office.phone.clone());
    let calendar = {
        let id = office.id.clone();
        text(move || paths::posting(&id, speech.language()))
    };
    let posts = office.posts.filter(|_| remind);
    let name = office.name.clone();
    let posting = move || {
        let posts = posts?;
        let day = dates::day(posts.next(clock.now()?), speech.language());
        Some(speech.texts().times_posts(&day, &name, &minute_text(posts.at)))
    };
    let shown = office.name.clone();
    let open = move || match office.opening(clock.now()?)? {
        Opening::Until(minute) => Some(speech.texts().ways_open(&minute_text(minute))),
        Opening::From(day, minute) => {
            let day = dates::day(day, speech.language());
            Some(speech.texts().ways_closed(&day, &minute_text(minute)))
        }
    };
    view! {
        <div class="way">
            <strong>{shown}</strong>
            <div><a class="ds-button" href=call>
                {text(move || speech.texts().ways_call(&phone))}
            </a></div>
            {part(move || open().map(|open| view! { <p class="ds-paragraph">{open}</p> }))}
            {part(move || posting().map(|posting| view! {
                <p class="ds-paragraph">
                    {posting} " "
                    <a class="ds-link" href=calendar rel="external" download="">{speech.say(|t| t.ways_remind)}</a>
                </p>
            }))}
        </div>
    }
}
