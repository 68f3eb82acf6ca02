//! Which officers are signed in at the desk.

use api::officers::Officer;
use chrono::{DateTime, Utc};
use sqlx::query;

use super::{Connection, instant, officers};

pub struct Session {
    pub officer: Officer,
    pub began: DateTime<Utc>,
    /// When the officer last did something.
    pub seen: DateTime<Utc>,
}

pub async fn add(connection: &mut Connection, token_hash: &str, officer: &str, now: DateTime<Utc>) -> sqlx::Result<()> {
    query("INSERT INTO desk_sessions (token_hash, officer, began, seen) VALUES ($1, $2, $3, $3)")
        .bind(token_hash)
        .bind(officer)
        .bind(now.timestamp())
        .execute(connection)
        .await?;
    Ok(())
}

/// The session of a token, also one that is over: that is for the caller to say.
pub async fn find(connection: &mut Connection, token_hash: &str) -> sqlx::Result<Option<Session>> {
    let row = query(
        "SELECT officers.*, began, seen FROM desk_sessions JOIN officers ON officers.id = desk_sessions.officer
         WHERE token_hash = $1 AND ended IS NULL",
    )
    .bind(token_hash)
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        Ok(Session { officer: officers::officer(&row)?, began: instant(&row, "began")?, seen: instant(&row, "seen")? })
    })
    .transpose()
}

pub async fn see(connection: &mut Connection, token_hash: &str, now: DateTime<Utc>) -> sqlx::Result<()> {
    query("UPDATE desk_sessions SET seen = $2 WHERE token_hash = $1 AND seen < $2")
        .bind(token_hash)
        .bind(now.timestamp())
        .execute(connection)
        .await?;
    Ok(())
}

pub async fn end(connection: &mut Connection, token_hash: &str) -> sqlx::Result<()> {
    query("DELETE FROM desk_sessions WHERE token_hash = $1").bind(token_hash).execute(connection).await?;
    Ok(())
}

/// Deletes the sessions in which nothing was done since an instant, or something after `ahead`.
pub async fn forget(connection: &mut Connection, before: DateTime<Utc>, ahead: DateTime<Utc>) -> sqlx::Result<()> {
    query("DELETE FROM desk_sessions WHERE seen < $1 OR seen > $2")
        .bind(before.timestamp())
        .bind(ahead.timestamp())
        .execute(connection)
        .await?;
    Ok(())
}
