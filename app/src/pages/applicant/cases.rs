//! `/cases`: the applicant's cases.

use ::api::{
    cases::{AddCase, Case},
    invitations::Invitation,
    typed,
};
use leptos::prelude::*;
use rules::{Coded, Duty, facts::Standing};

use crate::{
    action::Action,
    api::{self, Failure},
    clock::use_clock,
    components::{
        failure::{FailureAlert, Fetched, sentence},
        field::TextField,
        page::Page,
    },
    dates, draft,
    dynamic::{is, part, text},
    language::use_speech,
    law::use_law,
    paths::{self, Purpose},
    remote::Remote,
};

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

#[component]
fn CaseCard(case: Case) -> impl IntoView {
    let speech = use_speech();
    let kind = case.application_type;
    let district = case.district;
    let heading = format!("case-{}", case.id);
    let link = format!("link-{}", case.id);
    // Several cases have the same link text; with the heading each says whose it is.
    let labelled_by = format!("{link} {heading}");
    let headed_by = heading.clone();
    let (clock, law) = (use_clock(), use_law());
    let asked = case.clone();
    // What the rules say is due by a day.
    let due = move || {
        let (now, policy) = (clock.now()?, law.policy()?);
        let decision = rules::decide(&policy, &asked.facts_of_duties(now));
        asked.work.filter(|_| decision.duties.contains(&Duty::ReportWorkStartToUdi)).map(|work| work.starts)
    };
    let is_live = move |invitation: &Invitation| {
        let today = clock.now_untracked().map(rules::day::in_oslo);
        today.is_some_and(|today| invitation.standing(today) == Standing::Live)
    };
    let applicant = case.applicant.clone();
    let spoken = text(move || format!("{}: {applicant}", speech.texts().cases_more));
    view! {
        <article class="ds-card" data-variant="default" aria-labelledby=headed_by>
            <div class="stack">
                <h2 id=heading class="ds-heading" data-size="xs">
                    {text(move || speech.texts().kind.get(kind.code()))} " – " {case.applicant}
                </h2>
                <dl class="facts">
                    <dt>{speech.say(|t| t.cases_reference)}</dt>
                    <dd>{case.reference}</dd>
                    <dt>{speech.say(|t| t.cases_district)}</dt>
                    <dd>{text(move || speech.texts().district.get(district.code()))}</dd>
                </dl>
                {(!case.submitted).then(|| view! {
                    <p><span class="ds-tag" data-color="warning">{speech.say(|t| t.cases_not_submitted)}</span></p>
                })}
                {case.lost.map(|lost| view! {
                    <div class="ds-alert" data-color="warning">
                        <p class="ds-paragraph">{text(move || speech.fill(
                            |t| t.cases_lost,
                            &[("time", &dates::day_and_time(lost.starts, speech.language()))],
                        ))}</p>
                    </div>
                })}
                {case.invitation.filter(|one| is_live(one)).map(|one| view! {
                    <p class="ds-paragraph"><strong>{text(move || speech.fill(
                        |t| t.cases_asked,
                        &[("day", &dates::short_day(one.last, speech.language()))],
                    ))}</strong></p>
                })}
                {match case.appointment {
                    Some(appointment) => view! {
                        <p class="ds-paragraph">
                            <strong>{text(move || speech.fill(
                                |t| t.cases_appointment,
                                &[("time", &dates::day_and_time(appointment.starts, speech.language()))],
                            ))}</strong>
                        </p>
                        <div><a id=link aria-labelledby=labelled_by class="ds-button" data-variant="secondary"
                            href=paths::receipt(&appointment.id)>{speech.say(|t| t.cases_see_appointment)}</a></div>
                    }.into_any(),
                    None => view! {
                        <div class="row"><a id=link aria-labelledby=labelled_by class="ds-button" href=paths::times(&case.id, Purpose::Book)>
                            {speech.say(|t| t.cases_find_time)}
                        </a></div>
                    }.into_any(),
                }}
                {part(move || due().map(|day| view! {
                    <p><span class="ds-tag" data-color="warning">
                        {text(move || speech.texts().duty_title.get(Duty::ReportWorkStartToUdi.code()))} " – "
                        {text(move || speech.fill(|t| t.case_due_by, &[("day", &dates::short_day(day, speech.language()))]))}
                    </span></p>
                }))}
                <p class="ds-paragraph"><a class="ds-link" aria-label=spoken href=paths::case(&case.id)>{speech.say(|t| t.cases_more)}</a></p>
            </div>
        </article>
    }
}

/// A form for a case that the office has on record.
#[component]
fn AddACase(cases: Remote<Vec<Case>>) -> impl IntoView {
    let speech = use_speech();
    let [reference, born] = ["reference", "born"].map(|name| draft::line(name.to_owned(), String::new()));
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
        let asked = AddCase { reference: reference.get_untracked(), born: day };
        let typed = [reference, born].map(|line| (line, line.get_untracked()));
        let done = move |_: Case| {
            for (line, sent) in typed {
                draft::replace(line, &sent, String::new());
            }
            added.try_set(true);
            cases.again();
        };
        let failed = move |said: Failure| {
            if said.field() != Some("reference") {
                return Some(said);
            }
            wrong.try_set(Some(Wrong::Said(said)));
            None
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
                <TextField id="reference" value=reference problem=text(reference_problem)
                    label=Signal::derive(speech.say(|t| t.cases_reference)) hint=text(speech.say(|t| t.cases_reference_hint)) />
                <TextField id="born" value=born problem=text(born_problem)
                    label=Signal::derive(speech.say(|t| t.cases_born)) hint=text(speech.say(|t| t.cases_born_hint)) />
                {part(move || failure.get().map(|said| view! { <FailureAlert failure=said again=add /> }))}
                <div class="row">
                    <button type="submit" class="ds-button" data-variant="secondary" aria-disabled=is(busy)>{speech.say(|t| t.cases_add)}</button>
                    <span role="status">{text(move || if added.get() { speech.texts().cases_added } else { "" })}</span>
                </div>
            </form>
        </details>
    }
}

/// What is wrong in the form.
#[derive(Clone)]
enum Wrong {
    Reference,
    Born,
    /// By what the office has on record.
    Said(Failure),
}
