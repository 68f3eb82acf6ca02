//! Documents at the desk: inbox, review, download. Each access to a document is logged.

use api::{
    ProblemCode,
    documents::{Document, Inbox, Return, State as Stage, ToReview},
    ids::{CaseId, DocumentId},
    invitations::Instructions,
};
use axum::{
    Json,
    body::Body as Stream,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
};
use chrono::{DateTime, Utc};

use crate::http::desk::{cases::without_marks, session::Officer};
use crate::{
    documents::{archive, check, inspect, open, stem},
    error::{Error, Result},
    http::body::Body,
    state::AppState,
    store::{
        Connection,
        audit::{self, Action, Entry},
        cases, documents, failures,
        locks::{self, Lock},
    },
};

/// Maximum number of documents, and of failures, in the inbox.
const MOST: i64 = 200;

/// Returns the inbox of the district: documents to review and failed deliveries.
#[utoipa::path(get, path = "/api/desk/documents", responses((status = 200, body = Inbox)))]
pub async fn list(State(state): State<AppState>, officer: Officer) -> Result<Json<Inbox>> {
    let mut connection = state.store.read().await?;
    let mut waiting = documents::waiting(&mut connection, officer.district(), MOST + 1).await?;
    let failures = failures::waiting(&mut connection, officer.district(), MOST).await?;
    let more = waiting.len() > MOST as usize;
    waiting.truncate(MOST as usize);
    drop(connection);
    officer.looked(&state, Action::LookAtInbox, "", "").await?;
    Ok(Json(Inbox { documents: waiting, failures, more }))
}

/// Returns a document of the district.
#[utoipa::path(
    get,
    path = "/api/desk/documents/{id}",
    params(("id" = String, Path)),
    responses((status = 200, body = ToReview), (status = 404, body = api::Problem))
)]
pub async fn show(
    State(state): State<AppState>,
    officer: Officer,
    Path(id): Path<DocumentId>,
) -> Result<Json<ToReview>> {
    let found = find(&mut *state.store.read().await?, &officer, &id).await?;
    officer.looked(&state, Action::LookAtDocuments, &found.case, "").await?;
    Ok(Json(found))
}

/// Returns a page as a picture, rendered in a confined process. Pages are counted from 1.
#[utoipa::path(
    get,
    path = "/api/desk/documents/{id}/pages/{page}",
    params(("id" = String, Path), ("page" = u64, Path)),
    responses(
        (status = 200, content_type = "image/png"),
        (status = 404, body = api::Problem),
        (status = 409, body = api::Problem, description = "It is not checked yet"),
        (status = 422, body = api::Problem, description = "It cannot be drawn")
    )
)]
pub async fn page(
    State(state): State<AppState>,
    officer: Officer,
    Path((id, page)): Path<(DocumentId, String)>,
) -> Result<(HeaderMap, Stream)> {
    let page: u64 = page.parse().map_err(|_| ProblemCode::NotFound)?;
    let found = look(&state, &officer, &id).await?;
    if page == 0 || page > found.document.pages {
        return Err(Error::new(ProblemCode::NotFound));
    }
    let bytes = open(&state.documents, &found.case, &id).await?;
    let drawn = inspect::draw(state.documents.terms, page, bytes).await?.ok_or(ProblemCode::PictureFailed)?;
    Ok((headers("image/png", None)?, drawn.into()))
}

/// Returns the original file. Fails with `NotScanned` if no virus scanner checked it.
#[utoipa::path(
    get,
    path = "/api/desk/documents/{id}/original",
    params(("id" = String, Path)),
    responses(
        (status = 200, content_type = "application/octet-stream"),
        (status = 404, body = api::Problem),
        (status = 409, body = api::Problem, description = "No virus scanner has looked at it")
    )
)]
pub async fn original(
    State(state): State<AppState>,
    officer: Officer,
    Path(id): Path<DocumentId>,
) -> Result<(HeaderMap, Stream)> {
    let found = look(&state, &officer, &id).await?;
    let kind = found.document.kind.filter(|_| found.document.scanned).ok_or(ProblemCode::NotScanned)?;
    let bytes = open(&state.documents, &found.case, &id).await?;
    let name = format!("{}{}", stem(&found.document), kind.ending());
    Ok((headers(kind.media_type(), Some(&name))?, Stream::from_stream(bytes)))
}

/// Accepts a document.
#[utoipa::path(
    post,
    path = "/api/desk/documents/{id}/accept",
    params(("id" = String, Path)),
    responses(
        (status = 200, body = ToReview),
        (status = 404, body = api::Problem),
        (status = 409, body = api::Problem, description = "It was dealt with already")
    )
)]
pub async fn accept(
    State(state): State<AppState>,
    officer: Officer,
    Path(id): Path<DocumentId>,
) -> Result<Json<ToReview>> {
    let none = Instructions { nb: String::new(), en: String::new() };
    settle(&state, &officer, &id, Stage::Accepted, &none).await.map(Json)
}

/// Returns a document to its sender, with the reason.
#[utoipa::path(
    post,
    path = "/api/desk/documents/{id}/return",
    params(("id" = String, Path)),
    request_body = Return,
    responses(
        (status = 200, body = ToReview),
        (status = 404, body = api::Problem),
        (status = 409, body = api::Problem, description = "It was dealt with already"),
        (status = 422, body = api::Problem, description = "The reason is missing")
    )
)]
pub async fn send_back(
    State(state): State<AppState>,
    officer: Officer,
    Path(id): Path<DocumentId>,
    Body(asked): Body<Return>,
) -> Result<Json<ToReview>> {
    const MOST: usize = 1000;
    let reason = Instructions { nb: asked.reason.nb.trim().to_owned(), en: asked.reason.en.trim().to_owned() };
    for (field, text) in [("reason.nb", &reason.nb), ("reason.en", &reason.en)] {
        if text.is_empty() {
            return Err(Error::at(ProblemCode::ReasonMissing, field));
        }
        if text.chars().count() > MOST {
            let detail = Some(format!("Write at most {MOST} characters."));
            return Err(Error { detail, ..Error::at(ProblemCode::InvalidField, field) });
        }
        without_marks(field, text)?;
    }
    settle(&state, &officer, &id, Stage::Returned, &reason).await.map(Json)
}

async fn settle(
    state: &AppState,
    officer: &Officer,
    id: &DocumentId,
    stage: Stage,
    reason: &Instructions,
) -> Result<ToReview> {
    let (mut transaction, now) = officer.write(state).await?;
    find(&mut transaction, officer, id).await?;
    if !documents::settle(&mut transaction, id, stage, reason, now).await? {
        return Err(Error::new(ProblemCode::ReviewOver));
    }
    let settled = find(&mut transaction, officer, id).await?;
    let action = if stage == Stage::Accepted { Action::AcceptDocument } else { Action::ReturnDocument };
    note(&mut transaction, officer, action, &settled, now).await?;
    if let Some(reason) = &settled.document.reason {
        let about = (&settled.case, id, settled.document.name.as_str());
        check::tell(&state.documents, &mut transaction, about, Some([&reason.nb, &reason.en])).await?;
    }
    transaction.commit().await?;
    Ok(settled)
}

/// Returns the documents of a case, oldest first.
#[utoipa::path(
    get,
    path = "/api/desk/cases/{case}/documents",
    params(("case" = String, Path)),
    responses((status = 200, body = [Document]), (status = 404, body = api::Problem))
)]
pub async fn of_case(
    State(state): State<AppState>,
    officer: Officer,
    Path(case): Path<CaseId>,
) -> Result<Json<Vec<Document>>> {
    let mut connection = state.store.read().await?;
    is_ours(&mut connection, &officer, &case, state.clock.now()).await?;
    let all = shown(documents::of_case(&mut connection, &case).await?);
    drop(connection);
    officer.looked(&state, Action::LookAtDocuments, &case, "").await?;
    Ok(Json(all))
}

/// Returns the documents of a case as a ZIP archive. Unscanned documents are in it as pictures.
#[utoipa::path(
    get,
    path = "/api/desk/cases/{case}/documents.zip",
    params(("case" = String, Path)),
    responses((status = 200, content_type = "application/zip"), (status = 404, body = api::Problem))
)]
pub async fn archive(
    State(state): State<AppState>,
    officer: Officer,
    Path(case): Path<CaseId>,
) -> Result<(HeaderMap, Stream)> {
    let (mut transaction, now) = officer.write(&state).await?;
    let reference = is_ours(&mut transaction, &officer, &case, now).await?;
    let all = documents::of_case(&mut transaction, &case).await?;
    let all: Vec<Document> = all.into_iter().filter(Document::is_kept).collect();
    audit::add(&mut transaction, officer.actor(), Action::TakeDocuments, &case, now).await?;
    transaction.commit().await?;
    let headers = headers("application/zip", Some(&format!("{reference}.zip")))?;
    Ok((headers, Stream::from_stream(archive::stream(state.documents.clone(), case, all))))
}

/// Closes a failed delivery after the call. The applicant can send again.
#[utoipa::path(
    post,
    path = "/api/desk/cases/{case}/failure/done",
    params(("case" = String, Path)),
    responses((status = 204), (status = 404, body = api::Problem))
)]
pub async fn failure_done(
    State(state): State<AppState>,
    officer: Officer,
    Path(case): Path<CaseId>,
) -> Result<StatusCode> {
    let (mut transaction, now) = officer.write(&state).await?;
    let (_, person) =
        cases::find_in(&mut transaction, officer.district(), &case, now).await?.ok_or(ProblemCode::NotFound)?;
    locks::acquire(&mut transaction, Lock::Person(&person.id), now).await?;
    // The request is idempotent.
    if failures::end(&mut transaction, &case, now).await? {
        audit::add(&mut transaction, officer.actor(), Action::FailureDone, &case, now).await?;
    }
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Returns a document whose content can be shown, and logs the access.
async fn look(state: &AppState, officer: &Officer, id: &DocumentId) -> Result<ToReview> {
    let (mut transaction, now) = officer.write(state).await?;
    let found = find(&mut transaction, officer, id).await?;
    match found.document.state {
        Stage::Arriving | Stage::Received => return Err(Error::new(ProblemCode::NotChecked)),
        Stage::Deleted => return Err(Error::new(ProblemCode::ReviewOver)),
        Stage::Returned if found.document.fault.is_some() => return Err(Error::new(ProblemCode::ReviewOver)),
        Stage::Checked | Stage::Returned | Stage::Accepted => {}
    }
    note(&mut transaction, officer, Action::LookAtDocument, &found, now).await?;
    transaction.commit().await?;
    Ok(found)
}

async fn note(
    connection: &mut Connection,
    officer: &Officer,
    action: Action,
    document: &ToReview,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let entry = Entry { words: &document.document.id, ..Entry::of(officer.actor(), action, &document.case) };
    audit::write(connection, &entry, now).await
}

/// Returns a document of the officer's district. Fails with `NotFound` for any other.
async fn find(connection: &mut Connection, officer: &Officer, id: &DocumentId) -> Result<ToReview> {
    documents::find_in(connection, officer.district(), id).await?.ok_or_else(|| Error::new(ProblemCode::NotFound))
}

/// Returns the reference of a case of the officer's district. Fails with `NotFound` for any other.
async fn is_ours(connection: &mut Connection, officer: &Officer, case: &CaseId, now: DateTime<Utc>) -> Result<String> {
    let found = cases::find_in(connection, officer.district(), case, now).await?.ok_or(ProblemCode::NotFound)?;
    Ok(found.0.reference)
}

/// Leaves out incomplete and cancelled uploads.
fn shown(all: Vec<Document>) -> Vec<Document> {
    let is_shown = |one: &Document| one.state != Stage::Arriving && one.kept_until.is_some();
    all.into_iter().filter(is_shown).collect()
}

/// Returns the headers of a person's content: not cached, only for this site, and with a file name for a download.
fn headers(media_type: &'static str, name: Option<&str>) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin"));
    if let Some(name) = name {
        let encoded: String = percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC).collect();
        let value =
            HeaderValue::try_from(format!("attachment; filename*=UTF-8''{encoded}")).map_err(Error::internal)?;
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(headers)
}
