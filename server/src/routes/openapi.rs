use axum::Json;
use utoipa::OpenApi;

use super::{appointments, cases, decide, health, offices, policy, session, sign_in_codes};

#[derive(OpenApi)]
#[openapi(
    info(title = "Skranke", description = "The counter of a police immigration office at reduced capacity."),
    paths(
        health::show,
        decide::answer,
        policy::show,
        offices::list,
        sign_in_codes::send,
        session::show,
        session::begin,
        session::end,
        cases::list,
        cases::tell,
        cases::times,
        cases::receipts,
        appointments::book,
        appointments::show,
        appointments::cancel,
    ),
    components(schemas(api::Problem))
)]
struct Description;

/// The API's description, made from the types that the handlers use.
pub fn document() -> utoipa::openapi::OpenApi {
    Description::openapi()
}

pub async fn show() -> Json<utoipa::openapi::OpenApi> {
    Json(document())
}
