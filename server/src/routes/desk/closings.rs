use api::{
    ProblemCode,
    closings::{Close, Closed, Closing as Listed, Extent},
};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use chrono::{DateTime, Utc};
use rules::closure::Share;

use super::{session::Officer, times::office};
use crate::{
    closing::{self, Closing, Outcome},
    counter::Counter,
    error::{Error, Result},
    routes::{
        body::Body,
        idempotency::{Key, Once},
    },
    store::{
        Connection,
        audit::Action,
        closures::{self, UNDO_FOR},
    },
};

/// What closing would do: who keeps their time and who loses it, how they would be told. Nothing is changed.
#[utoipa::path(
    post,
    path = "/api/desk/closings/preview",
    request_body = Close,
    responses((status = 200, body = Extent), (status = 404, body = api::Problem), (status = 422, body = api::Problem))
)]
pub async fn preview(
    State(counter): State<Counter>,
    officer: Officer,
    Body(asked): Body<Close>,
) -> Result<Json<Extent>> {
    let mut connection = counter.store.snapshot().await?;
    let now = counter.clock.now();
    let closing = closing(&mut connection, &officer, &asked, now).await?;
    let extent = closing::preview(&counter.templates, &mut connection, &closing, now).await?;
    drop(connection);
    officer.looked(&counter, Action::LookAtPreview, "", "").await?;
    Ok(Json(extent))
}

/// Closes an office. Who loses their time is worked out anew; if it is others than in the preview, that is said.
#[utoipa::path(
    post,
    path = "/api/desk/closings",
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
    State(counter): State<Counter>,
    officer: Officer,
    key: Key,
    Body(asked): Body<Close>,
) -> Result<Response> {
    let once = Once::new(key, officer.id(), "desk/closings", &asked)?;
    let (mut transaction, now) = officer.write(&counter).await?;
    if let Some(answer) = once.earlier(&mut transaction, now).await? {
        return Ok(answer);
    }
    let closing = closing(&mut transaction, &officer, &asked, now).await?;
    // Nobody closes an office without having seen on whom.
    let seen = asked.seen.as_ref().ok_or_else(|| Error::at(ProblemCode::InvalidField, "seen"))?;
    let (templates, by) = (&counter.templates, officer.id());
    let outcome = closing::close(templates, &mut transaction, &closing, Some(seen), by, UNDO_FOR, now).await?;
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

/// The closings of the district, the newest first, each with its ledger.
#[utoipa::path(get, path = "/api/desk/closings", responses((status = 200, body = [Listed])))]
pub async fn list(State(counter): State<Counter>, officer: Officer) -> Result<Json<Vec<Listed>>> {
    Ok(Json(closures::list(&mut *counter.store.read().await?, officer.district()).await?))
}

/// A closing with its ledger, and what undoing it would give back or has given back.
#[utoipa::path(
    get,
    path = "/api/desk/closings/{id}",
    params(("id" = String, Path)),
    responses((status = 200, body = Listed), (status = 404, body = api::Problem))
)]
pub async fn show(State(counter): State<Counter>, officer: Officer, Path(id): Path<String>) -> Result<Json<Listed>> {
    // One instant for all of it.
    let mut snapshot = counter.store.snapshot().await?;
    Ok(Json(whole(&mut snapshot, &officer, &id, counter.clock.now()).await?))
}

/// Undoes a closing until its last day is over. Whoever may have heard of it is told that their appointment stands; who does not get
/// theirs back is listed with the reason.
#[utoipa::path(
    post,
    path = "/api/desk/closings/{id}/undo",
    params(("id" = String, Path)),
    responses((status = 200, body = Listed), (status = 404, body = api::Problem), (status = 409, body = api::Problem))
)]
pub async fn undo(State(counter): State<Counter>, officer: Officer, Path(id): Path<String>) -> Result<Json<Listed>> {
    let (mut transaction, now) = officer.write(&counter).await?;
    let found = find(&mut transaction, &officer, &id).await?;
    let (templates, district) = (&counter.templates, officer.district());
    closing::undo(templates, &mut transaction, &found, district, officer.id(), now).await?;
    let undone = whole(&mut transaction, &officer, &id, now).await?;
    transaction.commit().await?;
    Ok(Json(undone))
}

/// With what undoing it would give back, or has given back.
async fn whole(connection: &mut Connection, officer: &Officer, id: &str, now: DateTime<Utc>) -> Result<Listed> {
    let found = find(connection, officer, id).await?;
    let undoing = closing::undoing(connection, &found, now).await?;
    Ok(Listed { undoing: Some(undoing), ..found })
}

async fn find(connection: &mut Connection, officer: &Officer, id: &str) -> Result<Listed> {
    closures::find(connection, officer.district(), id).await?.ok_or_else(|| Error::new(ProblemCode::NotFound))
}

async fn closing(connection: &mut Connection, officer: &Officer, asked: &Close, now: DateTime<Utc>) -> Result<Closing> {
    let office = office(connection, officer, &asked.office).await?;
    let share = Share::new(asked.share).ok_or_else(|| Error::at(ProblemCode::InvalidField, "share"))?;
    Closing::new(office, asked.first, asked.last, share, now)
        .map_err(|error| Error { detail: Some(error.to_string()), ..Error::at(ProblemCode::InvalidField, "last") })
}
