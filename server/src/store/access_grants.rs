//! Access that officers gave each other: the data of the four-eyes rule and of the notice about a new link. The table is
//! append-only, except for the time of use.
//!
//! `Err` means a database error; see [`crate::store`].

use api::{
    ids::{GrantId, OfficerId, PasskeyId},
    officers::LinkMade,
};
use chrono::{DateTime, Utc};
use sqlx::{Row as _, query, query_as};

use crate::store::{Connection, instant, new_id, unknown};

/// Access that one officer gave another, by adding them or by a link for a passkey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    pub giver: OfficerId,
    pub receiver: OfficerId,
    /// The later of making the link and adding a passkey with it.
    pub at: DateTime<Utc>,
}

/// The kind of a grant: a new officer, or a link for a passkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Add,
    Link,
}

/// Adds a grant and returns its id. `giver` is an officer's id, or `None` for the command line.
pub async fn add(
    connection: &mut Connection,
    giver: Option<&OfficerId>,
    receiver: &OfficerId,
    kind: Kind,
    now: DateTime<Utc>,
) -> sqlx::Result<GrantId> {
    let id: GrantId = new_id();
    let kind = match kind {
        Kind::Add => "add",
        Kind::Link => "link",
    };
    query("INSERT INTO access_grants (id, giver, receiver, kind, made) VALUES ($1, nullif($2, ''), $3, $4, $5)")
        .bind(&id)
        .bind(giver.map_or("", OfficerId::as_str))
        .bind(receiver)
        .bind(kind)
        .bind(now.timestamp())
        .execute(connection)
        .await?;
    Ok(id)
}

/// Records that a passkey was added with the link of a grant.
pub async fn used(connection: &mut Connection, id: &GrantId, now: DateTime<Utc>) -> sqlx::Result<()> {
    query("UPDATE access_grants SET used = $2 WHERE id = $1")
        .bind(id)
        .bind(now.timestamp())
        .execute(connection)
        .await?;
    Ok(())
}

/// Returns the grants between two different officers that were made or used after `since`. Each is dated by its use, if it was
/// used, because a link gives no access before.
pub async fn since(connection: &mut Connection, since: DateTime<Utc>) -> sqlx::Result<Vec<Grant>> {
    let rows: Vec<(OfficerId, OfficerId, i64)> = query_as(
        "SELECT giver, receiver, coalesce(used, made) FROM access_grants
         WHERE giver IS NOT NULL AND giver <> receiver AND (made > $1 OR used > $1)",
    )
    .bind(since.timestamp())
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(giver, receiver, at)| {
            let at = DateTime::from_timestamp(at, 0).ok_or_else(|| unknown("made", &at.to_string()))?;
            Ok(Grant { giver, receiver, at })
        })
        .collect()
}

/// Returns the links that others made for an officer after `since`, newest first. With a passkey, only those not acknowledged
/// with it.
pub async fn links(
    connection: &mut Connection,
    officer: &OfficerId,
    unread_with: Option<&PasskeyId>,
    since: DateTime<Utc>,
) -> sqlx::Result<Vec<LinkMade>> {
    let rows = query(
        "SELECT access_grants.id, made, coalesce(used, 0) AS added, coalesce(officers.name, '') AS by_name
         FROM access_grants LEFT JOIN officers ON officers.id = giver
         WHERE receiver = $1 AND kind = 'link' AND (giver IS NULL OR giver <> receiver) AND made > $2
           AND ($3 = 0 OR NOT EXISTS (SELECT 1 FROM access_notices WHERE access_grant = access_grants.id AND passkey = $4))
         ORDER BY made DESC, access_grants.id DESC",
    )
    .bind(officer)
    .bind(since.timestamp())
    .bind(i64::from(unread_with.is_some()))
    .bind(unread_with.map_or("", PasskeyId::as_str))
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let (by, added): (String, i64) = (row.try_get("by_name")?, row.try_get("added")?);
            Ok(LinkMade {
                id: row.try_get("id")?,
                made: instant(row, "made")?,
                by: Some(by).filter(|by| !by.is_empty()),
                used: (added > 0).then(|| instant(row, "added")).transpose()?,
            })
        })
        .collect()
}

/// Records that an officer acknowledged a link with a passkey. Returns `false` if the officer has no such link.
pub async fn read(
    connection: &mut Connection,
    id: &GrantId,
    officer: &OfficerId,
    passkey: &PasskeyId,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let read = query(
        "INSERT INTO access_notices (access_grant, passkey, seen)
         SELECT id, $3, CAST($4 AS BIGINT) FROM access_grants WHERE id = $1 AND receiver = $2
         ON CONFLICT (access_grant, passkey) DO UPDATE SET seen = access_notices.seen",
    )
    .bind(id)
    .bind(officer)
    .bind(passkey)
    .bind(now.timestamp())
    .execute(connection)
    .await?;
    Ok(read.rows_affected() == 1)
}
