//! Officers' passkeys, and the ceremonies that are going on. Both are kept as webauthn-rs writes them.

use api::officers::Passkey;
use chrono::{DateTime, Utc};
use sqlx::{Row as _, query, query_as, query_scalar};

use crate::store::{Connection, instant, new_id};

/// Adds a passkey, and says whether it could: not if there is one with its id.
pub async fn add(
    connection: &mut Connection,
    id: &str,
    officer: &str,
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

/// An officer's passkey, if they work here still.
pub async fn find(connection: &mut Connection, id: &str, officer: &str) -> sqlx::Result<Option<String>> {
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

/// The passkeys of an officer as webauthn-rs writes them.
pub async fn credentials(connection: &mut Connection, officer: &str) -> sqlx::Result<Vec<String>> {
    query_scalar("SELECT credential FROM passkeys WHERE officer = $1 ORDER BY added, id")
        .bind(officer)
        .fetch_all(connection)
        .await
}

/// The passkeys of an officer for people to see, the oldest first. `this` is the id of the one that the asking session began with.
pub async fn of_officer(connection: &mut Connection, officer: &str, this: &str) -> sqlx::Result<Vec<Passkey>> {
    let rows = query(
        "SELECT id, added, coalesce(used, 0) AS last_used, device FROM passkeys WHERE officer = $1 ORDER BY added, id",
    )
    .bind(officer)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let (id, used): (String, i64) = (row.try_get("id")?, row.try_get("last_used")?);
            Ok(Passkey {
                added: instant(row, "added")?,
                used: (used > 0).then(|| instant(row, "last_used")).transpose()?,
                device: row.try_get("device")?,
                this: id == this,
                id,
            })
        })
        .collect()
}

/// Removes one of an officer's passkeys. False: there is no such passkey.
pub async fn remove(connection: &mut Connection, id: &str, officer: &str) -> sqlx::Result<bool> {
    let removed =
        query("DELETE FROM passkeys WHERE id = $1 AND officer = $2").bind(id).bind(officer).execute(connection).await?;
    Ok(removed.rows_affected() == 1)
}

/// Notes that a passkey was used, and what has changed in it: its counter, for instance.
pub async fn used(connection: &mut Connection, id: &str, credential: &str, now: DateTime<Utc>) -> sqlx::Result<()> {
    query("UPDATE passkeys SET credential = $2, used = $3 WHERE id = $1")
        .bind(id)
        .bind(credential)
        .bind(now.timestamp())
        .execute(connection)
        .await?;
    Ok(())
}

/// Keeps the state of a ceremony, and returns its id. `officer` is empty where it is not known who signs in.
pub async fn begin_ceremony(
    connection: &mut Connection,
    officer: &str,
    state: &str,
    expires: DateTime<Utc>,
) -> sqlx::Result<String> {
    let id = new_id();
    query("INSERT INTO ceremonies (id, officer, state, expires) VALUES ($1, nullif($2, ''), $3, $4)")
        .bind(&id)
        .bind(officer)
        .bind(state)
        .bind(expires.timestamp())
        .execute(connection)
        .await?;
    Ok(id)
}

/// Ends a ceremony: its state can be used once. The officer is empty where it was not known.
pub async fn end_ceremony(
    connection: &mut Connection,
    id: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<(String, String)>> {
    query_as("DELETE FROM ceremonies WHERE id = $1 AND expires > $2 RETURNING coalesce(officer, ''), state")
        .bind(id)
        .bind(now.timestamp())
        .fetch_optional(connection)
        .await
}

/// Deletes the ceremonies that ended before an instant, or that end after `ahead`.
pub async fn forget(connection: &mut Connection, before: DateTime<Utc>, ahead: DateTime<Utc>) -> sqlx::Result<()> {
    query("DELETE FROM ceremonies WHERE expires < $1 OR expires > $2")
        .bind(before.timestamp())
        .bind(ahead.timestamp())
        .execute(connection)
        .await?;
    Ok(())
}
