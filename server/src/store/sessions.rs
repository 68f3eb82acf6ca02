//! Sessions of applicants. The caller decides when a session is over.
//!
//! `Err` means a database error or an unknown value in a column; see [`crate::store`].

use api::{ids::PersonId, session::SignedIn};
use chrono::{DateTime, Utc};
use rules::notice::Language;
use sqlx::{Row as _, query};

use crate::store::{Connection, coded, instant};

/// A session with its person.
pub struct Session {
    pub person: PersonId,
    pub email: String,
    pub language: Language,
    pub phone: Option<String>,
    pub began: DateTime<Utc>,
    pub expires: DateTime<Utc>,
}

/// Adds a session.
pub async fn add(
    connection: &mut Connection,
    token_hash: &str,
    person: &PersonId,
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

/// Returns the session of a token, even an expired one; `None` if there is none.
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

/// Returns a person's current sessions, newest first. `this` is the token hash of the current one.
pub async fn of_person(
    connection: &mut Connection,
    person: &PersonId,
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

/// Extends a session until `expires`.
pub async fn extend(connection: &mut Connection, token_hash: &str, expires: DateTime<Utc>) -> sqlx::Result<()> {
    query("UPDATE sessions SET expires = $2 WHERE token_hash = $1")
        .bind(token_hash)
        .bind(expires.timestamp())
        .execute(connection)
        .await?;
    Ok(())
}

/// Ends a session of a person. Does nothing if it is another person's.
pub async fn end_of_person(connection: &mut Connection, person: &PersonId, token_hash: &str) -> sqlx::Result<()> {
    query("DELETE FROM sessions WHERE person = $1 AND token_hash = $2")
        .bind(person)
        .bind(token_hash)
        .execute(connection)
        .await?;
    Ok(())
}

/// Ends a session.
pub async fn end(connection: &mut Connection, token_hash: &str) -> sqlx::Result<()> {
    query("DELETE FROM sessions WHERE token_hash = $1").bind(token_hash).execute(connection).await?;
    Ok(())
}

/// Deletes the sessions that expired before `before`, and those that expire after `ahead`, which a wrong clock made.
pub async fn forget(connection: &mut Connection, before: DateTime<Utc>, ahead: DateTime<Utc>) -> sqlx::Result<()> {
    query("DELETE FROM sessions WHERE expires < $1 OR expires > $2")
        .bind(before.timestamp())
        .bind(ahead.timestamp())
        .execute(connection)
        .await?;
    Ok(())
}
