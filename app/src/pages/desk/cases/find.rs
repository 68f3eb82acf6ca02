//! `/desk/find`: search for a case by name, reference or number, while a person is on the telephone.

use ::api::by_phone::{Found, MOST_FOUND, OpenCase};
use leptos::prelude::*;
use rules::{Coded, notice::Language};

use crate::{
    api, paths,
    router::use_router,
    state::action::Action,
    text::{dates, desk_texts::use_words, language::use_speech},
    ui::{
        dynamic::{is, part, text},
        failure::FailureAlert,
        field::TextField,
        page::Page,
    },
};

/// Renders the page.
#[component]
pub fn Find() -> impl IntoView {
    let words = use_words();
    let typed = RwSignal::new(String::new());
    let asked = RwSignal::new(false);
    let found = RwSignal::new(None::<Vec<Found>>);
    let action = Action::new();
    let failure = action.failure;
    let is_short = move || typed.with(|typed| typed.trim().chars().count() < 2);
    let find = move || {
        asked.set(true);
        action.forget();
        // The previous results disappear at once, so that they cannot be mistaken for the new ones.
        found.set(None);
        if untrack(is_short) {
            return;
        }
        let words = typed.get_untracked();
        action.renew(async move { api::desk::search(&words).await }, move |all| {
            found.try_set(Some(all));
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
                    count if count > MOST_FOUND => words.texts().find_more(&MOST_FOUND.to_string()),
                    count => words.texts().find_count(&count.to_string()),
                })))}
            </div>
            {part(move || found.get().map(|all| view! {
                <ul class="plain stack">{all.into_iter().take(MOST_FOUND).map(|one| view! { <li><One one /></li> }).collect_view()}</ul>
            }))}
        </Page>
    }
}

/// Renders one result.
#[component]
fn One(one: Found) -> impl IntoView {
    let words = use_words();
    let speech = use_speech();
    let Found { case, reference, applicant, application_type: kind, starts } = one;
    let is_in_account = case.is_some();
    let name = format!("{applicant}, {reference}");
    view! {
        <div class="ds-card" data-variant="default"><div class="stack desk-found">
            <div>{match &case {
                Some(case) => {
                    view! { <a class="ds-link" href=paths::desk_case(case)><strong>{applicant}</strong> ", " {reference.clone()}</a> }.into_any()
                }
                None => view! { <strong>{applicant}</strong> ", " {reference.clone()} }.into_any(),
            }}</div>
            <p class="ds-paragraph" data-size="sm">
                {text(move || speech.texts().kind.get(kind.code()))} ". "
                {text(move || match starts {
                    Some(at) => words.texts().find_has_time(&dates::day_and_time(at, words.language())),
                    None if is_in_account => words.texts().find_no_time.to_owned(),
                    None => words.texts().find_on_record.to_owned(),
                })}
            </p>
            {(!is_in_account).then(|| view! { <Open reference name /> })}
        </div></div>
    }
}

/// Renders the form that opens a case which is not linked to an account.
#[component]
fn Open(reference: String, name: String) -> impl IntoView {
    let words = use_words();
    let router = use_router();
    let phone = RwSignal::new(String::new());
    let language = RwSignal::new(Language::Nb.code().to_owned());
    let action = Action::new();
    let Action { busy, failure, .. } = action;
    // Several of these forms may be on the page, so the ids contain the reference.
    let [phone_id, language_id] = ["phone", "language"].map(|field| format!("{field} {reference}").replace(' ', "-"));
    let [phone_label, language_label] = [phone_id.clone(), language_id.clone()];
    let open = move || {
        let typed = phone.get_untracked();
        let asked = OpenCase {
            reference: reference.clone(),
            language: language.with_untracked(|code| Language::from_code(code)).unwrap_or(Language::Nb),
            phone: (!typed.trim().is_empty()).then_some(typed),
        };
        action.run(async move { api::desk::open_case(&asked).await }, move |opened| {
            router.go(&paths::desk_case(&opened.case.id));
        });
    };
    let open = StoredValue::new_local(open);
    view! {
        <details class="ds-details">
            <summary>{text(move || format!("{}: {name}", words.texts().find_open))}</summary>
            <form class="stack" novalidate on:submit=move |event| { event.prevent_default(); open.with_value(|open| open()); }>
                <p class="ds-paragraph">{words.say(|t| t.find_open_text)}</p>
                <div class="columns">
                    <div class="ds-field">
                        <label class="ds-label" for=phone_label data-weight="medium">{words.say(|t| t.find_phone)}</label>
                        <input id=phone_id class="ds-input" type="tel" inputmode="tel" autocomplete="off"
                            prop:value=move || phone.get() on:input:target=move |event| phone.set(event.target().value()) />
                    </div>
                    <div class="ds-field">
                        <label class="ds-label" for=language_label data-weight="medium">{words.say(|t| t.case_language)}</label>
                        <select id=language_id class="ds-input" on:change:target=move |event| language.set(event.target().value())>
                            {Language::ALL.iter().map(|one| view! {
                                <option value=one.code()>{text(move || words.texts().tongue.get(one.code()))}</option>
                            }).collect_view()}
                        </select>
                    </div>
                </div>
                {part(move || failure.get().map(|said| view! {
                    <FailureAlert failure=said again=move || open.with_value(|open| open()) />
                }))}
                <div><button type="submit" class="ds-button" aria-disabled=is(busy)>{words.say(|t| t.find_open)}</button></div>
            </form>
        </details>
    }
}
