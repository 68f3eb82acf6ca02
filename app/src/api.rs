//! The only place that talks to the server.

use ::api::{
    Problem, ProblemCode,
    account::Leaving,
    appointments::{Appointment, Book, BookTogether, Move},
    cases::{AddCase, Case, TellWork, Times, Work},
    feedback::Feedback,
    holds::{Hold, Keep},
    policy::InForce,
    session::{AskForCode, Change, CodeSent, Person, Session, SignIn, SignedIn},
    situation::Situation,
};
use gloo_net::http::{Method, RequestBuilder};
use rules::Coded;
use serde::{Serialize, de::DeserializeOwned};

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

    pub fn needs_sign_in(&self) -> bool {
        matches!(self.code(), Some(ProblemCode::NotSignedIn | ProblemCode::SessionOver))
    }
}

pub async fn session() -> Result<Session, Failure> {
    read(request(Method::GET, "/api/session")).await
}

pub async fn policy() -> Result<InForce, Failure> {
    read(request(Method::GET, "/api/policy")).await
}

pub async fn send_code(asked: &AskForCode, key: &str) -> Result<CodeSent, Failure> {
    write(request(Method::POST, "/api/sign-in-codes").header("idempotency-key", key), asked).await
}

pub async fn sign_in(with: &SignIn) -> Result<Session, Failure> {
    write(request(Method::PUT, "/api/session"), with).await
}

pub async fn sign_out() -> Result<(), Failure> {
    answer(request(Method::DELETE, "/api/session").build()).await.map(|_| ())
}

pub async fn cases() -> Result<Vec<Case>, Failure> {
    read(request(Method::GET, "/api/cases")).await
}

pub async fn times(case: &str) -> Result<Times, Failure> {
    read(request(Method::GET, &format!("/api/cases/{case}/times"))).await
}

pub async fn tell(case: &str, situation: &Situation) -> Result<Case, Failure> {
    write(request(Method::PUT, &format!("/api/cases/{case}/situation")), situation).await
}

pub async fn tell_work(case: &str, work: Option<Work>) -> Result<Case, Failure> {
    write(request(Method::PUT, &format!("/api/cases/{case}/work")), &TellWork { work }).await
}

pub async fn add_case(asked: &AddCase, key: &str) -> Result<Case, Failure> {
    write(request(Method::POST, "/api/cases").header("idempotency-key", key), asked).await
}

pub async fn keep(case: &str, slot: &str) -> Result<Hold, Failure> {
    write(request(Method::PUT, &format!("/api/cases/{case}/hold")), &Keep { slot: slot.to_owned() }).await
}

pub async fn release(case: &str) -> Result<(), Failure> {
    answer(request(Method::DELETE, &format!("/api/cases/{case}/hold")).build()).await.map(|_| ())
}

pub async fn book_together(bookings: Vec<Book>, key: &str) -> Result<Vec<Appointment>, Failure> {
    let asked = BookTogether { bookings };
    write(request(Method::POST, "/api/appointments/together").header("idempotency-key", key), &asked).await
}

pub async fn change(appointment: &str, slot: &str, key: &str) -> Result<Appointment, Failure> {
    let request = request(Method::POST, &format!("/api/appointments/{appointment}/move"));
    write(request.header("idempotency-key", key), &Move { slot: slot.to_owned() }).await
}

pub async fn stay_signed_in() -> Result<Session, Failure> {
    read(request(Method::POST, "/api/session/keep")).await
}

pub async fn change_person(change: &Change) -> Result<Person, Failure> {
    write(request(Method::PATCH, "/api/account"), change).await
}

pub async fn sessions() -> Result<Vec<SignedIn>, Failure> {
    read(request(Method::GET, "/api/account/sessions")).await
}

pub async fn end_session(id: &str) -> Result<(), Failure> {
    answer(request(Method::DELETE, &format!("/api/account/sessions/{id}")).build()).await.map(|_| ())
}

pub async fn leaving() -> Result<Leaving, Failure> {
    read(request(Method::GET, "/api/account/leaving")).await
}

pub async fn delete_account() -> Result<Leaving, Failure> {
    read(request(Method::DELETE, "/api/account")).await
}

pub async fn give_feedback(given: &Feedback, key: &str) -> Result<(), Failure> {
    let body = serde_json::to_string(given).map_err(|_| Failure::Unreadable)?;
    let request = request(Method::POST, "/api/feedback").header("idempotency-key", key);
    answer(request.header("content-type", "application/json").body(body)).await.map(|_| ())
}

pub async fn book(asked: &Book, key: &str) -> Result<Appointment, Failure> {
    write(request(Method::POST, "/api/appointments").header("idempotency-key", key), asked).await
}

pub async fn appointment(id: &str) -> Result<Appointment, Failure> {
    read(request(Method::GET, &format!("/api/appointments/{id}"))).await
}

pub async fn cancel(id: &str) -> Result<Appointment, Failure> {
    read(request(Method::POST, &format!("/api/appointments/{id}/cancel"))).await
}

/// A key under which a request may be sent again without being carried out twice.
pub fn new_key() -> String {
    leptos::prelude::window().crypto().map(|crypto| crypto.random_uuid()).unwrap_or_default()
}

fn request(method: Method, url: &str) -> RequestBuilder {
    let patience = web_sys::AbortSignal::timeout_with_u32(PATIENCE_MS);
    RequestBuilder::new(url).method(method).abort_signal(Some(&patience))
}

async fn read<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, Failure> {
    parse(&answer(request.build()).await?)
}

async fn write<T: DeserializeOwned>(request: RequestBuilder, body: &impl Serialize) -> Result<T, Failure> {
    let body = serde_json::to_string(body).map_err(|_| Failure::Unreadable)?;
    parse(&answer(request.header("content-type", "application/json").body(body)).await?)
}

async fn answer(request: Result<gloo_net::http::Request, gloo_net::Error>) -> Result<String, Failure> {
    let response = request.map_err(|_| Failure::Unreadable)?.send().await.map_err(|_| Failure::NoAnswer)?;
    let text = response.text().await.map_err(|_| Failure::NoAnswer)?;
    if response.ok() { Ok(text) } else { Err(Failure::Problem(Box::new(parse(&text)?))) }
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|_| Failure::Unreadable)
}
