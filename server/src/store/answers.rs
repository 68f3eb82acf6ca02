//! Stored answers for `Idempotency-Key`: the first answer to a request, repeated to each retry.
//!
//! `Err` means a database error; see [`crate::store`].

use chrono::{DateTime, Utc};
use sqlx::{Row as _, query};

use crate::store::Connection;

/// An answer, stored with its request.
pub struct Answer {
    /// The hash of the request.
    pub request: String,
    pub status: u16,
    pub body: String,
}

/// Returns the answer stored for a key after `since`; `None` if there is none.
pub async fn find(
    connection: &mut Connection,
    scope: &str,
    key: &str,
    since: DateTime<Utc>,
) -> sqlx::Result<Option<Answer>> {
    let row = query("SELECT request, status, body FROM answers WHERE scope = $1 AND key = $2 AND created > $3")
        .bind(scope)
        .bind(key)
        .bind(since.timestamp())
        .fetch_optional(connection)
        .await?;
    row.map(|row| {
        let status: i64 = row.try_get("status")?;
        Ok(Answer {
            request: row.try_get("request")?,
            status: u16::try_from(status).map_err(|error| sqlx::Error::Decode(error.into()))?,
            body: row.try_get("body")?,
        })
    })
    .transpose()
}

/// Stores an answer. It replaces one with the same scope and key.
pub async fn add(
    connection: &mut Connection,
    scope: &str,
    key: &str,
    answer: &Answer,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    query(
        "INSERT INTO answers (scope, key, request, status, body, created) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (scope, key) DO UPDATE SET request = excluded.request, status = excluded.status,
           body = excluded.body, created = excluded.created",
    )
    .bind(scope)
    .bind(key)
    .bind(&answer.request)
    .bind(i64::from(answer.status))
    .bind(&answer.body)
    .bind(now.timestamp())
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes the answers older than `before`, and those newer than `ahead`, which a wrong clock made.
pub async fn forget(connection: &mut Connection, before: DateTime<Utc>, ahead: DateTime<Utc>) -> sqlx::Result<()> {
    query("DELETE FROM answers WHERE created < $1 OR created > $2")
        .bind(before.timestamp())
        .bind(ahead.timestamp())
        .execute(connection)
        .await?;
    Ok(())
}
