//! What stands around every page: the name, the language, who is signed in.

use leptos::prelude::*;
use rules::{Coded, notice::Language};

use super::{
    failure::FailureAlert,
    page::{Page, Visited},
};
use crate::{
    api,
    dynamic::{part, press, spawn, text},
    language::use_speech,
    paths,
    router::use_router,
    session::use_who,
};

#[component]
pub fn Shell(children: Children) -> impl IntoView {
    let speech = use_speech();
    let who = use_who();
    provide_context(Visited(StoredValue::new(false)));
    let router = use_router();
    let sign_out = move || {
        spawn(async move {
            match api::sign_out().await {
                Ok(()) => {
                    who.person.set(None);
                    router.go(paths::START);
                }
                Err(failure) => who.failure.set(Some(failure)),
            }
        });
    };
    view! {
        <a href="#main" class="ds-skip-link">{speech.say(|t| t.shell_skip)}</a>
        {part(move || who.demo.get().then(|| view! {
            <aside class="band no-print" aria-label="Demo">
                <div class="bar">
                    <span>{speech.say(|t| t.shell_demo)}</span>
                    <a class="ds-link" href=paths::DEMO_MAIL rel="external" target="_blank">{speech.say(|t| t.shell_demo_mail)}</a>
                </div>
            </aside>
        }))}
        <header class="band">
            <div class="bar">
                <a class="brand" href=paths::START>{speech.say(|t| t.shell_name)}</a>
                {part(move || match who.person.get() {
                    Some(_) => view! {
                        <a class="ds-link" href=paths::CASES>{speech.say(|t| t.shell_my_cases)}</a>
                        <button type="button" class="ds-button" data-variant="tertiary" data-size="sm" on:click=press(sign_out)>
                            {speech.say(|t| t.shell_sign_out)}
                        </button>
                    }.into_any(),
                    None => view! { <a class="ds-link" href=paths::SIGN_IN>{speech.say(|t| t.shell_sign_in)}</a> }.into_any(),
                })}
                <div class="row" role="group" aria-label=speech.say(|t| t.shell_language)>
                    <Tongue language=Language::Nb name="Norsk" />
                    <Tongue language=Language::En name="English" />
                </div>
            </div>
        </header>
        <main id="main" class="page">
            {part(move || who.failure.get().map(|failure| {
                view! { <FailureAlert failure again=move || who.ask() /> }
            }))}
            {children()}
        </main>
    }
}

#[component]
fn Tongue(language: Language, name: &'static str) -> impl IntoView {
    let speech = use_speech();
    view! {
        <button
            type="button"
            class="ds-button"
            data-size="sm"
            data-variant="tertiary"
            lang=language.code()
            aria-pressed=text(move || (speech.language() == language).to_string())
            on:click=press(move || speech.choose(language))
        >
            {name}
        </button>
    }
}

#[component]
pub fn NotFound() -> impl IntoView {
    let speech = use_speech();
    view! {
        <Page title=Signal::derive(speech.say(|t| t.shell_not_found))>
            <p class="ds-paragraph">{speech.say(|t| t.shell_not_found_text)}</p>
            <p><a class="ds-link" href=paths::START>{speech.say(|t| t.shell_to_start)}</a></p>
        </Page>
    }
}
