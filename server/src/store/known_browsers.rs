//! Browsers in which somebody has signed in before, by the hash of the token that they keep.

use chrono::{DateTime, Utc};
use sqlx::{query, query_scalar};

use crate::store::Connection;

/// Whether a browser has signed in with an address, by a clock that is not ahead of ours.
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

/// Knows a browser by a new token, and that it has signed in with an address. With the token before, it is not known any
/// more; whoever else has signed in there is known by the new one.
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

/// Forgets the browsers in which nobody has signed in since an instant.
pub async fn forget(connection: &mut Connection, before: DateTime<Utc>) -> sqlx::Result<()> {
    query("DELETE FROM known_browsers WHERE seen < $1").bind(before.timestamp()).execute(connection).await?;
    Ok(())
}
