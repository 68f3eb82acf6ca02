//! Frame of the desk's pages: the officer, the menu, and notices about new links.

use ::api::{
    ProblemCode,
    officers::{DeskSession, LinkMade, Officer, Role},
};
use chrono::{DateTime, Utc};
use leptos::prelude::*;
use rules::Coded;

use crate::{
    api,
    pages::desk::{page, staff::idle_warning::SessionEnds},
    paths::{self, Desk},
    router::use_router,
    state::{
        action::Action,
        drafts,
        remote::Remote,
        tabs::{News, use_tabs},
    },
    text::{
        dates,
        desk_texts::{Pick, use_words},
        language::use_speech,
    },
    ui::{
        dynamic::{part, press, text},
        failure::{FailureAlert, Fetched},
        page::{Page, focus_heading},
        shell::Bar,
    },
};

/// Adds the desk's style sheet to the document, once.
pub fn dress() {
    const ID: &str = "desk-styles";
    let document = document();
    if document.get_element_by_id(ID).is_some() {
        return;
    }
    let add = || {
        let link = document.create_element("link").ok()?;
        for (name, value) in [("id", ID), ("rel", "stylesheet"), ("href", "/desk.css")] {
            link.set_attribute(name, value).ok()?;
        }
        document.head()?.append_child(&link).ok()
    };
    // The desk stays usable without its style sheet.
    add();
}

/// The page to render once the session is known.
#[derive(Clone)]
struct Shown(Desk);

/// The signed-in officer from the context.
pub fn use_officer() -> Officer {
    expect_context()
}

/// Renders a page inside the frame, or leads to sign-in.
#[component]
pub fn Frame(place: Desk) -> impl IntoView {
    provide_context(Shown(place));
    let session = Remote::fetch(api::desk::session);
    view! {
        <Fetched remote=session show=|session: DeskSession| match session.officer {
            Some(officer) => view! { <SignedIn officer ends=session.ends links=session.links /> }.into_any(),
            None => view! { <ToSignIn /> }.into_any(),
        } />
    }
}

/// Leads to sign-in.
#[component]
fn ToSignIn() -> impl IntoView {
    let router = use_router();
    let here = router.path();
    // A separate task: the router must not navigate again while it is rendering a page.
    set_timeout(move || router.go_instead(&paths::desk_sign_in_to(&here)), std::time::Duration::ZERO);
}

/// An entry of the menu.
#[derive(Clone, Copy)]
pub struct Way {
    /// The minimum role. The server's route table has the same.
    pub needs: Role,
    pub path: &'static str,
    pub name: Pick,
    /// The description on the overview.
    pub what: Pick,
}

/// The menu, in order.
pub const WAYS: &[Way] = &[
    Way { needs: Role::Clerk, path: paths::DESK_FIND, name: |t| t.find_title, what: |t| t.find_what },
    Way { needs: Role::Clerk, path: paths::DESK_CALLS, name: |t| t.calls_title, what: |t| t.calls_what },
    Way { needs: Role::Clerk, path: paths::DESK_DOCUMENTS, name: |t| t.inbox_title, what: |t| t.inbox_what },
    Way { needs: Role::Clerk, path: paths::DESK_TIMES, name: |t| t.times_title, what: |t| t.times_what },
    Way { needs: Role::Planner, path: paths::DESK_CLOSE, name: |t| t.close_title, what: |t| t.close_what },
    Way { needs: Role::Planner, path: paths::DESK_INVITE, name: |t| t.invite_title, what: |t| t.invite_what },
    Way { needs: Role::Clerk, path: paths::DESK_NUMBERS, name: |t| t.numbers_title, what: |t| t.numbers_what },
    Way { needs: Role::Planner, path: paths::DESK_IMPORT, name: |t| t.import_title, what: |t| t.import_what },
    Way {
        needs: Role::Administrator,
        path: paths::DESK_OFFICERS,
        name: |t| t.officers_title,
        what: |t| t.officers_what,
    },
    Way { needs: Role::Administrator, path: paths::DESK_NOTICES, name: |t| t.notices_title, what: |t| t.notices_what },
    Way { needs: Role::Administrator, path: paths::DESK_AUDIT, name: |t| t.audit_title, what: |t| t.audit_what },
    Way { needs: Role::Clerk, path: paths::DESK_ACCOUNT, name: |t| t.access_title, what: |t| t.access_what },
];

/// Renders the menu and the page for a signed-in officer.
#[component]
fn SignedIn(officer: Officer, ends: Option<DateTime<Utc>>, links: Vec<LinkMade>) -> impl IntoView {
    let words = use_words();
    let speech = use_speech();
    let router = use_router();
    let Shown(place) = expect_context();
    let tabs = use_tabs();
    drafts::belong_to(drafts::Owner::Officer, &officer.id);
    let action = Action::anywhere(RwSignal::new(None));
    let failure = action.failure;
    let sign_out = move || {
        action.run(api::desk::sign_out(), move |()| {
            drafts::forget();
            tabs.tell(News::DeskSignedOut);
            router.go(paths::DESK_SIGN_IN);
        });
    };
    let here = router.path();
    let role = officer.role;
    // The page is not rendered for a role that the server would reject.
    let is_allowed = !WAYS.iter().any(|way| way.path == here && way.needs > role);
    let not_allowed = text(move || speech.texts().problem.get(ProblemCode::NotAllowed.code()));
    let who = {
        let Officer { name, district, role, .. } = officer.clone();
        text(move || {
            let (role, district) = (words.texts().role.get(role.code()), speech.texts().district.get(district.code()));
            format!("{name}, {role}, {district}")
        })
    };
    provide_context(officer);
    let here = StoredValue::new(here);
    let at = move |path: &str| here.with_value(|here| here == path).then_some("page");
    // The menu is in the header, so that the skip link passes over it.
    expect_context::<Bar>().show(move || {
        view! {
        <div class="bar desk-bar no-print">
            <p class="ds-paragraph desk-who">{who}</p>
            <nav class="row" aria-label=words.say(|t| t.frame_ways)>
                <a class="ds-link" href=paths::DESK aria-current=at(paths::DESK)>{words.say(|t| t.home_short)}</a>
                {WAYS.iter().filter(move |way| way.needs <= role).map(|way| view! {
                    <a class="ds-link" href=way.path aria-current=at(way.path)>{words.say(way.name)}</a>
                }).collect_view()}
                <button type="button" class="ds-button" data-variant="tertiary" data-size="sm" on:click=press(sign_out)>
                    {speech.say(|t| t.shell_sign_out)}
                </button>
            </nav>
        </div>
    }.into_any()
    });
    view! {
        <SessionEnds ends />
        {part(move || failure.get().map(|said| view! { <FailureAlert failure=said again=move || failure.set(None) /> }))}
        {links.into_iter().map(|link| view! { <Notice link /> }).collect_view()}
        {if is_allowed {
            page(place)
        } else {
            view! { <Page title=words.signal(|t| t.frame_no_entry)><p class="ds-paragraph">{not_allowed}</p></Page> }.into_any()
        }}
    }
}

/// Renders the notice about a link that was made for this officer, on every page until it is marked as read.
#[component]
fn Notice(link: LinkMade) -> impl IntoView {
    let words = use_words();
    let LinkMade { id, made, by, used } = link;
    let action = Action::anywhere(RwSignal::new(None));
    let failure = action.failure;
    let is_read = RwSignal::new(false);
    let said = text(move || {
        let time = dates::day_and_time(made, words.language());
        match &by {
            Some(name) => words.texts().notice_link(name, &time),
            None => words.texts().notice_command_line(&time),
        }
    });
    let added = text(move || match used {
        Some(at) => words.texts().notice_used(&dates::day_and_time(at, words.language())),
        None => words.texts().notice_unused.to_owned(),
    });
    let read = move || {
        let id = id.clone();
        action.run(async move { api::desk::read_link(&id).await }, move |()| {
            is_read.try_set(true);
            focus_heading();
        });
    };
    part(move || {
        let read = read.clone();
        (!is_read.get()).then(|| view! {
            <div class="ds-alert no-print" data-color="warning" role="status">
                <div class="stack">
                    <p class="ds-paragraph">{said} " " {added}</p>
                    <p class="ds-paragraph">{words.say(|t| t.notice_else)}</p>
                    {part(move || failure.get().map(|said| view! { <FailureAlert failure=said again=move || failure.set(None) /> }))}
                    <div><button type="button" class="ds-button" data-variant="secondary" data-size="sm" on:click=press(read)>
                        {words.say(|t| t.notice_read)}
                    </button></div>
                </div>
            </div>
        })
    })
}
