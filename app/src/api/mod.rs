//! HTTP client: the only module that calls the server. Each function sends one request and returns the parsed answer.
//!
//! Every function returns `Err(Failure)` if the server reports a problem, does not answer in time, or answers in
//! another form. The officers' requests are in `desk`, file uploads in `uploads`.

pub mod desk;
pub mod json;
pub mod passkey;
pub mod step_up;
pub mod uploads;

use ::api::{
    Problem, ProblemCode,
    account::Leaving,
    appointments::{Appointment, Book, BookTogether, Move},
    cases::{AddCase, Case, TellWork, Times, Work},
    documents::{Documents, Failed, Failure as SendingFailed},
    feedback::Feedback,
    holds::{Hold, HoldSlot},
    ids::{AppointmentId, CaseId, SlotId},
    messages::Message,
    offices::Office,
    policies::PolicyFault,
    policy::InForce,
    session::{AskForCode, Change, CodeSent, Person, Session, SignIn, SignedIn},
    situation::Situation,
};
use chrono::NaiveDate;
use gloo_net::http::{Method, Request, RequestBuilder};
use leptos::prelude::window;
use rules::{Coded, notice::Language};
use serde::{
    Deserialize, Serialize,
    de::{DeserializeOwned, IgnoredAny},
};
use web_sys::AbortSignal;

use crate::browser::attention;

/// Request timeout in milliseconds.
const PATIENCE_MS: u32 = 20_000;

/// The reason why a request has no usable answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// A problem reported by the server.
    Problem(Box<Problem>),
    /// No connection, or no answer in time.
    NoAnswer,
    /// An answer of an unexpected form.
    Unreadable,
}

impl Failure {
    /// The problem's code; `None` for other failures and for codes newer than this build.
    pub fn code(&self) -> Option<ProblemCode> {
        match self {
            Failure::Problem(problem) => ProblemCode::from_code(&problem.code),
            _ => None,
        }
    }

    /// The field with the fault; `None` if the failure is not about a field.
    pub fn field(&self) -> Option<&str> {
        match self {
            Failure::Problem(problem) => problem.field.as_deref(),
            _ => None,
        }
    }

    /// Returns `true` if the server has rejected a field.
    pub fn is_in_field(&self) -> bool {
        matches!(self, Failure::Problem(problem) if problem.status == 422 && problem.field.is_some())
    }

    /// The faults of a policy document; empty for other failures.
    pub fn faults(&self) -> &[PolicyFault] {
        match self {
            Failure::Problem(problem) => &problem.faults,
            _ => &[],
        }
    }

    /// The first day on which the request could succeed; `None` if the server knows none.
    pub fn possible_from(&self) -> Option<NaiveDate> {
        match self {
            Failure::Problem(problem) => problem.possible_from,
            _ => None,
        }
    }

    /// Returns `true` if the state on the server has changed since it was read (409).
    pub fn is_conflict(&self) -> bool {
        matches!(self, Failure::Problem(problem) if problem.status == 409)
    }

    /// Returns `true` if a retry may succeed.
    pub fn may_pass(&self) -> bool {
        match self {
            Failure::Problem(problem) => problem.status >= 500 || problem.status == 429,
            Failure::NoAnswer | Failure::Unreadable => true,
        }
    }

    /// Returns `true` if the request needs a session and there is none.
    pub fn needs_sign_in(&self) -> bool {
        matches!(self.code(), Some(ProblemCode::NotSignedIn | ProblemCode::SessionOver | ProblemCode::DeskSignedOut))
    }
}

/// The applicant's session, with the time and the demo flag. `person` is `None` without one.
pub async fn session() -> Result<Session, Failure> {
    parse(&ask(Method::GET, "/api/session", None, None).await?)
}

/// Returns `true` if an officer is signed in. Only the desk's module parses the officer.
pub async fn is_at_desk() -> Result<bool, Failure> {
    #[derive(Deserialize)]
    struct AtDesk {
        officer: Option<IgnoredAny>,
    }
    let session: AtDesk = parse(&ask(Method::GET, "/api/desk/session", None, None).await?)?;
    Ok(session.officer.is_some())
}

/// The policy in force, with its notices.
pub async fn policy() -> Result<InForce, Failure> {
    parse(&ask(Method::GET, "/api/policy", None, None).await?)
}

/// All offices.
pub async fn offices() -> Result<Vec<Office>, Failure> {
    parse(&ask(Method::GET, "/api/offices", None, None).await?)
}

/// The start page's content, as HTML.
pub async fn start(language: Language) -> Result<String, Failure> {
    ask(Method::GET, &format!("/api/start?lang={}", language.code()), None, None).await
}

/// Sends a sign-in code by e-mail. Returns how long it is valid.
pub async fn send_code(asked: &AskForCode, key: &str) -> Result<CodeSent, Failure> {
    parse(&ask(Method::POST, "/api/sign-in-codes", Some(key), Some(written(asked)?)).await?)
}

/// Starts a session with a code.
pub async fn sign_in(with: &SignIn) -> Result<Session, Failure> {
    parse(&ask(Method::PUT, "/api/session", None, Some(written(with)?)).await?)
}

/// Ends the session.
pub async fn sign_out() -> Result<(), Failure> {
    ask(Method::DELETE, "/api/session", None, None).await.map(|_| ())
}

/// The applicant's cases.
pub async fn cases() -> Result<Vec<Case>, Failure> {
    parse(&ask(Method::GET, "/api/cases", None, None).await?)
}

/// One of the applicant's cases.
pub async fn case(id: &CaseId) -> Result<Case, Failure> {
    parse(&ask(Method::GET, &format!("/api/cases/{id}"), None, None).await?)
}

/// A case with its available slots, for pages that show or confirm slots.
pub async fn times(case: &CaseId) -> Result<Times, Failure> {
    parse(&ask(Method::GET, &format!("/api/cases/{case}/times"), None, None).await?)
}

/// Saves the situation of a case and returns the case.
pub async fn tell(case: &CaseId, situation: &Situation) -> Result<Case, Failure> {
    parse(&ask(Method::PUT, &format!("/api/cases/{case}/situation"), None, Some(written(situation)?)).await?)
}

/// Saves the start of work, or deletes it with `None`, and returns the case.
pub async fn tell_work(case: &CaseId, work: Option<Work>) -> Result<Case, Failure> {
    parse(&ask(Method::PUT, &format!("/api/cases/{case}/work"), None, Some(written(&TellWork { work })?)).await?)
}

/// Links a case on record to the account, once for each idempotency key.
pub async fn add_case(asked: &AddCase, key: &str) -> Result<Case, Failure> {
    parse(&ask(Method::POST, "/api/cases", Some(key), Some(written(asked)?)).await?)
}

/// The documents of a case, with the limits and the decision about sending.
pub async fn documents(case: &CaseId) -> Result<Documents, Failure> {
    parse(&ask(Method::GET, &format!("/api/cases/{case}/documents"), None, None).await?)
}

/// Reports a failed sending to the office. `what` is for its technicians.
pub async fn tell_of_failure(case: &CaseId, what: &str) -> Result<SendingFailed, Failure> {
    let asked = written(&Failed { what: what.to_owned() })?;
    parse(&ask(Method::POST, &format!("/api/cases/{case}/documents/failure"), None, Some(asked)).await?)
}

/// Holds a slot for a case. Returns the end of the hold.
pub async fn hold_slot(case: &CaseId, slot: &SlotId) -> Result<Hold, Failure> {
    parse(
        &ask(Method::PUT, &format!("/api/cases/{case}/hold"), None, Some(written(&HoldSlot { slot: slot.clone() })?))
            .await?,
    )
}

/// Releases the hold of a case.
pub async fn release_hold(case: &CaseId) -> Result<(), Failure> {
    ask(Method::DELETE, &format!("/api/cases/{case}/hold"), None, None).await.map(|_| ())
}

/// Books one slot for each of several cases, all or none, once for each idempotency key.
pub async fn book_together(bookings: Vec<Book>, key: &str) -> Result<Vec<Appointment>, Failure> {
    let asked = BookTogether { bookings };
    parse(&ask(Method::POST, "/api/appointments/together", Some(key), Some(written(&asked)?)).await?)
}

/// Moves an appointment to another slot, once for each idempotency key.
pub async fn change(appointment: &AppointmentId, slot: &SlotId, key: &str) -> Result<Appointment, Failure> {
    let asked = written(&Move { slot: slot.clone() })?;
    parse(&ask(Method::POST, &format!("/api/appointments/{appointment}/move"), Some(key), Some(asked)).await?)
}

/// Extends the session and returns it.
pub async fn stay_signed_in() -> Result<Session, Failure> {
    parse(&ask(Method::POST, "/api/session/keep", None, None).await?)
}

/// Changes language or telephone number, and returns the person.
pub async fn change_person(change: &Change) -> Result<Person, Failure> {
    parse(&ask(Method::PATCH, "/api/account", None, Some(written(change)?)).await?)
}

/// The applicant's open sessions.
pub async fn sessions() -> Result<Vec<SignedIn>, Failure> {
    parse(&ask(Method::GET, "/api/account/sessions", None, None).await?)
}

/// Ends one of the applicant's sessions.
pub async fn end_session(id: &str) -> Result<(), Failure> {
    ask(Method::DELETE, &format!("/api/account/sessions/{id}"), None, None).await.map(|_| ())
}

/// The consequences of deleting the account.
pub async fn leaving() -> Result<Leaving, Failure> {
    parse(&ask(Method::GET, "/api/account/leaving", None, None).await?)
}

/// Deletes the account.
pub async fn delete_account() -> Result<Leaving, Failure> {
    parse(&ask(Method::DELETE, "/api/account", None, None).await?)
}

/// Saves feedback under an id. The same id replaces earlier feedback.
pub async fn give_feedback(given: &Feedback, id: &str) -> Result<(), Failure> {
    ask(Method::PUT, &format!("/api/feedback/{id}"), None, Some(written(given)?)).await.map(|_| ())
}

/// Books a slot, once for each idempotency key.
pub async fn book(asked: &Book, key: &str) -> Result<Appointment, Failure> {
    parse(&ask(Method::POST, "/api/appointments", Some(key), Some(written(asked)?)).await?)
}

/// An appointment of the applicant.
pub async fn appointment(id: &AppointmentId) -> Result<Appointment, Failure> {
    parse(&ask(Method::GET, &format!("/api/appointments/{id}"), None, None).await?)
}

/// The messages about an appointment, with their delivery state.
pub async fn messages(id: &AppointmentId) -> Result<Vec<Message>, Failure> {
    parse(&ask(Method::GET, &format!("/api/appointments/{id}/messages"), None, None).await?)
}

/// Cancels an appointment and returns it.
pub async fn cancel(id: &AppointmentId) -> Result<Appointment, Failure> {
    parse(&ask(Method::POST, &format!("/api/appointments/{id}/cancel"), None, None).await?)
}

/// A new idempotency key. Empty outside secure contexts.
pub fn new_key() -> String {
    window().crypto().map(|crypto| crypto.random_uuid()).unwrap_or_default()
}

/// Sends a request with an optional idempotency key and JSON body. Returns the body of the answer.
async fn ask(method: Method, url: &str, key: Option<&str>, body: Option<String>) -> Result<String, Failure> {
    let patience = AbortSignal::timeout_with_u32(PATIENCE_MS);
    let mut request = RequestBuilder::new(url).method(method).abort_signal(Some(&patience));
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    let request = match body {
        Some(body) => request.header("content-type", "application/json").body(body),
        None => request.build(),
    };
    send(request.map_err(|_| Failure::Unreadable)?).await
}

/// Sends a file as the body, streamed from disk. The timeout is six times as long.
async fn ask_with_file(url: &str, kind: &str, file: &web_sys::File) -> Result<String, Failure> {
    let patience = AbortSignal::timeout_with_u32(6 * PATIENCE_MS);
    let request =
        RequestBuilder::new(url).method(Method::POST).abort_signal(Some(&patience)).header("content-type", kind);
    send(request.body(file.clone()).map_err(|_| Failure::Unreadable)?).await
}

async fn send(request: Request) -> Result<String, Failure> {
    let response = request.send().await.map_err(|_| Failure::NoAnswer)?;
    let text = response.text().await.map_err(|_| Failure::NoAnswer)?;
    attention::free().await;
    if response.ok() { Ok(text) } else { Err(Failure::Problem(Box::new(parse(&text)?))) }
}

fn written(body: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(body).map_err(|_| Failure::Unreadable)
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Failure> {
    json::read(text).map_err(|json::Unreadable| Failure::Unreadable)
}
