//! The audit log, read by administrators of the district.

use api::ids::ReceiptId;
use api::{
    ProblemCode,
    audit::{Asked, Audit},
    receipts::Receipt,
};
use axum::{
    Json,
    extract::{Path, State},
};

use crate::http::desk::session::Officer;
use crate::{
    error::{Error, Result},
    http::body::Body,
    state::AppState,
    store::{
        audit::{self, Action},
        officers, receipts,
    },
};

/// Returns a page of the district's audit log, newest first.
#[utoipa::path(post, path = "/api/desk/audit", request_body = Asked, responses((status = 200, body = Audit)))]
pub async fn list(State(state): State<AppState>, officer: Officer, Body(asked): Body<Asked>) -> Result<Json<Audit>> {
    const MOST: usize = 100;
    const LONGEST_REFERENCE: usize = 40;
    let mut snapshot = state.store.snapshot().await?;
    let mut entries = audit::list(&mut snapshot, officer.district(), &asked, MOST as i64 + 1).await?;
    let more = entries.len() > MOST;
    entries.truncate(MOST);
    let officers = officers::ever(&mut snapshot, officer.district()).await?;
    drop(snapshot);
    // The log stores only as much of the query as a reference can have.
    let reference: String = asked.reference.trim().chars().take(LONGEST_REFERENCE).collect();
    officer.looked(&state, Action::LookAtLog, "", &reference).await?;
    Ok(Json(Audit { entries, more, officers }))
}

/// Returns the receipt of a decision, for `skranke replay`.
#[utoipa::path(
    get,
    path = "/api/desk/audit/receipts/{id}",
    params(("id" = String, Path)),
    responses((status = 200, body = Receipt), (status = 404, body = api::Problem))
)]
pub async fn receipt(
    State(state): State<AppState>,
    officer: Officer,
    Path(id): Path<ReceiptId>,
) -> Result<Json<Receipt>> {
    let mut connection = state.store.read().await?;
    let receipt = receipts::of_district(&mut connection, officer.district(), &id).await?;
    let receipt = receipt.ok_or_else(|| Error::new(ProblemCode::NotFound))?;
    drop(connection);
    officer.looked(&state, Action::LookAtLog, "", &receipt.case).await?;
    Ok(Json(receipt))
}
