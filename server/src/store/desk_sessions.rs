//! Sessions of officers at the desk. The caller decides when a session is over.
//!
//! `Err` means a database error; see [`crate::store`].

use api::{
    ids::{OfficerId, PasskeyId},
    officers::{AtDesk, Officer},
};
use chrono::{DateTime, Utc};
use sqlx::{Row as _, query, query_scalar};

use crate::secrets;
use crate::store::{Connection, instant, officers};

/// A session of an officer.
pub struct Session {
    pub officer: Officer,
    pub began: DateTime<Utc>,
    /// The time of the officer's last activity.
    pub seen: DateTime<Utc>,
    /// The id of the passkey that opened the session; empty in the demo.
    pub passkey: PasskeyId,
    /// The time at which the officer last showed a passkey in it; `None` if never.
    pub confirmed: Option<DateTime<Utc>>,
}

/// Adds a session. It counts as confirmed, because the sign-in itself shows a passkey.
pub async fn add(
    connection: &mut Connection,
    token_hash: &str,
    officer: &OfficerId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    query("INSERT INTO desk_sessions (token_hash, officer, began, seen, confirmed) VALUES ($1, $2, $3, $3, $3)")
        .bind(token_hash)
        .bind(officer)
        .bind(now.timestamp())
        .execute(connection)
        .await?;
    Ok(())
}

/// Returns the session of a token, even an expired one; `None` if there is none or it was ended.
pub async fn find(connection: &mut Connection, token_hash: &str) -> sqlx::Result<Option<Session>> {
    let row = query(
        "SELECT officers.*, began, seen, passkey, coalesce(confirmed, 0) AS confirmed FROM desk_sessions JOIN officers ON officers.id = desk_sessions.officer
         WHERE token_hash = $1 AND ended IS NULL",
    )
    .bind(token_hash)
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        let confirmed: i64 = row.try_get("confirmed")?;
        Ok(Session {
            officer: officers::officer(&row)?,
            began: instant(&row, "began")?,
            seen: instant(&row, "seen")?,
            passkey: row.try_get("passkey")?,
            confirmed: DateTime::from_timestamp(confirmed, 0).filter(|_| confirmed > 0),
        })
    })
    .transpose()
}

/// Records the passkey and the browser that opened a session.
pub async fn began_with(
    connection: &mut Connection,
    token_hash: &str,
    passkey: &PasskeyId,
    device: &str,
) -> sqlx::Result<()> {
    query("UPDATE desk_sessions SET passkey = $2, device = $3 WHERE token_hash = $1")
        .bind(token_hash)
        .bind(passkey)
        .bind(device)
        .execute(connection)
        .await?;
    Ok(())
}

/// Records that the officer showed a passkey in a session.
pub async fn confirm(connection: &mut Connection, token_hash: &str, now: DateTime<Utc>) -> sqlx::Result<()> {
    query("UPDATE desk_sessions SET confirmed = $2 WHERE token_hash = $1")
        .bind(token_hash)
        .bind(now.timestamp())
        .execute(connection)
        .await?;
    Ok(())
}

/// Returns an officer's sessions with activity after `seen_after` that began after `began_after`, newest first. `this` is the
/// token hash of the current session.
pub async fn of_officer(
    connection: &mut Connection,
    officer: &OfficerId,
    this: &str,
    seen_after: DateTime<Utc>,
    began_after: DateTime<Utc>,
) -> sqlx::Result<Vec<AtDesk>> {
    let rows = query(
        "SELECT token_hash, began, seen, device FROM desk_sessions WHERE officer = $1 AND seen > $2 AND began > $3
         ORDER BY began DESC, token_hash",
    )
    .bind(officer)
    .bind(seen_after.timestamp())
    .bind(began_after.timestamp())
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let hash: String = row.try_get("token_hash")?;
            Ok(AtDesk {
                id: secrets::session_name(&hash).to_owned(),
                began: instant(row, "began")?,
                seen: instant(row, "seen")?,
                device: row.try_get("device")?,
                this: hash == this,
            })
        })
        .collect()
}

/// Ends one of an officer's sessions by its name. Returns `false` if there is no such session.
pub async fn end_named(connection: &mut Connection, officer: &OfficerId, named: &str) -> sqlx::Result<bool> {
    let ended = query("DELETE FROM desk_sessions WHERE officer = $1 AND substr(token_hash, 1, 16) = $2")
        .bind(officer)
        .bind(named)
        .execute(connection)
        .await?;
    Ok(ended.rows_affected() > 0)
}

/// Ends the sessions that a passkey opened, and those with an unknown passkey, except the current session if its passkey is
/// unknown.
pub async fn end_with_passkey(
    connection: &mut Connection,
    officer: &OfficerId,
    passkey: &PasskeyId,
    except: &str,
) -> sqlx::Result<()> {
    query(
        "DELETE FROM desk_sessions
         WHERE officer = $1 AND (passkey = $2 OR passkey = '') AND NOT (passkey = '' AND token_hash = $3)",
    )
    .bind(officer)
    .bind(passkey)
    .bind(except)
    .execute(connection)
    .await?;
    Ok(())
}

/// Records activity in a session. An older time changes nothing.
pub async fn see(connection: &mut Connection, token_hash: &str, now: DateTime<Utc>) -> sqlx::Result<()> {
    query("UPDATE desk_sessions SET seen = $2 WHERE token_hash = $1 AND seen < $2")
        .bind(token_hash)
        .bind(now.timestamp())
        .execute(connection)
        .await?;
    Ok(())
}

/// Ends a session and returns its officer's id; `None` if there was none.
pub async fn end(connection: &mut Connection, token_hash: &str) -> sqlx::Result<Option<OfficerId>> {
    query_scalar("DELETE FROM desk_sessions WHERE token_hash = $1 RETURNING officer")
        .bind(token_hash)
        .fetch_optional(connection)
        .await
}

/// Deletes the sessions with no activity since `before`, and those with activity after `ahead`, which a wrong clock made.
pub async fn forget(connection: &mut Connection, before: DateTime<Utc>, ahead: DateTime<Utc>) -> sqlx::Result<()> {
    query("DELETE FROM desk_sessions WHERE seen < $1 OR seen > $2")
        .bind(before.timestamp())
        .bind(ahead.timestamp())
        .execute(connection)
        .await?;
    Ok(())
}
