//! The body of a request, read through the seam.

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

use crate::http::error::Error;

/// One JSON object. What is wrong with it is said with the field at fault.
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Body<T>, Error> {
        parse(&json(request).await?).map(Body)
    }
}

/// One JSON object from bytes that were read by `json`.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    object::read(bytes).map_err(|fault| match fault {
        ObjectFault::NotJson { message } => Error { detail: Some(message), ..Error::new(ProblemCode::MalformedBody) },
        ObjectFault::Wrong { field, message } => {
            Error { field, detail: Some(message), ..Error::new(ProblemCode::InvalidField) }
        }
    })
}

/// The bytes of a body that says it is JSON. A form of another site cannot say so.
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

/// Whether a request says that its body is of this type.
pub fn is_of_type(request: &Request, expected: &str) -> bool {
    is_type(request.headers(), expected)
}

/// The same of headers by themselves.
pub fn is_type(headers: &HeaderMap, expected: &str) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    value.is_some_and(|value| value.split(';').next().unwrap_or("").trim().eq_ignore_ascii_case(expected))
}

/// Whether a NUL is written somewhere in JSON. Nobody means one, and PostgreSQL keeps none: what SQLite kept with one could
/// not move there.
fn has_nul(json: &[u8]) -> bool {
    const NUL: &[u8] = b"\\u0000";
    let is_escape = |at: usize| json[..at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 0;
    json.windows(NUL.len()).enumerate().any(|(at, window)| window == NUL && is_escape(at))
}

/// The largest body of JSON that is taken, in bytes.
const MOST_BYTES: usize = 1024 * 1024;

/// How much more of a body that is too large is still read, and thrown away. Who is cut off in the middle of sending does not
/// hear why; who sends more than this has no interest in it.
const MOST_DISCARDED: usize = 15 * MOST_BYTES;

/// How long a body may take to come. Less than a request may take in all: who sends too slowly is told so, and the log does not call
/// it a fault of the server's.
const PATIENCE: Duration = Duration::from_secs(20);

/// A body of at most so many bytes.
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
