//! The frame of every page: site name, language, sign-in state, connection state and demo notice. Rendered once by
//! `App`.

use ::api::session::Session;
use leptos::{ev, html, prelude::*};
use rules::{Coded, notice::Language};

use crate::{
    api::{self, Failure},
    browser::{clock::use_clock, event_loop::document_event_listener},
    paths::{self, Place},
    router::use_router,
    state::{
        action::Action,
        connection::use_line,
        drafts,
        session::use_who,
        tabs::{News, use_tabs},
    },
    text::{dates, language::use_speech},
    ui::{
        dynamic::{part, press, text},
        failure::FailureAlert,
        faults::Faults,
        feedback::AskForFeedback,
        page::{Page, Visited},
    },
};

/// Renders the frame around the current page.
#[component]
pub fn Shell(children: Children) -> impl IntoView {
    let speech = use_speech();
    let who = use_who();
    provide_context(Visited(StoredValue::new(false)));
    let router = use_router();
    let at_desk = Memo::new(move |_| matches!(router.place(), Place::Desk(_)));
    let bar = Bar(RwSignal::new(None));
    provide_context(bar);
    let faults = Faults::provide();
    empty_when_signed_out();
    let main = NodeRef::<html::Main>::new();
    // The browser's own jump does not work here: the router takes every link, and on `/check` the fragment holds the
    // answers.
    let skip = move |event: ev::MouseEvent| {
        event.prevent_default();
        if let Some(main) = main.get_untracked() {
            // Focusable during the jump only. Otherwise a press on plain text in `main` would move the focus.
            main.set_tab_index(-1);
            main.focus().ok();
            main.scroll_into_view();
        }
    };
    let left = move |_| {
        if let Some(main) = main.get_untracked() {
            main.remove_attribute("tabindex").ok();
        }
    };
    view! {
        <a href="#main" class="ds-skip-link" on:click=skip>{speech.say(|t| t.shell_skip)}</a>
        <header class="band">
            <div class="bar">
                <a class="brand" href=paths::START>{speech.say(|t| t.shell_name)}</a>
                <div class="row" role="group" aria-label=speech.say(|t| t.shell_language)>
                    <Tongue language=Language::Nb name="Norsk" />
                    <Tongue language=Language::En name="English" />
                </div>
                {part(move || (!at_desk.get()).then(|| view! { <Mine /> }))}
            </div>
            {part(move || bar.0.get().map(|bar| bar.run(())))}
        </header>
        <Line />
        <SessionEnds />
        <main node_ref=main id="main" class=text(move || if at_desk.get() { "page wide" } else { "page" }) on:blur=left
            on:submit=move |_| faults.sent() on:input=move |_| faults.typed()>
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

/// A slot in the header, outside `main`, for the menu of the desk.
#[derive(Clone, Copy)]
pub struct Bar(RwSignal<Option<Callback<(), AnyView>>>);

impl Bar {
    /// Shows a view in the header while the calling page exists.
    pub fn show(self, view: impl Fn() -> AnyView + Send + Sync + 'static) {
        self.0.set(Some(Callback::new(move |()| view())));
        on_cleanup(move || {
            // The signal may be disposed before the page at the end of the app's life.
            self.0.try_set(None);
        });
    }
}

/// Removes personal content from the screen when the session ends elsewhere: in another tab, or while the tab was
/// hidden.
fn empty_when_signed_out() {
    let (who, router, tabs) = (use_who(), use_router(), use_tabs());
    // Public pages stay.
    let to_sign_in = move || match router.place_now() {
        place if place.is_applicants() => router.go_instead(&paths::sign_in_to(&router.path())),
        place if place.is_officers() => router.go_instead(&paths::desk_sign_in_to(&router.path())),
        _ => {}
    };
    let (asking, asking_desk) = (Action::unattended(), Action::unattended());
    let ask = move || {
        let before = who.person.get_untracked().map(|person| person.email);
        let learn = move |session: Session| {
            let now = session.person.as_ref().map(|person| person.email.clone());
            who.learn(session);
            if router.place_now().is_applicants() && before.is_some() && now != before {
                match now {
                    None => to_sign_in(),
                    // The page shows the data of another person.
                    Some(_) => {
                        window().location().reload().ok();
                    }
                }
            }
        };
        // The event makes an open request outdated. Without an answer the page stays as it is.
        asking.forget();
        asking.run_or(api::session(), learn, |_| None);
    };
    let ask_desk = move || {
        let learn = move |is_at_desk: bool| {
            if !is_at_desk && router.place_now().is_officers() {
                to_sign_in();
            }
        };
        asking_desk.run_or(api::is_at_desk(), learn, |_| None);
    };
    tabs.listen(move |news| match news {
        News::SignedIn => ask(),
        // An officer's form is not part of the applicant's session and stays.
        News::SignedOut if router.place_now().is_officers() => who.signed_out(),
        News::SignedOut => {
            who.left();
            to_sign_in();
        }
        News::DeskSignedOut => {
            if router.place_now().is_officers() {
                drafts::forget();
                to_sign_in();
            }
        }
    });
    // A person who returns to the tab, also from the browser's page cache, may find the session ended on another
    // device.
    let look = move || match router.place_now() {
        place if place.is_applicants() => ask(),
        place if place.is_officers() => ask_desk(),
        _ => {}
    };
    document_event_listener("visibilitychange", move || {
        if !document().hidden() {
            look();
        }
    });
    window_event_listener(ev::pageshow, move |event| {
        if event.persisted() {
            look();
        }
    });
}

/// Renders the links to the applicant's own pages, or the link to sign-in.
#[component]
fn Mine() -> impl IntoView {
    let speech = use_speech();
    let who = use_who();
    let router = use_router();
    let tabs = use_tabs();
    let action = Action::anywhere(who.failure);
    let sign_out = move || {
        action.run(api::sign_out(), move |()| {
            who.left();
            tabs.tell(News::SignedOut);
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

/// Renders the notice that the browser is offline.
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

/// Renders the warning before the session ends, with a button to stay. At the end it leads to sign-in, which leads back
/// to the page.
#[component]
fn SessionEnds() -> impl IntoView {
    const BEFORE_SECONDS: i64 = 300;
    let speech = use_speech();
    let router = use_router();
    let who = use_who();
    let clock = use_clock();
    let is_soon = RwSignal::new(false);
    let asking = Action::unattended();
    let over = move || {
        let learn = move |session: Session| {
            // The session was extended in another tab.
            if session.person.is_some() {
                return who.learn(session);
            }
            who.signed_out();
            if router.place_now().is_applicants() {
                who.was_over.set(true);
                router.go_instead(&paths::sign_in_to(&router.path()));
            }
        };
        // Without an answer it is not known whether the session is over. The interval asks again.
        asking.run_or(api::session(), learn, |_| None);
    };
    let look = move || {
        let left = who.ends.get_untracked().zip(clock.now_untracked()).map(|(ends, now)| (ends - now).num_seconds());
        let now = left.is_some_and(|left| left <= BEFORE_SECONDS);
        if is_soon.get_untracked() != now {
            is_soon.set(now);
        }
        if left.is_some_and(|left| left <= 0) {
            over();
        }
    };
    // The interval lives as long as the app.
    set_interval(look, std::time::Duration::from_secs(5));
    Effect::new(move || {
        who.ends.track();
        look();
    });
    let action = Action::anywhere(who.failure);
    Effect::new(move || {
        // A person who has signed out meanwhile must not be kept signed in by a late answer.
        if who.person.with(Option::is_none) {
            action.forget();
        }
    });
    let stay = move || {
        let failed = move |failure: Failure| {
            if !failure.needs_sign_in() {
                return Some(failure);
            }
            // The session is over and cannot be extended.
            over();
            None
        };
        action.run_or(api::stay_signed_in(), move |session| who.learn(session), failed);
    };
    part(move || {
        let ends = who.ends.get().filter(|_| is_soon.get())?;
        let time = move || dates::time(ends, speech.language());
        if who.ends_for_good.get() {
            return Some(
                view! {
                    <div class="ds-alert notice no-print" data-color="warning" role="alert">
                        <p class="ds-paragraph">{text(move || speech.texts().shell_session_ends_for_good(&time()))}</p>
                    </div>
                }
                .into_any(),
            );
        }
        Some(view! {
            <div class="ds-alert notice no-print" data-color="info" role="alert">
                <p class="ds-paragraph">
                    {text(move || speech.texts().shell_session_ends(&time()))}
                </p>
                <button type="button" class="ds-button" data-size="sm" on:click=press(stay)>{speech.say(|t| t.shell_stay)}</button>
            </div>
        }.into_any())
    })
}

/// Renders the button of one language.
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

/// Renders the page for an unknown path.
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
