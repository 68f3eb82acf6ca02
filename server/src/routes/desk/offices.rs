use api::offices::Office;
use axum::{Json, extract::State};

use super::session::Officer;
use crate::{counter::Counter, error::Result, store::offices};

/// The offices of the district.
#[utoipa::path(get, path = "/api/desk/offices", responses((status = 200, body = [Office])))]
pub async fn list(State(counter): State<Counter>, officer: Officer) -> Result<Json<Vec<Office>>> {
    let mut all = offices::list(&mut *counter.store.read().await?).await?;
    all.retain(|office| office.district == officer.district());
    Ok(Json(all))
}
