//! Closures of offices: preview, closure, list and undo.

use api::ids::ClosureId;
use api::{
    ProblemCode,
    closures::{Close, Closed, Closure as Listed, Extent},
};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use chrono::{DateTime, Utc};
use rules::closure::Share;

use crate::http::desk::{session::Officer, times::office};
use crate::{
    error::{Error, Result},
    http::{
        body::Body,
        idempotency::{Key, Once},
    },
    services::closure::{self, Closure, Outcome},
    state::AppState,
    store::{
        Connection,
        audit::Action,
        closures::{self, UNDO_FOR},
    },
};

/// Previews a closure: the appointments kept and cancelled, and the channels of the messages. Nothing is changed.
#[utoipa::path(
    post,
    path = "/api/desk/closures/preview",
    request_body = Close,
    responses((status = 200, body = Extent), (status = 404, body = api::Problem), (status = 422, body = api::Problem))
)]
pub async fn preview(
    State(state): State<AppState>,
    officer: Officer,
    Body(asked): Body<Close>,
) -> Result<Json<Extent>> {
    let mut connection = state.store.snapshot().await?;
    let now = state.clock.now();
    let closure = closure(&mut connection, &officer, &asked, now).await?;
    let extent = closure::preview(&mut connection, &closure, now).await?;
    drop(connection);
    officer.looked(&state, Action::LookAtPreview, "", "").await?;
    Ok(Json(extent))
}

/// Applies a closure. The affected people are determined again; the answer says if they differ from the preview.
#[utoipa::path(
    post,
    path = "/api/desk/closures",
    request_body = Close,
    params(("Idempotency-Key" = Option<String>, Header, description = "8 to 64 letters, digits or hyphens")),
    responses(
        (status = 201, body = Closed),
        (status = 404, body = api::Problem),
        (status = 409, body = api::Problem, description = "Somebody else has closed it since the preview"),
        (status = 422, body = api::Problem)
    )
)]
pub async fn close(
    State(state): State<AppState>,
    officer: Officer,
    key: Key,
    Body(asked): Body<Close>,
) -> Result<Response> {
    let once = Once::new(key, officer.id(), "desk/closures", &asked)?;
    let (mut transaction, now) = officer.write(&state).await?;
    if let Some(answer) = once.earlier(&mut transaction, now).await? {
        return Ok(answer);
    }
    let closure = closure(&mut transaction, &officer, &asked, now).await?;
    // A closure needs its preview.
    let seen = asked.seen.as_ref().ok_or_else(|| Error::at(ProblemCode::InvalidField, "seen"))?;
    let (templates, by) = (&state.templates, officer.actor());
    let outcome = closure::close(templates, &mut transaction, &closure, Some(seen), by, UNDO_FOR, now).await?;
    let (id, extent) = match outcome {
        Outcome::Closed { id, extent } => (id, extent),
        Outcome::ClosedMeanwhile => return Err(Error::new(ProblemCode::ClosedMeanwhile)),
        Outcome::NothingLeft => return Err(Error::new(ProblemCode::NothingToClose)),
    };
    let closed = Closed { id, changed: extent.seen.people != seen.people, extent: *extent };
    let answer = once.done(&mut transaction, StatusCode::CREATED, &closed, now).await?;
    transaction.commit().await?;
    Ok(answer)
}

/// Returns the closures of the district, newest first, each with the delivery state of its messages.
#[utoipa::path(get, path = "/api/desk/closures", responses((status = 200, body = [Listed])))]
pub async fn list(State(state): State<AppState>, officer: Officer) -> Result<Json<Vec<Listed>>> {
    Ok(Json(closures::list(&mut *state.store.read().await?, officer.district()).await?))
}

/// Returns a closure with the delivery state of its messages, and the effect of its undo.
#[utoipa::path(
    get,
    path = "/api/desk/closures/{id}",
    params(("id" = String, Path)),
    responses((status = 200, body = Listed), (status = 404, body = api::Problem))
)]
pub async fn show(State(state): State<AppState>, officer: Officer, Path(id): Path<ClosureId>) -> Result<Json<Listed>> {
    // A snapshot, so that all parts are of one instant.
    let mut snapshot = state.store.snapshot().await?;
    Ok(Json(whole(&mut snapshot, &officer, &id, state.clock.now()).await?))
}

/// Undoes a closure until its last day is over. Applicants who may know of it are told that their appointment is restored.
/// Appointments that are not restored are listed with the reason.
#[utoipa::path(
    post,
    path = "/api/desk/closures/{id}/undo",
    params(("id" = String, Path)),
    responses((status = 200, body = Listed), (status = 404, body = api::Problem), (status = 409, body = api::Problem))
)]
pub async fn undo(State(state): State<AppState>, officer: Officer, Path(id): Path<ClosureId>) -> Result<Json<Listed>> {
    let (mut transaction, now) = officer.write(&state).await?;
    let found = find(&mut transaction, &officer, &id).await?;
    let (templates, district) = (&state.templates, officer.district());
    closure::undo(templates, &mut transaction, &found, district, officer.actor(), now).await?;
    let undone = whole(&mut transaction, &officer, &id, now).await?;
    transaction.commit().await?;
    Ok(Json(undone))
}

/// Returns a closure with the effect of its undo.
async fn whole(connection: &mut Connection, officer: &Officer, id: &ClosureId, now: DateTime<Utc>) -> Result<Listed> {
    let found = find(connection, officer, id).await?;
    let undoing = closure::undoing(connection, &found, now).await?;
    Ok(Listed { undoing: Some(undoing), ..found })
}

async fn find(connection: &mut Connection, officer: &Officer, id: &ClosureId) -> Result<Listed> {
    closures::find(connection, officer.district(), id).await?.ok_or_else(|| Error::new(ProblemCode::NotFound))
}

async fn closure(connection: &mut Connection, officer: &Officer, asked: &Close, now: DateTime<Utc>) -> Result<Closure> {
    let office = office(connection, officer, &asked.office).await?;
    let share = Share::new(asked.share).ok_or_else(|| Error::at(ProblemCode::InvalidField, "share"))?;
    Closure::new(office, asked.first, asked.last, share, now)
        .map_err(|error| Error { detail: Some(error.to_string()), ..Error::at(ProblemCode::InvalidField, "last") })
}
