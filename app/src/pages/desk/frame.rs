//! What stands around every officers' page: who is signed in, and where one can go.

use ::api::{
    ProblemCode,
    officers::{DeskSession, Officer, Role},
};
use leptos::prelude::*;
use rules::Coded;

use super::{
    page,
    texts::{Texts, use_words},
};
use crate::{
    action::Action,
    api,
    components::{
        failure::{FailureAlert, Fetched},
        page::Page,
    },
    dynamic::{part, press, text},
    language::use_speech,
    paths::{self, Desk},
    remote::Remote,
    router::use_router,
};

/// Adds the officers' styles to the document, once.
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
    // Without its styles the desk is plain, and works.
    add();
}

/// Which page it is, for what is shown once it is known who is signed in.
#[derive(Clone)]
struct Shown(Desk);

/// Who is signed in at the desk.
pub fn use_officer() -> Officer {
    expect_context()
}

#[component]
pub fn Frame(place: Desk) -> impl IntoView {
    provide_context(Shown(place));
    let session = Remote::fetch(api::desk::session);
    view! {
        <Fetched remote=session show=|session: DeskSession| match session.officer {
            Some(officer) => view! { <SignedIn officer /> }.into_any(),
            None => view! { <ToSignIn /> }.into_any(),
        } />
    }
}

#[component]
fn ToSignIn() -> impl IntoView {
    let router = use_router();
    let here = router.path();
    // After this page is there: else the way would change while it is walked.
    set_timeout(move || router.go_instead(&paths::desk_sign_in_to(&here)), std::time::Duration::ZERO);
}

/// Where an officer can go.
#[derive(Clone, Copy)]
pub struct Way {
    /// The role that it needs; the server asks for the same in its table of addresses.
    pub needs: Role,
    pub path: &'static str,
    pub name: fn(&Texts) -> &'static str,
    /// What one does there.
    pub what: fn(&Texts) -> &'static str,
}

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
];

#[component]
fn SignedIn(officer: Officer) -> impl IntoView {
    let words = use_words();
    let speech = use_speech();
    let router = use_router();
    let Shown(place) = expect_context();
    let action = Action::anywhere(RwSignal::new(None));
    let failure = action.failure;
    let sign_out = move || {
        action.run(api::desk::sign_out(), move |()| {
            crate::draft::forget();
            router.go(paths::DESK_SIGN_IN);
        });
    };
    let here = router.path();
    let role = officer.role;
    let ways = WAYS.iter().filter(move |way| way.needs <= role);
    // Nobody fills in what the server would not take from them.
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
    view! {
        <div class="desk-bar no-print">
            <p class="ds-paragraph" data-size="sm">{who}</p>
            <nav class="row" aria-label=words.say(|t| t.frame_ways)>
                <a class="ds-link" href=paths::DESK aria-current=(here == paths::DESK).then_some("page")>{words.say(|t| t.home_short)}</a>
                {ways.map(|way| view! {
                    <a class="ds-link" href=way.path aria-current=(here == way.path).then_some("page")>{words.say(way.name)}</a>
                }).collect_view()}
                <button type="button" class="ds-button" data-variant="tertiary" data-size="sm" on:click=press(sign_out)>
                    {speech.say(|t| t.shell_sign_out)}
                </button>
            </nav>
        </div>
        {part(move || failure.get().map(|said| view! { <FailureAlert failure=said again=move || failure.set(None) /> }))}
        {if is_allowed {
            page(place)
        } else {
            view! { <Page title=words.signal(|t| t.frame_no_entry)><p class="ds-paragraph">{not_allowed}</p></Page> }.into_any()
        }}
    }
}
