//! `/cases`: the applicant's cases with their tasks, and the form for adding one.

use ::api::{
    cases::{AddCase, Case},
    typed,
};
use leptos::prelude::*;
use rules::Coded;

use crate::{
    api::{self, Failure},
    booking::tasks::{Task, tasks},
    browser::clock::use_clock,
    paths::{self, Purpose},
    state::{action::Action, drafts, policy::use_law, remote::Remote, session::use_who},
    text::{dates, language::use_speech, texts::Texts, udi},
    ui::{
        dynamic::{is, part, text},
        failure::{FailureAlert, Fetched, sentence},
        field::TextField,
        page::Page,
    },
};

/// Renders the page.
#[component]
pub fn Cases() -> impl IntoView {
    let speech = use_speech();
    let cases = Remote::fetch(api::cases);
    view! {
        <Page title=Signal::derive(speech.say(|t| t.cases_title))>
            <Fetched remote=cases show=|cases| view! { <List cases /> }.into_any() />
            <AddACase cases />
        </Page>
    }
}

/// Renders the cases, or a text if there are none.
#[component]
fn List(cases: Vec<Case>) -> impl IntoView {
    let speech = use_speech();
    if cases.is_empty() {
        return view! {
            <div class="stack">
                <p class="ds-paragraph">{speech.say(|t| t.cases_none)}</p>
                <p class="ds-paragraph">{speech.say(|t| t.cases_none_text)}</p>
            </div>
        }
        .into_any();
    }
    cases.into_iter().map(|case| view! { <CaseCard case /> }).collect_view().into_any()
}

/// Renders one case with its tasks.
#[component]
fn CaseCard(case: Case) -> impl IntoView {
    let speech = use_speech();
    let kind = case.application_type;
    let district = case.district;
    let heading = format!("case-{}", case.id);
    let headed_by = heading.clone();
    let (clock, law, who) = (use_clock(), use_law(), use_who());
    let asked = case.clone();
    let all = Memo::new(move |_| match clock.now().zip(law.policy()) {
        Some((now, policy)) => tasks(&asked, now, &policy),
        // Without the policy, a failure is shown at the top. Booking and the appointment do not depend on it.
        None if who.failure.with(Option::is_some) => {
            vec![if asked.appointment.is_some() { Task::Come } else { Task::Book }]
        }
        None => Vec::new(),
    });
    let applicant = case.applicant.clone();
    let spoken = text(move || format!("{}: {applicant}", speech.texts().cases_more));
    let (reference, to_case, lost) = (case.reference.clone(), paths::case(&case.id), case.lost.clone());
    let name = case.applicant.clone();
    let headed = StoredValue::new(heading.clone());
    let case = StoredValue::new(case);
    view! {
        <article class="ds-card" data-variant="default" aria-labelledby=headed_by>
            <div class="stack">
                <h2 id=heading class="ds-heading" data-size="xs">
                    {text(move || speech.texts().kind.get(kind.code()))} " – " {name}
                </h2>
                {lost.map(|lost| view! {
                    <div class="ds-alert" data-color="warning">
                        <p class="ds-paragraph">{text(move || speech.texts().cases_lost(&dates::day_and_time(lost.starts, speech.language())))}</p>
                    </div>
                })}
                {part(move || all.with(|all| all.split_first().map(|(first, rest)| view! {
                    <section class="stack now">
                        <h3 class="ds-heading" data-size="2xs">{speech.say(|t| t.cases_now)}</h3>
                        <ToDo task=*first is_first=true case=case.get_value() heading=headed.get_value() />
                    </section>
                    {rest.iter().map(|task| view! {
                        <ToDo task=*task is_first=false case=case.get_value() heading=headed.get_value() />
                    }).collect_view()}
                })))}
                <dl class="facts small">
                    <dt>{speech.say(|t| t.cases_reference)}</dt>
                    <dd>{reference}</dd>
                    <dt>{speech.say(|t| t.cases_district)}</dt>
                    <dd>{text(move || speech.texts().district.get(district.code()))}</dd>
                </dl>
                <p class="ds-paragraph alone"><a class="ds-link" aria-label=spoken href=to_case>{speech.say(|t| t.cases_more)}</a></p>
            </div>
        </article>
    }
}

/// Renders one task with its deadline and its link. The first task of a case has the blue button.
#[component]
fn ToDo(task: Task, is_first: bool, case: Case, heading: String) -> impl IntoView {
    let speech = use_speech();
    let clock = use_clock();
    let starts = case.appointment.as_ref().map(|appointment| appointment.starts);
    let sentence = move || {
        let day = |day| dates::day(day, speech.language());
        match task {
            Task::TellUdi(by) if clock.now().is_some_and(|now| rules::day::in_oslo(now) > by) => {
                speech.texts().cases_tell_udi_late(&day(by))
            }
            Task::TellUdi(by) => speech.texts().cases_tell_udi(&day(by)),
            Task::SendDocuments(by) | Task::DeliverDocuments(by) => {
                speech.texts().cases_asked(&dates::short_day(by, speech.language()))
            }
            Task::Apply => speech.texts().cases_apply.to_owned(),
            Task::Book => speech.texts().cases_book.to_owned(),
            Task::Come => {
                let time = starts.map(|starts| dates::day_and_time(starts, speech.language())).unwrap_or_default();
                speech.texts().cases_appointment(&time)
            }
        }
    };
    let (name, to): (fn(&Texts) -> &'static str, String) = match task {
        Task::TellUdi(_) => (|t| t.cases_to_udi, paths::case(&case.id)),
        Task::SendDocuments(_) => (|t| t.case_send, paths::documents(&case.id)),
        Task::DeliverDocuments(_) => (|t| t.cases_how_to_deliver, paths::case(&case.id)),
        Task::Apply => (|t| t.cases_to_portal, udi::PORTAL.to_owned()),
        Task::Book => (|t| t.cases_find_time, paths::times(&case.id, Purpose::Book)),
        Task::Come => {
            let receipt = case.appointment.as_ref().map(|appointment| paths::receipt(&appointment.id));
            (|t| t.cases_see_appointment, receipt.unwrap_or_default())
        }
    };
    let link = format!("{}-{}", task.code(), case.id);
    // Several cases have the same link text. The case's heading makes the accessible name unique.
    let labelled_by = format!("{link} {heading}");
    let is_urgent = matches!(task, Task::TellUdi(_));
    let leaves = task == Task::Apply;
    let action = view! {
        <div><a id=link aria-labelledby=labelled_by class="ds-button" data-color="accent" data-variant=(!is_first).then_some("secondary")
            rel=leaves.then_some("external noreferrer") href=to>{speech.say(name)}</a></div>
    };
    if is_urgent {
        view! {
            <div class="ds-alert" data-color="warning">
                <div class="stack">
                    <p class="ds-paragraph"><strong>{text(sentence)}</strong></p>
                    {action}
                </div>
            </div>
        }
        .into_any()
    } else {
        view! { <p class="ds-paragraph"><strong>{text(sentence)}</strong></p> {action} }.into_any()
    }
}

/// Renders the form for linking a case that is on record.
#[component]
fn AddACase(cases: Remote<Vec<Case>>) -> impl IntoView {
    let speech = use_speech();
    let [reference, born] = ["reference", "born"].map(|name| drafts::line(name.to_owned(), String::new()));
    // Not stored: the code gives access to the case.
    let letter_code = RwSignal::new(String::new());
    let begun =
        reference.with_untracked(|reference| !reference.is_empty()) || born.with_untracked(|born| !born.is_empty());
    let wrong = RwSignal::new(None::<Wrong>);
    let action = Action::new();
    let Action { busy, failure, .. } = action;
    let added = RwSignal::new(false);
    let add = move || {
        if busy.get_untracked() {
            return;
        }
        wrong.set(None);
        failure.set(None);
        added.set(false);
        if reference.with_untracked(|reference| reference.trim().is_empty()) {
            return wrong.set(Some(Wrong::Reference));
        }
        let Ok(day) = typed::date(&born.get_untracked()) else { return wrong.set(Some(Wrong::Born)) };
        let code = Some(letter_code.get_untracked()).filter(|code| !code.trim().is_empty());
        let asked = AddCase { reference: reference.get_untracked(), born: day, code };
        let typed = [reference, born].map(|line| (line, line.get_untracked()));
        let done = move |_: Case| {
            for (line, sent) in typed {
                drafts::replace(line, &sent, String::new());
            }
            letter_code.try_set(String::new());
            added.try_set(true);
            cases.again();
        };
        let failed = move |said: Failure| match said.field() {
            Some("born") => {
                wrong.try_set(Some(Wrong::Born));
                None
            }
            Some(_) => {
                wrong.try_set(Some(Wrong::Said(said)));
                None
            }
            None => Some(said),
        };
        action.run_or(async move { api::add_case(&asked, &api::new_key()).await }, done, failed);
    };
    let reference_problem = move || {
        wrong.with(|wrong| match wrong {
            Some(Wrong::Reference) => speech.texts().cases_reference_missing,
            Some(Wrong::Said(said)) => sentence(said, speech.texts()),
            _ => "",
        })
    };
    let born_problem = move || {
        wrong.with(|wrong| match wrong {
            Some(Wrong::Born) => speech.texts().cases_born_wrong,
            _ => "",
        })
    };
    view! {
        <details class="ds-details" data-variant="tinted" open=begun>
            <summary>{speech.say(|t| t.cases_add)}</summary>
            <form class="stack" novalidate on:submit=move |event| { event.prevent_default(); add(); }>
                <p class="ds-paragraph">{speech.say(|t| t.cases_add_text)}</p>
                <TextField id="reference" required=true value=reference problem=text(reference_problem)
                    label=Signal::derive(speech.say(|t| t.cases_reference)) hint=text(speech.say(|t| t.cases_reference_hint)) />
                <TextField id="born" required=true value=born problem=text(born_problem)
                    label=Signal::derive(speech.say(|t| t.cases_born)) hint=text(speech.say(|t| t.cases_born_hint)) />
                <TextField id="letter-code" value=letter_code problem=Signal::derive(String::new)
                    label=Signal::derive(speech.say(|t| t.cases_letter_code)) hint=text(speech.say(|t| t.cases_letter_code_hint)) />
                {part(move || failure.get().map(|said| view! { <FailureAlert failure=said again=add /> }))}
                <div class="row">
                    <button type="submit" class="ds-button" data-variant="secondary" aria-disabled=is(busy)>{speech.say(|t| t.cases_add)}</button>
                    <span role="status">{text(move || if added.get() { speech.texts().cases_added } else { "" })}</span>
                </div>
            </form>
        </details>
    }
}

/// The error in the form.
#[derive(Clone)]
enum Wrong {
    Reference,
    Born,
    /// Reported by the server, from its records.
    Said(Failure),
}
