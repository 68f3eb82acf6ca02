//! Short links in SMS, redirected to their page.

use axum::{extract::Path, response::Redirect};

use crate::text::link::{self, Page};

/// Redirects to an appointment.
pub async fn appointment(Path(short): Path<String>) -> Redirect {
    to(link::id(&short).as_deref().map(Page::Appointment))
}

/// Redirects to a case.
pub async fn case(Path(short): Path<String>) -> Redirect {
    to(link::id(&short).as_deref().map(Page::Case))
}

/// Redirects to the free slots of a case.
pub async fn times(Path(short): Path<String>) -> Redirect {
    to(link::id(&short).as_deref().map(Page::Times))
}

/// Redirects to the documents of a case.
pub async fn documents(Path(short): Path<String>) -> Redirect {
    to(link::id(&short).as_deref().map(Page::Documents))
}

/// Redirects to a page, whether or not its id exists: only the page reveals that, to its owner. A truncated link leads to the
/// overview.
fn to(page: Option<Page<'_>>) -> Redirect {
    Redirect::to(&page.unwrap_or(Page::Cases).path())
}
