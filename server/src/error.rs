//! Errors: the rule for them, the type that services return, and the class of a cause. No HTTP: `http/error.rs` makes a response of
//! an error.
//!
//! The rule: the store returns `sqlx::Result`, services return `error::Result`, and `http` turns an `Error` into a response. A
//! busy, deadlocked or unreachable database answers 503 on every path, also when the error comes through `anyhow`.

use api::{Decision, ProblemCode, decision::LineError, policies::PolicyFault};
use chrono::NaiveDate;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The reason why a request failed. `http/log.rs` writes it as `application/problem+json` with the request's id.
#[derive(Clone, Debug)]
pub struct Error {
    pub code: ProblemCode,
    pub field: Option<String>,
    /// A detail in English that replaces the code's own sentence.
    pub detail: Option<String>,
    pub decision: Option<Box<Decision>>,
    pub facts: Option<Box<LineError>>,
    /// The faults of a policy document.
    pub faults: Option<Box<Faults>>,
    /// The first day on which the request would be possible.
    pub possible_from: Option<NaiveDate>,
    /// Seconds after which a retry may succeed.
    pub retry_after: Option<i64>,
    /// The internal cause, for the log only.
    pub cause: Option<String>,
}

/// The faults of a policy document. Boxed to keep `Error` small.
#[derive(Clone, Debug)]
pub struct Faults(pub Vec<PolicyFault>);

impl Error {
    /// Returns an error with this code and nothing else.
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

    /// Returns an error about one field of the request, by its wire name.
    pub fn at(code: ProblemCode, field: &str) -> Error {
        Error { field: Some(field.to_owned()), ..Error::new(code) }
    }

    /// Returns an internal error (500) with its cause for the log.
    pub fn internal(cause: impl std::fmt::Display) -> Error {
        Error { cause: Some(cause.to_string()), ..Error::new(ProblemCode::Internal) }
    }

    /// Returns an error about a policy document with its faults.
    pub fn faulty(code: ProblemCode, faults: Vec<PolicyFault>) -> Error {
        Error { faults: Some(Box::new(Faults(faults))), ..Error::new(code) }
    }

    /// Returns the refusal that a decision states.
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
    /// Classifies the error by the first cause in its chain that comes from the database or the storage. Without one it is an
    /// internal error (500).
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

/// Classifies an error of the database. A busy, full or unreachable database is transient (503). A text that it cannot store is the
/// sender's fault (422). Anything else is an internal error (500).
fn of_database(error: &sqlx::Error) -> ProblemCode {
    /// PostgreSQL: the text contains a NUL.
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

/// Classifies an error of the file storage. `Generic` means full, unreachable or failing storage, which is transient.
fn of_storage(error: &object_store::Error) -> ProblemCode {
    match error {
        object_store::Error::NotFound { .. } => ProblemCode::NotFound,
        object_store::Error::Generic { .. } => ProblemCode::Unavailable,
        _ => ProblemCode::Internal,
    }
}

/// Returns `true` if the error code of a database is transient.
fn passes(code: &str) -> bool {
    /// SQLite: busy, locked, cannot write, full.
    const SQLITE: [u32; 4] = [5, 6, 10, 13];
    /// PostgreSQL classes: connection lost, read-only transaction, serialisation failure or deadlock, out of resources, lock not
    /// available, operator intervention, input or output error.
    const POSTGRES: [&str; 7] = ["08", "25006", "40", "53", "55P03", "57", "58030"];
    match code.parse::<u32>() {
        // SQLite's extended codes carry the plain code in their low byte. PostgreSQL's codes have five characters.
        Ok(number) if code.len() != 5 => SQLITE.contains(&(number & 0xff)),
        _ => POSTGRES.iter().any(|class| code.starts_with(class)),
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
