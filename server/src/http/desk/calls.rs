//! The call list: persons whom a message did not reach.

use api::ids::MessageId;
use api::{ProblemCode, by_phone::Call};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};

use crate::http::desk::session::Officer;
use crate::{
    error::{Error, Result},
    state::AppState,
    store::{
        audit::{self, Action},
        messages,
    },
};

/// Returns the call list of the district, longest wait first.
#[utoipa::path(get, path = "/api/desk/calls", responses((status = 200, body = [Call])))]
pub async fn list(State(state): State<AppState>, officer: Officer) -> Result<Json<Vec<Call>>> {
    let calls = messages::calls(&mut *state.store.read().await?, Some(officer.district())).await?;
    officer.looked(&state, Action::LookAtCalls, "", "").await?;
    Ok(Json(calls))
}

/// Takes a message off the call list after the call.
#[utoipa::path(
    post,
    path = "/api/desk/calls/{message}/done",
    params(("message" = String, Path)),
    responses((status = 204), (status = 404, body = api::Problem))
)]
pub async fn done(
    State(state): State<AppState>,
    officer: Officer,
    Path(message): Path<MessageId>,
) -> Result<StatusCode> {
    let (mut transaction, now) = officer.write(&state).await?;
    let calls = messages::calls(&mut transaction, Some(officer.district())).await?;
    let case = calls.into_iter().find(|call| call.message == message).map(|call| call.case);
    let case = case.ok_or_else(|| Error::new(ProblemCode::NotFound))?;
    // A closure can have been undone since the lookup, which ends the call.
    if !messages::called(&mut transaction, &message, now).await? {
        return Err(Error::new(ProblemCode::NotFound));
    }
    audit::add(&mut transaction, officer.actor(), Action::Called, &case, now).await?;
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
