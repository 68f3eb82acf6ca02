//! Uploading a document in segments: begun, continued, completed, cancelled, and reported as failed.
//!
//! The rules are asked at each request, because an invitation can end during an upload. `http/applicant/uploads.rs` translates the
//! tus protocol into these calls; `documents::receive` encrypts and stores the bytes.

use api::{
    Decision, ProblemCode,
    cases::Case,
    documents::{Limits, State as Stage, is_name},
    ids::{CaseId, DocumentId, PersonId, SegmentId},
    receipts::About,
};
use chrono::{DateTime, Days, TimeDelta, Utc};
use rules::Outcome;

use crate::{
    documents::{
        keys,
        receive::{self, Checksum, Hashing, Incoming, LEASE, Segment},
        retention,
    },
    error::{Error, Result},
    policy::Loaded,
    secrets,
    services::receipt,
    state::AppState,
    store::{
        Connection,
        audit::{self, Action, Actor, Entry},
        cases,
        documents::{self, NewDocument, Upload},
        failures,
        locks::{self, Lock},
        new_id, segments,
    },
};

/// How long an upload can be continued after it was begun.
const LASTS: TimeDelta = TimeDelta::hours(24);

/// Asks the rules whether documents may be sent in a case now. Returns the facts with the decision.
pub(crate) fn may_upload(policy: &Loaded, case: &Case, now: DateTime<Utc>) -> (rules::Facts, Decision) {
    let facts = case.facts_to_upload(now);
    let decision = rules::decide(&policy.policy, &facts);
    let decision = Decision::new(None, &facts, decision);
    (facts, decision)
}

/// A file that an applicant wants to send.
pub(crate) struct NewFile<'n> {
    pub(crate) name: &'n str,
    /// In bytes.
    pub(crate) size: u64,
    /// The declared SHA-256 in hexadecimal; empty if there is none.
    pub(crate) sha256: &'n str,
}

/// The answer to a new upload.
pub(crate) enum Begun {
    Upload {
        id: DocumentId,
        expires: DateTime<Utc>,
    },
    /// The refusal of the rules. Its receipt is stored, so the caller commits.
    Refused(Box<Decision>),
}

/// Begins an upload for a case of the applicant. Fails if the file's name or size is not accepted, or the case is full.
pub(crate) async fn begin(
    policy: &Loaded,
    limits: Limits,
    connection: &mut Connection,
    case: &Case,
    file: NewFile<'_>,
    now: DateTime<Utc>,
) -> Result<Begun> {
    let (facts, decision) = may_upload(policy, case, now);
    if decision.outcome != Outcome::Allowed {
        receipt::issue(policy, connection, &case.id, About::Refusal, &facts, &decision, now).await?;
        return Ok(Begun::Refused(Box::new(decision)));
    }
    if file.size == 0 {
        return Err(Error::at(ProblemCode::FileEmpty, "Upload-Length"));
    }
    if file.size > limits.file {
        let megabytes = limits.file / 1_000_000;
        let detail = format!("The file is too large. A file may have at most {megabytes} MB.");
        return Err(Error { detail: Some(detail), ..Error::at(ProblemCode::FileTooLarge, "Upload-Length") });
    }
    if !is_name(file.name) {
        return Err(Error::at(ProblemCode::FileName, "Upload-Metadata"));
    }
    locks::acquire(connection, Lock::Documents(&case.id), now).await?;
    if documents::taken(connection, &case.id).await?.saturating_add(file.size) > limits.case {
        return Err(Error::at(ProblemCode::CaseFull, "Upload-Length"));
    }
    receipt::issue(policy, connection, &case.id, About::Upload, &facts, &decision, now).await?;
    let (id, expires, hashing): (DocumentId, _, _) = (new_id(), now + LASTS, Hashing::default().state());
    let NewFile { name, size, sha256 } = file;
    let new = NewDocument { id: &id, case: &case.id, name, size, hashing: &hashing, sha256, expires };
    documents::add(connection, &new, now).await?;
    Ok(Begun::Upload { id, expires })
}

/// Returns an upload of the applicant that can be continued, and its position. Fails if the upload is over, the rules no longer
/// allow it, or a segment is being written: its end will be the next position.
pub(crate) async fn position(
    state: &AppState,
    connection: &mut Connection,
    person: &PersonId,
    id: &DocumentId,
    now: DateTime<Utc>,
) -> Result<Upload> {
    let upload = find(connection, person, id, now).await?;
    ensure_allowed(state, connection, person, &upload.case, now).await?;
    if segments::is_busy(connection, id, now).await? {
        return Err(busy());
    }
    Ok(upload)
}

/// A segment that a client announces.
pub(crate) struct NewSegment {
    /// The position of its first byte in the file.
    pub(crate) offset: u64,
    /// In bytes; `None` if it is not declared.
    pub(crate) length: Option<u64>,
    pub(crate) checksum: Option<Checksum>,
}

/// Begins a segment: checks its position and leases the upload. The caller commits before the bytes are read.
pub(crate) async fn begin_segment(
    state: &AppState,
    connection: &mut Connection,
    person: &PersonId,
    id: &DocumentId,
    announced: NewSegment,
    now: DateTime<Utc>,
) -> Result<Segment> {
    let upload = find(connection, person, id, now).await?;
    locks::acquire(connection, Lock::Documents(&upload.case), now).await?;
    ensure_allowed(state, connection, person, &upload.case, now).await?;
    if upload.received != announced.offset || upload.state != Stage::Arriving {
        return Err(Error::at(ProblemCode::OffsetWrong, "Upload-Offset"));
    }
    let left = upload.size - upload.received;
    if announced.length.is_some_and(|length| length > left) {
        return Err(Error::at(ProblemCode::FileTooLarge, "Content-Length"));
    }
    let segment = Segment {
        id: new_id(),
        key: keys::of_case(&state.documents.house_key, connection, &upload.case).await?,
        left,
        hashing: Hashing::from_state(&upload.hashing).ok_or_else(|| Error::internal("a hash that cannot go on"))?,
        checksum: announced.checksum,
        is_first: announced.offset == 0,
        case: upload.case,
    };
    if !segments::begin(connection, &segment.id, (id, &segment.case), announced.offset, now, now + LEASE).await? {
        return Err(busy());
    }
    Ok(segment)
}

/// The progress of an upload after a segment.
pub(crate) struct Progress {
    /// The number of bytes stored.
    pub(crate) received: u64,
    /// The time until which the upload can be continued; `None` if it is complete.
    pub(crate) expires: Option<DateTime<Utc>>,
}

/// Reads the bytes of a segment, stores them and records the progress. A segment that fails is deleted, and so is the upload if it
/// cannot become a document.
pub(crate) async fn receive_segment(
    state: AppState,
    person: PersonId,
    id: DocumentId,
    segment: Segment,
    incoming: Incoming,
) -> Result<Progress> {
    let (segment_id, case) = (segment.id.clone(), segment.case.clone());
    let recorded = match receive::take(&state.documents, segment, incoming).await {
        Ok(taken) => record(&state, &person, &id, (&segment_id, &case), taken).await,
        Err(error) => Err(error),
    };
    if let Err(error) = &recorded {
        let is_hopeless = matches!(error.code, ProblemCode::NotADocument | ProblemCode::Heic | ProblemCode::Refused);
        if let Err(left) = undo(&state, &id, (&segment_id, &case), is_hopeless).await {
            tracing::warn!("cannot delete a failed segment now: {left:#}");
        }
    }
    recorded
}

/// Records a stored segment, and the document if it is complete.
async fn record(
    state: &AppState,
    person: &PersonId,
    id: &DocumentId,
    (segment, case): (&SegmentId, &CaseId),
    taken: receive::Taken,
) -> Result<Progress> {
    let mut transaction = state.store.write().await?;
    let now = state.clock.now();
    locks::acquire(&mut transaction, Lock::Documents(case), now).await?;
    let upload = find(&mut transaction, person, id, now).await?;
    // The invitation may have ended while the bytes came.
    ensure_allowed(state, &mut transaction, person, case, now).await?;
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
        let kept_until = today.checked_add_days(Days::new(state.documents.keep_days.into())).unwrap_or(today);
        documents::arrive(&mut transaction, id, kept_until, now).await?;
        let entry = Entry { words: id, ..Entry::of(Actor::Applicant(person), Action::SendDocument, case) };
        audit::write(&mut transaction, &entry, now).await?;
    }
    transaction.commit().await?;
    if is_whole {
        state.documents.arrived.notify_one();
    }
    Ok(Progress { received, expires: (!is_whole).then_some(upload.expires) })
}

/// Deletes a failed segment, or the whole upload if it cannot become a document.
async fn undo(
    state: &AppState,
    id: &DocumentId,
    (segment, case): (&SegmentId, &CaseId),
    is_hopeless: bool,
) -> anyhow::Result<()> {
    if !is_hopeless {
        return retention::erase_segment(&state.documents, segment, case).await;
    }
    let mut transaction = state.store.write().await?;
    documents::give_up(&mut transaction, id, state.clock.now()).await?;
    transaction.commit().await?;
    retention::erase(&state.documents, id).await
}

/// Cancels an incomplete upload. The caller commits and then erases its bytes (`retention::erase`). Fails with `ReviewOver` if the
/// document is complete.
pub(crate) async fn give_up(
    connection: &mut Connection,
    person: &PersonId,
    id: &DocumentId,
    now: DateTime<Utc>,
) -> Result<()> {
    let upload = find(connection, person, id, now).await?;
    locks::acquire(connection, Lock::Documents(&upload.case), now).await?;
    if upload.state != Stage::Arriving {
        let detail = Some(
            "The document has arrived, and cannot be taken back any more. Call the office if it was the wrong one."
                .to_owned(),
        );
        return Err(Error { detail, ..Error::new(ProblemCode::ReviewOver) });
    }
    if segments::is_busy(connection, id, now).await? {
        return Err(busy());
    }
    documents::give_up(connection, id, now).await?;
    Ok(())
}

/// Reports that sending failed for technical reasons. Returns the code for the phone, the same for a repeated report, and the
/// rules' answer to the case that is now marked. Fails if the rules refuse.
pub(crate) async fn report_failure(
    policy: &Loaded,
    connection: &mut Connection,
    person: &PersonId,
    case: &CaseId,
    what: &str,
    now: DateTime<Utc>,
) -> Result<(String, Decision)> {
    let case = find_case(connection, person, case, now).await?;
    let (facts, decision) = may_upload(policy, &case, now);
    if decision.outcome == Outcome::Refused {
        return Err(Error::refused(decision));
    }
    let code = failures::add(connection, &secrets::failure_code(), &case.id, what, now).await?;
    let code = code.ok_or(ProblemCode::NotFound)?;
    if case.invitation.as_ref().is_some_and(|invitation| invitation.failure.is_none()) {
        let entry = Entry { words: &code, ..Entry::of(Actor::Applicant(person), Action::SendingFailed, &case.id) };
        audit::write(connection, &entry, now).await?;
    }
    let case = find_case(connection, person, &case.id, now).await?;
    let (facts_now, decision) = may_upload(policy, &case, now);
    if facts_now != facts {
        receipt::issue(policy, connection, &case.id, About::Upload, &facts_now, &decision, now).await?;
    }
    Ok((code, decision))
}

/// Asks the rules again. Fails with the decision unless sending is allowed.
async fn ensure_allowed(
    state: &AppState,
    connection: &mut Connection,
    person: &PersonId,
    case: &CaseId,
    now: DateTime<Utc>,
) -> Result<()> {
    let case = find_case(connection, person, case, now).await?;
    let (_, decision) = may_upload(&state.policy_at(now), &case, now);
    if decision.outcome == Outcome::Allowed { Ok(()) } else { Err(Error::refused(decision)) }
}

/// Returns a case of the applicant. Fails with `NotFound` if it is another person's.
async fn find_case(connection: &mut Connection, person: &PersonId, id: &CaseId, now: DateTime<Utc>) -> Result<Case> {
    cases::find(connection, person, id, now).await?.ok_or_else(|| Error::new(ProblemCode::NotFound))
}

/// Returns an upload of the applicant. Fails with `NotFound` if it is another person's, and with `UploadOver` if it was deleted or
/// has expired.
async fn find(connection: &mut Connection, person: &PersonId, id: &DocumentId, now: DateTime<Utc>) -> Result<Upload> {
    let upload = documents::upload(connection, person, id).await?.ok_or(ProblemCode::NotFound)?;
    match upload.state {
        Stage::Deleted => Err(Error::new(ProblemCode::UploadOver)),
        Stage::Arriving if upload.expires <= now => Err(Error::new(ProblemCode::UploadOver)),
        _ => Ok(upload),
    }
}

/// Returns the error for a document of which another request is writing a segment.
fn busy() -> Error {
    Error { retry_after: Some(LEASE.num_seconds()), ..Error::new(ProblemCode::UploadBusy) }
}
