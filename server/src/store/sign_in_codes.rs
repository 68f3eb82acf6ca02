//! One-time codes for signing in, as hashes.
//!
//! `Err` means a database error; see [`crate::store`].

use api::ids::CodeId;
use chrono::{DateTime, Utc};
use sqlx::{Row as _, query, query_scalar};

use crate::store::{Connection, new_id};

/// A code that can still be tried.
pub struct LiveCode {
    pub id: CodeId,
    pub hash: String,
}

/// A code that was added.
pub struct Replaced {
    pub id: CodeId,
    /// The id of the code that it replaced; `None` if there was none.
    pub before: Option<CodeId>,
}

/// A code to add.
pub struct NewCode<'c> {
    pub email: &'c str,
    /// The hash of the token that the requesting browser stores.
    pub ask: &'c str,
    pub tries: i64,
    pub expires: DateTime<Utc>,
}

/// Adds a code and ends the browser's previous one. `hash` gets the new id, which is the salt. Returns `None` if a concurrent
/// request of the same browser for the same address won.
pub async fn replace(
    connection: &mut Connection,
    new: &NewCode<'_>,
    hash: impl FnOnce(&str) -> String,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Replaced>> {
    let before =
        query_scalar("UPDATE sign_in_codes SET live = 0 WHERE ask = $1 AND email = $2 AND live = 1 RETURNING id")
            .bind(new.ask)
            .bind(new.email)
            .fetch_optional(&mut *connection)
            .await?;
    let id: CodeId = new_id();
    let added = query(
        "INSERT INTO sign_in_codes (id, email, ask, hash, tries_left, live, created, expires)
         VALUES ($1, $2, $3, $4, $5, 1, $6, $7) ON CONFLICT DO NOTHING",
    )
    .bind(&id)
    .bind(new.email)
    .bind(new.ask)
    .bind(hash(&id))
    .bind(new.tries)
    .bind(now.timestamp())
    .bind(new.expires.timestamp())
    .execute(connection)
    .await?;
    Ok((added.rows_affected() == 1).then_some(Replaced { id, before }))
}

/// Uses one try of the browser's live code and returns the code; `None` if there is no live code with a try left. `latest` is the
/// latest possible expiry: a code that expires later was made by a wrong clock.
pub async fn take_try(
    connection: &mut Connection,
    ask: &str,
    email: &str,
    now: DateTime<Utc>,
    latest: DateTime<Utc>,
) -> sqlx::Result<Option<LiveCode>> {
    let row = query(
        "UPDATE sign_in_codes SET tries_left = tries_left - 1
         WHERE ask = $1 AND email = $2 AND live = 1 AND expires > $3 AND expires <= $4 AND tries_left > 0 RETURNING id, hash",
    )
    .bind(ask)
    .bind(email)
    .bind(now.timestamp())
    .bind(latest.timestamp())
    .fetch_optional(connection)
    .await?;
    row.map(|row| Ok(LiveCode { id: row.try_get("id")?, hash: row.try_get("hash")? })).transpose()
}

/// Ends a code that was used.
pub async fn end(connection: &mut Connection, id: &CodeId) -> sqlx::Result<()> {
    query("UPDATE sign_in_codes SET live = 0 WHERE id = $1").bind(id).execute(connection).await?;
    Ok(())
}

/// Deletes the codes that expired before `before`, and those that expire after `ahead`, which a wrong clock made.
pub async fn forget(connection: &mut Connection, before: DateTime<Utc>, ahead: DateTime<Utc>) -> sqlx::Result<()> {
    query("DELETE FROM sign_in_codes WHERE expires < $1 OR expires > $2")
        .bind(before.timestamp())
        .bind(ahead.timestamp())
        .execute(connection)
        .await?;
    Ok(())
}
