//! Sending a document, by the tus protocol 1.0 (<https://tus.io/protocols/resumable-upload>) with creation, expiration, checksum and
//! termination. The rules are asked at each request: an invitation can end in the middle.

use api::{
    Decision, ProblemCode,
    cases::Case,
    documents::{Document, Documents, Failed, Failure, State as Stage, is_name},
    receipts::About,
};
use axum::{
    Json,
    body::Body as Stream,
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Days, TimeDelta, Utc};
use rules::Outcome;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::http::{
    applicant::{cases, session::Applicant},
    body::{self, Body},
};
use crate::{
    documents::{
        keys,
        receive::{self, Checksum, Hashing, LEASE, Part},
        retention,
    },
    http::error::{Error, Result},
    secrets,
    services::{limits, receipt},
    state::AppState,
    store::{
        Connection,
        audit::{self, Action, Entry},
        documents::{self, NewDocument, Upload},
        failures, new_id, segments, uses,
    },
};

const VERSION: &str = "1.0.0";
const EXTENSIONS: &str = "creation,expiration,checksum,termination";
const ALGORITHMS: &str = "sha1,sha256";

const TUS_RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const TUS_VERSION: HeaderName = HeaderName::from_static("tus-version");
const TUS_EXTENSION: HeaderName = HeaderName::from_static("tus-extension");
const TUS_MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
const TUS_CHECKSUM_ALGORITHM: HeaderName = HeaderName::from_static("tus-checksum-algorithm");
const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
const UPLOAD_METADATA: HeaderName = HeaderName::from_static("upload-metadata");
const UPLOAD_EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
const UPLOAD_CHECKSUM: HeaderName = HeaderName::from_static("upload-checksum");
const UPLOAD_CONCAT: HeaderName = HeaderName::from_static("upload-concat");
const UPLOAD_DEFER_LENGTH: HeaderName = HeaderName::from_static("upload-defer-length");
const METHOD_OVERRIDE: &str = "x-http-method-override";

/// How long an upload may be gone on with.
const LASTS: TimeDelta = TimeDelta::hours(24);

/// What somebody has sent in a case, and what they may send.
#[utoipa::path(
    get,
    path = "/api/cases/{case}/documents",
    params(("case" = String, Path)),
    responses((status = 200, body = Documents), (status = 404, body = api::Problem))
)]
pub async fn list(
    State(state): State<AppState>,
    applicant: Applicant,
    Path(id): Path<String>,
) -> Result<Json<Documents>> {
    let mut connection = state.store.read().await?;
    let now = state.clock.now();
    let case = cases::find(&mut connection, &applicant, &id, now).await?;
    let (_, decision) = decide(&state, &case, now);
    let all = documents::of_case(&mut connection, &case.id).await?;
    let used = documents::taken(&mut connection, &case.id).await?;
    // What was given up is nothing to anybody.
    let documents: Vec<Document> =
        all.into_iter().filter(|one| one.state != Stage::Deleted || one.kept_until.is_some()).collect();
    Ok(Json(Documents { decision, documents, limits: state.limits, used }))
}

/// Sending has failed for technical reasons, also when it was tried again: gives the rules' answer, with a code to tell on the
/// telephone, and marks the case.
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
    Path(id): Path<String>,
    Body(asked): Body<Failed>,
) -> Result<(StatusCode, Json<Failure>)> {
    const LONGEST: usize = 64;
    let is_code = |text: &str| text.len() <= LONGEST && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    if !is_code(&asked.what) {
        return Err(Error::at(ProblemCode::InvalidField, "what"));
    }
    let (mut transaction, now) = applicant.write(&state).await?;
    let case = cases::find(&mut transaction, &applicant, &id, now).await?;
    let (facts, decision) = decide(&state, &case, now);
    if decision.outcome == Outcome::Refused {
        return Err(Error::refused(decision));
    }
    // Whoever tells it again gets the code that they have.
    let code = failures::add(&mut transaction, &secrets::failure_code(), &case.id, &asked.what, now).await?;
    let code = code.ok_or(ProblemCode::NotFound)?;
    if case.invitation.as_ref().is_some_and(|invitation| invitation.failure.is_none()) {
        let entry = Entry { words: &code, ..Entry::of(&applicant.person, Action::SendingFailed, &case.id) };
        audit::write(&mut transaction, &entry, now).await?;
    }
    let case = cases::find(&mut transaction, &applicant, &id, now).await?;
    let (facts_now, decision) = decide(&state, &case, now);
    if facts_now != facts {
        let policy = state.policy_at(now);
        receipt::keep(&policy, &mut transaction, &case.id, About::Upload, &facts_now, &decision, now).await?;
    }
    transaction.commit().await?;
    Ok((StatusCode::CREATED, Json(Failure { code, decision })))
}

/// Every answer about uploads says by which version of tus it is, and which this server knows.
pub fn version() -> (SetResponseHeaderLayer<HeaderValue>, SetResponseHeaderLayer<HeaderValue>) {
    let says = |name| SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(VERSION));
    (says(TUS_RESUMABLE), says(TUS_VERSION))
}

/// What this server knows of tus.
#[utoipa::path(options, path = "/api/uploads", responses((status = 204)))]
pub async fn options(State(state): State<AppState>) -> Response {
    let headers = [
        (TUS_EXTENSION, HeaderValue::from_static(EXTENSIONS)),
        (TUS_CHECKSUM_ALGORITHM, HeaderValue::from_static(ALGORITHMS)),
        (TUS_MAX_SIZE, HeaderValue::from(state.limits.file)),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// Begins to send a document of a case. `Upload-Metadata` names `case` and `filename`, and may name `sha256` (in hexadecimal).
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
    let (Parts { headers, .. }, mut body) = request.into_parts();
    speaks_tus(&headers)?;
    // These are extensions that we do not have. Whoever sends some of the file already is told that nothing of it is there.
    for name in [UPLOAD_CONCAT, UPLOAD_DEFER_LENGTH] {
        if headers.contains_key(&name) {
            let detail = Some(format!("{name} is not known here. Send one whole file whose length you know."));
            return Err(Error { detail, ..Error::at(ProblemCode::InvalidField, name.as_str()) });
        }
    }
    receive::discard(&mut body).await;
    let size = number(&headers, &UPLOAD_LENGTH)?;
    let metadata = Metadata::read(&headers)?;
    let (mut transaction, now) = applicant.write(&state).await?;
    let case = cases::find(&mut transaction, &applicant, &metadata.case, now).await?;
    let (facts, decision) = decide(&state, &case, now);
    let policy = state.policy_at(now);
    if decision.outcome != Outcome::Allowed {
        receipt::keep(&policy, &mut transaction, &case.id, About::Refusal, &facts, &decision, now).await?;
        transaction.commit().await?;
        return Err(Error::refused(decision));
    }
    if size == 0 {
        return Err(Error::at(ProblemCode::FileEmpty, "Upload-Length"));
    }
    if size > state.limits.file {
        let megabytes = state.limits.file / 1_000_000;
        let detail = format!("The file is too large. A file may have at most {megabytes} MB.");
        return Err(Error { detail: Some(detail), ..Error::at(ProblemCode::FileTooLarge, "Upload-Length") });
    }
    if !is_name(&metadata.name) {
        return Err(Error::at(ProblemCode::FileName, "Upload-Metadata"));
    }
    in_turn(&mut transaction, &case.id, now).await?;
    if documents::taken(&mut transaction, &case.id).await?.saturating_add(size) > state.limits.case {
        return Err(Error::at(ProblemCode::CaseFull, "Upload-Length"));
    }
    receipt::keep(&policy, &mut transaction, &case.id, About::Upload, &facts, &decision, now).await?;
    let (id, expires) = (new_id(), now + LASTS);
    let (name, sha256, hashing) = (metadata.name.as_str(), metadata.sha256.as_str(), Hashing::default().state());
    let new = NewDocument { id: &id, case: &case.id, name, size, hashing: &hashing, sha256, expires };
    documents::add(&mut transaction, &new, now).await?;
    transaction.commit().await?;
    let location = HeaderValue::try_from(format!("/api/uploads/{id}")).map_err(Error::internal)?;
    let headers = [(header::LOCATION, location), (UPLOAD_EXPIRES, instant(expires)?), (UPLOAD_OFFSET, 0.into())];
    Ok((StatusCode::CREATED, headers).into_response())
}

/// How much of it is there.
#[utoipa::path(
    head,
    path = "/api/uploads/{id}",
    params(("id" = String, Path), ("Tus-Resumable" = String, Header)),
    responses((status = 200, description = "Upload-Offset, Upload-Length, Upload-Expires"), (status = 404), (status = 410))
)]
pub async fn show(
    State(state): State<AppState>,
    applicant: Applicant,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    speaks_tus(&headers)?;
    // All at one instant: between two looks who writes may have ended.
    let mut connection = state.store.snapshot().await?;
    let now = state.clock.now();
    let upload = find(&mut connection, &applicant, &id, now).await?;
    may_still(&state, &mut connection, &applicant, &upload.case, now).await?;
    // Whoever asks in the middle of somebody's writing would go on at a place that is taken in a moment.
    if segments::is_busy(&mut connection, &id, now).await? {
        return Err(busy());
    }
    let headers = [
        (UPLOAD_OFFSET, upload.received.into()),
        (UPLOAD_LENGTH, upload.size.into()),
        (UPLOAD_EXPIRES, instant(upload.expires)?),
        (UPLOAD_METADATA, HeaderValue::try_from(Metadata::written(&upload)).map_err(Error::internal)?),
    ];
    Ok((StatusCode::OK, headers).into_response())
}

/// The next part of it.
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
    Path(id): Path<String>,
    request: Request,
) -> Result<Response> {
    let (parts, mut body) = request.into_parts();
    match begin(&state, &applicant, &id, &parts.headers).await {
        Ok(part) => {
            // To its end also when nobody waits any longer: what came is worth keeping.
            let writing = tokio::spawn(finish(state, applicant, id, part, body));
            writing.await.map_err(Error::internal)?
        }
        Err(error) => {
            receive::discard(&mut body).await;
            Err(error)
        }
    }
}

/// Looks whether the part may come, and takes its place.
async fn begin(state: &AppState, applicant: &Applicant, id: &str, headers: &HeaderMap) -> Result<Part> {
    speaks_tus(headers)?;
    if !body::is_type(headers, "application/offset+octet-stream") {
        let detail = Some("Send the part as application/offset+octet-stream.".to_owned());
        return Err(Error { detail, ..Error::new(ProblemCode::UnsupportedMediaType) });
    }
    let offset = number(headers, &UPLOAD_OFFSET)?;
    let checksum = checksum(headers)?;
    let (mut transaction, now) = applicant.write_within(state, &limits::PARTS).await?;
    let upload = find(&mut transaction, applicant, id, now).await?;
    in_turn(&mut transaction, &upload.case, now).await?;
    may_still(state, &mut transaction, applicant, &upload.case, now).await?;
    if upload.received != offset || upload.state != Stage::Arriving {
        return Err(Error::at(ProblemCode::OffsetWrong, "Upload-Offset"));
    }
    let left = upload.size - upload.received;
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > left) {
        return Err(Error::at(ProblemCode::FileTooLarge, "Content-Length"));
    }
    let part = Part {
        id: new_id(),
        key: keys::of_case(&state.house_key, &mut transaction, &upload.case).await?,
        left,
        hashing: Hashing::from_state(&upload.hashing).ok_or_else(|| Error::internal("a hash that cannot go on"))?,
        checksum,
        is_first: offset == 0,
        case: upload.case,
    };
    if !segments::begin(&mut transaction, &part.id, (id, &part.case), offset, now, now + LEASE).await? {
        return Err(busy());
    }
    transaction.commit().await?;
    Ok(part)
}

/// Takes the part, and notes that it is there.
async fn finish(state: AppState, applicant: Applicant, id: String, part: Part, body: Stream) -> Result<Response> {
    let (segment, case) = (part.id.clone(), part.case.clone());
    let noted = match receive::take(&state, part, body).await {
        Ok(taken) => note(&state, &applicant, &id, (&segment, &case), taken).await,
        Err(error) => Err(error),
    };
    match noted {
        Ok(noted) => {
            let mut answer =
                (StatusCode::NO_CONTENT, [(UPLOAD_OFFSET, HeaderValue::from(noted.received))]).into_response();
            if let Some(expires) = noted.expires {
                answer.headers_mut().insert(UPLOAD_EXPIRES, instant(expires)?);
            }
            Ok(answer)
        }
        Err(error) => {
            // What cannot become a document leaves nothing; of the rest what came before stays.
            let is_hopeless =
                matches!(error.code, ProblemCode::NotADocument | ProblemCode::Heic | ProblemCode::Refused);
            if let Err(left) = undo(&state, &id, (&segment, &case), is_hopeless).await {
                tracing::warn!("a part that was not taken is deleted later: {left:#}");
            }
            Err(error)
        }
    }
}

/// How much of a document is there, and until when it may be gone on with, if it is not whole.
struct Noted {
    received: u64,
    expires: Option<DateTime<Utc>>,
}

/// Notes what has come.
async fn note(
    state: &AppState,
    applicant: &Applicant,
    id: &str,
    (segment, case): (&str, &str),
    taken: receive::Taken,
) -> Result<Noted> {
    let mut transaction = state.store.write().await?;
    let now = state.clock.now();
    in_turn(&mut transaction, case, now).await?;
    let upload = find(&mut transaction, applicant, id, now).await?;
    // The invitation may have ended while it came.
    may_still(state, &mut transaction, applicant, case, now).await?;
    if taken.size == 0 {
        return Err(Error::at(ProblemCode::OffsetWrong, "Upload-Offset"));
    }
    if !segments::complete(&mut transaction, segment, taken.size).await? {
        return Err(busy());
    }
    let received = upload.received + taken.size;
    let is_whole = received == upload.size;
    let hashing = if is_whole { taken.hashing.whole() } else { taken.hashing.state() };
    documents::grow(&mut transaction, id, received, &hashing).await?;
    if is_whole {
        let today = rules::day::in_oslo(now);
        let kept_until = today.checked_add_days(Days::new(state.keep_document_days.into())).unwrap_or(today);
        documents::arrive(&mut transaction, id, kept_until, now).await?;
        let entry = Entry { words: id, ..Entry::of(&applicant.person, Action::SendDocument, case) };
        audit::write(&mut transaction, &entry, now).await?;
    }
    transaction.commit().await?;
    if is_whole {
        state.arrived.notify_one();
    }
    Ok(Noted { received, expires: (!is_whole).then_some(upload.expires) })
}

/// Deletes a part that is not to be kept, and the whole document if it cannot become one.
async fn undo(state: &AppState, id: &str, (segment, case): (&str, &str), is_hopeless: bool) -> anyhow::Result<()> {
    if !is_hopeless {
        return retention::erase_part(state, segment, case).await;
    }
    let mut transaction = state.store.write().await?;
    documents::give_up(&mut transaction, id, state.clock.now()).await?;
    transaction.commit().await?;
    retention::erase(state, id).await
}

/// Its sender does not want to send it any more. What has arrived whole stays.
#[utoipa::path(
    delete,
    path = "/api/uploads/{id}",
    params(("id" = String, Path), ("Tus-Resumable" = String, Header)),
    responses((status = 204), (status = 404, body = api::Problem), (status = 423, body = api::Problem))
)]
pub async fn end(
    State(state): State<AppState>,
    applicant: Applicant,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    speaks_tus(&headers)?;
    let (mut transaction, now) = applicant.write_within(&state, &limits::PARTS).await?;
    let upload = find(&mut transaction, &applicant, &id, now).await?;
    in_turn(&mut transaction, &upload.case, now).await?;
    if upload.state != Stage::Arriving {
        let detail = Some(
            "The document has arrived, and cannot be taken back any more. Call the office if it was the wrong one."
                .to_owned(),
        );
        return Err(Error { detail, ..Error::new(ProblemCode::ReviewOver) });
    }
    if segments::is_busy(&mut transaction, &id, now).await? {
        return Err(busy());
    }
    documents::give_up(&mut transaction, &id, now).await?;
    transaction.commit().await?;
    retention::erase(&state, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// For whoever can send nothing but POST, as tus has it: the method stands in `X-HTTP-Method-Override`.
#[utoipa::path(
    post,
    path = "/api/uploads/{id}",
    params(("id" = String, Path), ("X-HTTP-Method-Override" = String, Header)),
    responses((status = 204), (status = 405, body = api::Problem))
)]
pub async fn overridden(
    state: State<AppState>,
    applicant: Applicant,
    id: Path<String>,
    request: Request,
) -> Result<Response> {
    let method = request.headers().get(METHOD_OVERRIDE).and_then(|value| Method::from_bytes(value.as_bytes()).ok());
    match method {
        Some(Method::PATCH) => write(state, applicant, id, request).await,
        Some(Method::DELETE) => end(state, applicant, id, request.headers().clone()).await,
        Some(Method::HEAD) => show(state, applicant, id, request.headers().clone()).await,
        _ => Err(Error::new(ProblemCode::MethodNotAllowed)),
    }
}

/// What the rules say to sending documents in a case now.
fn decide(state: &AppState, case: &Case, now: DateTime<Utc>) -> (rules::Facts, Decision) {
    let facts = case.facts_to_upload(now);
    let decision = rules::decide(&state.policy_at(now).policy, &facts);
    let decision = Decision::new(None, &facts, decision);
    (facts, decision)
}

/// Asks the rules again.
async fn may_still(
    state: &AppState,
    connection: &mut Connection,
    applicant: &Applicant,
    case: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let case = cases::find(connection, applicant, case, now).await?;
    let (_, decision) = decide(state, &case, now);
    if decision.outcome == Outcome::Allowed { Ok(()) } else { Err(Error::refused(decision)) }
}

/// One of this person's uploads, as long as it lasts. Another's does not exist for them.
async fn find(connection: &mut Connection, applicant: &Applicant, id: &str, now: DateTime<Utc>) -> Result<Upload> {
    let upload = documents::upload(connection, &applicant.person, id).await?.ok_or(ProblemCode::NotFound)?;
    match upload.state {
        Stage::Deleted => Err(Error::new(ProblemCode::UploadOver)),
        Stage::Arriving if upload.expires <= now => Err(Error::new(ProblemCode::UploadOver)),
        _ => Ok(upload),
    }
}

/// Those who send in a case come one after another, as far as they change the records.
async fn in_turn(connection: &mut Connection, case: &str, now: DateTime<Utc>) -> sqlx::Result<()> {
    uses::count(connection, case, retention::TURN, now).await.map(|_| ())
}

fn busy() -> Error {
    Error { retry_after: Some(LEASE.num_seconds()), ..Error::new(ProblemCode::UploadBusy) }
}

fn speaks_tus(headers: &HeaderMap) -> Result<()> {
    let version = headers.get(TUS_RESUMABLE).and_then(|value| value.to_str().ok());
    if version == Some(VERSION) { Ok(()) } else { Err(Error::at(ProblemCode::TusVersion, "Tus-Resumable")) }
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Result<u64> {
    /// JavaScript counts no further.
    const LARGEST: u64 = 1 << 53;
    let value = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    let number = value.parse().ok().filter(|number| is_number && *number <= LARGEST);
    number.ok_or_else(|| {
        let detail = format!("{name} is missing, or is no number of bytes.");
        Error { detail: Some(detail), ..Error::at(ProblemCode::InvalidField, name.as_str()) }
    })
}

/// As HTTP writes an instant.
fn instant(at: DateTime<Utc>) -> Result<HeaderValue> {
    HeaderValue::try_from(at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()).map_err(Error::internal)
}

fn checksum(headers: &HeaderMap) -> Result<Option<Checksum>> {
    let unknown = || Error::at(ProblemCode::ChecksumUnknown, "Upload-Checksum");
    let Some(value) = headers.get(UPLOAD_CHECKSUM) else { return Ok(None) };
    let (algorithm, hash) = value.to_str().ok().and_then(|value| value.split_once(' ')).ok_or_else(unknown)?;
    let hash = BASE64_STANDARD.decode(hash.trim()).map_err(|_| unknown())?;
    match (algorithm, hash.len()) {
        ("sha1", 20) => Ok(Some(Checksum::Sha1(hash))),
        ("sha256", 32) => Ok(Some(Checksum::Sha256(hash))),
        _ => Err(unknown()),
    }
}

/// What the sender says about the file.
struct Metadata {
    /// The id of the case.
    case: String,
    name: String,
    /// In hexadecimal; empty if they do not say.
    sha256: String,
}

impl Metadata {
    /// As it was said, for whoever goes on with the upload elsewhere.
    fn written(upload: &Upload) -> String {
        let mut pairs = vec![("case", &upload.case), ("filename", &upload.name)];
        if !upload.sha256.is_empty() {
            pairs.push(("sha256", &upload.sha256));
        }
        pairs
            .iter()
            .map(|(key, value)| format!("{key} {}", BASE64_STANDARD.encode(value)))
            .collect::<Vec<_>>()
            .join(",")
    }

    fn read(headers: &HeaderMap) -> Result<Metadata> {
        let mut read = Metadata { case: String::new(), name: String::new(), sha256: String::new() };
        let header = headers.get(UPLOAD_METADATA).and_then(|value| value.to_str().ok()).unwrap_or_default();
        for pair in header.split(',') {
            let (key, value) = pair.trim().split_once(' ').unwrap_or((pair.trim(), ""));
            let value = BASE64_STANDARD.decode(value.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            let place = match key {
                "case" => &mut read.case,
                "filename" => &mut read.name,
                "sha256" => &mut read.sha256,
                // Clients may say more, which is nothing to us.
                _ => continue,
            };
            let wrong = || {
                let detail = format!("What Upload-Metadata says of {key} is not UTF-8 in base64.");
                Error { detail: Some(detail), ..Error::at(ProblemCode::InvalidField, "Upload-Metadata") }
            };
            *place = value.ok_or_else(wrong)?;
        }
        let is_hash =
            read.sha256.len() == 64 && read.sha256.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if !read.sha256.is_empty() && !is_hash {
            return Err(Error::at(ProblemCode::ChecksumUnknown, "Upload-Metadata"));
        }
        Ok(read)
    }
}
