//! Drafts of policy documents, from drafting to approval. The rule for who approves is in `four_eyes`.
//!
//! `Err` means a database error or an unknown value in a column; see [`crate::store`].

use api::{
    fields::parse_date,
    ids::{DraftId, OfficerId},
    policies::{Draft, DraftState, Scope},
};
use chrono::{DateTime, NaiveDate, Utc};
use rules::{Coded, District};
use sqlx::{AssertSqlSafe, Row as _, query, query_scalar};

use crate::store::{Connection, Row, coded, instant, unknown};

/// A draft to add.
#[derive(Clone, Copy, Debug)]
pub struct NewDraft<'d> {
    pub document: &'d str,
    pub version: u32,
    pub body: &'d str,
    pub from: NaiveDate,
    pub district: District,
    pub scope: Scope,
    /// The id of the officer who drafted it.
    pub by: &'d OfficerId,
}

/// Adds a draft with this id. Returns `false` if the document has an open draft.
pub async fn add(
    connection: &mut Connection,
    id: &DraftId,
    draft: &NewDraft<'_>,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let added = query(
        "INSERT INTO policy_drafts (id, document, version, body, from_day, district, scope, drafted_by, drafted)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (document) WHERE approved IS NULL AND withdrawn IS NULL DO NOTHING",
    )
    .bind(id)
    .bind(draft.document)
    .bind(i64::from(draft.version))
    .bind(draft.body)
    .bind(draft.from.to_string())
    .bind(draft.district.code())
    .bind(draft.scope.code())
    .bind(draft.by)
    .bind(now.timestamp())
    .execute(connection)
    .await?;
    Ok(added.rows_affected() == 1)
}

/// A draft with its text.
#[derive(Clone, Debug)]
pub struct Found {
    pub draft: Draft,
    pub body: String,
    /// The drafter's id.
    pub drafted_by: OfficerId,
}

/// Returns a draft; `None` if there is none. `officer` is the id of the caller.
pub async fn find(
    connection: &mut Connection,
    id: &DraftId,
    officer: &OfficerId,
    today: NaiveDate,
) -> sqlx::Result<Option<Found>> {
    let rows = select(connection, "policy_drafts.id = $1", id).await?;
    rows.first().map(|row| found(row, officer, today)).transpose()
}

/// Returns the open drafts, and the approved ones whose first day is in the future, newest first.
pub async fn ahead(connection: &mut Connection, officer: &OfficerId, today: NaiveDate) -> sqlx::Result<Vec<Found>> {
    let condition = "withdrawn IS NULL AND (approved IS NULL OR from_day > $1)";
    let rows = select(connection, condition, &today.to_string()).await?;
    rows.iter().map(|row| found(row, officer, today)).collect()
}

/// Returns the rows that fulfil a condition, newest first.
async fn select(connection: &mut Connection, condition: &str, value: &str) -> sqlx::Result<Vec<Row>> {
    query(AssertSqlSafe(format!(
        "SELECT policy_drafts.*, drafter.name AS drafter, approver.name AS approver FROM policy_drafts
         JOIN officers AS drafter ON drafter.id = drafted_by
         LEFT JOIN officers AS approver ON approver.id = approved_by
         WHERE {condition} ORDER BY policy_drafts.id DESC"
    )))
    .bind(value)
    .fetch_all(connection)
    .await
}

/// Reads a draft from a row of `select`.
fn found(row: &Row, officer: &OfficerId, today: NaiveDate) -> sqlx::Result<Found> {
    let from = day(row)?;
    let approved: Option<i64> = row.try_get("approved")?;
    let withdrawn: Option<i64> = row.try_get("withdrawn")?;
    let by: OfficerId = row.try_get("drafted_by")?;
    let version: i64 = row.try_get("version")?;
    let approved = approved
        .map(|at| DateTime::from_timestamp(at, 0).ok_or_else(|| unknown("approved", &at.to_string())))
        .transpose()?;
    let draft = Draft {
        id: row.try_get("id")?,
        document: row.try_get("document")?,
        version: u32::try_from(version).map_err(|_| unknown("version", &version.to_string()))?,
        from,
        district: coded(row, "district")?,
        scope: coded(row, "scope")?,
        state: match (withdrawn, approved) {
            (Some(_), _) => DraftState::Withdrawn,
            (None, None) => DraftState::Open,
            (None, Some(_)) if from > today => DraftState::Coming,
            (None, Some(_)) => DraftState::Published,
        },
        drafted_by: row.try_get("drafter")?,
        drafted: instant(row, "drafted")?,
        approved_by: row.try_get("approver")?,
        approved,
        own: by == *officer,
    };
    Ok(Found { draft, body: row.try_get("body")?, drafted_by: by })
}

/// Reads the first day of a draft.
fn day(row: &Row) -> sqlx::Result<NaiveDate> {
    let text: &str = row.try_get("from_day")?;
    parse_date(text).ok_or_else(|| unknown("from_day", text))
}

/// Marks a draft as approved. Returns `false` if it was not open or `officer` drafted it.
pub async fn approve(
    connection: &mut Connection,
    id: &DraftId,
    officer: &OfficerId,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let approved = query(
        "UPDATE policy_drafts SET approved_by = $2, approved = $3
         WHERE id = $1 AND approved IS NULL AND withdrawn IS NULL AND drafted_by <> $2",
    )
    .bind(id)
    .bind(officer)
    .bind(now.timestamp())
    .execute(connection)
    .await?;
    Ok(approved.rows_affected() == 1)
}

/// Marks a draft as withdrawn. Returns `false` if there is none or it was withdrawn already.
pub async fn withdraw(connection: &mut Connection, id: &DraftId, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let withdrawn = query("UPDATE policy_drafts SET withdrawn = $2 WHERE id = $1 AND withdrawn IS NULL")
        .bind(id)
        .bind(now.timestamp())
        .execute(connection)
        .await?;
    Ok(withdrawn.rows_affected() == 1)
}

/// An approved document.
#[derive(Clone, Debug)]
pub struct Approved {
    pub id: DraftId,
    pub body: String,
    pub from: NaiveDate,
}

/// Returns the approved documents, whatever their first day.
pub async fn approved(connection: &mut Connection) -> sqlx::Result<Vec<Approved>> {
    let rows = query(
        "SELECT id, body, from_day FROM policy_drafts WHERE approved IS NOT NULL AND withdrawn IS NULL ORDER BY id",
    )
    .fetch_all(connection)
    .await?;
    let approved = |row: &Row| Ok(Approved { id: row.try_get("id")?, body: row.try_get("body")?, from: day(row)? });
    rows.iter().map(approved).collect()
}

/// Returns the ids of the approved documents, a cheap check for changes.
pub async fn approved_ids(connection: &mut Connection) -> sqlx::Result<Vec<DraftId>> {
    query_scalar("SELECT id FROM policy_drafts WHERE approved IS NOT NULL AND withdrawn IS NULL ORDER BY id")
        .fetch_all(connection)
        .await
}
