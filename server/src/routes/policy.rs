use api::policy::InForce;
use axum::{Json, extract::State};

use crate::counter::Counter;

/// The policy in force. The page decides by it.
#[utoipa::path(get, path = "/api/policy", responses((status = 200, body = InForce)))]
pub async fn show(State(counter): State<Counter>) -> Json<InForce> {
    Json(counter.policy_at(counter.clock.now()).in_force.clone())
}
