//! `/profile`: language, telephone number and sessions; export of the data, and deletion of the account.

use ::api::session::{Change, Person, SignedIn};
use leptos::prelude::*;
use rules::{Coded, notice::Language};

use crate::{
    api::{self, Failure},
    paths,
    router::use_router,
    state::{
        action::Action,
        drafts,
        remote::Remote,
        session::use_who,
        tabs::{News, use_tabs},
    },
    text::{dates, language::use_speech},
    ui::{
        dynamic::{is, part, press, text},
        failure::{FailureAlert, Followed, sentence},
        field::TextField,
        page::Page,
    },
};

/// Renders the page.
#[component]
pub fn Profile() -> impl IntoView {
    let speech = use_speech();
    // The first request of the page: it leads to sign-in if there is no session.
    let sessions = Remote::fetch(api::sessions);
    provide_context(sessions);
    view! {
        <Page title=Signal::derive(speech.say(|t| t.profile_title))>
            <Followed remote=sessions show=|sessions| view! {
                <WhenKnown />
                {part(move || sessions.loaded().map(|sessions| view! { <Sessions sessions /> }))}
                <Data />
                <Leave />
            }.into_any() />
        </Page>
    }
}

/// Renders the form once the person is known. Saving does not render it again, so that input stays.
#[component]
fn WhenKnown() -> impl IntoView {
    let who = use_who();
    let is_known = Memo::new(move |_| who.person.with(Option::is_some));
    part(move || {
        let person = if is_known.get() { who.person.get_untracked() } else { None };
        person.map(|person| view! { <Reaching person /> })
    })
}

/// Renders the form for contact details: address, language, telephone number.
#[component]
fn Reaching(person: Person) -> impl IntoView {
    let speech = use_speech();
    let who = use_who();
    let email = person.email;
    let chosen = RwSignal::new(person.language);
    let phone = drafts::line("phone".to_owned(), person.phone.unwrap_or_default());
    let wrong = RwSignal::new(None::<Failure>);
    let saved = RwSignal::new(false);
    let action = Action::new();
    let Action { busy, failure, .. } = action;
    let save = move || {
        if busy.get_untracked() {
            return;
        }
        wrong.set(None);
        saved.set(false);
        let typed = phone.get_untracked();
        let change = Change { language: Some(chosen.get_untracked()), phone: Some(typed.clone()) };
        let done = move |person: Person| {
            if drafts::replace(phone, &typed, person.phone.clone().unwrap_or_default()) {
                drafts::forget_line("phone");
            }
            who.person.set(Some(person));
            saved.try_set(true);
        };
        // An error in the number is shown at its field.
        let failed = move |said: Failure| {
            if said.field() != Some("phone") {
                return Some(said);
            }
            wrong.try_set(Some(said));
            None
        };
        action.run_or(async move { api::change_person(&change).await }, done, failed);
    };
    let problem = move || wrong.with(|wrong| wrong.as_ref().map_or("", |wrong| sentence(wrong, speech.texts())));
    view! {
        <form class="stack" novalidate on:submit=move |event| { event.prevent_default(); save(); }>
            <h2 class="ds-heading" data-size="sm">{speech.say(|t| t.profile_reach)}</h2>
            <p class="ds-paragraph">{text(move || speech.texts().profile_email(&email))}</p>
            <fieldset class="ds-fieldset">
                <legend class="ds-label" data-weight="medium">{speech.say(|t| t.profile_language)}</legend>
                {[(Language::Nb, "Norsk"), (Language::En, "English")].into_iter().map(|(language, name)| {
                    let id = format!("language-{}", language.code());
                    let label_for = id.clone();
                    view! {
                        <div class="ds-field">
                            <input type="radio" class="ds-input" id=id name="language"
                                prop:checked=move || chosen.get() == language
                                on:change=move |_| chosen.set(language) />
                            <label class="ds-label" for=label_for lang=language.code()>{name}</label>
                        </div>
                    }
                }).collect_view()}
            </fieldset>
            <TextField id="phone" optional=true kind="tel" autocomplete="tel" inputmode="tel" value=phone problem=text(problem)
                label=Signal::derive(speech.say(|t| t.profile_phone)) hint=text(speech.say(|t| t.profile_phone_hint)) />
            {part(move || failure.get().map(|said| view! { <FailureAlert failure=said again=save /> }))}
            <div class="row">
                <button type="submit" class="ds-button" aria-disabled=is(busy)>{speech.say(|t| t.case_save)}</button>
                <span role="status">{text(move || if saved.get() { speech.texts().profile_saved } else { "" })}</span>
            </div>
        </form>
    }
}

/// Renders the person's sessions.
#[component]
fn Sessions(sessions: Vec<SignedIn>) -> impl IntoView {
    let speech = use_speech();
    let remote = expect_context::<Remote<Vec<SignedIn>>>();
    let failure = RwSignal::new(None::<Failure>);
    let rows = sessions.into_iter().map(|session| {
        let action = Action::saying(failure);
        let id = session.id;
        let end = move || {
            let id = id.clone();
            action.run(async move { api::end_session(&id).await }, move |()| remote.again());
        };
        let device = session.device;
        let named = device.clone();
        let name = move || if named.is_empty() { speech.texts().profile_unknown_device.to_owned() } else { named.clone() };
        let spoken = { let name = name.clone(); move || format!("{}: {}", speech.texts().profile_end, name()) };
        view! {
            <li class="row">
                <span>
                    {text(name)} ", "
                    {text(move || speech.texts().profile_since(&dates::day_and_time(session.began, speech.language())))}
                </span>
                {if session.this {
                    view! { <span class="ds-tag" data-color="info">{speech.say(|t| t.profile_this)}</span> }.into_any()
                } else {
                    view! {
                        <button type="button" class="ds-button" data-variant="secondary" data-size="sm" aria-label=text(spoken)
                            aria-disabled=is(action.busy) on:click=press(end)>
                            {speech.say(|t| t.profile_end)}
                        </button>
                    }.into_any()
                }}
            </li>
        }
    });
    view! {
        <section class="stack" aria-labelledby="sessions">
            <h2 id="sessions" class="ds-heading" data-size="sm">{speech.say(|t| t.profile_sessions)}</h2>
            {part(move || failure.get().map(|said| view! {
                <FailureAlert failure=said again=move || failure.set(None) />
            }))}
            <ul class="plain stack">{rows.collect_view()}</ul>
        </section>
    }
}

/// Renders the export of the data.
#[component]
fn Data() -> impl IntoView {
    let speech = use_speech();
    view! {
        <section class="stack" aria-labelledby="data">
            <h2 id="data" class="ds-heading" data-size="sm">{speech.say(|t| t.profile_data)}</h2>
            <p class="ds-paragraph">{speech.say(|t| t.profile_data_text)}</p>
            <div>
                <a class="ds-button" data-variant="secondary" href=paths::MY_DATA rel="external" download="skranke.json">
                    {speech.say(|t| t.profile_take)}
                </a>
            </div>
        </section>
    }
}

/// Renders the deletion of the account.
#[component]
fn Leave() -> impl IntoView {
    let speech = use_speech();
    let who = use_who();
    let router = use_router();
    let tabs = use_tabs();
    let leaving = RwSignal::new(None::<::api::account::Leaving>);
    let action = Action::new();
    let Action { busy, failure, .. } = action;
    let ask = move || {
        action.run(api::leaving(), move |known| {
            leaving.try_set(Some(known));
        });
    };
    let delete = Callback::new(move |()| {
        let delete = async move {
            api::delete_account().await?;
            // The effects of the deletion do not depend on the page on which the answer arrives.
            who.left();
            tabs.tell(News::SignedOut);
            who.has_left.set(true);
            Ok(())
        };
        action.run(delete, move |()| router.go(paths::START));
    });
    view! {
        <section class="stack" aria-labelledby="leave">
            <h2 id="leave" class="ds-heading" data-size="sm">{speech.say(|t| t.profile_leave)}</h2>
            {part(move || failure.get().map(|said| view! {
                <FailureAlert failure=said again=move || failure.set(None) />
            }))}
            {part(move || match leaving.get() {
                None => view! {
                    <div>
                        <button type="button" class="ds-button" data-variant="secondary" aria-disabled=is(busy) on:click=press(ask)>
                            {speech.say(|t| t.profile_leave)} " …"
                        </button>
                    </div>
                }.into_any(),
                Some(known) => view! {
                    <div class="ds-alert" data-color="warning" role="alert">
                        <div class="stack">
                            <p class="ds-paragraph">{text(move || speech.texts().profile_leave_text(&dates::short_day(known.kept_until, speech.language())))}</p>
                            <div class="row">
                                <button type="button" class="ds-button" data-color="danger" aria-disabled=is(busy)
                                    on:click=press(move || delete.run(()))>
                                    {speech.say(|t| t.profile_leave_yes)}
                                </button>
                                <button type="button" class="ds-button" data-variant="secondary"
                                    on:click=press(move || leaving.set(None))>
                                    {speech.say(|t| t.profile_leave_no)}
                                </button>
                            </div>
                        </div>
                    </div>
                }.into_any(),
            })}
        </section>
    }
}
