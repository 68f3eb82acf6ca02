//! The parts of a document, each of which is a file.

use chrono::{DateTime, Utc};
use sqlx::{query, query_as, query_scalar};

use crate::store::{Connection, number};

/// A part that is whole.
#[derive(Clone, Debug)]
pub struct Segment {
    pub id: String,
    pub case: String,
    /// In bytes of the document.
    pub size: u64,
}

/// Begins a part. No if somebody else is at one of the same document. The caller has made sure that nobody else begins one at the
/// same time.
pub async fn begin(
    connection: &mut Connection,
    id: &str,
    (document, case): (&str, &str),
    start: u64,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> sqlx::Result<bool> {
    if is_busy(connection, document, now).await? {
        return Ok(false);
    }
    // Whoever has begun one and is not heard of any more cannot end it now.
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

/// Says that who writes a part is still there. No if it is not theirs any more.
pub async fn renew(connection: &mut Connection, id: &str, until: DateTime<Utc>) -> sqlx::Result<bool> {
    let renewed = query("UPDATE segments SET leased_until = $2 WHERE id = $1 AND size IS NULL AND leased_until > 0")
        .bind(id)
        .bind(until.timestamp())
        .execute(connection)
        .await?;
    Ok(renewed.rows_affected() == 1)
}

/// Notes that a part is whole. No if it is not theirs any more who wrote it.
pub async fn complete(connection: &mut Connection, id: &str, size: u64) -> sqlx::Result<bool> {
    let completed = query("UPDATE segments SET size = $2 WHERE id = $1 AND size IS NULL AND leased_until > 0")
        .bind(id)
        .bind(number(size))
        .execute(connection)
        .await?;
    Ok(completed.rows_affected() == 1)
}

/// Somebody writes a part of this document at the moment.
pub async fn is_busy(connection: &mut Connection, document: &str, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let open: i64 =
        query_scalar("SELECT count(*) FROM segments WHERE document = $1 AND size IS NULL AND leased_until > $2")
            .bind(document)
            .bind(now.timestamp())
            .fetch_one(connection)
            .await?;
    Ok(open > 0)
}

pub async fn delete(connection: &mut Connection, id: &str) -> sqlx::Result<()> {
    query("DELETE FROM segments WHERE id = $1").bind(id).execute(connection).await?;
    Ok(())
}

/// A document's whole parts, in their order.
pub async fn of_document(connection: &mut Connection, document: &str) -> sqlx::Result<Vec<Segment>> {
    let rows: Vec<(String, String, i64)> =
        query_as("SELECT id, case_id, size FROM segments WHERE document = $1 AND size IS NOT NULL ORDER BY start")
            .bind(document)
            .fetch_all(connection)
            .await?;
    Ok(rows.into_iter().map(|(id, case, size)| Segment { id, case, size: size.unsigned_abs() }).collect())
}

/// Takes what nobody is writing any more from whoever has begun it, and returns it: the ids, each with its case. Their files may be
/// there and may not.
pub async fn take_abandoned(connection: &mut Connection, now: DateTime<Utc>) -> sqlx::Result<Vec<(String, String)>> {
    query_as("UPDATE segments SET leased_until = 0 WHERE size IS NULL AND leased_until <= $1 RETURNING id, case_id")
        .bind(now.timestamp())
        .fetch_all(connection)
        .await
}

/// The ids of all parts of a document, whole or not, each with its case.
pub async fn all_of_document(connection: &mut Connection, document: &str) -> sqlx::Result<Vec<(String, String)>> {
    query_as("SELECT id, case_id FROM segments WHERE document = $1").bind(document).fetch_all(connection).await
}
