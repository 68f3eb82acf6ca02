//! Browsers in which a person signed in before, identified by the hash of a token that they store.
//!
//! `Err` means a database error; see [`crate::store`].

use chrono::{DateTime, Utc};
use sqlx::{query, query_scalar};

use crate::store::Connection;

/// Returns `true` if this browser signed in with this address, and not at a time ahead of the clock.
pub async fn is_known(
    connection: &mut Connection,
    token_hash: &str,
    email: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let count: i64 =
        query_scalar("SELECT count(*) FROM known_browsers WHERE token_hash = $1 AND email = $2 AND seen <= $3")
            .bind(token_hash)
            .bind(email)
            .bind(now.timestamp())
            .fetch_one(connection)
            .await?;
    Ok(count > 0)
}

/// Replaces a browser's token and records a sign-in with this address. Other addresses of the browser move to the new token.
pub async fn learn(
    connection: &mut Connection,
    before: Option<&str>,
    token_hash: &str,
    email: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    if let Some(before) = before {
        query("UPDATE known_browsers SET token_hash = $2 WHERE token_hash = $1")
            .bind(before)
            .bind(token_hash)
            .execute(&mut *connection)
            .await?;
    }
    query(
        "INSERT INTO known_browsers (token_hash, email, seen) VALUES ($1, $2, $3)
         ON CONFLICT (token_hash, email) DO UPDATE SET seen = excluded.seen",
    )
    .bind(token_hash)
    .bind(email)
    .bind(now.timestamp())
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes the browsers without a sign-in since `before`.
pub async fn forget(connection: &mut Connection, before: DateTime<Utc>) -> sqlx::Result<()> {
    query("DELETE FROM known_browsers WHERE seen < $1").bind(before.timestamp()).execute(connection).await?;
    Ok(())
}
