//! Segments: the parts of a document as they were received, each in a file of its own.
//!
//! `Err` means a database error; see [`crate::store`].

use api::ids::{CaseId, DocumentId, SegmentId};
use chrono::{DateTime, Utc};
use sqlx::{query, query_as, query_scalar};

use crate::store::{Connection, number};

/// A complete segment.
#[derive(Clone, Debug)]
pub struct Segment {
    pub id: SegmentId,
    pub case: CaseId,
    /// Size of the plaintext in bytes.
    pub size: u64,
}

/// Begins a segment and leases it until `until`. Returns `false` if another segment of the document is being written. The caller
/// holds a lock against a concurrent begin.
pub async fn begin(
    connection: &mut Connection,
    id: &SegmentId,
    (document, case): (&DocumentId, &CaseId),
    start: u64,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> sqlx::Result<bool> {
    if is_busy(connection, document, now).await? {
        return Ok(false);
    }
    // A writer whose lease expired can no longer complete its segment.
    query("UPDATE segments SET leased_until = 0 WHERE document = $1 AND size IS NULL")
        .bind(document)
        .execute(&mut *connection)
        .await?;
    query("INSERT INTO segments (id, document, case_id, start, leased_until) VALUES ($1, $2, $3, $4, $5)")
        .bind(id)
        .bind(document)
        .bind(case)
        .bind(number(start))
        .bind(until.timestamp())
        .execute(connection)
        .await?;
    Ok(true)
}

/// Renews the lease of a segment. Returns `false` if the lease was lost.
pub async fn renew(connection: &mut Connection, id: &SegmentId, until: DateTime<Utc>) -> sqlx::Result<bool> {
    let renewed = query("UPDATE segments SET leased_until = $2 WHERE id = $1 AND size IS NULL AND leased_until > 0")
        .bind(id)
        .bind(until.timestamp())
        .execute(connection)
        .await?;
    Ok(renewed.rows_affected() == 1)
}

/// Marks a segment as complete. Returns `false` if the lease was lost.
pub async fn complete(connection: &mut Connection, id: &SegmentId, size: u64) -> sqlx::Result<bool> {
    let completed = query("UPDATE segments SET size = $2 WHERE id = $1 AND size IS NULL AND leased_until > 0")
        .bind(id)
        .bind(number(size))
        .execute(connection)
        .await?;
    Ok(completed.rows_affected() == 1)
}

/// Returns `true` if a segment of the document is being written.
pub async fn is_busy(connection: &mut Connection, document: &DocumentId, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let open: i64 =
        query_scalar("SELECT count(*) FROM segments WHERE document = $1 AND size IS NULL AND leased_until > $2")
            .bind(document)
            .bind(now.timestamp())
            .fetch_one(connection)
            .await?;
    Ok(open > 0)
}

/// Deletes the row of a segment.
pub async fn delete(connection: &mut Connection, id: &SegmentId) -> sqlx::Result<()> {
    query("DELETE FROM segments WHERE id = $1").bind(id).execute(connection).await?;
    Ok(())
}

/// Returns the complete segments of a document, in order.
pub async fn of_document(connection: &mut Connection, document: &DocumentId) -> sqlx::Result<Vec<Segment>> {
    let rows: Vec<(SegmentId, CaseId, i64)> =
        query_as("SELECT id, case_id, size FROM segments WHERE document = $1 AND size IS NOT NULL ORDER BY start")
            .bind(document)
            .fetch_all(connection)
            .await?;
    Ok(rows.into_iter().map(|(id, case, size)| Segment { id, case, size: size.unsigned_abs() }).collect())
}

/// Revokes the expired leases of incomplete segments. Returns their ids with their cases. A file may or may not exist for each.
pub async fn take_abandoned(connection: &mut Connection, now: DateTime<Utc>) -> sqlx::Result<Vec<(SegmentId, CaseId)>> {
    query_as("UPDATE segments SET leased_until = 0 WHERE size IS NULL AND leased_until <= $1 RETURNING id, case_id")
        .bind(now.timestamp())
        .fetch_all(connection)
        .await
}

/// Returns the ids of all segments of a document, complete or not, each with its case.
pub async fn all_of_document(
    connection: &mut Connection,
    document: &DocumentId,
) -> sqlx::Result<Vec<(SegmentId, CaseId)>> {
    query_as("SELECT id, case_id FROM segments WHERE document = $1").bind(document).fetch_all(connection).await
}
