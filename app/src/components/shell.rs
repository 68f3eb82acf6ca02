//! What stands around every page: the name, the language, who is signed in.

use leptos::prelude::*;
use rules::{Coded, notice::Language};

use super::{
    failure::FailureAlert,
    feedback::AskForFeedback,
    page::{Page, Visited},
};
use crate::{
    action::Action,
    api::{self, Failure},
    clock::use_clock,
    dates, draft,
    dynamic::{part, press, text},
    language::use_speech,
    line::use_line,
    paths::{self, Place},
    router::use_router,
    session::use_who,
};

#[component]
pub fn Shell(children: Children) -> impl IntoView {
    let speech = use_speech();
    let who = use_who();
    provide_context(Visited(StoredValue::new(false)));
    let router = use_router();
    let at_desk = Memo::new(move |_| matches!(router.place(), Place::Desk(_)));
    view! {
        <a href="#main" class="ds-skip-link">{speech.say(|t| t.shell_skip)}</a>
        <header class="band">
            <div class="bar">
                <a class="brand" href=paths::START>{speech.say(|t| t.shell_name)}</a>
                <div class="row" role="group" aria-label=speech.say(|t| t.shell_language)>
                    <Tongue language=Language::Nb name="Norsk" />
                    <Tongue language=Language::En name="English" />
                </div>
                {part(move || (!at_desk.get()).then(|| view! { <Mine /> }))}
            </div>
        </header>
        <Line />
        <SessionEnds />
        <main id="main" class=text(move || if at_desk.get() { "page wide" } else { "page" })>
            {part(move || who.failure.get().map(|failure| {
                view! { <FailureAlert failure again=move || who.ask() /> }
            }))}
            {part(move || who.has_left.get().then(|| view! {
                <p class="ds-alert" data-color="success" role="status">{speech.say(|t| t.shell_account_deleted)}</p>
            }))}
            {children()}
            {part(move || (!at_desk.get()).then(|| view! { <AskForFeedback /> }))}
        </main>
        {part(move || who.demo.get().then(|| view! {
            <aside class="band demo no-print" aria-label="Demo">
                <div class="bar">
                    <span>{speech.say(|t| t.shell_demo)}</span>
                    <a class="ds-link" href=paths::DEMO_MAIL rel="external" target="_blank">{speech.say(|t| t.shell_demo_mail)}</a>
                </div>
            </aside>
        }))}
    }
}

/// Where whoever is signed in finds what is theirs.
#[component]
fn Mine() -> impl IntoView {
    let speech = use_speech();
    let who = use_who();
    let router = use_router();
    let action = Action::anywhere(who.failure);
    let sign_out = move || {
        action.run(api::sign_out(), move |()| {
            draft::forget();
            who.signed_out();
            router.go(paths::START);
        });
    };
    view! {
        <nav class="row" aria-label=speech.say(|t| t.shell_me)>{part(move || match who.person.get() {
            Some(_) => view! {
                <a class="ds-link" href=paths::CASES>{speech.say(|t| t.shell_my_cases)}</a>
                <a class="ds-link" href=paths::PROFILE>{speech.say(|t| t.profile_title)}</a>
                <button type="button" class="ds-button" data-variant="tertiary" data-size="sm" on:click=press(sign_out)>
                    {speech.say(|t| t.shell_sign_out)}
                </button>
            }.into_any(),
            None => view! { <a class="ds-link" href=paths::SIGN_IN>{speech.say(|t| t.shell_sign_in)}</a> }.into_any(),
        })}</nav>
    }
}

/// Says that there is no connection, while there is none.
#[component]
fn Line() -> impl IntoView {
    let speech = use_speech();
    let line = use_line();
    view! {
        <div role="status">
            {part(move || line.is_cut.get().then(|| view! {
                <div class="ds-alert notice" data-color="warning"><p class="ds-paragraph">{speech.say(|t| t.shell_offline)}</p></div>
            }))}
        </div>
    }
}

/// Some minutes before somebody is signed out, they are asked whether they want to stay.
#[component]
fn SessionEnds() -> impl IntoView {
    const BEFORE_SECONDS: i64 = 300;
    let speech = use_speech();
    let router = use_router();
    let who = use_who();
    let clock = use_clock();
    // Whether it is soon, and whether it is over.
    let state = RwSignal::new((false, false));
    let look = move || {
        let left = who.ends.get_untracked().zip(clock.now_untracked()).map(|(ends, now)| (ends - now).num_seconds());
        let now = left.map_or((false, false), |left| (left <= BEFORE_SECONDS, left <= 0));
        if state.get_untracked() != now {
            state.set(now);
        }
    };
    // It lives as long as the page.
    set_interval(look, std::time::Duration::from_secs(5));
    Effect::new(move || {
        who.ends.track();
        look();
    });
    let action = Action::anywhere(who.failure);
    Effect::new(move || {
        // Whoever has signed out meanwhile does not stay.
        if who.person.with(Option::is_none) {
            action.forget();
        }
    });
    let stay = move || {
        let failed = move |failure: Failure| {
            if !failure.needs_sign_in() {
                return Some(failure);
            }
            // There is nothing left to keep.
            who.ends.set(None);
            who.failure.set(Some(failure));
            None
        };
        action.run_or(api::stay_signed_in(), move |session| who.learn(session), failed);
    };
    part(move || {
        let ends = who.ends.get().filter(|_| state.get().0)?;
        if state.get().1 {
            let here = router.path();
            return Some(
                view! {
                    <div class="ds-alert notice no-print" data-color="warning" role="alert">
                        <p class="ds-paragraph">{text(move || speech.texts().shell_session_over.to_owned())}</p>
                        <a class="ds-link" href=paths::sign_in_to(&here)>{speech.say(|t| t.shell_sign_in)}</a>
                    </div>
                }
                .into_any(),
            );
        }
        Some(view! {
            <div class="ds-alert notice no-print" data-color="info" role="alert">
                <p class="ds-paragraph">
                    {text(move || speech.fill(|t| t.shell_session_ends, &[("time", &dates::time(ends, speech.language()))]))}
                </p>
                <button type="button" class="ds-button" data-size="sm" on:click=press(stay)>{speech.say(|t| t.shell_stay)}</button>
            </div>
        }.into_any())
    })
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
