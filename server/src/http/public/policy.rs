//! The policy in force, for the page.

use api::policy::InForce;
use axum::{Json, extract::State};

use crate::state::AppState;

/// Returns the policy in force, by which the page decides.
#[utoipa::path(get, path = "/api/policy", responses((status = 200, body = InForce)))]
pub async fn show(State(state): State<AppState>) -> Json<InForce> {
    Json(state.policy_at(state.clock.now()).in_force.clone())
}
