//! The only place that talks to the server.

use ::api::{
    Problem, ProblemCode,
    appointments::{Appointment, Book},
    cases::{Case, Times},
    policy::InForce,
    session::{AskForCode, CodeSent, Session, SignIn},
    situation::Situation,
};
use gloo_net::http::{Method, RequestBuilder};
use rules::{Coded, notice::Language};
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

/// The start page's text, as HTML.
pub async fn start(language: Language) -> Result<String, Failure> {
    answer(request(Method::GET, &format!("/api/start?lang={}", language.code())).build()).await
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
