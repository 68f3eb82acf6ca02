//! What a handler answers when it cannot do what was asked.

use api::{Decision, ProblemCode, decision::LineError, policies::PolicyFault};
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::NaiveDate;

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
    /// What is wrong with a policy document.
    pub faults: Option<Box<Faults>>,
    /// The first day on which it would be possible.
    pub possible_from: Option<NaiveDate>,
    /// After how many seconds it may go better.
    pub retry_after: Option<i64>,
    /// What went wrong inside; for the log only.
    pub cause: Option<String>,
}

/// In a box of their own: every function that can fail would pay for their place.
#[derive(Clone, Debug)]
pub struct Faults(pub Vec<PolicyFault>);

impl Error {
    pub fn new(code: ProblemCode) -> Error {
        Error {
            code,
            field: None,
            detail: None,
            decision: None,
            facts: None,
            faults: None,
            possible_from: None,
            retry_after: None,
            cause: None,
        }
    }

    pub fn at(code: ProblemCode, field: &str) -> Error {
        Error { field: Some(field.to_owned()), ..Error::new(code) }
    }

    pub fn internal(cause: impl std::fmt::Display) -> Error {
        Error { cause: Some(cause.to_string()), ..Error::new(ProblemCode::Internal) }
    }

    /// A policy document cannot be as it is.
    pub fn faulty(code: ProblemCode, faults: Vec<PolicyFault>) -> Error {
        Error { faults: Some(Box::new(Faults(faults))), ..Error::new(code) }
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

impl From<anyhow::Error> for Error {
    /// The class of the first cause that has one, wherever it stands in the chain. Without one the fault is ours.
    fn from(error: anyhow::Error) -> Error {
        let code = error.chain().find_map(|cause| {
            let of_database = || cause.downcast_ref().map(of_database);
            of_database().or_else(|| cause.downcast_ref().map(of_storage))
        });
        let cause = Some(format!("{error:#}"));
        Error { cause, ..Error::new(code.unwrap_or(ProblemCode::Internal)) }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Error {
        Error { cause: Some(error.to_string()), ..Error::new(of_database(&error)) }
    }
}

impl From<object_store::Error> for Error {
    fn from(error: object_store::Error) -> Error {
        Error { cause: Some(error.to_string()), ..Error::new(of_storage(&error)) }
    }
}

/// A database that is busy, has no room or cannot be reached will answer again later; a text that it cannot keep is the
/// sender's; anything else is our mistake.
fn of_database(error: &sqlx::Error) -> ProblemCode {
    /// PostgreSQL: a text with a NUL in it.
    const NO_TEXT: &str = "22021";
    match error {
        sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::BeginFailed
        | sqlx::Error::InvalidSavePointStatement => ProblemCode::Unavailable,
        sqlx::Error::Database(database) => match database.code() {
            Some(code) if passes(&code) => ProblemCode::Unavailable,
            Some(code) if code == NO_TEXT => ProblemCode::InvalidField,
            _ => ProblemCode::Internal,
        },
        _ => ProblemCode::Internal,
    }
}

/// `Generic` is what the storage itself failed at: it has no room, cannot be reached or is in trouble. That passes.
fn of_storage(error: &object_store::Error) -> ProblemCode {
    match error {
        object_store::Error::NotFound { .. } => ProblemCode::NotFound,
        object_store::Error::Generic { .. } => ProblemCode::Unavailable,
        _ => ProblemCode::Internal,
    }
}

/// Whether what a database says by its code passes by itself.
fn passes(code: &str) -> bool {
    /// SQLite: busy, locked, cannot write, full.
    const SQLITE: [u32; 4] = [5, 6, 10, 13];
    /// PostgreSQL: connection lost, only reading for now, transaction to be tried again, no resources, a lock not to be had, stopped
    /// by somebody, the system failed to read or write.
    const POSTGRES: [&str; 7] = ["08", "25006", "40", "53", "55P03", "57", "58030"];
    match code.parse::<u32>() {
        // SQLite's extended codes carry the plain code in their low byte. PostgreSQL's codes have five characters.
        Ok(number) if code.len() != 5 => SQLITE.contains(&(number & 0xff)),
        _ => POSTGRES.iter().any(|class| code.starts_with(class)),
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

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;

    #[test]
    fn a_cause_keeps_its_class_through_a_chain() {
        let lost = || sqlx::Error::Io(std::io::ErrorKind::BrokenPipe.into());
        let full = || object_store::Error::Generic { store: "disk", source: "no room".into() };
        for (error, code) in [
            (Err(lost()).context("cannot close"), ProblemCode::Unavailable),
            (Err(sqlx::Error::PoolTimedOut).context("inner").context("outer"), ProblemCode::Unavailable),
            (Err(full()).context("cannot keep it"), ProblemCode::Unavailable),
            (Err(sqlx::Error::RowNotFound).context("no such row"), ProblemCode::Internal),
            (Err(anyhow::anyhow!("nonsense")), ProblemCode::Internal),
        ] {
            let error: anyhow::Result<()> = error;
            let said = Error::from(error.unwrap_err());
            assert_eq!(said.code, code, "{said:?}");
        }
        let said = Error::from(anyhow::Error::from(lost()).context("cannot close"));
        assert_eq!(said.cause.as_deref().map(|cause| cause.starts_with("cannot close: ")), Some(true));
    }
}
