//! `/profile`: language, phone, where one is signed in; taking one's data away, and leaving.

use ::api::session::{Change, Person, SignedIn};
use leptos::prelude::*;
use rules::{Coded, notice::Language};

use crate::{
    api::{self, Failure},
    components::{
        failure::{FailureAlert, Fetched, sentence, use_to_sign_in},
        field::TextField,
        page::Page,
    },
    dates, draft,
    dynamic::{is, part, press, spawn, text},
    language::use_speech,
    paths,
    remote::Remote,
    router::use_router,
    session::use_who,
    tabs::{News, use_tabs},
};

#[component]
pub fn Profile() -> impl IntoView {
    let speech = use_speech();
    // The sessions are asked for first: who is not signed in is taken to sign-in by that.
    let sessions = Remote::fetch(api::sessions);
    provide_context(sessions);
    view! {
        <Page title=Signal::derive(speech.say(|t| t.profile_title))>
            <Fetched remote=sessions show=|sessions| view! {
                <WhenKnown />
                <Sessions sessions />
                <Data />
                <Leave />
            }.into_any() />
        </Page>
    }
}

/// The form, once it is known who is signed in; what is typed into it is not made anew by what is saved.
#[component]
fn WhenKnown() -> impl IntoView {
    let who = use_who();
    let is_known = Memo::new(move |_| who.person.with(Option::is_some));
    part(move || {
        let person = if is_known.get() { who.person.get_untracked() } else { None };
        person.map(|person| view! { <Reaching person /> })
    })
}

/// How messages reach the person: address, language, phone.
#[component]
fn Reaching(person: Person) -> impl IntoView {
    let speech = use_speech();
    let who = use_who();
    let to_sign_in = use_to_sign_in();
    let email = person.email;
    let chosen = RwSignal::new(person.language);
    let phone = draft::line("phone".to_owned(), person.phone.unwrap_or_default());
    let wrong = RwSignal::new(None::<Failure>);
    let failure = RwSignal::new(None::<Failure>);
    let saved = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let save = move || {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        for said in [wrong, failure] {
            said.set(None);
        }
        saved.set(false);
        let change = Change { language: Some(chosen.get_untracked()), phone: Some(phone.get_untracked()) };
        spawn(async move {
            let answer = api::change_person(&change).await;
            busy.try_set(false);
            match answer {
                Ok(person) => {
                    phone.try_set(person.phone.clone().unwrap_or_default());
                    draft::forget_line("phone");
                    who.person.set(Some(person));
                    saved.try_set(true);
                }
                Err(said) if said.needs_sign_in() => to_sign_in(said),
                // What is wrong with the number stands at the number.
                Err(said) if said.field() == Some("phone") => {
                    wrong.try_set(Some(said));
                }
                Err(said) => {
                    failure.try_set(Some(said));
                }
            }
        });
    };
    let problem = move || wrong.with(|wrong| wrong.as_ref().map_or("", |wrong| sentence(wrong, speech.texts())));
    view! {
        <form class="stack" novalidate on:submit=move |event| { event.prevent_default(); save(); }>
            <h2 class="ds-heading" data-size="sm">{speech.say(|t| t.profile_reach)}</h2>
            <p class="ds-paragraph">{text(move || speech.fill(|t| t.profile_email, &[("email", &email)]))}</p>
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

#[component]
fn Sessions(sessions: Vec<SignedIn>) -> impl IntoView {
    let speech = use_speech();
    let remote = expect_context::<Remote<Vec<SignedIn>>>();
    let failure = RwSignal::new(None::<Failure>);
    let end = move |id: String| {
        spawn(async move {
            match api::end_session(&id).await {
                Ok(()) => remote.again(),
                Err(said) => {
                    failure.try_set(Some(said));
                }
            }
        });
    };
    let rows = sessions.into_iter().map(|session| {
        let device = session.device;
        let named = device.clone();
        let name = move || if named.is_empty() { speech.texts().profile_unknown_device.to_owned() } else { named.clone() };
        let spoken = { let name = name.clone(); move || format!("{}: {}", speech.texts().profile_end, name()) };
        view! {
            <li class="row">
                <span>
                    {text(name)} ", "
                    {text(move || speech.fill(|t| t.profile_since, &[("time", &dates::day_and_time(session.began, speech.language()))]))}
                </span>
                {if session.this {
                    view! { <span class="ds-tag" data-color="info">{speech.say(|t| t.profile_this)}</span> }.into_any()
                } else {
                    view! {
                        <button type="button" class="ds-button" data-variant="secondary" data-size="sm" aria-label=text(spoken)
                            on:click=press(move || end(session.id.clone()))>
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

#[component]
fn Leave() -> impl IntoView {
    let speech = use_speech();
    let who = use_who();
    let router = use_router();
    let tabs = use_tabs();
    let to_sign_in = use_to_sign_in();
    let leaving = RwSignal::new(None::<::api::account::Leaving>);
    let failure = RwSignal::new(None::<Failure>);
    let busy = RwSignal::new(false);
    let ask = move || {
        spawn(async move {
            match api::leaving().await {
                Ok(known) => leaving.try_set(Some(known)).is_some(),
                Err(said) => failure.try_set(Some(said)).is_some(),
            };
        });
    };
    let delete = Callback::new(move |()| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        failure.set(None);
        spawn(async move {
            let answer = api::delete_account().await;
            busy.try_set(false);
            match answer {
                Ok(_) => {
                    who.left();
                    tabs.tell(News::SignedOut);
                    who.has_left.set(true);
                    router.go(paths::START);
                }
                Err(said) if said.needs_sign_in() => to_sign_in(said),
                Err(said) => {
                    failure.try_set(Some(said));
                }
            }
        });
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
                        <button type="button" class="ds-button" data-variant="secondary" on:click=press(ask)>
                            {speech.say(|t| t.profile_leave)} " …"
                        </button>
                    </div>
                }.into_any(),
                Some(known) => view! {
                    <div class="ds-alert" data-color="warning" role="alert">
                        <div class="stack">
                            <p class="ds-paragraph">{text(move || speech.fill(
                                |t| t.profile_leave_text,
                                &[("day", &dates::short_day(known.kept_until, speech.language()))],
                            ))}</p>
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
