//! The officers' pages, in a lazily loaded module. It is loaded on the first visit to `/desk`.

mod access;
mod ahead;
mod asking;
mod audit;
mod calls;
mod case;
mod close;
mod closing;
mod confirm;
mod copy;
mod document;
mod documents;
mod draft;
mod failures;
mod find;
mod form;
mod frame;
mod home;
mod import;
mod inbox;
mod invite;
mod invite_form;
mod join;
mod ledger;
mod notices;
mod numbers;
mod officers;
mod preview;
mod session_ends;
mod sign_in;
mod texts;
mod times;

use leptos::prelude::*;

use crate::{
    components::shell::NotFound,
    paths::{Desk, Place},
    router::use_router,
};
use frame::Frame;

/// Renders the page of the current URL, or the page for an unknown path. Entry point of the module.
pub fn show() -> AnyView {
    let Place::Desk(place) = untrack(|| use_router().place()) else { return view! { <NotFound /> }.into_any() };
    frame::dress();
    match place {
        Desk::SignIn => view! { <sign_in::SignIn /> }.into_any(),
        Desk::Join => view! { <join::Join /> }.into_any(),
        place => view! { <Frame place /> }.into_any(),
    }
}

/// A page that needs a session, rendered inside the frame.
fn page(place: Desk) -> AnyView {
    match place {
        Desk::Home => view! { <home::Home /> }.into_any(),
        Desk::Times => view! { <times::Times /> }.into_any(),
        Desk::Close => view! { <close::ClosePage /> }.into_any(),
        Desk::Closing { closing } => view! { <closing::ClosingPage closing /> }.into_any(),
        Desk::Invite => view! { <invite::InvitePage /> }.into_any(),
        Desk::Asking { asking } => view! { <asking::AskingPage asking /> }.into_any(),
        Desk::Find => view! { <find::Find /> }.into_any(),
        Desk::Case { case } => view! { <case::CasePage case /> }.into_any(),
        Desk::Calls => view! { <calls::Calls /> }.into_any(),
        Desk::Inbox => view! { <inbox::InboxPage /> }.into_any(),
        Desk::Document { document } => view! { <document::DocumentPage document /> }.into_any(),
        Desk::Numbers => view! { <numbers::Numbers /> }.into_any(),
        Desk::Audit => view! { <audit::Audit /> }.into_any(),
        Desk::Import => view! { <import::Import /> }.into_any(),
        Desk::Officers => view! { <officers::Officers /> }.into_any(),
        Desk::Access { officer } => view! { <access::OfficersAccess officer /> }.into_any(),
        Desk::Account => view! { <access::Account /> }.into_any(),
        Desk::Notices => view! { <notices::Notices /> }.into_any(),
        Desk::Draft { draft } => view! { <draft::DraftPage draft /> }.into_any(),
        // Rendered by `show`, without the frame.
        Desk::SignIn | Desk::Join => view! { <NotFound /> }.into_any(),
    }
}
