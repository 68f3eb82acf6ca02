//! The only place that talks to the server. `desk` is what officers ask, `uploads` how files are sent.

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
    holds::{Hold, Keep},
    messages::Message,
    offices::Office,
    policies::Fault,
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

use crate::{api::json, state::attention};

/// How long the server may take before we say that it does not answer.
const PATIENCE_MS: u32 = 20_000;

/// Why there is no answer to work with.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// The server has said what is wrong.
    Problem(Box<Problem>),
    /// No connection, or no answer in time.
    NoAnswer,
    /// Something that is not ours.
    Unreadable,
}

impl Failure {
    pub fn code(&self) -> Option<ProblemCode> {
        match self {
            Failure::Problem(problem) => ProblemCode::from_code(&problem.code),
            _ => None,
        }
    }

    /// The field at fault, if one is.
    pub fn field(&self) -> Option<&str> {
        match self {
            Failure::Problem(problem) => problem.field.as_deref(),
            _ => None,
        }
    }

    /// Returns `true` if a field has a fault.
    pub fn is_in_field(&self) -> bool {
        matches!(self, Failure::Problem(problem) if problem.status == 422 && problem.field.is_some())
    }

    /// What is wrong with a policy document.
    pub fn faults(&self) -> &[Fault] {
        match self {
            Failure::Problem(problem) => &problem.faults,
            _ => &[],
        }
    }

    /// The first day on which it would be possible, if the server knows one.
    pub fn possible_from(&self) -> Option<NaiveDate> {
        match self {
            Failure::Problem(problem) => problem.possible_from,
            _ => None,
        }
    }

    /// Things are not as they were when it was asked for.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Failure::Problem(problem) if problem.status == 409)
    }

    /// Asking again may bring an answer.
    pub fn may_pass(&self) -> bool {
        match self {
            Failure::Problem(problem) => problem.status >= 500 || problem.status == 429,
            Failure::NoAnswer | Failure::Unreadable => true,
        }
    }

    pub fn needs_sign_in(&self) -> bool {
        matches!(self.code(), Some(ProblemCode::NotSignedIn | ProblemCode::SessionOver | ProblemCode::DeskSignedOut))
    }
}

pub async fn session() -> Result<Session, Failure> {
    parse(&ask(Method::GET, "/api/session", None, None).await?)
}

/// Returns whether an officer is signed in. Only the desk's part of the page reads who it is.
pub async fn is_at_desk() -> Result<bool, Failure> {
    #[derive(Deserialize)]
    struct AtDesk {
        officer: Option<IgnoredAny>,
    }
    let session: AtDesk = parse(&ask(Method::GET, "/api/desk/session", None, None).await?)?;
    Ok(session.officer.is_some())
}

pub async fn policy() -> Result<InForce, Failure> {
    parse(&ask(Method::GET, "/api/policy", None, None).await?)
}

pub async fn offices() -> Result<Vec<Office>, Failure> {
    parse(&ask(Method::GET, "/api/offices", None, None).await?)
}

/// The start page's text, as HTML.
pub async fn start(language: Language) -> Result<String, Failure> {
    ask(Method::GET, &format!("/api/start?lang={}", language.code()), None, None).await
}

pub async fn send_code(asked: &AskForCode, key: &str) -> Result<CodeSent, Failure> {
    parse(&ask(Method::POST, "/api/sign-in-codes", Some(key), Some(written(asked)?)).await?)
}

pub async fn sign_in(with: &SignIn) -> Result<Session, Failure> {
    parse(&ask(Method::PUT, "/api/session", None, Some(written(with)?)).await?)
}

pub async fn sign_out() -> Result<(), Failure> {
    ask(Method::DELETE, "/api/session", None, None).await.map(|_| ())
}

pub async fn cases() -> Result<Vec<Case>, Failure> {
    parse(&ask(Method::GET, "/api/cases", None, None).await?)
}

pub async fn times(case: &str) -> Result<Times, Failure> {
    parse(&ask(Method::GET, &format!("/api/cases/{case}/times"), None, None).await?)
}

pub async fn tell(case: &str, situation: &Situation) -> Result<Case, Failure> {
    parse(&ask(Method::PUT, &format!("/api/cases/{case}/situation"), None, Some(written(situation)?)).await?)
}

pub async fn tell_work(case: &str, work: Option<Work>) -> Result<Case, Failure> {
    parse(&ask(Method::PUT, &format!("/api/cases/{case}/work"), None, Some(written(&TellWork { work })?)).await?)
}

pub async fn add_case(asked: &AddCase, key: &str) -> Result<Case, Failure> {
    parse(&ask(Method::POST, "/api/cases", Some(key), Some(written(asked)?)).await?)
}

pub async fn documents(case: &str) -> Result<Documents, Failure> {
    parse(&ask(Method::GET, &format!("/api/cases/{case}/documents"), None, None).await?)
}

/// Tells that sending has failed. `what` is for the office's technicians.
pub async fn tell_of_failure(case: &str, what: &str) -> Result<SendingFailed, Failure> {
    let asked = written(&Failed { what: what.to_owned() })?;
    parse(&ask(Method::POST, &format!("/api/cases/{case}/documents/failure"), None, Some(asked)).await?)
}

pub async fn keep(case: &str, slot: &str) -> Result<Hold, Failure> {
    parse(
        &ask(Method::PUT, &format!("/api/cases/{case}/hold"), None, Some(written(&Keep { slot: slot.to_owned() })?))
            .await?,
    )
}

pub async fn release(case: &str) -> Result<(), Failure> {
    ask(Method::DELETE, &format!("/api/cases/{case}/hold"), None, None).await.map(|_| ())
}

pub async fn book_together(bookings: Vec<Book>, key: &str) -> Result<Vec<Appointment>, Failure> {
    let asked = BookTogether { bookings };
    parse(&ask(Method::POST, "/api/appointments/together", Some(key), Some(written(&asked)?)).await?)
}

pub async fn change(appointment: &str, slot: &str, key: &str) -> Result<Appointment, Failure> {
    let asked = written(&Move { slot: slot.to_owned() })?;
    parse(&ask(Method::POST, &format!("/api/appointments/{appointment}/move"), Some(key), Some(asked)).await?)
}

pub async fn stay_signed_in() -> Result<Session, Failure> {
    parse(&ask(Method::POST, "/api/session/keep", None, None).await?)
}

pub async fn change_person(change: &Change) -> Result<Person, Failure> {
    parse(&ask(Method::PATCH, "/api/account", None, Some(written(change)?)).await?)
}

pub async fn sessions() -> Result<Vec<SignedIn>, Failure> {
    parse(&ask(Method::GET, "/api/account/sessions", None, None).await?)
}

pub async fn end_session(id: &str) -> Result<(), Failure> {
    ask(Method::DELETE, &format!("/api/account/sessions/{id}"), None, None).await.map(|_| ())
}

pub async fn leaving() -> Result<Leaving, Failure> {
    parse(&ask(Method::GET, "/api/account/leaving", None, None).await?)
}

pub async fn delete_account() -> Result<Leaving, Failure> {
    parse(&ask(Method::DELETE, "/api/account", None, None).await?)
}

pub async fn give_feedback(given: &Feedback, id: &str) -> Result<(), Failure> {
    ask(Method::PUT, &format!("/api/feedback/{id}"), None, Some(written(given)?)).await.map(|_| ())
}

pub async fn book(asked: &Book, key: &str) -> Result<Appointment, Failure> {
    parse(&ask(Method::POST, "/api/appointments", Some(key), Some(written(asked)?)).await?)
}

pub async fn appointment(id: &str) -> Result<Appointment, Failure> {
    parse(&ask(Method::GET, &format!("/api/appointments/{id}"), None, None).await?)
}

pub async fn messages(id: &str) -> Result<Vec<Message>, Failure> {
    parse(&ask(Method::GET, &format!("/api/appointments/{id}/messages"), None, None).await?)
}

pub async fn cancel(id: &str) -> Result<Appointment, Failure> {
    parse(&ask(Method::POST, &format!("/api/appointments/{id}/cancel"), None, None).await?)
}

/// A key under which a request may be sent again without being carried out twice.
pub fn new_key() -> String {
    window().crypto().map(|crypto| crypto.random_uuid()).unwrap_or_default()
}

/// What the server answers to a request, perhaps with a key and a body.
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

/// The same with a file as the body, which the browser sends as it lies on the disk. That may take longer.
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
