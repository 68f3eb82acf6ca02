//! Pages for applicants. `check`, `documents` and `start` are loaded on their own; the others share one lazily loaded
//! module.

pub mod check;
pub mod documents;
pub mod start;

mod case;
mod cases;
mod confirm_booking;
mod profile;
mod receipt;
mod sign_in;
mod times;

use leptos::prelude::*;

use crate::{paths::Place, router::use_router, ui::shell::NotFound};

/// Renders the page of the current URL, if it belongs to this module; otherwise the page for an unknown path.
pub fn show() -> AnyView {
    match untrack(|| use_router().place()) {
        Place::SignIn => view! { <sign_in::SignIn /> }.into_any(),
        Place::Cases => view! { <cases::Cases /> }.into_any(),
        Place::Case { case } => view! { <case::CasePage case /> }.into_any(),
        Place::Times { case, purpose } => view! { <times::Times case purpose /> }.into_any(),
        Place::Confirm { .. } => view! { <confirm_booking::Confirm /> }.into_any(),
        Place::Receipt { appointment } => view! { <receipt::Receipt appointment /> }.into_any(),
        Place::Profile => view! { <profile::Profile /> }.into_any(),
        Place::Start | Place::Check | Place::Documents { .. } | Place::Desk(_) | Place::Nowhere => {
            view! { <NotFound /> }.into_any()
        }
    }
}
