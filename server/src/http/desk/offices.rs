//! Offices at the desk.

use api::offices::Office;
use axum::{Json, extract::State};

use crate::http::desk::session::Officer;
use crate::{error::Result, state::AppState, store::offices};

/// Returns the offices of the district.
#[utoipa::path(get, path = "/api/desk/offices", responses((status = 200, body = [Office])))]
pub async fn list(State(state): State<AppState>, officer: Officer) -> Result<Json<Vec<Office>>> {
    let mut all = offices::list(&mut *state.store.read().await?).await?;
    all.retain(|office| office.district == officer.district());
    Ok(Json(all))
}
