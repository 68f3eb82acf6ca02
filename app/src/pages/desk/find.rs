//! `/desk/find`: somebody is on the phone.

use ::api::by_phone::Found;
use leptos::prelude::*;
use rules::Coded;

use super::texts::use_words;
use crate::{
    api::{self, Failure},
    components::{
        failure::{FailureAlert, use_fail},
        field::TextField,
        page::Page,
    },
    dates,
    dynamic::{part, spawn, text},
    language::use_speech,
    paths,
};

#[component]
pub fn Find() -> impl IntoView {
    let words = use_words();
    let typed = RwSignal::new(String::new());
    let asked = RwSignal::new(false);
    let found = RwSignal::new(None::<Vec<Found>>);
    let failure = RwSignal::new(None::<Failure>);
    let fail = use_fail(failure);
    let is_short = move || typed.with(|typed| typed.trim().chars().count() < 2);
    let find = move || {
        asked.set(true);
        failure.set(None);
        if untrack(is_short) {
            return;
        }
        spawn(async move {
            match api::desk::search(&typed.get_untracked()).await {
                Ok(all) => {
                    found.try_set(Some(all));
                }
                Err(why) => fail(why),
            }
        });
    };
    let problem = move || if asked.get() && is_short() { words.texts().find_short } else { "" };
    view! {
        <Page title=words.signal(|t| t.find_title)>
            <form class="stack" novalidate role="search" on:submit=move |event| { event.prevent_default(); find(); }>
                <TextField id="find" value=typed label=words.signal(|t| t.find_words) hint=text(words.say(|t| t.find_hint)) problem=text(problem) takes_focus=true />
                <div><button type="submit" class="ds-button">{words.say(|t| t.find_do)}</button></div>
            </form>
            {part(move || failure.get().map(|said| view! { <FailureAlert failure=said again=find /> }))}
            <div role="status">
                {part(move || found.get().map(|all| text(move || match all.len() {
                    0 => words.texts().find_none.to_owned(),
                    count => words.fill(|t| t.find_count, &[("count", &count.to_string())]),
                })))}
            </div>
            {part(move || found.get().map(|all| view! {
                <ul class="plain stack">{all.into_iter().map(|one| view! { <li><One one /></li> }).collect_view()}</ul>
            }))}
        </Page>
    }
}

#[component]
fn One(one: Found) -> impl IntoView {
    let words = use_words();
    let speech = use_speech();
    let Found { case, reference, applicant, application_type: kind, starts } = one;
    view! {
        <div class="ds-card" data-variant="default">
            <a class="ds-link" href=paths::desk_case(&case)><strong>{applicant}</strong> ", " {reference}</a>
            <p class="ds-paragraph" data-size="sm">
                {text(move || speech.texts().kind.get(kind.code()))} ". "
                {text(move || match starts {
                    Some(at) => words.fill(|t| t.find_has_time, &[("time", &dates::day_and_time(at, words.language()))]),
                    None => words.texts().find_no_time.to_owned(),
                })}
            </p>
        </div>
    }
}
