//! Officers of the district, managed by an administrator: access, passkeys and sessions. `account.rs` is an officer's own access.

use api::{
    ProblemCode,
    ids::{OfficerId, PasskeyId},
    officers::{Access, AddOfficer, Joining, Officer as Named},
};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use chrono::{DateTime, Utc};

use crate::http::desk::session::{self, Officer};
use crate::{
    error::{Error, Result},
    http::body::Body,
    policy::four_eyes::WINDOW,
    services::officers::{join, name},
    state::AppState,
    store::{
        Connection,
        access_grants::{self, Kind},
        audit::{self, Action},
        desk_sessions, officers, passkeys,
    },
};

/// Returns the current officers of the district.
#[utoipa::path(get, path = "/api/desk/officers", responses((status = 200, body = [Named])))]
pub async fn list(State(state): State<AppState>, officer: Officer) -> Result<Json<Vec<Named>>> {
    Ok(Json(officers::list(&mut *state.store.read().await?, Some(officer.district())).await?))
}

/// Adds an officer and returns the link for their first passkey.
#[utoipa::path(
    post,
    path = "/api/desk/officers",
    request_body = AddOfficer,
    responses(
        (status = 201, body = Joining),
        (status = 403, body = api::Problem, description = "A passkey must be shown first"),
        (status = 422, body = api::Problem)
    )
)]
pub async fn add(
    State(state): State<AppState>,
    officer: Officer,
    Body(asked): Body<AddOfficer>,
) -> Result<(StatusCode, Json<Joining>)> {
    let name = name(&asked.name).ok_or_else(|| Error::at(ProblemCode::InvalidField, "name"))?;
    let (mut transaction, now) = officer.write_confirmed(&state).await?;
    let added = officers::add(&mut transaction, &name, officer.district(), asked.role, now).await?;
    audit::add(&mut transaction, officer.actor(), Action::AddOfficer, &added.id, now).await?;
    let giver = Some(officer.id());
    let joining = join(&mut transaction, &state.origin, giver, Kind::Add, added, now).await?;
    transaction.commit().await?;
    Ok((StatusCode::CREATED, Json(joining)))
}

/// Makes a link for an officer whose passkey is lost. Their passkeys and sessions end at once. A link for oneself adds another
/// passkey and ends nothing.
#[utoipa::path(
    post,
    path = "/api/desk/officers/{id}/link",
    params(("id" = String, Path)),
    responses(
        (status = 201, body = Joining),
        (status = 403, body = api::Problem, description = "A passkey must be shown first"),
        (status = 404, body = api::Problem)
    )
)]
pub async fn link(
    State(state): State<AppState>,
    officer: Officer,
    Path(id): Path<OfficerId>,
) -> Result<(StatusCode, Json<Joining>)> {
    let (mut transaction, now) = officer.write_confirmed(&state).await?;
    let named = find(&mut transaction, &officer, &id).await?;
    audit::add(&mut transaction, officer.actor(), Action::LinkOfficer, &named.id, now).await?;
    let giver = Some(officer.id());
    let joining = join(&mut transaction, &state.origin, giver, Kind::Link, named, now).await?;
    transaction.commit().await?;
    Ok((StatusCode::CREATED, Json(joining)))
}

/// Ends an officer's access with their sessions and passkeys. Fails for one's own access, so that a district keeps an
/// administrator.
#[utoipa::path(
    delete,
    path = "/api/desk/officers/{id}",
    params(("id" = String, Path)),
    responses(
        (status = 204),
        (status = 403, body = api::Problem, description = "A passkey must be shown first"),
        (status = 404, body = api::Problem),
        (status = 409, body = api::Problem)
    )
)]
pub async fn end(State(state): State<AppState>, officer: Officer, Path(id): Path<OfficerId>) -> Result<StatusCode> {
    let (mut transaction, now) = officer.write_confirmed(&state).await?;
    let named = find(&mut transaction, &officer, &id).await?;
    if named.id == *officer.id() {
        return Err(Error::new(ProblemCode::OwnAccount));
    }
    officers::end(&mut transaction, &named.id, now).await?;
    audit::add(&mut transaction, officer.actor(), Action::EndOfficer, &named.id, now).await?;
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Returns an officer's passkeys, sessions and links.
#[utoipa::path(
    get,
    path = "/api/desk/officers/{id}/access",
    params(("id" = String, Path)),
    responses((status = 200, body = Access), (status = 404, body = api::Problem))
)]
pub async fn access(
    State(state): State<AppState>,
    officer: Officer,
    Path(id): Path<OfficerId>,
) -> Result<Json<Access>> {
    let mut snapshot = state.store.snapshot().await?;
    let named = find(&mut snapshot, &officer, &id).await?;
    Ok(Json(access_of(&mut snapshot, &officer, named, state.clock.now()).await?))
}

/// Removes an officer's passkey and ends its sessions.
#[utoipa::path(
    delete,
    path = "/api/desk/officers/{id}/passkeys/{passkey}",
    params(("id" = String, Path), ("passkey" = String, Path)),
    responses(
        (status = 204),
        (status = 403, body = api::Problem, description = "A passkey must be shown first"),
        (status = 404, body = api::Problem)
    )
)]
pub async fn remove_passkey(
    State(state): State<AppState>,
    officer: Officer,
    Path((id, passkey)): Path<(OfficerId, PasskeyId)>,
) -> Result<StatusCode> {
    let (mut transaction, now) = officer.write_confirmed(&state).await?;
    let named = find(&mut transaction, &officer, &id).await?;
    remove(&mut transaction, &officer, &named.id, &passkey, now).await?;
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends one of an officer's sessions.
#[utoipa::path(
    delete,
    path = "/api/desk/officers/{id}/sessions/{session}",
    params(("id" = String, Path), ("session" = String, Path)),
    responses(
        (status = 204),
        (status = 403, body = api::Problem, description = "A passkey must be shown first"),
        (status = 404, body = api::Problem)
    )
)]
pub async fn end_session(
    State(state): State<AppState>,
    officer: Officer,
    Path((id, session)): Path<(OfficerId, String)>,
) -> Result<StatusCode> {
    let (mut transaction, now) = officer.write_confirmed(&state).await?;
    let named = find(&mut transaction, &officer, &id).await?;
    end_one(&mut transaction, &officer, &named.id, &session, now).await?;
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Returns an officer's access, as `asking` sees it.
pub(super) async fn access_of(
    connection: &mut Connection,
    asking: &Officer,
    officer: Named,
    now: DateTime<Utc>,
) -> Result<Access> {
    let passkeys = passkeys::of_officer(connection, &officer.id, &asking.passkey).await?;
    let (seen, began) = session::hold_after(now);
    let sessions = desk_sessions::of_officer(connection, &officer.id, &asking.session, seen, began).await?;
    let links = access_grants::links(connection, &officer.id, None, now - WINDOW).await?;
    Ok(Access { officer, passkeys, sessions, links })
}

/// Removes a passkey and ends its sessions. Fails with `LastPasskey` for the last one of its owner, who could not sign in again.
pub(super) async fn remove(
    connection: &mut Connection,
    by: &Officer,
    whose: &OfficerId,
    passkey: &PasskeyId,
    now: DateTime<Utc>,
) -> Result<()> {
    if !passkeys::remove(connection, passkey, whose).await? {
        return Err(Error::new(ProblemCode::NotFound));
    }
    if whose == by.id() && passkeys::credentials(connection, whose).await?.is_empty() {
        return Err(Error::new(ProblemCode::LastPasskey));
    }
    desk_sessions::end_with_passkey(connection, whose, passkey, &by.session).await?;
    Ok(audit::add(connection, by.actor(), Action::RemovePasskey, whose, now).await?)
}

/// Ends a session by its name. Fails with `NotFound` if the officer has no such session.
pub(super) async fn end_one(
    connection: &mut Connection,
    by: &Officer,
    whose: &OfficerId,
    session: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    if !desk_sessions::end_named(connection, whose, session).await? {
        return Err(Error::new(ProblemCode::NotFound));
    }
    Ok(audit::add(connection, by.actor(), Action::EndSession, whose, now).await?)
}

async fn find(connection: &mut Connection, officer: &Officer, id: &OfficerId) -> Result<Named> {
    let named = officers::find(connection, id).await?.filter(|named| named.district == officer.district());
    named.ok_or_else(|| Error::new(ProblemCode::NotFound))
}
