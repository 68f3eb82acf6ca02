//! The body of a request, read through the seam.

use api::{
    ProblemCode,
    object::{self, Fault},
};
use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::header,
};
use serde::de::DeserializeOwned;

use crate::error::Error;

/// One JSON object. What is wrong with it is said with the field at fault.
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Body<T>, Error> {
        let bytes = json(request, state).await?;
        object::read(&bytes).map(Body).map_err(|fault| match fault {
            Fault::NotJson { message } => Error { detail: Some(message), ..Error::new(ProblemCode::MalformedBody) },
            Fault::Wrong { field, message } => {
                Error { field, detail: Some(message), ..Error::new(ProblemCode::InvalidField) }
            }
        })
    }
}

/// The bytes of a body that says it is JSON. A form of another site cannot say so.
pub async fn json<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Error> {
    let is_json = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.split(';').next().unwrap_or("").trim().eq_ignore_ascii_case("application/json"));
    if !is_json {
        return Err(Error::new(ProblemCode::UnsupportedMediaType));
    }
    Bytes::from_request(request, state).await.map_err(|rejection| {
        let code = if rejection.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
            ProblemCode::BodyTooLarge
        } else {
            ProblemCode::MalformedBody
        };
        Error { cause: Some(rejection.body_text()), ..Error::new(code) }
    })
}
