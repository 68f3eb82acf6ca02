//! The short links of SMS.

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

/// Leads to the page whether its id exists or not: only the page tells, and only the person to whom it belongs. A link that was
/// cut off leads to the overview.
fn to(page: Option<Page<'_>>) -> Redirect {
    Redirect::to(&page.unwrap_or(Page::Cases).path())
}
