//! Idempotent requests: a repetition with the same `Idempotency-Key` and body gets the first answer.

use api::{Decision, ProblemCode};
use axum::{
    extract::FromRequestParts,
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Result},
    secrets,
    store::{
        Connection,
        answers::{self, Answer},
    },
};

/// How long an answer is stored.
const KEPT: TimeDelta = TimeDelta::hours(24);

/// The `Idempotency-Key` of a request, if it has one.
pub struct Key(Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for Key {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Key> {
        let Some(value) = parts.headers.get("idempotency-key") else {
            return Ok(Key(None));
        };
        let key = value.to_str().ok().map(|key| key.trim_matches('"')).filter(|key| {
            (8..=64).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        });
        match key {
            Some(key) => Ok(Key(Some(key.to_owned()))),
            None => Err(Error::new(ProblemCode::IdempotencyKeyInvalid)),
        }
    }
}

/// A request with its key. `scope` is the key's owner, so that nobody gets another person's answer.
pub struct Once {
    scope: String,
    key: Option<String>,
    request: String,
}

impl Once {
    /// Identifies a request by its route and body. Fails if the body cannot be serialised.
    pub fn new(key: Key, scope: &str, route: &str, body: &impl Serialize) -> Result<Once> {
        let body = serde_json::to_string(body).map_err(Error::internal)?;
        Ok(Once { scope: scope.to_owned(), key: key.0, request: secrets::hash(&[route, &body]) })
    }

    /// Returns the stored answer; `None` for the first request. Fails with `IdempotencyKeyReused` for another request with the same
    /// key, and with the stored refusal.
    pub async fn earlier(&self, connection: &mut Connection, now: DateTime<Utc>) -> Result<Option<Response>> {
        let Some(key) = &self.key else {
            return Ok(None);
        };
        match answers::find(connection, &self.scope, key, now - KEPT).await? {
            None => Ok(None),
            Some(answer) if answer.request != self.request => Err(Error::new(ProblemCode::IdempotencyKeyReused)),
            Some(answer) if answer.status == ProblemCode::Refused.status() => {
                let refusal: Refusal = serde_json::from_str(&answer.body).map_err(Error::internal)?;
                Err(refusal.into())
            }
            Some(answer) => Ok(Some(response(answer.status, answer.body))),
        }
    }

    /// Stores the answer in the transaction of its effect, and returns it.
    pub async fn done(
        &self,
        connection: &mut Connection,
        status: StatusCode,
        body: &impl Serialize,
        now: DateTime<Utc>,
    ) -> Result<Response> {
        let body = serde_json::to_string(body).map_err(Error::internal)?;
        self.keep(connection, status.as_u16(), &body, now).await?;
        Ok(response(status.as_u16(), body))
    }

    /// Stores a refusal by the rules and returns its error. `field` is the refused part of the request, if it is not all of it.
    pub async fn refused(
        &self,
        connection: &mut Connection,
        decision: Decision,
        field: Option<String>,
        now: DateTime<Utc>,
    ) -> Result<Error> {
        let refusal = Refusal { decision, field };
        let body = serde_json::to_string(&refusal).map_err(Error::internal)?;
        self.keep(connection, ProblemCode::Refused.status(), &body, now).await?;
        Ok(refusal.into())
    }

    async fn keep(&self, connection: &mut Connection, status: u16, body: &str, now: DateTime<Utc>) -> Result<()> {
        if let Some(key) = &self.key {
            let answer = Answer { request: self.request.clone(), status, body: body.to_owned() };
            answers::add(connection, &self.scope, key, &answer, now).await?;
        }
        Ok(())
    }
}

/// A refusal in its stored form.
#[derive(Deserialize, Serialize)]
struct Refusal {
    #[serde(flatten)]
    decision: Decision,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    field: Option<String>,
}

impl From<Refusal> for Error {
    fn from(Refusal { decision, field }: Refusal) -> Error {
        Error { field, ..Error::refused(decision) }
    }
}

fn response(status: u16, body: String) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
