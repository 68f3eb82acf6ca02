//! The health check.

use api::health::Health;
use axum::{Json, extract::State};

use crate::{error::Result, state::AppState, store::offices};

/// Answers 200 if the database answers.
#[utoipa::path(get, path = "/api/health", responses((status = 200, body = Health), (status = 503, body = api::Problem)))]
pub async fn show(State(state): State<AppState>) -> Result<Json<Health>> {
    let mut connection = state.store.read().await?;
    offices::count(&mut connection).await?;
    Ok(Json(Health { status: "ok".to_owned() }))
}
