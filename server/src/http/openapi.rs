//! The OpenAPI document: generated from the handlers, completed with what holds for every route (roles, problems, headers).

use axum::Json;
use utoipa::{
    OpenApi,
    openapi::{
        ContentBuilder, HeaderBuilder, HttpMethod, ObjectBuilder, Ref, RefOr, Response, Server, Type,
        path::{Operation, ParameterIn, PathItem},
        security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme},
    },
};

use crate::http::{
    applicant::{account, appointments, cases, holds, messages, session, sign_in_codes, uploads},
    desk,
    public::{decide, feedback, health, offices, policy, start},
    routes::{Role, table},
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
        offices::posting,
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
        cases::show,
        cases::tell,
        cases::tell_work,
        holds::hold_slot,
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
        desk::session::keep,
        desk::passkeys::start,
        desk::passkeys::add,
        desk::passkeys::start_sign_in,
        desk::passkeys::sign_in,
        desk::passkeys::start_confirming,
        desk::passkeys::confirm,
        desk::account::show,
        desk::account::link,
        desk::account::read_link,
        desk::account::remove_passkey,
        desk::account::end_session,
        desk::offices::list,
        desk::times::preview,
        desk::times::publish,
        desk::times::week,
        desk::times::day,
        desk::times::add,
        desk::times::change,
        desk::times::withdraw,
        desk::times::attend,
        desk::closures::preview,
        desk::closures::close,
        desk::closures::list,
        desk::closures::show,
        desk::closures::undo,
        desk::invitations::preview,
        desk::invitations::invite,
        desk::invitations::list,
        desk::invitations::show,
        desk::invitations::withdraw,
        desk::invitations::invite_one,
        desk::invitations::withdraw_one,
        desk::cases::search,
        desk::cases::open,
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
        desk::officers::access,
        desk::officers::remove_passkey,
        desk::officers::end_session,
        uploads::list,
        uploads::fail,
        uploads::create,
        uploads::options,
        uploads::write,
        uploads::show,
        uploads::end,
        uploads::overridden,
        desk::documents::list,
        desk::documents::show,
        desk::documents::page,
        desk::documents::original,
        desk::documents::accept,
        desk::documents::send_back,
        desk::documents::of_case,
        desk::documents::archive,
        desk::documents::failure_done,
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

/// Returns the OpenAPI document.
pub fn document() -> utoipa::openapi::OpenApi {
    let mut document = Description::openapi();
    // The crate has no licence field, and an empty name is not valid.
    document.info.license = None;
    document.servers = Some(vec![Server::new("/")]);
    let components = document.components.get_or_insert_default();
    let cookie =
        |name, description| SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(name, description)));
    for (scheme, cookie) in [
        (APPLICANT, cookie("skranke", "The session of an applicant. Over https its name begins with __Host-.")),
        (DESK, cookie("skranke-desk", "The session of an officer. Over https its name begins with __Host-.")),
    ] {
        components.security_schemes.insert(scheme.to_owned(), RefOr::T(cookie));
    }
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            complete(operation, path, role_of(path, &method), &method);
        }
    }
    document
}

const APPLICANT: &str = "applicant";
const DESK: &str = "officer";
const PROBLEM: &str = "application/problem+json";

/// Returns the role of a path in the route table. OPTIONS requires none.
fn role_of(path: &str, method: &HttpMethod) -> Role {
    let named = table().into_iter().find(|(known, _, _)| *known == path).map(|(_, role, _)| role);
    named.filter(|_| *method != HttpMethod::Options).unwrap_or(Role::Anyone)
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (HttpMethod, &mut Operation)> {
    [
        (HttpMethod::Get, &mut item.get),
        (HttpMethod::Put, &mut item.put),
        (HttpMethod::Post, &mut item.post),
        (HttpMethod::Delete, &mut item.delete),
        (HttpMethod::Options, &mut item.options),
        (HttpMethod::Head, &mut item.head),
        (HttpMethod::Patch, &mut item.patch),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// Completes an operation: role, unique name, and all problems that can be its answer.
fn complete(operation: &mut Operation, path: &str, role: Role, method: &HttpMethod) {
    operation.security = Some(match role {
        Role::Anyone => vec![SecurityRequirement::default()],
        Role::Applicant => vec![SecurityRequirement::new(APPLICANT, [""; 0])],
        Role::Desk(_) => vec![SecurityRequirement::new(DESK, [""; 0])],
    });
    // Handler names are not unique, for instance `list`.
    if let (Some(name), Some(tags)) = (&operation.operation_id, &operation.tags) {
        operation.operation_id = Some(format!("{}_{name}", tags.join("_").replace("::", "_")));
    }
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter
            && parameter.name == "Idempotency-Key"
        {
            let key = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[A-Za-z0-9-]{8,64}$")).build();
            parameter.schema = Some(key.into());
        }
    }
    for status in problems_of(operation, path, role, method) {
        operation.responses.responses.entry(status.to_string()).or_insert_with(|| RefOr::T(Response::new("")));
    }
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        let status = status.parse().unwrap_or_default();
        if response.description.is_empty() {
            response.description = said_of(status).to_owned();
        }
        // HEAD has no body, so a problem is only its status.
        if status >= 400 && *method != HttpMethod::Head {
            let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
            response.content = [(PROBLEM.to_owned(), RefOr::T(problem))].into_iter().collect();
        }
        add_headers(response, status);
    }
}

/// Returns the statuses of the problems of an operation, besides those that its handler names.
fn problems_of(operation: &Operation, path: &str, role: Role, method: &HttpMethod) -> Vec<u16> {
    let changes = !matches!(method, HttpMethod::Get | HttpMethod::Head | HttpMethod::Options);
    let parameters: Vec<_> = operation.parameters.iter().flatten().collect();
    let is_in =
        |place: ParameterIn| parameters.iter().any(|one| matches!(one, RefOr::T(one) if one.parameter_in == place));
    let mut statuses = vec![500, 503];
    if role != Role::Anyone {
        statuses.push(401);
    }
    if matches!(role, Role::Desk(_)) || changes {
        statuses.push(403);
    }
    if changes {
        statuses.push(429);
    }
    if is_in(ParameterIn::Path) {
        statuses.extend([400, 404]);
    }
    if is_in(ParameterIn::Header) || is_in(ParameterIn::Query) {
        statuses.push(400);
    }
    if operation.request_body.is_some() {
        statuses.extend([400, 413, 415, 422]);
    }
    if path.starts_with("/api/uploads") {
        statuses.push(412);
    }
    statuses
}

fn said_of(status: u16) -> &'static str {
    match status {
        200 => "The answer.",
        201 => "It was made.",
        202 => "It is taken on, and done a moment later.",
        204 => "It is done; there is nothing to tell.",
        400 => "The request cannot be read.",
        401 => "Nobody is signed in, or the session is over.",
        403 => "The role does not allow it, or the request comes from another site.",
        404 => "There is nothing here, or it is somebody else's.",
        409 => "It does not fit what is there now.",
        410 => "It is over.",
        412 => "The version of the upload protocol is missing or unknown.",
        413 => "The request is too large.",
        415 => "The body is of a kind that is not taken here.",
        422 => "A field is not as it must be.",
        423 => "Somebody else is at it.",
        429 => "That was too often in a short time.",
        460 => "The checksum does not fit what arrived.",
        503 => "The service cannot answer right now.",
        _ => "Something went wrong inside.",
    }
}

fn add_headers(response: &mut Response, status: u16) {
    let header = |description: &str| {
        let text = ObjectBuilder::new().schema_type(Type::String).build();
        RefOr::T(HeaderBuilder::new().schema(Some(text)).description(Some(description)).build())
    };
    let id = header("The request's id, which also stands in the log.");
    response.headers.insert("X-Request-Id".to_owned(), id);
    if matches!(status, 429 | 503) {
        let seconds = header("After how many seconds it may go better, if that is known.");
        response.headers.insert("Retry-After".to_owned(), seconds);
    }
}

/// Returns the OpenAPI document.
pub async fn show() -> Json<utoipa::openapi::OpenApi> {
    Json(document())
}
