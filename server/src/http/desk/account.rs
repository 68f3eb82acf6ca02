//! An officer's own access: passkeys, sessions, and links that others made for them.

use api::{
    ProblemCode,
    ids::{GrantId, PasskeyId},
    officers::{Access, Joining},
};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};

use crate::http::desk::{officers, session::Officer};
use crate::{
    error::{Error, Result},
    services::officers::join,
    state::AppState,
    store::{
        access_grants::{self, Kind},
        audit::{self, Action},
    },
};

/// Returns the officer's passkeys, sessions and links.
#[utoipa::path(get, path = "/api/desk/account", responses((status = 200, body = Access)))]
pub async fn show(State(state): State<AppState>, officer: Officer) -> Result<Json<Access>> {
    let mut snapshot = state.store.snapshot().await?;
    let own = officer.officer.clone();
    Ok(Json(officers::access_of(&mut snapshot, &officer, own, state.clock.now()).await?))
}

/// Makes a link for another passkey of the officer. The existing ones stay.
#[utoipa::path(
    post,
    path = "/api/desk/account/link",
    responses((status = 201, body = Joining), (status = 403, body = api::Problem, description = "A passkey must be shown first"))
)]
pub async fn link(State(state): State<AppState>, officer: Officer) -> Result<(StatusCode, Json<Joining>)> {
    let (mut transaction, now) = officer.write_confirmed(&state).await?;
    audit::add(&mut transaction, officer.actor(), Action::LinkOfficer, officer.id(), now).await?;
    let (giver, own) = (Some(officer.id()), officer.officer.clone());
    let joining = join(&mut transaction, &state.origin, giver, Kind::Link, own, now).await?;
    transaction.commit().await?;
    Ok((StatusCode::CREATED, Json(joining)))
}

/// Removes a passkey of the officer and ends its sessions. Fails for the last one.
#[utoipa::path(
    delete,
    path = "/api/desk/account/passkeys/{id}",
    params(("id" = String, Path)),
    responses(
        (status = 204),
        (status = 403, body = api::Problem, description = "A passkey must be shown first"),
        (status = 404, body = api::Problem),
        (status = 409, body = api::Problem, description = "It is the only one")
    )
)]
pub async fn remove_passkey(
    State(state): State<AppState>,
    officer: Officer,
    Path(id): Path<PasskeyId>,
) -> Result<StatusCode> {
    let (mut transaction, now) = officer.write_confirmed(&state).await?;
    officers::remove(&mut transaction, &officer, officer.id(), &id, now).await?;
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends a session of the officer.
#[utoipa::path(
    delete,
    path = "/api/desk/account/sessions/{id}",
    params(("id" = String, Path)),
    responses(
        (status = 204),
        (status = 403, body = api::Problem, description = "A passkey must be shown first"),
        (status = 404, body = api::Problem)
    )
)]
pub async fn end_session(
    State(state): State<AppState>,
    officer: Officer,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    let (mut transaction, now) = officer.write_confirmed(&state).await?;
    officers::end_one(&mut transaction, &officer, officer.id(), &id, now).await?;
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Acknowledges a link that another officer made. It is shown again with another passkey.
#[utoipa::path(
    post,
    path = "/api/desk/account/links/{id}/read",
    params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = api::Problem))
)]
pub async fn read_link(State(state): State<AppState>, officer: Officer, Path(id): Path<GrantId>) -> Result<StatusCode> {
    let (mut transaction, now) = officer.write(&state).await?;
    if !access_grants::read(&mut transaction, &id, officer.id(), &officer.passkey, now).await? {
        return Err(Error::new(ProblemCode::NotFound));
    }
    audit::add(&mut transaction, officer.actor(), Action::ReadLink, officer.id(), now).await?;
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
