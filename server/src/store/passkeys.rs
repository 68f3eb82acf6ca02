//! Officers' passkeys and open WebAuthn ceremonies, both as JSON of webauthn-rs.
//!
//! `Err` means a database error; see [`crate::store`].

use api::{
    ids::{CeremonyId, OfficerId, PasskeyId},
    officers::Passkey,
};
use chrono::{DateTime, Utc};
use sqlx::{Row as _, query, query_as, query_scalar};

use crate::store::{Connection, instant, new_id};

/// Adds a passkey. Returns `false` if its id exists.
pub async fn add(
    connection: &mut Connection,
    id: &PasskeyId,
    officer: &OfficerId,
    credential: &str,
    device: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let added = query(
        "INSERT INTO passkeys (id, officer, credential, device, added) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (id) DO NOTHING",
    )
    .bind(id)
    .bind(officer)
    .bind(credential)
    .bind(device)
    .bind(now.timestamp())
    .execute(connection)
    .await?;
    Ok(added.rows_affected() == 1)
}

/// Returns a passkey of a current officer, as JSON; `None` if there is none.
pub async fn find(connection: &mut Connection, id: &PasskeyId, officer: &OfficerId) -> sqlx::Result<Option<String>> {
    let row = query(
        "SELECT credential FROM passkeys JOIN officers ON officers.id = passkeys.officer
         WHERE passkeys.id = $1 AND officer = $2 AND ended IS NULL",
    )
    .bind(id)
    .bind(officer)
    .fetch_optional(connection)
    .await?;
    row.map(|row| row.try_get("credential")).transpose()
}

/// Returns the passkeys of an officer, as JSON.
pub async fn credentials(connection: &mut Connection, officer: &OfficerId) -> sqlx::Result<Vec<String>> {
    query_scalar("SELECT credential FROM passkeys WHERE officer = $1 ORDER BY added, id")
        .bind(officer)
        .fetch_all(connection)
        .await
}

/// Returns the passkeys of an officer for display, oldest first. `this` is the id of the one that opened the current session.
pub async fn of_officer(
    connection: &mut Connection,
    officer: &OfficerId,
    this: &PasskeyId,
) -> sqlx::Result<Vec<Passkey>> {
    let rows = query(
        "SELECT id, added, coalesce(used, 0) AS last_used, device FROM passkeys WHERE officer = $1 ORDER BY added, id",
    )
    .bind(officer)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let (id, used): (PasskeyId, i64) = (row.try_get("id")?, row.try_get("last_used")?);
            Ok(Passkey {
                added: instant(row, "added")?,
                used: (used > 0).then(|| instant(row, "last_used")).transpose()?,
                device: row.try_get("device")?,
                this: id == *this,
                id,
            })
        })
        .collect()
}

/// Removes a passkey of an officer. Returns `false` if there is none.
pub async fn remove(connection: &mut Connection, id: &PasskeyId, officer: &OfficerId) -> sqlx::Result<bool> {
    let removed =
        query("DELETE FROM passkeys WHERE id = $1 AND officer = $2").bind(id).bind(officer).execute(connection).await?;
    Ok(removed.rows_affected() == 1)
}

/// Records the use of a passkey, and its new state, for instance its counter.
pub async fn used(
    connection: &mut Connection,
    id: &PasskeyId,
    credential: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    query("UPDATE passkeys SET credential = $2, used = $3 WHERE id = $1")
        .bind(id)
        .bind(credential)
        .bind(now.timestamp())
        .execute(connection)
        .await?;
    Ok(())
}

/// Stores the state of a ceremony and returns its id. `officer` is `None` if it is not known who signs in.
pub async fn begin_ceremony(
    connection: &mut Connection,
    officer: Option<&OfficerId>,
    state: &str,
    expires: DateTime<Utc>,
) -> sqlx::Result<CeremonyId> {
    let id: CeremonyId = new_id();
    query("INSERT INTO ceremonies (id, officer, state, expires) VALUES ($1, nullif($2, ''), $3, $4)")
        .bind(&id)
        .bind(officer.map_or("", OfficerId::as_str))
        .bind(state)
        .bind(expires.timestamp())
        .execute(connection)
        .await?;
    Ok(id)
}

/// Ends a ceremony and returns its officer (empty if not known) and state; `None` if it is unknown or expired. The state can be
/// used once.
pub async fn end_ceremony(
    connection: &mut Connection,
    id: &CeremonyId,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<(OfficerId, String)>> {
    query_as("DELETE FROM ceremonies WHERE id = $1 AND expires > $2 RETURNING coalesce(officer, ''), state")
        .bind(id)
        .bind(now.timestamp())
        .fetch_optional(connection)
        .await
}

/// Deletes the ceremonies that expired before `before`, and those that expire after `ahead`, which a wrong clock made.
pub async fn forget(connection: &mut Connection, before: DateTime<Utc>, ahead: DateTime<Utc>) -> sqlx::Result<()> {
    query("DELETE FROM ceremonies WHERE expires < $1 OR expires > $2")
        .bind(before.timestamp())
        .bind(ahead.timestamp())
        .execute(connection)
        .await?;
    Ok(())
}
