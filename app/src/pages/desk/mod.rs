//! The officers' pages, in a lazily loaded module. It is loaded on the first visit to `/desk`.

mod cases;
mod documents;
mod frame;
mod home;
mod offices;
mod parts;
mod policies;
mod records;
mod staff;

use leptos::prelude::*;

use crate::{
    pages::desk::frame::Frame,
    paths::{Desk, Place},
    router::use_router,
    ui::shell::NotFound,
};

/// Renders the page of the current URL, or the page for an unknown path. Entry point of the module.
pub fn show() -> AnyView {
    let Place::Desk(place) = untrack(|| use_router().place()) else { return view! { <NotFound /> }.into_any() };
    frame::dress();
    match place {
        Desk::SignIn => view! { <staff::passkey_sign_in::SignIn /> }.into_any(),
        Desk::Join => view! { <staff::join::Join /> }.into_any(),
        place => view! { <Frame place /> }.into_any(),
    }
}

/// A page that needs a session, rendered inside the frame.
fn page(place: Desk) -> AnyView {
    match place {
        Desk::Home => view! { <home::Home /> }.into_any(),
        Desk::Times => view! { <offices::slots::Times /> }.into_any(),
        Desk::Close => view! { <offices::close::ClosePage /> }.into_any(),
        Desk::Closure { closure } => view! { <offices::closure::ClosurePage closure /> }.into_any(),
        Desk::Invite => view! { <documents::invite::InvitePage /> }.into_any(),
        Desk::Asking { asking } => view! { <documents::invitation_round::AskingPage asking /> }.into_any(),
        Desk::Find => view! { <cases::find::Find /> }.into_any(),
        Desk::Case { case } => view! { <cases::case_file::CasePage case /> }.into_any(),
        Desk::Calls => view! { <cases::calls::Calls /> }.into_any(),
        Desk::Inbox => view! { <documents::inbox::InboxPage /> }.into_any(),
        Desk::Document { document } => view! { <documents::review::DocumentPage document /> }.into_any(),
        Desk::Numbers => view! { <records::numbers::Numbers /> }.into_any(),
        Desk::Audit => view! { <records::audit::Audit /> }.into_any(),
        Desk::Import => view! { <records::import::Import /> }.into_any(),
        Desk::Officers => view! { <staff::officers::Officers /> }.into_any(),
        Desk::Access { officer } => view! { <staff::access::OfficersAccess officer /> }.into_any(),
        Desk::Account => view! { <staff::access::Account /> }.into_any(),
        Desk::Notices => view! { <policies::notices::Notices /> }.into_any(),
        Desk::Draft { draft } => view! { <policies::policy_draft::DraftPage draft /> }.into_any(),
        // Rendered by `show`, without the frame.
        Desk::SignIn | Desk::Join => view! { <NotFound /> }.into_any(),
    }
}
