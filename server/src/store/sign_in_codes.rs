//! One-time codes for signing in, as hashes.

use chrono::{DateTime, Utc};
use sqlx::{Row as _, query, query_scalar};

use super::{Connection, new_id};

/// A code that may still be tried.
pub struct LiveCode {
    pub id: String,
    pub hash: String,
}

/// A code that was added.
pub struct Replaced {
    pub id: String,
    /// The one that it has ended.
    pub before: Option<String>,
}

/// Adds a code and ends the one before. The hash is made by the caller from the new id, which is its salt. None if it was not
/// added: of two who ask for the same address at the same instant, one gets a code.
pub async fn replace(
    connection: &mut Connection,
    email: &str,
    hash: impl FnOnce(&str) -> String,
    tries: i64,
    now: DateTime<Utc>,
    expires: DateTime<Utc>,
) -> sqlx::Result<Option<Replaced>> {
    let before = query_scalar("UPDATE sign_in_codes SET live = 0 WHERE email = $1 AND live = 1 RETURNING id")
        .bind(email)
        .fetch_optional(&mut *connection)
        .await?;
    let id = new_id();
    let added = query(
        "INSERT INTO sign_in_codes (id, email, hash, tries_left, live, created, expires)
         VALUES ($1, $2, $3, $4, 1, $5, $6) ON CONFLICT DO NOTHING",
    )
    .bind(&id)
    .bind(email)
    .bind(hash(&id))
    .bind(tries)
    .bind(now.timestamp())
    .bind(expires.timestamp())
    .execute(connection)
    .await?;
    Ok((added.rows_affected() == 1).then_some(Replaced { id, before }))
}

/// How many codes an address was sent since an instant.
pub async fn count_since(connection: &mut Connection, email: &str, since: DateTime<Utc>) -> sqlx::Result<i64> {
    query_scalar("SELECT count(*) FROM sign_in_codes WHERE email = $1 AND created > $2")
        .bind(email)
        .bind(since.timestamp())
        .fetch_one(connection)
        .await
}

/// Takes one of the tries of the address's live code, and returns the code; none if there is no live one with a try left.
pub async fn take_try(connection: &mut Connection, email: &str, now: DateTime<Utc>) -> sqlx::Result<Option<LiveCode>> {
    let row = query(
        "UPDATE sign_in_codes SET tries_left = tries_left - 1
         WHERE email = $1 AND live = 1 AND expires > $2 AND tries_left > 0 RETURNING id, hash",
    )
    .bind(email)
    .bind(now.timestamp())
    .fetch_optional(connection)
    .await?;
    row.map(|row| Ok(LiveCode { id: row.try_get("id")?, hash: row.try_get("hash")? })).transpose()
}

/// Ends a code that was used.
pub async fn end(connection: &mut Connection, id: &str) -> sqlx::Result<()> {
    query("UPDATE sign_in_codes SET live = 0 WHERE id = $1").bind(id).execute(connection).await?;
    Ok(())
}

/// Deletes the codes that ended before an instant.
pub async fn forget(connection: &mut Connection, before: DateTime<Utc>) -> sqlx::Result<()> {
    query("DELETE FROM sign_in_codes WHERE expires < $1").bind(before.timestamp()).execute(connection).await?;
    Ok(())
}
