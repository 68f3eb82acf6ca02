use api::{
    ProblemCode,
    officers::{AddOfficer, Joining, Officer as Named},
};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};

use super::session::Officer;
use crate::{
    counter::Counter,
    error::{Error, Result},
    officer,
    routes::body::Body,
    store::{
        Connection,
        audit::{self, Action},
        officers,
    },
};

/// Who works in the district.
#[utoipa::path(get, path = "/api/desk/officers", responses((status = 200, body = [Named])))]
pub async fn list(State(counter): State<Counter>, officer: Officer) -> Result<Json<Vec<Named>>> {
    Ok(Json(officers::list(&mut *counter.store.read().await?, Some(officer.district())).await?))
}

/// Adds an officer, and makes the link by which they add a passkey.
#[utoipa::path(
    post,
    path = "/api/desk/officers",
    request_body = AddOfficer,
    responses((status = 201, body = Joining), (status = 422, body = api::Problem))
)]
pub async fn add(
    State(counter): State<Counter>,
    officer: Officer,
    Body(asked): Body<AddOfficer>,
) -> Result<(StatusCode, Json<Joining>)> {
    let name = officer::name(&asked.name).ok_or_else(|| Error::at(ProblemCode::InvalidField, "name"))?;
    let (mut transaction, now) = officer.write(&counter).await?;
    let added = officers::add(&mut transaction, &name, officer.district(), asked.role, now).await?;
    audit::add(&mut transaction, officer.id(), Action::AddOfficer, &added.id, now).await?;
    let joining = officer::join(&mut transaction, &counter.origin, added, now).await?;
    transaction.commit().await?;
    Ok((StatusCode::CREATED, Json(joining)))
}

/// Makes a new link for an officer: for one more passkey, or instead of one that is lost.
#[utoipa::path(
    post,
    path = "/api/desk/officers/{id}/link",
    params(("id" = String, Path)),
    responses((status = 201, body = Joining), (status = 404, body = api::Problem))
)]
pub async fn link(
    State(counter): State<Counter>,
    officer: Officer,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<Joining>)> {
    let (mut transaction, now) = officer.write(&counter).await?;
    let named = find(&mut transaction, &officer, &id).await?;
    audit::add(&mut transaction, officer.id(), Action::LinkOfficer, &named.id, now).await?;
    let joining = officer::join(&mut transaction, &counter.origin, named, now).await?;
    transaction.commit().await?;
    Ok((StatusCode::CREATED, Json(joining)))
}

/// Ends an officer's work here: they are signed out, and their passkeys are no longer good. Nobody ends their own, so
/// that a district keeps an administrator.
#[utoipa::path(
    delete,
    path = "/api/desk/officers/{id}",
    params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = api::Problem), (status = 409, body = api::Problem))
)]
pub async fn end(State(counter): State<Counter>, officer: Officer, Path(id): Path<String>) -> Result<StatusCode> {
    let (mut transaction, now) = officer.write(&counter).await?;
    let named = find(&mut transaction, &officer, &id).await?;
    if named.id == officer.id() {
        return Err(Error::new(ProblemCode::OwnAccount));
    }
    officers::end(&mut transaction, &named.id, now).await?;
    audit::add(&mut transaction, officer.id(), Action::EndOfficer, &named.id, now).await?;
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn find(connection: &mut Connection, officer: &Officer, id: &str) -> Result<Named> {
    let named = officers::find(connection, id).await?.filter(|named| named.district == officer.district());
    named.ok_or_else(|| Error::new(ProblemCode::NotFound))
}
