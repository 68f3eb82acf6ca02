//! `/cases`: the applicant's cases.

use ::api::cases::Case;
use leptos::prelude::*;
use rules::Coded;

use crate::{
    api,
    components::{failure::Fetched, page::Page},
    dates,
    dynamic::text,
    language::use_speech,
    paths,
    remote::Remote,
};

#[component]
pub fn Cases() -> impl IntoView {
    let speech = use_speech();
    let cases = Remote::fetch(api::cases);
    view! {
        <Page title=Signal::derive(speech.say(|t| t.cases_title))>
            <Fetched remote=cases show=|cases| view! { <List cases /> }.into_any() />
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
                        <div><a id=link aria-labelledby=labelled_by class="ds-button" href=paths::times(&case.id)>
                            {speech.say(|t| t.cases_find_time)}
                        </a></div>
                    }.into_any(),
                }}
            </div>
        </article>
    }
}
