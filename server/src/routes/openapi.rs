use axum::Json;
use utoipa::OpenApi;

use super::{
    account, appointments, cases, decide, desk, feedback, health, holds, messages, offices, policy, session,
    sign_in_codes, start,
};

#[derive(OpenApi)]
#[openapi(
    info(title = "Skranke", description = "The counter of a police immigration office at reduced capacity."),
    paths(
        start::content,
        health::show,
        decide::answer,
        policy::show,
        offices::list,
        sign_in_codes::send,
        session::show,
        session::begin,
        session::keep,
        session::end,
        account::change,
        account::delete,
        account::list_sessions,
        account::end_session,
        account::data,
        account::leaving,
        feedback::give,
        cases::list,
        cases::add,
        cases::tell,
        cases::tell_work,
        holds::keep,
        holds::release,
        cases::times,
        cases::receipts,
        appointments::book,
        appointments::book_together,
        appointments::show,
        appointments::calendar,
        appointments::qr,
        messages::list,
        messages::settle,
        appointments::change,
        appointments::cancel,
        desk::session::show,
        desk::session::end,
        desk::passkeys::start,
        desk::passkeys::add,
        desk::passkeys::start_sign_in,
        desk::passkeys::sign_in,
        desk::offices::list,
        desk::times::preview,
        desk::times::publish,
        desk::times::week,
        desk::times::day,
        desk::times::add,
        desk::times::change,
        desk::times::withdraw,
        desk::times::attend,
        desk::closings::preview,
        desk::closings::close,
        desk::closings::list,
        desk::closings::show,
        desk::closings::undo,
        desk::cases::search,
        desk::cases::show,
        desk::cases::times,
        desk::cases::tell,
        desk::cases::book,
        desk::cases::cancel,
        desk::calls::list,
        desk::calls::done,
        desk::numbers::show,
        desk::numbers::csv,
        desk::audit::list,
        desk::audit::receipt,
        desk::imports::preview,
        desk::imports::take,
        desk::officers::list,
        desk::officers::add,
        desk::officers::end,
        desk::officers::link,
        desk::policies::list,
        desk::policies::source,
        desk::policies::preview,
        desk::policies::add,
        desk::policies::show,
        desk::policies::withdraw,
        desk::policies::approve,
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
