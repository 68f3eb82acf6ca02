//! What officers see. None of it is loaded before somebody goes to `/desk`.

mod audit;
mod frame;
mod home;
mod import;
mod join;
mod numbers;
mod officers;
mod sign_in;
mod texts;

use leptos::prelude::*;

use crate::{
    components::shell::NotFound,
    paths::{Desk, Place},
    router::use_router,
};
use frame::Frame;

/// The officers' page that the address names.
pub fn show() -> AnyView {
    let Place::Desk(place) = untrack(|| use_router().place()) else { return view! { <NotFound /> }.into_any() };
    frame::dress();
    match place {
        Desk::SignIn => view! { <sign_in::SignIn /> }.into_any(),
        Desk::Join => view! { <join::Join /> }.into_any(),
        place => view! { <Frame place /> }.into_any(),
    }
}

/// A page for who is signed in.
fn page(place: Desk) -> AnyView {
    match place {
        Desk::Home => view! { <home::Home /> }.into_any(),
        Desk::Numbers => view! { <numbers::Numbers /> }.into_any(),
        Desk::Audit => view! { <audit::Audit /> }.into_any(),
        Desk::Import => view! { <import::Import /> }.into_any(),
        Desk::Officers => view! { <officers::Officers /> }.into_any(),
        _ => view! { <NotFound /> }.into_any(),
    }
}
