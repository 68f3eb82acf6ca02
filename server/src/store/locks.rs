//! Named locks that serialise write transactions: [`acquire`] waits until every other transaction with the same lock has ended.
//!
//! On PostgreSQL a lock is a row of the table `uses`. On SQLite a write transaction is alone anyway. Locks are taken in one order:
//! [`Lock::Closures`] first, then persons by id, then cases, then slots by id.
//!
//! `Err` means a database error; see [`crate::store`].

use api::ids::{CaseId, PersonId};
use chrono::{DateTime, Utc};
use rules::{Coded, District};
use sqlx::{AssertSqlSafe, query};

use crate::store::{Connection, Engine};

/// The subject of a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock<'l> {
    /// Everything that is stored about one person. Their rate limit of changes counts in the same row, so both serialise.
    Person(&'l PersonId),
    /// The documents of a case.
    Documents(&'l CaseId),
    /// The invitations of a district.
    Invitations(District),
    /// The register of a district.
    Register(District),
    /// The closures of all offices. A closure locks many persons, so two at a time could deadlock.
    Closures,
    /// The published policy documents.
    Policies,
    /// The hash chain of the audit log.
    AuditChain,
    /// The demo data of an empty database.
    Demo,
}

/// The name of [`Lock::Person`], shared with the rate limit of a person's changes.
pub const CHANGES: &str = "change";

impl<'l> Lock<'l> {
    /// Returns the key of the lock's row.
    fn key(self) -> (&'l str, &'static str) {
        match self {
            Lock::Person(person) => (person.as_str(), CHANGES),
            Lock::Documents(case) => (case.as_str(), "document"),
            Lock::Invitations(district) => (district.code(), "invitation"),
            Lock::Register(district) => (district.code(), "import"),
            Lock::Closures => ("closings", "closing"),
            Lock::Policies => ("policy", "change"),
            Lock::AuditChain => ("audit", "seal"),
            Lock::Demo => ("demo", "seed"),
        }
    }
}

/// Takes a lock until the end of the transaction, and counts how often it was taken.
pub async fn acquire(connection: &mut Connection, lock: Lock<'_>, now: DateTime<Utc>) -> sqlx::Result<()> {
    let (who, what) = lock.key();
    query(
        "INSERT INTO uses (who, what, since, count) VALUES ($1, $2, $3, 1)
         ON CONFLICT (who, what) DO UPDATE SET count = uses.count + 1",
    )
    .bind(who)
    .bind(what)
    .bind(now.timestamp())
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes the locks of several persons without counting, in the given order; no id may occur twice. The caller holds
/// [`Lock::Closures`].
pub async fn acquire_persons(connection: &mut Connection, all: &[&PersonId], now: DateTime<Utc>) -> sqlx::Result<()> {
    const AT_ONCE: usize = 1000;
    if Engine::of(connection) == Engine::Sqlite {
        return Ok(());
    }
    for some in all.chunks(AT_ONCE) {
        let rows: Vec<String> = (3..some.len() + 3).map(|place| format!("(${place}, $1, $2, 0)")).collect();
        let sql = format!(
            "INSERT INTO uses (who, what, since, count) VALUES {}
             ON CONFLICT (who, what) DO UPDATE SET count = uses.count",
            rows.join(", ")
        );
        let mut insert = query(AssertSqlSafe(sql)).bind(CHANGES).bind(now.timestamp());
        for who in some {
            insert = insert.bind(*who);
        }
        insert.execute(&mut *connection).await?;
    }
    Ok(())
}
