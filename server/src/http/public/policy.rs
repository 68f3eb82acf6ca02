use api::policy::InForce;
use axum::{Json, extract::State};

use crate::state::AppState;

/// The policy in force. The page decides by it.
#[utoipa::path(get, path = "/api/policy", responses((status = 200, body = InForce)))]
pub async fn show(State(state): State<AppState>) -> Json<InForce> {
    Json(state.policy_at(state.clock.now()).in_force.clone())
}
