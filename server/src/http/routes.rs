//! The route table: path, role and handler, one line each. The role is required by a layer, so a handler cannot forget it.

use std::time::Duration;

use api::{ProblemCode, officers::Role as AtDesk};
use axum::{
    Router,
    extract::{Request, State},
    http::StatusCode,
    middleware::{Next, from_fn_with_state},
    response::Response,
    routing::{MethodRouter, any, delete, get, options, patch, post, put},
};
use tower_http::{compression::CompressionLayer, timeout::TimeoutLayer};

use crate::{error::Error, state::AppState, store};

use super::{
    applicant::{account, appointments, cases, holds, messages, session, sign_in_codes, uploads},
    desk, openapi,
    public::{decide, feedback, health, links, offices, policy, start},
    tus,
};

/// The role that a route requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Anyone,
    /// A signed-in applicant, who sees only their own records.
    Applicant,
    /// A signed-in officer with at least this role, who sees only the records of their district.
    Desk(AtDesk),
}
use Role::{Anyone, Applicant};

const CLERK: Role = Role::Desk(AtDesk::Clerk);
const PLANNER: Role = Role::Desk(AtDesk::Planner);
const ADMINISTRATOR: Role = Role::Desk(AtDesk::Administrator);

/// Returns all routes.
#[rustfmt::skip]
pub(super) fn table() -> Vec<(&'static str, Role, MethodRouter<AppState>)> {
    vec![
        ("/",                               Anyone,    get(start::page).layer(compression())),
        ("/api/start",                      Anyone,    get(start::content).layer(compression())),
        ("/a/{id}",                         Anyone,    get(links::appointment)),
        ("/c/{id}",                         Anyone,    get(links::case)),
        ("/d/{id}",                         Anyone,    get(links::documents)),
        ("/t/{id}",                         Anyone,    get(links::times)),
        ("/api/health",                     Anyone,    get(health::show)),
        ("/api/openapi.json",               Anyone,    get(openapi::show)),
        ("/api/decide",                     Anyone,    post(decide::answer)),
        ("/api/policy",                     Anyone,    get(policy::show).layer(compression())),
        ("/api/offices",                    Anyone,    get(offices::list).layer(compression())),
        ("/offices.json",                   Anyone,    get(offices::list).layer(compression())),
        ("/api/offices/{office}/posting.ics", Anyone,  get(offices::posting)),
        ("/api/sign-in-codes",              Anyone,    post(sign_in_codes::send)),
        ("/api/session",                    Anyone,    get(session::show).put(session::begin).delete(session::end)),
        ("/api/session/keep",               Applicant, post(session::keep)),
        ("/api/account",                    Applicant, patch(account::change).delete(account::delete)),
        ("/api/account/sessions",           Applicant, get(account::list_sessions)),
        ("/api/account/sessions/{id}",      Applicant, delete(account::end_session)),
        ("/api/account/data",               Applicant, get(account::data)),
        ("/api/account/leaving",            Applicant, get(account::leaving)),
        ("/api/feedback/{id}",              Anyone,    put(feedback::give)),
        ("/api/cases",                      Applicant, get(cases::list).post(cases::add)),
        ("/api/cases/{case}",               Applicant, get(cases::show)),
        ("/api/cases/{case}/situation",     Applicant, put(cases::tell)),
        ("/api/cases/{case}/work",          Applicant, put(cases::tell_work)),
        ("/api/cases/{case}/hold",          Applicant, put(holds::hold_slot).delete(holds::release)),
        ("/api/cases/{case}/times",         Applicant, get(cases::times).layer(compression())),
        ("/api/cases/{case}/receipts",      Applicant, get(cases::receipts)),
        ("/api/appointments",               Applicant, post(appointments::book)),
        ("/api/appointments/together",      Applicant, post(appointments::book_together)),
        ("/api/appointments/{id}",          Applicant, get(appointments::show)),
        ("/api/appointments/{id}/calendar.ics", Applicant, get(appointments::calendar)),
        ("/api/appointments/{id}/qr.svg",   Applicant, get(appointments::qr)),
        ("/api/appointments/{id}/messages", Applicant, get(messages::list)),
        ("/api/appointments/{id}/move",     Applicant, post(appointments::change)),
        ("/api/appointments/{id}/cancel",   Applicant, post(appointments::cancel)),
        ("/api/desk/session",               Anyone,    get(desk::session::show).put(desk::passkeys::sign_in).delete(desk::session::end)),
        ("/api/desk/session/start",         Anyone,    post(desk::passkeys::start_sign_in)),
        ("/api/desk/session/keep",          CLERK,     post(desk::session::keep)),
        // The link of an administrator authorises these.
        ("/api/desk/passkeys/start",        Anyone,    post(desk::passkeys::start)),
        ("/api/desk/passkeys",              Anyone,    post(desk::passkeys::add)),
        ("/api/desk/session/confirm",       CLERK,     post(desk::passkeys::confirm)),
        ("/api/desk/session/confirm/start", CLERK,     post(desk::passkeys::start_confirming)),
        ("/api/desk/account",               CLERK,     get(desk::account::show)),
        ("/api/desk/account/link",          CLERK,     post(desk::account::link)),
        ("/api/desk/account/links/{id}/read", CLERK,   post(desk::account::read_link)),
        ("/api/desk/account/passkeys/{id}", CLERK,     delete(desk::account::remove_passkey)),
        ("/api/desk/account/sessions/{id}", CLERK,     delete(desk::account::end_session)),
        ("/api/desk/offices",               CLERK,     get(desk::offices::list)),
        ("/api/desk/offices/{office}/weeks/{day}", CLERK, get(desk::times::week).layer(compression())),
        ("/api/desk/offices/{office}/days/{day}", CLERK, get(desk::times::day).layer(compression())),
        ("/api/desk/appointments/{id}/attendance", CLERK, put(desk::times::attend)),
        ("/api/desk/times",                 PLANNER,   post(desk::times::publish)),
        ("/api/desk/times/preview",         PLANNER,   post(desk::times::preview)),
        ("/api/desk/slots",                 PLANNER,   post(desk::times::add)),
        ("/api/desk/slots/{id}",            PLANNER,   delete(desk::times::withdraw)),
        ("/api/desk/slots/{id}/move",       PLANNER,   post(desk::times::change)),
        ("/api/desk/closures",              PLANNER,   get(desk::closures::list).post(desk::closures::close)),
        ("/api/desk/closures/preview",      PLANNER,   post(desk::closures::preview).layer(compression())),
        ("/api/desk/closures/{id}",         PLANNER,   get(desk::closures::show)),
        ("/api/desk/closures/{id}/undo",    PLANNER,   post(desk::closures::undo)),
        ("/api/desk/invitations",           PLANNER,   get(desk::invitations::list).post(desk::invitations::invite)),
        ("/api/desk/invitations/preview",   PLANNER,   post(desk::invitations::preview).layer(compression())),
        ("/api/desk/invitations/{id}",      PLANNER,   get(desk::invitations::show)),
        ("/api/desk/invitations/{id}/withdraw", PLANNER, post(desk::invitations::withdraw)),
        ("/api/desk/cases/{case}/invitation", CLERK,   put(desk::invitations::invite_one).delete(desk::invitations::withdraw_one)),
        ("/api/desk/search",                CLERK,     post(desk::cases::search)),
        ("/api/desk/cases",                 CLERK,     post(desk::cases::open)),
        ("/api/desk/cases/{case}",          CLERK,     get(desk::cases::show)),
        ("/api/desk/cases/{case}/times",    CLERK,     get(desk::cases::times).layer(compression())),
        ("/api/desk/cases/{case}/situation", CLERK,    put(desk::cases::tell)),
        ("/api/desk/appointments",          CLERK,     post(desk::cases::book)),
        ("/api/desk/appointments/{id}/cancel", CLERK,  post(desk::cases::cancel)),
        ("/api/desk/calls",                 CLERK,     get(desk::calls::list)),
        ("/api/desk/calls/{message}/done",  CLERK,     post(desk::calls::done)),
        ("/api/desk/numbers",               CLERK,     get(desk::numbers::show)),
        ("/api/desk/numbers.csv",           CLERK,     get(desk::numbers::csv)),
        // The filter is in the body, because URLs must not contain case references.
        ("/api/desk/audit",                 ADMINISTRATOR, post(desk::audit::list)),
        ("/api/desk/audit/receipts/{id}",   ADMINISTRATOR, get(desk::audit::receipt)),
        ("/api/desk/imports/preview",       PLANNER,   post(desk::imports::preview)),
        ("/api/desk/imports",               PLANNER,   post(desk::imports::take)),
        ("/api/desk/officers",              ADMINISTRATOR, get(desk::officers::list).post(desk::officers::add)),
        ("/api/desk/officers/{id}",         ADMINISTRATOR, delete(desk::officers::end)),
        ("/api/desk/officers/{id}/link",    ADMINISTRATOR, post(desk::officers::link)),
        ("/api/desk/officers/{id}/access",  ADMINISTRATOR, get(desk::officers::access)),
        ("/api/desk/officers/{id}/passkeys/{passkey}", ADMINISTRATOR, delete(desk::officers::remove_passkey)),
        ("/api/desk/officers/{id}/sessions/{session}", ADMINISTRATOR, delete(desk::officers::end_session)),
        ("/api/desk/policies",              ADMINISTRATOR, get(desk::policies::list)),
        ("/api/desk/policies/documents/{document}", ADMINISTRATOR, get(desk::policies::source).layer(compression())),
        ("/api/desk/policies/preview",      ADMINISTRATOR, post(desk::policies::preview).layer(compression())),
        ("/api/desk/policies/drafts",       ADMINISTRATOR, post(desk::policies::add)),
        ("/api/desk/policies/drafts/{id}",  ADMINISTRATOR, get(desk::policies::show).delete(desk::policies::withdraw).layer(compression())),
        ("/api/desk/policies/drafts/{id}/approve", ADMINISTRATOR, post(desk::policies::approve)),
        ("/api/cases/{case}/documents",     Applicant, get(uploads::list)),
        ("/api/cases/{case}/documents/failure", Applicant, post(uploads::fail)),
        ("/api/uploads",                    Applicant, post(uploads::create)),
        ("/api/uploads",                    Anyone,    options(uploads::options)),
        ("/api/uploads/{id}",               Applicant, patch(uploads::write).head(uploads::show).delete(uploads::end).post(uploads::overridden)),
        ("/api/desk/documents",             CLERK,     get(desk::documents::list)),
        ("/api/desk/documents/{id}",        CLERK,     get(desk::documents::show)),
        ("/api/desk/documents/{id}/pages/{page}", CLERK, get(desk::documents::page)),
        ("/api/desk/documents/{id}/original", CLERK,   get(desk::documents::original)),
        ("/api/desk/documents/{id}/accept", CLERK,     post(desk::documents::accept)),
        ("/api/desk/documents/{id}/return", CLERK,     post(desk::documents::send_back)),
        ("/api/desk/cases/{case}/documents", CLERK,    get(desk::documents::of_case)),
        ("/api/desk/cases/{case}/documents.zip", CLERK, get(desk::documents::archive)),
        ("/api/desk/cases/{case}/failure/done", CLERK, post(desk::documents::failure_done)),
        // The SMS gateway, which signs its requests.
        ("/api/messages/receipts",          Anyone,    post(messages::settle)),
    ]
}

/// Returns the router of the API and of the pages that the server writes itself.
pub fn router(state: &AppState) -> Router {
    let mut router = Router::new();
    for (path, role, handler) in table() {
        let handler = match role {
            Anyone => handler,
            Applicant => handler.layer(from_fn_with_state(state.clone(), session::require_applicant)),
            Role::Desk(role) => {
                handler.layer(from_fn_with_state((state.clone(), role), desk::session::require_officer))
            }
        };
        // An upload takes as long as the client's connection; a stall is detected while the bytes are read.
        let handler = match path.starts_with("/api/uploads") {
            true => handler.layer(tus::version()),
            false => handler.layer(timeout()),
        };
        router = router.route(path, handler);
    }
    router
        .route("/api", any(unknown))
        .route("/api/", any(unknown))
        .route("/api/{*path}", any(unknown))
        .layer(from_fn_with_state(state.clone(), settle))
        .with_state(state.clone())
}

/// Counts the rate-limited uses of rolled-back transactions before the request is answered.
async fn settle(State(state): State<AppState>, request: Request, next: Next) -> Response {
    store::settling(&state.store, next.run(request)).await
}

fn timeout() -> TimeoutLayer {
    TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, Duration::from_secs(30))
}

/// Compression of generated answers; files are compressed when the page is built.
fn compression() -> CompressionLayer {
    CompressionLayer::new()
}

async fn unknown() -> Error {
    Error::new(ProblemCode::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_is_described() {
        let mut described: Vec<String> = openapi::document().paths.paths.keys().cloned().collect();
        let mut served: Vec<String> = table().iter().map(|(path, _, _)| (*path).to_owned()).collect();
        described.sort();
        served.retain(|path| path.starts_with("/api/") && path != "/api/openapi.json");
        served.sort();
        served.dedup();
        assert_eq!(described, served);
    }
}
