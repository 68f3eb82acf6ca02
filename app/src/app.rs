//! The root of the app: provides the shared contexts, and renders the page that belongs to the URL. Called by `main`.
//!
//! The app is split into lazily loaded modules. This one is loaded at once. `/check`, the applicant pages, the
//! documents page and the desk are each loaded on the first visit.

use leptos::{
    either::Either,
    prelude::*,
    wasm_split::{SplitLoaderError, wasm_split},
};

use crate::{
    api::Failure,
    booking::free_times::LastChosen,
    browser::{attention, clock::Clock},
    pages::{
        self,
        applicant::{
            check::Check,
            start::{Served, Start},
        },
    },
    paths::Place,
    router::Router,
    state::{connection::Line, drafts::Drafts, offices::Places, policy::Law, remote::Remote, session::Who, tabs::Tabs},
    text::language::Speech,
    ui::{
        failure::Fetched,
        shell::{NotFound, Shell},
    },
};

/// The whole app: provides the contexts that do not depend on the URL, and renders the router.
#[component]
pub fn App() -> impl IntoView {
    attention::watch();
    Speech::provide(Served::provide());
    Clock::provide();
    Line::provide();
    Law::provide();
    Places::provide();
    view! { <leptos_router::components::Router><Pages /></leptos_router::components::Router> }
}

#[component]
fn Pages() -> impl IntoView {
    let router = Router::provide();
    Drafts::provide();
    LastChosen::provide();
    Tabs::provide();
    Who::provide();
    let place = Memo::new_with_compare(
        move |_| router.place(),
        |last, place| match (last, place) {
            // A change of the slot keeps the page. The confirmation page follows the slot itself.
            (Some(Place::Confirm { .. }), Some(Place::Confirm { .. })) => false,
            (last, place) => last != place,
        },
    );
    let page = move || match place.get() {
        Place::Start => view! { <Start /> }.into_any(),
        Place::Nowhere => view! { <NotFound /> }.into_any(),
        Place::Check => show_when_loaded(Remote::fetch(check)),
        Place::Desk(_) => show_when_loaded(Remote::fetch(desk)),
        Place::Documents { .. } => show_when_loaded(Remote::fetch(documents)),
        _ => show_when_loaded(Remote::fetch(applicant)),
    };
    // `Either` alternates with each page, so that leptos never reuses the elements of the previous page for the next
    // one.
    let left = StoredValue::new(false);
    let page = move || {
        left.update_value(|left| *left = !*left);
        if left.get_value() { Either::Left(page()) } else { Either::Right(page()) }
    };
    view! { <Shell>{page}</Shell> }
}

/// A function that renders one page of a lazily loaded module.
type Show = fn() -> AnyView;

#[wasm_split(check, wasm_split_path = ::leptos::wasm_split, fallible)]
fn check() -> Result<Show, Failure> {
    Ok(|| view! { <Check /> }.into_any())
}

#[wasm_split(applicant, wasm_split_path = ::leptos::wasm_split, fallible)]
fn applicant() -> Result<Show, Failure> {
    Ok(pages::applicant::show)
}

#[wasm_split(documents, wasm_split_path = ::leptos::wasm_split, fallible)]
fn documents() -> Result<Show, Failure> {
    Ok(pages::applicant::documents::show)
}

#[wasm_split(desk, wasm_split_path = ::leptos::wasm_split, fallible)]
fn desk() -> Result<Show, Failure> {
    Ok(pages::desk::show)
}

fn show_when_loaded(part: Remote<Show>) -> AnyView {
    view! { <Fetched remote=part show=|show: Show| show() /> }.into_any()
}

impl From<SplitLoaderError> for Failure {
    fn from(_: SplitLoaderError) -> Failure {
        Failure::NoAnswer
    }
}
