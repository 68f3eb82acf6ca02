//! What a handler answers when it cannot do what was asked.

use api::{Decision, ProblemCode, decision::LineError};
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A problem on its way out. `request` turns it into `application/problem+json` with the request's id.
#[derive(Clone, Debug)]
pub struct Error {
    pub code: ProblemCode,
    pub field: Option<String>,
    /// More exact than the code's own sentence, in English.
    pub detail: Option<String>,
    pub decision: Option<Box<Decision>>,
    pub facts: Option<Box<LineError>>,
    /// What went wrong inside; for the log only.
    pub cause: Option<String>,
}

impl Error {
    pub fn new(code: ProblemCode) -> Error {
        Error { code, field: None, detail: None, decision: None, facts: None, cause: None }
    }

    pub fn at(code: ProblemCode, field: &str) -> Error {
        Error { field: Some(field.to_owned()), ..Error::new(code) }
    }

    pub fn internal(cause: impl std::fmt::Display) -> Error {
        Error { cause: Some(cause.to_string()), ..Error::new(ProblemCode::Internal) }
    }

    pub fn refused(decision: Decision) -> Error {
        Error { decision: Some(Box::new(decision)), ..Error::new(ProblemCode::Refused) }
    }
}

impl From<ProblemCode> for Error {
    fn from(code: ProblemCode) -> Error {
        Error::new(code)
    }
}

impl From<sqlx::Error> for Error {
    /// A database that is busy or has no room will answer again later; anything else is our mistake.
    fn from(error: sqlx::Error) -> Error {
        const BUSY: u32 = 5;
        const CANNOT_WRITE: u32 = 10;
        const FULL: u32 = 13;
        let later = match &error {
            sqlx::Error::PoolTimedOut | sqlx::Error::Io(_) => true,
            sqlx::Error::Database(database) => {
                // SQLite's extended codes carry the plain code in their low byte.
                let code = database.code().and_then(|code| code.parse::<u32>().ok());
                matches!(code.map(|code| code & 0xff), Some(BUSY | CANNOT_WRITE | FULL))
            }
            _ => false,
        };
        let code = if later { ProblemCode::Unavailable } else { ProblemCode::Internal };
        Error { cause: Some(error.to_string()), ..Error::new(code) }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
