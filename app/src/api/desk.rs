//! The officers' requests. Functions that change who has access ask for a passkey by `confirmed`.

use ::api::{
    appointments::Appointment,
    audit::{Asked, Audit},
    by_phone::{BookByPhone, Call, CancelByOffice, DeskCase, Found, OpenCase, Search},
    cases::{Case, Times},
    closures::{Close, Closed, Closure, Extent},
    documents::{Document, Inbox, Return, ToReview},
    ids::{
        AppointmentId, CaseId, ClosureId, DocumentId, DraftId, GrantId, MessageId, OfficeId, OfficerId, PasskeyId,
        RoundId, SlotId,
    },
    imports::Import,
    invitations::{Asking, Instructions, Invite, InviteMany, Invited, Invitees},
    numbers::Numbers,
    officers::{Access, AddOfficer, DemoSignIn, DeskSession, Joining, Officer},
    offices::Office,
    passkeys::StartPasskey,
    policies::{Approve, Draft, Policies, Preview, Shown, Source, Write},
    publishing::{AddSlot, Attendance, DeskSlot, MoveSlot, Pattern, Publication, Tally},
    situation::Situation,
};
use chrono::NaiveDate;
use gloo_net::http::Method;

use crate::api::{Failure, ask, ask_with_file, parse, step_up::confirmed, written};

/// The officer's session; the demo's officers if there is a demo.
pub async fn session() -> Result<DeskSession, Failure> {
    parse(&ask(Method::GET, "/api/desk/session", None, None).await?)
}

/// Extends the session and returns it.
pub async fn stay_signed_in() -> Result<DeskSession, Failure> {
    parse(&ask(Method::POST, "/api/desk/session/keep", None, None).await?)
}

/// Ends the session.
pub async fn sign_out() -> Result<(), Failure> {
    ask(Method::DELETE, "/api/desk/session", None, None).await.map(|_| ())
}

/// Options for the browser's passkey prompt, as JSON.
pub async fn start_sign_in() -> Result<String, Failure> {
    ask(Method::POST, "/api/desk/session/start", None, None).await
}

/// Starts a session with the browser's answer to the passkey prompt.
pub async fn sign_in(answer: String) -> Result<DeskSession, Failure> {
    parse(&ask(Method::PUT, "/api/desk/session", None, Some(answer)).await?)
}

/// Options for the creation of a passkey, as JSON, for the secret of a link.
pub async fn start_passkey(link: &str) -> Result<String, Failure> {
    let asked = written(&StartPasskey { link: link.to_owned() })?;
    ask(Method::POST, "/api/desk/passkeys/start", None, Some(asked)).await
}

/// Registers the created passkey and starts a session.
pub async fn add_passkey(answer: String) -> Result<DeskSession, Failure> {
    parse(&ask(Method::POST, "/api/desk/passkeys", None, Some(answer)).await?)
}

/// Starts a session as a demo officer, without a passkey.
pub async fn try_as(officer: &OfficerId) -> Result<DeskSession, Failure> {
    let asked = written(&DemoSignIn { officer: officer.clone() })?;
    parse(&ask(Method::PUT, "/demo/desk", None, Some(asked)).await?)
}

/// The offices of the officer's district.
pub async fn offices() -> Result<Vec<Office>, Failure> {
    parse(&ask(Method::GET, "/api/desk/offices", None, None).await?)
}

/// The officers of the district, for administrators.
pub async fn officers() -> Result<Vec<Officer>, Failure> {
    parse(&ask(Method::GET, "/api/desk/officers", None, None).await?)
}

/// Adds an officer and returns the link for the first passkey.
pub async fn add_officer(asked: &AddOfficer) -> Result<Joining, Failure> {
    let asked = written(asked)?;
    parse(&confirmed(|| ask(Method::POST, "/api/desk/officers", None, Some(asked.clone()))).await?)
}

/// A new link for an officer who has lost the passkey.
pub async fn link_officer(id: &OfficerId) -> Result<Joining, Failure> {
    let path = format!("/api/desk/officers/{id}/link");
    parse(&confirmed(|| ask(Method::POST, &path, None, None)).await?)
}

/// Options for the passkey prompt that confirms a change of access, as JSON.
pub async fn start_confirming() -> Result<String, Failure> {
    ask(Method::POST, "/api/desk/session/confirm/start", None, None).await
}

/// Confirms a change of access with the browser's answer to the passkey prompt.
pub async fn confirm(answer: String) -> Result<(), Failure> {
    ask(Method::POST, "/api/desk/session/confirm", None, Some(answer)).await.map(|_| ())
}

/// The officer's own passkeys and sessions.
pub async fn account() -> Result<Access, Failure> {
    parse(&ask(Method::GET, "/api/desk/account", None, None).await?)
}

/// Another officer's passkeys and sessions.
pub async fn access(officer: &OfficerId) -> Result<Access, Failure> {
    parse(&ask(Method::GET, &format!("/api/desk/officers/{officer}/access"), None, None).await?)
}

/// A link for another passkey of the officer's own.
pub async fn own_link() -> Result<Joining, Failure> {
    parse(&confirmed(|| ask(Method::POST, "/api/desk/account/link", None, None)).await?)
}

/// Marks the notice about a new link as read.
pub async fn read_link(id: &GrantId) -> Result<(), Failure> {
    ask(Method::POST, &format!("/api/desk/account/links/{id}/read"), None, None).await.map(|_| ())
}

/// Removes a passkey: the officer's own, or another officer's.
pub async fn remove_passkey(officer: Option<&OfficerId>, id: &PasskeyId) -> Result<(), Failure> {
    let path = format!("{}/passkeys/{id}", access_of(officer));
    confirmed(|| ask(Method::DELETE, &path, None, None)).await.map(|_| ())
}

/// Ends a session: the officer's own, or another officer's.
pub async fn end_session(officer: Option<&OfficerId>, id: &str) -> Result<(), Failure> {
    let path = format!("{}/sessions/{id}", access_of(officer));
    confirmed(|| ask(Method::DELETE, &path, None, None)).await.map(|_| ())
}

fn access_of(officer: Option<&OfficerId>) -> String {
    officer.map_or_else(|| "/api/desk/account".to_owned(), |id| format!("/api/desk/officers/{id}"))
}

/// Ends an officer's access.
pub async fn end_officer(id: &OfficerId) -> Result<(), Failure> {
    let path = format!("/api/desk/officers/{id}");
    confirmed(|| ask(Method::DELETE, &path, None, None)).await.map(|_| ())
}

/// The slots that a pattern would publish.
pub async fn preview_times(pattern: &Pattern) -> Result<Publication, Failure> {
    parse(&ask(Method::POST, "/api/desk/times/preview", None, Some(written(pattern)?)).await?)
}

/// Publishes the slots of a pattern, once for each idempotency key.
pub async fn publish(pattern: &Pattern, key: &str) -> Result<Publication, Failure> {
    parse(&ask(Method::POST, "/api/desk/times", Some(key), Some(written(pattern)?)).await?)
}

/// The number of slots by start and state, in the week of a day.
pub async fn week(office: &OfficeId, day: NaiveDate) -> Result<Vec<Tally>, Failure> {
    parse(&ask(Method::GET, &format!("/api/desk/offices/{office}/weeks/{day}"), None, None).await?)
}

/// Every slot of a day.
pub async fn day(office: &OfficeId, day: NaiveDate) -> Result<Vec<DeskSlot>, Failure> {
    parse(&ask(Method::GET, &format!("/api/desk/offices/{office}/days/{day}"), None, None).await?)
}

/// Publishes a single slot.
pub async fn add_slot(asked: &AddSlot) -> Result<(), Failure> {
    ask(Method::POST, "/api/desk/slots", None, Some(written(asked)?)).await.map(|_| ())
}

/// Moves a slot that nobody has booked.
pub async fn move_slot(slot: &SlotId, to: &MoveSlot) -> Result<(), Failure> {
    ask(Method::POST, &format!("/api/desk/slots/{slot}/move"), None, Some(written(to)?)).await.map(|_| ())
}

/// Deletes a slot that nobody has booked.
pub async fn withdraw_slot(slot: &SlotId) -> Result<(), Failure> {
    ask(Method::DELETE, &format!("/api/desk/slots/{slot}"), None, None).await.map(|_| ())
}

/// Records whether the applicant came to an appointment.
pub async fn attend(appointment: &AppointmentId, attended: bool) -> Result<(), Failure> {
    let asked = written(&Attendance { attended })?;
    ask(Method::PUT, &format!("/api/desk/appointments/{appointment}/attendance"), None, Some(asked)).await.map(|_| ())
}

/// The effect of a closure.
pub async fn preview_closure(asked: &Close) -> Result<Extent, Failure> {
    parse(&ask(Method::POST, "/api/desk/closures/preview", None, Some(written(asked)?)).await?)
}

/// Applies a closure, once for each idempotency key.
pub async fn close(asked: &Close, key: &str) -> Result<Closed, Failure> {
    parse(&ask(Method::POST, "/api/desk/closures", Some(key), Some(written(asked)?)).await?)
}

/// The closures of the district.
pub async fn closures() -> Result<Vec<Closure>, Failure> {
    parse(&ask(Method::GET, "/api/desk/closures", None, None).await?)
}

/// A closure, with the progress of its messages and the preview or result of its undo.
pub async fn closure(id: &ClosureId) -> Result<Closure, Failure> {
    parse(&ask(Method::GET, &format!("/api/desk/closures/{id}"), None, None).await?)
}

/// Undoes a closure and returns it.
pub async fn undo_closure(id: &ClosureId) -> Result<Closure, Failure> {
    parse(&ask(Method::POST, &format!("/api/desk/closures/{id}/undo"), None, None).await?)
}

/// The cases that a request for documents would reach.
pub async fn preview_invitations(asked: &InviteMany) -> Result<Invitees, Failure> {
    parse(&ask(Method::POST, "/api/desk/invitations/preview", None, Some(written(asked)?)).await?)
}

/// Requests documents from many cases, once for each idempotency key.
pub async fn invite_many(asked: &InviteMany, key: &str) -> Result<Invited, Failure> {
    parse(&ask(Method::POST, "/api/desk/invitations", Some(key), Some(written(asked)?)).await?)
}

/// The requests to many cases.
pub async fn askings() -> Result<Vec<Asking>, Failure> {
    parse(&ask(Method::GET, "/api/desk/invitations", None, None).await?)
}

/// A request to many cases, with the progress of its messages.
pub async fn asking(id: &RoundId) -> Result<Asking, Failure> {
    parse(&ask(Method::GET, &format!("/api/desk/invitations/{id}"), None, None).await?)
}

/// Withdraws a request from all its cases and returns it.
pub async fn withdraw_asking(id: &RoundId) -> Result<Asking, Failure> {
    parse(&ask(Method::POST, &format!("/api/desk/invitations/{id}/withdraw"), None, None).await?)
}

/// Requests documents from one case.
pub async fn invite(case: &CaseId, asked: &Invite) -> Result<DeskCase, Failure> {
    parse(&ask(Method::PUT, &format!("/api/desk/cases/{case}/invitation"), None, Some(written(asked)?)).await?)
}

/// Withdraws the request from one case.
pub async fn withdraw_invitation(case: &CaseId) -> Result<DeskCase, Failure> {
    parse(&ask(Method::DELETE, &format!("/api/desk/cases/{case}/invitation"), None, None).await?)
}

/// Opens a case that is on record and not linked to an account.
pub async fn open_case(asked: &OpenCase) -> Result<DeskCase, Failure> {
    parse(&ask(Method::POST, "/api/desk/cases", None, Some(written(asked)?)).await?)
}

/// The cases that match the search words.
pub async fn search(words: &str) -> Result<Vec<Found>, Failure> {
    let asked = written(&Search { words: words.to_owned() })?;
    parse(&ask(Method::POST, "/api/desk/search", None, Some(asked)).await?)
}

/// A case with its history.
pub async fn case(id: &CaseId) -> Result<DeskCase, Failure> {
    parse(&ask(Method::GET, &format!("/api/desk/cases/{id}"), None, None).await?)
}

/// The available slots of a case.
pub async fn times(case: &CaseId) -> Result<Times, Failure> {
    parse(&ask(Method::GET, &format!("/api/desk/cases/{case}/times"), None, None).await?)
}

/// Saves the situation that the person has told on the telephone.
pub async fn tell(case: &CaseId, situation: &Situation) -> Result<Case, Failure> {
    parse(&ask(Method::PUT, &format!("/api/desk/cases/{case}/situation"), None, Some(written(situation)?)).await?)
}

/// Books a slot, once for each idempotency key.
pub async fn book(asked: &BookByPhone, key: &str) -> Result<Appointment, Failure> {
    parse(&ask(Method::POST, "/api/desk/appointments", Some(key), Some(written(asked)?)).await?)
}

/// Cancels an appointment for the office, with the reason that the applicant reads.
pub async fn cancel(appointment: &AppointmentId, reason: &str) -> Result<Appointment, Failure> {
    let asked = written(&CancelByOffice { reason: reason.to_owned() })?;
    parse(&ask(Method::POST, &format!("/api/desk/appointments/{appointment}/cancel"), None, Some(asked)).await?)
}

/// The people whom no message has reached.
pub async fn calls() -> Result<Vec<Call>, Failure> {
    parse(&ask(Method::GET, "/api/desk/calls", None, None).await?)
}

/// Marks a person as called.
pub async fn called(message: &MessageId) -> Result<(), Failure> {
    ask(Method::POST, &format!("/api/desk/calls/{message}/done"), None, None).await.map(|_| ())
}

/// Documents that nobody has reviewed yet, and cases whose sending has failed.
pub async fn inbox() -> Result<Inbox, Failure> {
    parse(&ask(Method::GET, "/api/desk/documents", None, None).await?)
}

/// A document to review.
pub async fn document(id: &DocumentId) -> Result<ToReview, Failure> {
    parse(&ask(Method::GET, &format!("/api/desk/documents/{id}"), None, None).await?)
}

/// Accepts a document.
pub async fn accept_document(id: &DocumentId) -> Result<ToReview, Failure> {
    parse(&ask(Method::POST, &format!("/api/desk/documents/{id}/accept"), None, None).await?)
}

/// Returns a document with the reason, in both languages.
pub async fn return_document(id: &DocumentId, reason: Instructions) -> Result<ToReview, Failure> {
    let asked = written(&Return { reason })?;
    parse(&ask(Method::POST, &format!("/api/desk/documents/{id}/return"), None, Some(asked)).await?)
}

/// The documents of a case.
pub async fn documents(case: &CaseId) -> Result<Vec<Document>, Failure> {
    parse(&ask(Method::GET, &format!("/api/desk/cases/{case}/documents"), None, None).await?)
}

/// Marks a failed sending as handled.
pub async fn failure_done(case: &CaseId) -> Result<(), Failure> {
    ask(Method::POST, &format!("/api/desk/cases/{case}/failure/done"), None, None).await.map(|_| ())
}

/// The statistics of the district.
pub async fn numbers() -> Result<Numbers, Failure> {
    parse(&ask(Method::GET, "/api/desk/numbers", None, None).await?)
}

/// Entries of the audit log. The search goes in the body, because a case reference must not appear in a URL.
pub async fn audit(asked: &Asked) -> Result<Audit, Failure> {
    parse(&ask(Method::POST, "/api/desk/audit", None, Some(written(asked)?)).await?)
}

/// The policy documents in force, and the drafts.
pub async fn policies() -> Result<Policies, Failure> {
    parse(&ask(Method::GET, "/api/desk/policies", None, None).await?)
}

/// The source of a policy document, with its version raised by one.
pub async fn next_version(document: &str) -> Result<Source, Failure> {
    parse(&ask(Method::GET, &format!("/api/desk/policies/documents/{document}"), None, None).await?)
}

/// The effect of a policy document.
pub async fn preview_policy(asked: &Write) -> Result<Preview, Failure> {
    parse(&ask(Method::POST, "/api/desk/policies/preview", None, Some(written(asked)?)).await?)
}

/// Saves a draft, once for each idempotency key.
pub async fn draft_policy(asked: &Write, key: &str) -> Result<Draft, Failure> {
    parse(&ask(Method::POST, "/api/desk/policies/drafts", Some(key), Some(written(asked)?)).await?)
}

/// A draft with its effect.
pub async fn policy_draft(id: &DraftId) -> Result<Shown, Failure> {
    parse(&ask(Method::GET, &format!("/api/desk/policies/drafts/{id}"), None, None).await?)
}

/// Approves a draft. `seen` identifies the effect that the officer has seen.
pub async fn approve_policy(id: &DraftId, seen: String) -> Result<(), Failure> {
    let asked = written(&Approve { seen })?;
    ask(Method::POST, &format!("/api/desk/policies/drafts/{id}/approve"), None, Some(asked)).await.map(|_| ())
}

/// Withdraws a draft.
pub async fn withdraw_policy(id: &DraftId) -> Result<(), Failure> {
    ask(Method::DELETE, &format!("/api/desk/policies/drafts/{id}"), None, None).await.map(|_| ())
}

/// Preview of an import: the changes in the register of cases.
pub async fn preview_import(file: &web_sys::File) -> Result<Import, Failure> {
    parse(&ask_with_file("/api/desk/imports/preview", kind_of(file), file).await?)
}

/// Applies a file to the register of cases.
pub async fn import(file: &web_sys::File) -> Result<Import, Failure> {
    parse(&ask_with_file("/api/desk/imports", kind_of(file), file).await?)
}

/// Media type by extension. The browser's own guess depends on the software installed.
fn kind_of(file: &web_sys::File) -> &'static str {
    let name = file.name().to_lowercase();
    let is_json = [".jsonl", ".ndjson", ".json"].iter().any(|end| name.ends_with(end));
    if is_json { "application/x-ndjson" } else { "text/csv" }
}
