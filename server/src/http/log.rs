//! The outermost layer of every request: its id, its log line, and problems as `application/problem+json`.

use std::time::Instant;

use api::{Problem, ProblemCode};
use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use percent_encoding::percent_decode_str;
use tracing::Instrument;

use crate::error::{Error, Faults};

pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The kind of actor and the name of their session (the first digits of its token's hash), for the log line. Neither identifies a
/// person; the audit log does.
#[derive(Clone, Debug)]
pub struct Session {
    kind: &'static str,
    name: String,
}

impl Session {
    /// Makes the session of a log line.
    pub fn new(kind: &'static str, name: &str) -> Session {
        Session { kind, name: name.to_owned() }
    }
}

/// Gives the request an id, formats problems, and logs one line. The line holds the route and not the URL, so that the log has no
/// personal data. All other lines of the request carry its id by a span.
pub async fn answer(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = uuid::Uuid::now_v7().simple().to_string();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("(page)", |path| path.as_str()).to_owned();

    // A path with a NUL, or that is not UTF-8, names no record. The databases would report it in different ways.
    let path = percent_decode_str(request.uri().path()).decode_utf8();
    let is_ours = path.is_ok_and(|path| !path.contains('\0'));
    // The span puts the id on every other line that the request logs. At the level of errors, so that no filter of lines drops it.
    let span = tracing::error_span!("request", request = %id);
    let response = if is_ours {
        next.run(request).instrument(span).await
    } else {
        Error::new(ProblemCode::NotFound).into_response()
    };
    let Session { kind: actor, name: session } =
        response.extensions().get::<Session>().cloned().unwrap_or_else(|| Session::new("anyone", ""));
    let error = response.extensions().get::<Error>().cloned().or_else(|| unexplained(&response));
    let mut response = match &error {
        Some(error) => problem(error, &id, response),
        None => response,
    };
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }

    let status = response.status().as_u16();
    let ms = started.elapsed().as_millis() as u64;
    let code = error.as_ref().map_or("", |error| rules::Coded::code(error.code));
    let cause = error.as_ref().and_then(|error| error.cause.as_deref()).unwrap_or("");
    if status >= 500 {
        tracing::error!(request = %id, %method, route, status, ms, actor, session, code, cause);
    } else {
        tracing::info!(request = %id, %method, route, status, ms, actor, session, code, cause);
    }
    response
}

/// Refuses a request without exactly one `Host` header. A proxy might use another one than this server.
pub async fn ensure_one_host(request: Request, next: Next) -> Response {
    if request.headers().get_all(header::HOST).iter().count() == 1 {
        return next.run(request).await;
    }
    (StatusCode::BAD_REQUEST, "A request names exactly one host.\n").into_response()
}

/// Returns the problem for an error status of the framework, which has no `Error`.
fn unexplained(response: &Response) -> Option<Error> {
    let code = match response.status() {
        StatusCode::NOT_FOUND => ProblemCode::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => ProblemCode::MethodNotAllowed,
        StatusCode::FORBIDDEN => ProblemCode::ForeignOrigin,
        StatusCode::PAYLOAD_TOO_LARGE => ProblemCode::BodyTooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ProblemCode::UnsupportedMediaType,
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => ProblemCode::Unavailable,
        status if status.is_server_error() => ProblemCode::Internal,
        status if status.is_client_error() => ProblemCode::MalformedBody,
        _ => return None,
    };
    Some(Error::new(code))
}

fn problem(error: &Error, request: &str, response: Response) -> Response {
    let mut problem = Problem::new(error.code, request);
    problem.field.clone_from(&error.field);
    if let Some(Faults(faults)) = error.faults.as_deref() {
        problem.faults.clone_from(faults);
    }
    problem.decision = error.decision.as_deref().cloned();
    if let Some(facts) = error.facts.as_deref() {
        problem.error = Some(facts.error.clone());
        problem.id.clone_from(&facts.id);
        problem.line = Some(facts.line);
    }
    problem.possible_from = error.possible_from;
    if let Some(detail) = &error.detail {
        problem.detail.clone_from(detail);
    }
    let (parts, _) = response.into_parts();
    let status = StatusCode::from_u16(problem.status).unwrap_or(parts.status);
    let mut answer = (status, axum::Json(problem)).into_response();
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(seconds) = error.retry_after {
        answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    // These headers of the original response are kept: removed cookies, allowed methods, and the version of tus.
    const TUS: [HeaderName; 2] = [HeaderName::from_static("tus-resumable"), HeaderName::from_static("tus-version")];
    for name in [header::SET_COOKIE, header::ALLOW].into_iter().chain(TUS) {
        for value in parts.headers.get_all(&name) {
            answer.headers_mut().append(name.clone(), value.clone());
        }
    }
    answer
}
