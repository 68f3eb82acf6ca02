//! Request bodies: read with a size limit and a timeout, and parsed by `api::object`.

use std::time::Duration;

use api::{
    ProblemCode,
    object::{self, ObjectFault},
};
use axum::{
    body::{Body as Stream, Bytes},
    extract::{FromRequest, Request},
    http::{HeaderMap, header},
};
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use crate::error::Error;

/// A JSON object as an extractor. Errors name the field at fault.
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Body<T>, Error> {
        parse(&json(request).await?).map(Body)
    }
}

/// Parses one JSON object. Errors name the field at fault.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    object::read(bytes).map_err(|fault| match fault {
        ObjectFault::NotJson { message } => Error { detail: Some(message), ..Error::new(ProblemCode::MalformedBody) },
        ObjectFault::Wrong { field, message } => {
            Error { field, detail: Some(message), ..Error::new(ProblemCode::InvalidField) }
        }
    })
}

/// Reads a body with the JSON content type, which a form of another site cannot send.
pub async fn json(request: Request) -> Result<Bytes, Error> {
    if !is_of_type(&request, "application/json") {
        return Err(Error::new(ProblemCode::UnsupportedMediaType));
    }
    let bytes = read(request.into_body(), MOST_BYTES).await?;
    if has_nul(&bytes) {
        let detail = "There is a character in it that cannot be kept (U+0000).".to_owned();
        return Err(Error { detail: Some(detail), ..Error::new(ProblemCode::InvalidField) });
    }
    Ok(bytes)
}

/// Returns `true` if a request declares this content type.
pub fn is_of_type(request: &Request, expected: &str) -> bool {
    is_type(request.headers(), expected)
}

/// Returns `true` if the headers declare this content type.
pub fn is_type(headers: &HeaderMap, expected: &str) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    value.is_some_and(|value| value.split(';').next().unwrap_or("").trim().eq_ignore_ascii_case(expected))
}

/// Returns `true` if JSON contains an escaped NUL. PostgreSQL cannot store one, so data with it could not move there.
fn has_nul(json: &[u8]) -> bool {
    const NUL: &[u8] = b"\\u0000";
    let is_escape = |at: usize| json[..at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 0;
    json.windows(NUL.len()).enumerate().any(|(at, window)| window == NUL && is_escape(at))
}

/// Maximum size of a JSON body, in bytes.
const MOST_BYTES: usize = 1024 * 1024;

/// Number of bytes that are read and discarded after the limit. A client that is cut off while sending does not read the answer.
const MOST_DISCARDED: usize = 15 * MOST_BYTES;

/// Timeout of a body. It is shorter than that of the request, so that a slow sender gets a client error and not a server error.
const PATIENCE: Duration = Duration::from_secs(20);

/// Reads a body of at most `most` bytes. Fails with `BodyTooLarge`, or `MalformedBody` after the timeout.
pub async fn read(body: Stream, most: usize) -> Result<Bytes, Error> {
    timeout(PATIENCE, read_whole(body, most)).await.unwrap_or_else(|_| {
        let detail = format!("It did not come within {} seconds. Send it once more.", PATIENCE.as_secs());
        Err(Error { detail: Some(detail), ..Error::new(ProblemCode::MalformedBody) })
    })
}

async fn read_whole(mut body: Stream, most: usize) -> Result<Bytes, Error> {
    let mut bytes = Vec::new();
    let mut seen = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame
            .map_err(|error| Error { cause: Some(error.to_string()), ..Error::new(ProblemCode::MalformedBody) })?;
        let Ok(data) = frame.into_data() else { continue };
        seen += data.len();
        if seen > most + MOST_DISCARDED {
            break;
        }
        if seen <= most {
            bytes.extend_from_slice(&data);
        } else {
            bytes = Vec::new();
        }
    }
    if seen > most { Err(Error::new(ProblemCode::BodyTooLarge)) } else { Ok(bytes.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nul_is_found_and_a_backslash_is_not_taken_for_one() {
        for (json, expected) in [
            (r#"{"a":"b"}"#, false),
            (r#"{"a":"\u0000"}"#, true),
            (r#"{"a":"x\u0000y"}"#, true),
            (r#"{"a":"\\u0000"}"#, false),
            (r#"{"a":"\\\u0000"}"#, true),
            (r#"{"a":"\u00001"}"#, true),
            (r#"{"a":"u0000"}"#, false),
        ] {
            assert_eq!(has_nul(json.as_bytes()), expected, "{json}");
        }
    }
}
