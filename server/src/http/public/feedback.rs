//! Anonymous feedback on pages.

use api::{
    ProblemCode,
    feedback::{Feedback, MOST_CHARACTERS},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use uuid::Uuid;

use crate::http::body::Body;
use crate::{
    error::{Error, Result},
    http::client_ip::Caller,
    services::limits,
    state::AppState,
    store::feedback,
};

/// Stores feedback on a page under an id made by the page. A repetition with the same id replaces it. Nothing about the sender is
/// stored.
#[utoipa::path(
    put,
    path = "/api/feedback/{id}",
    request_body = Feedback,
    params(("id" = String, Path, description = "a UUID")),
    responses((status = 204), (status = 404, body = api::Problem), (status = 422, body = api::Problem))
)]
pub async fn give(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    Body(given): Body<Feedback>,
) -> Result<StatusCode> {
    let id = Uuid::parse_str(&id).map_err(|_| Error::new(ProblemCode::NotFound))?;
    if given.words.chars().count() > MOST_CHARACTERS {
        let detail = format!("Write at most {MOST_CHARACTERS} characters.");
        return Err(Error { detail: Some(detail), ..Error::at(ProblemCode::InvalidField, "words") });
    }
    let now = state.clock.now();
    let mut transaction = state.store.write().await?;
    limits::FEEDBACK.take(&mut transaction, &caller.0, now).await?;
    feedback::put(&mut transaction, &id.to_string().into(), &given, now).await?;
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
