//! What all pages share, and which page an address shows.
//!
//! The page comes in parts: what stands here is loaded at once, `/check`, what applicants do, how they send documents and what
//! officers do are loaded when somebody goes there.

use leptos::{
    either::Either,
    prelude::*,
    wasm_split::{SplitLoaderError, wasm_split},
};

use crate::{
    api::Failure,
    booking::{free_times::LastChosen, situation_draft::Drafts},
    pages::{
        self,
        applicant::{
            check::Check,
            start::{Served, Start},
        },
    },
    paths::Place,
    router::Router,
    state::{
        attention, clock::Clock, connection::Line, offices::Places, policy::Law, remote::Remote, session::Who,
        tabs::Tabs,
    },
    text::language::Speech,
    ui::{
        failure::Fetched,
        shell::{NotFound, Shell},
    },
};

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
            // From one slot to another the page stays, and looks itself which slot it is.
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
    // The sides change with each page: else leptos would make the new page out of the elements of the old one.
    let left = StoredValue::new(false);
    let page = move || {
        left.update_value(|left| *left = !*left);
        if left.get_value() { Either::Left(page()) } else { Either::Right(page()) }
    };
    view! { <Shell>{page}</Shell> }
}

/// Shows one of the pages of a part.
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
