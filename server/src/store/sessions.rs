//! Who is signed in.

use chrono::{DateTime, Utc};
use rules::notice::Language;
use sqlx::{Row as _, query};

use super::{Connection, coded, instant};

pub struct Session {
    pub person: String,
    pub email: String,
    pub language: Language,
    pub expires: DateTime<Utc>,
}

pub async fn add(
    connection: &mut Connection,
    token_hash: &str,
    person: &str,
    now: DateTime<Utc>,
    expires: DateTime<Utc>,
) -> sqlx::Result<()> {
    query("INSERT INTO sessions (token_hash, person, created, expires) VALUES ($1, $2, $3, $4)")
        .bind(token_hash)
        .bind(person)
        .bind(now.timestamp())
        .bind(expires.timestamp())
        .execute(connection)
        .await?;
    Ok(())
}

/// The session of a token, also one that is over: that is for the caller to say.
pub async fn find(connection: &mut Connection, token_hash: &str) -> sqlx::Result<Option<Session>> {
    let row = query(
        "SELECT sessions.person, sessions.expires, persons.email, persons.language FROM sessions
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
            expires: instant(&row, "expires")?,
        })
    })
    .transpose()
}

pub async fn end(connection: &mut Connection, token_hash: &str) -> sqlx::Result<()> {
    query("DELETE FROM sessions WHERE token_hash = $1").bind(token_hash).execute(connection).await?;
    Ok(())
}

/// Deletes the sessions that ended before an instant.
pub async fn forget(connection: &mut Connection, before: DateTime<Utc>) -> sqlx::Result<()> {
    query("DELETE FROM sessions WHERE expires < $1").bind(before.timestamp()).execute(connection).await?;
    Ok(())
}
