//! Who is signed in.

use api::session::SignedIn;
use chrono::{DateTime, Utc};
use rules::notice::Language;
use sqlx::{Row as _, query};

use crate::store::{Connection, coded, instant};

pub struct Session {
    pub person: String,
    pub email: String,
    pub language: Language,
    pub phone: Option<String>,
    pub began: DateTime<Utc>,
    pub expires: DateTime<Utc>,
}

pub async fn add(
    connection: &mut Connection,
    token_hash: &str,
    person: &str,
    device: &str,
    now: DateTime<Utc>,
    expires: DateTime<Utc>,
) -> sqlx::Result<()> {
    query("INSERT INTO sessions (token_hash, person, device, created, expires) VALUES ($1, $2, $3, $4, $5)")
        .bind(token_hash)
        .bind(person)
        .bind(device)
        .bind(now.timestamp())
        .bind(expires.timestamp())
        .execute(connection)
        .await?;
    Ok(())
}

/// The session of a token, also one that is over: that is for the caller to say.
pub async fn find(connection: &mut Connection, token_hash: &str) -> sqlx::Result<Option<Session>> {
    let row = query(
        "SELECT sessions.person, sessions.created, sessions.expires, persons.email, persons.language, persons.phone FROM sessions
         JOIN persons ON persons.id = sessions.person WHERE token_hash = $1",
    )
    .bind(token_hash)
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        Ok(Session {
            person: row.try_get("person")?,
            email: row.try_get("email")?,
            language: coded(&row, "language")?,
            phone: row.try_get("phone")?,
            began: instant(&row, "created")?,
            expires: instant(&row, "expires")?,
        })
    })
    .transpose()
}

/// Where a person is signed in, the newest first. `this` is the session that asks.
pub async fn of_person(
    connection: &mut Connection,
    person: &str,
    this: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<SignedIn>> {
    let rows = query(
        "SELECT token_hash, device, created, expires FROM sessions WHERE person = $1 AND expires > $2
         ORDER BY created DESC, token_hash",
    )
    .bind(person)
    .bind(now.timestamp())
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let id: String = row.try_get("token_hash")?;
            Ok(SignedIn {
                began: instant(row, "created")?,
                ends: instant(row, "expires")?,
                device: row.try_get("device")?,
                this: id == this,
                id,
            })
        })
        .collect()
}

/// Makes a session last until an instant.
pub async fn keep(connection: &mut Connection, token_hash: &str, expires: DateTime<Utc>) -> sqlx::Result<()> {
    query("UPDATE sessions SET expires = $2 WHERE token_hash = $1")
        .bind(token_hash)
        .bind(expires.timestamp())
        .execute(connection)
        .await?;
    Ok(())
}

/// Ends one of a person's sessions.
pub async fn end_of_person(connection: &mut Connection, person: &str, token_hash: &str) -> sqlx::Result<()> {
    query("DELETE FROM sessions WHERE person = $1 AND token_hash = $2")
        .bind(person)
        .bind(token_hash)
        .execute(connection)
        .await?;
    Ok(())
}

pub async fn end(connection: &mut Connection, token_hash: &str) -> sqlx::Result<()> {
    query("DELETE FROM sessions WHERE token_hash = $1").bind(token_hash).execute(connection).await?;
    Ok(())
}

/// Deletes the sessions that ended before an instant, or that a clock made which was ahead of `ahead`.
pub async fn forget(connection: &mut Connection, before: DateTime<Utc>, ahead: DateTime<Utc>) -> sqlx::Result<()> {
    query("DELETE FROM sessions WHERE expires < $1 OR expires > $2")
        .bind(before.timestamp())
        .bind(ahead.timestamp())
        .execute(connection)
        .await?;
    Ok(())
}
