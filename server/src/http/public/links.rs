//! Short links in SMS, redirected to their page.

use axum::{extract::Path, response::Redirect};

use crate::text::link::{self, Page};

pub async fn appointment(Path(short): Path<String>) -> Redirect {
    to(link::id(&short).as_deref().map(Page::Appointment))
}

pub async fn case(Path(short): Path<String>) -> Redirect {
    to(link::id(&short).as_deref().map(Page::Case))
}

pub async fn times(Path(short): Path<String>) -> Redirect {
    to(link::id(&short).as_deref().map(Page::Times))
}

pub async fn documents(Path(short): Path<String>) -> Redirect {
    to(link::id(&short).as_deref().map(Page::Documents))
}

/// Redirects to a page, whether or not its id exists: only the page reveals that, to its owner. A truncated link leads to the
/// overview.
fn to(page: Option<Page<'_>>) -> Redirect {
    Redirect::to(&page.unwrap_or(Page::Cases).path())
}
