//! Documents of an applicant: the list, and the upload by the tus protocol (`http/tus.rs`). The steps of an upload are in
//! `services/upload.rs`.

use api::{
    ProblemCode,
    documents::{Document, Documents, Failed, Failure, State as Stage},
    ids::{CaseId, DocumentId},
};
use axum::{
    Json,
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt, TryStreamExt};
use tracing::Instrument;

use crate::{
    documents::{
        receive::{self, Incoming, Segment},
        retention,
    },
    error::{Error, Result},
    http::{
        applicant::{cases, session::Applicant},
        body::{self, Body},
        tus::{self, Metadata},
    },
    services::{
        limits,
        upload::{self, Begun, NewFile, NewSegment, may_upload},
    },
    state::AppState,
    store::documents,
};

/// Returns the documents of a case, and the rules' answer to sending more.
#[utoipa::path(
    get,
    path = "/api/cases/{case}/documents",
    params(("case" = String, Path)),
    responses((status = 200, body = Documents), (status = 404, body = api::Problem))
)]
pub async fn list(
    State(state): State<AppState>,
    applicant: Applicant,
    Path(id): Path<CaseId>,
) -> Result<Json<Documents>> {
    let mut connection = state.store.read().await?;
    let now = state.clock.now();
    let case = cases::find(&mut connection, &applicant, &id, now).await?;
    let (_, decision) = may_upload(&state.policy_at(now), &case, now);
    let all = documents::of_case(&mut connection, &case.id).await?;
    let used = documents::taken(&mut connection, &case.id).await?;
    // Cancelled uploads are left out.
    let documents: Vec<Document> =
        all.into_iter().filter(|one| one.state != Stage::Deleted || one.kept_until.is_some()).collect();
    Ok(Json(Documents { decision, documents, limits: state.documents.limits, used }))
}

/// Takes a report that sending failed for technical reasons. Answers with the rules' decision and a code for the phone, and marks
/// the case.
#[utoipa::path(
    post,
    path = "/api/cases/{case}/documents/failure",
    params(("case" = String, Path)),
    request_body = Failed,
    responses(
        (status = 201, body = Failure),
        (status = 404, body = api::Problem),
        (status = 409, body = api::Problem, description = "The rules say no")
    )
)]
pub async fn fail(
    State(state): State<AppState>,
    applicant: Applicant,
    Path(id): Path<CaseId>,
    Body(asked): Body<Failed>,
) -> Result<(StatusCode, Json<Failure>)> {
    const LONGEST: usize = 64;
    let is_code = |text: &str| text.len() <= LONGEST && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    if !is_code(&asked.what) {
        return Err(Error::at(ProblemCode::InvalidField, "what"));
    }
    let (mut transaction, now) = applicant.write(&state).await?;
    let policy = state.policy_at(now);
    let (code, decision) =
        upload::report_failure(&policy, &mut transaction, &applicant.person, &id, &asked.what, now).await?;
    transaction.commit().await?;
    Ok((StatusCode::CREATED, Json(Failure { code, decision })))
}

/// Returns the extensions and limits of the upload protocol.
#[utoipa::path(options, path = "/api/uploads", responses((status = 204)))]
pub async fn options(State(state): State<AppState>) -> Response {
    let headers = [
        (tus::TUS_EXTENSION, HeaderValue::from_static(tus::EXTENSIONS)),
        (tus::TUS_CHECKSUM_ALGORITHM, HeaderValue::from_static(tus::ALGORITHMS)),
        (tus::TUS_MAX_SIZE, HeaderValue::from(state.documents.limits.file)),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// Begins an upload. `Upload-Metadata` has `case` and `filename`, and optionally `sha256` in hexadecimal.
#[utoipa::path(
    post,
    path = "/api/uploads",
    params(
        ("Tus-Resumable" = String, Header),
        ("Upload-Length" = u64, Header, description = "In bytes"),
        ("Upload-Metadata" = String, Header, description = "case, filename, sha256: each value in base64")
    ),
    responses(
        (status = 201, description = "Location is the upload's address"),
        (status = 404, body = api::Problem),
        (status = 409, body = api::Problem, description = "The rules say no"),
        (status = 413, body = api::Problem, description = "The file or the case is full"),
        (status = 422, body = api::Problem)
    )
)]
pub async fn create(State(state): State<AppState>, applicant: Applicant, request: Request) -> Result<Response> {
    let (Parts { headers, .. }, body) = request.into_parts();
    tus::speaks_tus(&headers)?;
    tus::without_other_extensions(&headers)?;
    receive::discard(&mut incoming(body)).await;
    let size = tus::number(&headers, &tus::UPLOAD_LENGTH)?;
    let metadata = Metadata::read(&headers)?;
    let (mut transaction, now) = applicant.write(&state).await?;
    let case = cases::find(&mut transaction, &applicant, &metadata.case, now).await?;
    let file = NewFile { name: &metadata.name, size, sha256: &metadata.sha256 };
    let begun =
        upload::begin(&state.policy_at(now), state.documents.limits, &mut transaction, &case, file, now).await?;
    transaction.commit().await?;
    let (id, expires) = match begun {
        Begun::Upload { id, expires } => (id, expires),
        Begun::Refused(decision) => return Err(Error::refused(*decision)),
    };
    let location = HeaderValue::try_from(format!("/api/uploads/{id}")).map_err(Error::internal)?;
    let headers =
        [(header::LOCATION, location), (tus::UPLOAD_EXPIRES, tus::instant(expires)?), (tus::UPLOAD_OFFSET, 0.into())];
    Ok((StatusCode::CREATED, headers).into_response())
}

/// Returns the position of an upload.
#[utoipa::path(
    head,
    path = "/api/uploads/{id}",
    params(("id" = String, Path), ("Tus-Resumable" = String, Header)),
    responses((status = 200, description = "Upload-Offset, Upload-Length, Upload-Expires"), (status = 404), (status = 410))
)]
pub async fn show(
    State(state): State<AppState>,
    applicant: Applicant,
    Path(id): Path<DocumentId>,
    headers: HeaderMap,
) -> Result<Response> {
    tus::speaks_tus(&headers)?;
    // A snapshot, so that a segment that ends meanwhile counts either as busy or as received.
    let mut connection = state.store.snapshot().await?;
    let now = state.clock.now();
    let upload = upload::position(&state, &mut connection, &applicant.person, &id, now).await?;
    let headers = [
        (tus::UPLOAD_OFFSET, upload.received.into()),
        (tus::UPLOAD_LENGTH, upload.size.into()),
        (tus::UPLOAD_EXPIRES, tus::instant(upload.expires)?),
        (tus::UPLOAD_METADATA, HeaderValue::try_from(Metadata::written(&upload)).map_err(Error::internal)?),
    ];
    Ok((StatusCode::OK, headers).into_response())
}

/// Takes the next segment of an upload.
#[utoipa::path(
    patch,
    path = "/api/uploads/{id}",
    params(
        ("id" = String, Path),
        ("Tus-Resumable" = String, Header),
        ("Upload-Offset" = u64, Header, description = "Where the part begins, in bytes"),
        ("Upload-Checksum" = Option<String>, Header, description = "sha1 or sha256, a space, and the hash in base64")
    ),
    responses(
        (status = 204, description = "Upload-Offset"),
        (status = 404, body = api::Problem),
        (status = 409, body = api::Problem, description = "A wrong offset, or the rules say no"),
        (status = 410, body = api::Problem),
        (status = 413, body = api::Problem),
        (status = 415, body = api::Problem),
        (status = 423, body = api::Problem, description = "Somebody else is at it"),
        (status = 460, body = api::Problem, description = "A wrong checksum")
    )
)]
pub async fn write(
    State(state): State<AppState>,
    applicant: Applicant,
    Path(id): Path<DocumentId>,
    request: Request,
) -> Result<Response> {
    let (parts, body) = request.into_parts();
    let mut incoming = incoming(body);
    let segment = match begin(&state, &applicant, &id, &parts.headers).await {
        Ok(segment) => segment,
        Err(error) => {
            receive::discard(&mut incoming).await;
            return Err(error);
        }
    };
    // A task of its own, so that the bytes received are kept even if the client is gone.
    let receiving = upload::receive_segment(state, applicant.person, id, segment, incoming);
    let receiving = tokio::spawn(receiving.in_current_span());
    let progress = receiving.await.map_err(Error::internal)??;
    let offset = [(tus::UPLOAD_OFFSET, HeaderValue::from(progress.received))];
    let mut answer = (StatusCode::NO_CONTENT, offset).into_response();
    if let Some(expires) = progress.expires {
        answer.headers_mut().insert(tus::UPLOAD_EXPIRES, tus::instant(expires)?);
    }
    Ok(answer)
}

/// Converts the body of a request.
fn incoming(body: axum::body::Body) -> Incoming {
    body.into_data_stream().map_err(std::io::Error::other).boxed()
}

/// Reads the headers of a segment and leases the upload for it.
async fn begin(state: &AppState, applicant: &Applicant, id: &DocumentId, headers: &HeaderMap) -> Result<Segment> {
    tus::speaks_tus(headers)?;
    if !body::is_type(headers, "application/offset+octet-stream") {
        let detail = Some("Send the part as application/offset+octet-stream.".to_owned());
        return Err(Error { detail, ..Error::new(ProblemCode::UnsupportedMediaType) });
    }
    let announced = NewSegment {
        offset: tus::number(headers, &tus::UPLOAD_OFFSET)?,
        checksum: tus::checksum(headers)?,
        length: tus::content_length(headers),
    };
    let (mut transaction, now) = applicant.write_within(state, &limits::PARTS).await?;
    let segment = upload::begin_segment(state, &mut transaction, &applicant.person, id, announced, now).await?;
    transaction.commit().await?;
    Ok(segment)
}

/// Cancels an incomplete upload.
#[utoipa::path(
    delete,
    path = "/api/uploads/{id}",
    params(("id" = String, Path), ("Tus-Resumable" = String, Header)),
    responses((status = 204), (status = 404, body = api::Problem), (status = 423, body = api::Problem))
)]
pub async fn end(
    State(state): State<AppState>,
    applicant: Applicant,
    Path(id): Path<DocumentId>,
    headers: HeaderMap,
) -> Result<Response> {
    tus::speaks_tus(&headers)?;
    let (mut transaction, now) = applicant.write_within(&state, &limits::PARTS).await?;
    upload::give_up(&mut transaction, &applicant.person, &id, now).await?;
    transaction.commit().await?;
    retention::erase(&state.documents, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Handles clients that can send nothing but POST: the method is in `X-HTTP-Method-Override`, as tus defines it.
#[utoipa::path(
    post,
    path = "/api/uploads/{id}",
    params(("id" = String, Path), ("X-HTTP-Method-Override" = String, Header)),
    responses((status = 204), (status = 405, body = api::Problem))
)]
pub async fn overridden(
    state: State<AppState>,
    applicant: Applicant,
    id: Path<DocumentId>,
    request: Request,
) -> Result<Response> {
    match tus::overriding_method(request.headers()) {
        Some(Method::PATCH) => write(state, applicant, id, request).await,
        Some(Method::DELETE) => end(state, applicant, id, request.headers().clone()).await,
        Some(Method::HEAD) => show(state, applicant, id, request.headers().clone()).await,
        _ => Err(Error::new(ProblemCode::MethodNotAllowed)),
    }
}
