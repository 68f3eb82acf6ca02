use api::{
    ProblemCode,
    feedback::{Feedback, MOST_CHARACTERS},
};
use axum::{extract::State, http::StatusCode, response::Response};

use super::{
    body::Body,
    idempotency::{Key, Once},
};
use crate::{
    caller::Caller,
    counter::Counter,
    error::{Error, Result},
    limits,
    store::feedback,
};

/// Takes what somebody says of a page. Nothing is kept about who says it.
#[utoipa::path(
    post,
    path = "/api/feedback",
    request_body = Feedback,
    params(("Idempotency-Key" = Option<String>, Header, description = "8 to 64 letters, digits or hyphens")),
    responses((status = 201), (status = 422, body = api::Problem))
)]
pub async fn give(
    State(counter): State<Counter>,
    caller: Caller,
    key: Key,
    Body(mut given): Body<Feedback>,
) -> Result<Response> {
    // Nobody means a NUL, and PostgreSQL keeps none: what SQLite kept with one could not move there.
    given.words.retain(|character| character != '\0');
    if given.words.chars().count() > MOST_CHARACTERS {
        let detail = format!("Write at most {MOST_CHARACTERS} characters.");
        return Err(Error { detail: Some(detail), ..Error::at(ProblemCode::InvalidField, "words") });
    }
    let once = Once::new(key, "anyone", "feedback", &given)?;
    let now = counter.clock.now();
    let mut transaction = counter.store.write().await?;
    if let Some(answer) = once.earlier(&mut transaction, now).await? {
        return Ok(answer);
    }
    limits::FEEDBACK.take(&mut transaction, &caller.0, now).await?;
    feedback::add(&mut transaction, &given, now).await?;
    let answer = once.done(&mut transaction, StatusCode::CREATED, &serde_json::json!({}), now).await?;
    transaction.commit().await?;
    Ok(answer)
}
