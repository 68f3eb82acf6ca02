//! Officers, and the links with which they add a passkey.
//!
//! `Err` means a database error or an unknown value in a column; see [`crate::store`].

use api::{
    ids::{GrantId, OfficerId},
    officers::{Officer, Role},
};
use chrono::{DateTime, Utc};
use rules::{Coded, District};
use sqlx::{Row as _, query, query_scalar};

use crate::store::{Connection, Row, coded, new_id};

/// Adds an officer and returns them with their new id.
pub async fn add(
    connection: &mut Connection,
    name: &str,
    district: District,
    role: Role,
    now: DateTime<Utc>,
) -> sqlx::Result<Officer> {
    let officer = Officer { id: new_id(), name: name.to_owned(), district, role };
    query("INSERT INTO officers (id, name, district, role, added) VALUES ($1, $2, $3, $4, $5)")
        .bind(&officer.id)
        .bind(name)
        .bind(district.code())
        .bind(role.code())
        .bind(now.timestamp())
        .execute(connection)
        .await?;
    Ok(officer)
}

/// Returns an officer; `None` if there is none or their access was ended.
pub async fn find(connection: &mut Connection, id: &OfficerId) -> sqlx::Result<Option<Officer>> {
    let row =
        query("SELECT * FROM officers WHERE id = $1 AND ended IS NULL").bind(id).fetch_optional(connection).await?;
    row.as_ref().map(officer).transpose()
}

/// Returns the current officers of a district (`None`: of all districts), by district and name.
pub async fn list(connection: &mut Connection, district: Option<District>) -> sqlx::Result<Vec<Officer>> {
    let rows =
        query("SELECT * FROM officers WHERE ended IS NULL AND ($1 = '' OR district = $1) ORDER BY district, name, id")
            .bind(district.map_or("", District::code))
            .fetch_all(connection)
            .await?;
    rows.iter().map(officer).collect()
}

/// Returns the current and former officers of a district, by name.
pub async fn ever(connection: &mut Connection, district: District) -> sqlx::Result<Vec<Officer>> {
    let rows = query("SELECT * FROM officers WHERE district = $1 ORDER BY name, id")
        .bind(district.code())
        .fetch_all(connection)
        .await?;
    rows.iter().map(officer).collect()
}

/// Ends an officer's access: passkeys, links and sessions are deleted. Returns `false` if there was no current officer. The row
/// stays, and so do the grants that refer to it.
pub async fn end(connection: &mut Connection, id: &OfficerId, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let ended = query("UPDATE officers SET ended = $2 WHERE id = $1 AND ended IS NULL")
        .bind(id)
        .bind(now.timestamp())
        .execute(&mut *connection)
        .await?;
    end_access(connection, id).await?;
    query("DELETE FROM officer_links WHERE officer = $1").bind(id).execute(&mut *connection).await?;
    Ok(ended.rows_affected() == 1)
}

/// Deletes an officer's sessions, passkeys and open ceremonies.
pub async fn end_access(connection: &mut Connection, id: &OfficerId) -> sqlx::Result<()> {
    for sql in [
        "DELETE FROM desk_sessions WHERE officer = $1",
        "DELETE FROM passkeys WHERE officer = $1",
        "DELETE FROM ceremonies WHERE officer = $1",
    ] {
        query(sql).bind(id).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Stores a link for an officer and replaces the previous one. Ceremonies begun with the previous link end, so that a passkey
/// always belongs to the grant of its own link.
pub async fn link(
    connection: &mut Connection,
    officer: &OfficerId,
    token_hash: &str,
    access_grant: &GrantId,
    expires: DateTime<Utc>,
) -> sqlx::Result<()> {
    for sql in ["DELETE FROM officer_links WHERE officer = $1", "DELETE FROM ceremonies WHERE officer = $1"] {
        query(sql).bind(officer).execute(&mut *connection).await?;
    }
    query("INSERT INTO officer_links (token_hash, officer, access_grant, expires) VALUES ($1, $2, $3, $4)")
        .bind(token_hash)
        .bind(officer)
        .bind(access_grant)
        .bind(expires.timestamp())
        .execute(connection)
        .await?;
    Ok(())
}

/// Returns the officer of a link; `None` if the link is unknown or expired.
pub async fn of_link(
    connection: &mut Connection,
    token_hash: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Officer>> {
    let row = query(
        "SELECT officers.* FROM officers JOIN officer_links ON officer_links.officer = officers.id
         WHERE token_hash = $1 AND expires > $2 AND ended IS NULL",
    )
    .bind(token_hash)
    .bind(now.timestamp())
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(officer).transpose()
}

/// Uses up the officer's link and returns its grant; `None` if there was no link. Of two concurrent calls only one gets it.
pub async fn use_link(connection: &mut Connection, officer: &OfficerId) -> sqlx::Result<Option<GrantId>> {
    query_scalar("DELETE FROM officer_links WHERE officer = $1 RETURNING coalesce(access_grant, '')")
        .bind(officer)
        .fetch_optional(connection)
        .await
}

/// Deletes the links that expired before `before`.
pub async fn forget_links(connection: &mut Connection, before: DateTime<Utc>) -> sqlx::Result<()> {
    query("DELETE FROM officer_links WHERE expires < $1").bind(before.timestamp()).execute(connection).await?;
    Ok(())
}

/// Reads an officer from a row with the columns of `officers`.
pub(super) fn officer(row: &Row) -> sqlx::Result<Officer> {
    Ok(Officer {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        district: coded(row, "district")?,
        role: coded(row, "role")?,
    })
}
