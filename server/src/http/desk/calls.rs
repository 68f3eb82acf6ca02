use api::ids::MessageId;
use api::{ProblemCode, by_phone::Call};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};

use crate::http::desk::session::Officer;
use crate::{
    http::error::{Error, Result},
    state::AppState,
    store::{
        audit::{self, Action},
        messages,
    },
};

/// Who could not be reached and has to be called, whoever has waited longest first.
#[utoipa::path(get, path = "/api/desk/calls", responses((status = 200, body = [Call])))]
pub async fn list(State(state): State<AppState>, officer: Officer) -> Result<Json<Vec<Call>>> {
    let calls = messages::calls(&mut *state.store.read().await?, Some(officer.district())).await?;
    officer.looked(&state, Action::LookAtCalls, "", "").await?;
    Ok(Json(calls))
}

/// Takes somebody off the list: they have been called.
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
    // A closure may have been undone since they were looked for: then nobody is to be called.
    if !messages::called(&mut transaction, &message, now).await? {
        return Err(Error::new(ProblemCode::NotFound));
    }
    audit::add(&mut transaction, officer.actor(), Action::Called, &case, now).await?;
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
