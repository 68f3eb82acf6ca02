use api::offices::Office;
use axum::{Json, extract::State};

use crate::{counter::Counter, error::Result, store::offices};

/// Where to meet.
#[utoipa::path(get, path = "/api/offices", responses((status = 200, body = [Office])))]
pub async fn list(State(counter): State<Counter>) -> Result<Json<Vec<Office>>> {
    let mut connection = counter.store.read().await?;
    Ok(Json(offices::list(&mut connection).await?))
}
