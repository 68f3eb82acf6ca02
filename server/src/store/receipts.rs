//! Receipts of decisions, with their facts and policy.
//!
//! `Err` means a database error or a value that cannot be read; see [`crate::store`].

use api::{
    ids::{CaseId, ReceiptId},
    receipts::{About, Receipt},
};
use chrono::{DateTime, Utc};
use rules::{Coded, District};
use serde::de::DeserializeOwned;
use sqlx::{Row as _, query};

use crate::store::{Connection, Row, coded, instant, new_id};

/// A receipt to add. Facts and decision are JSON.
pub struct NewReceipt<'r> {
    pub case: &'r CaseId,
    pub about: About,
    pub facts: &'r str,
    pub decision: &'r str,
    /// The hash of the policy.
    pub policy: &'r str,
    pub sha256: &'r str,
}

/// Adds a receipt and returns its id.
pub async fn add(connection: &mut Connection, receipt: &NewReceipt<'_>, now: DateTime<Utc>) -> sqlx::Result<ReceiptId> {
    let id: ReceiptId = new_id();
    query(
        "INSERT INTO receipts (id, case_id, about, facts, decision, policy, sha256, made)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(&id)
    .bind(receipt.case)
    .bind(receipt.about.code())
    .bind(receipt.facts)
    .bind(receipt.decision)
    .bind(receipt.policy)
    .bind(receipt.sha256)
    .bind(now.timestamp())
    .execute(connection)
    .await?;
    Ok(id)
}

/// Returns a receipt; `None` if its case is not in this district.
pub async fn of_district(
    connection: &mut Connection,
    district: District,
    id: &ReceiptId,
) -> sqlx::Result<Option<Receipt>> {
    let row = query(
        "SELECT receipts.id, made, reference, about, facts, decision, body, receipts.sha256 FROM receipts
         JOIN cases ON cases.id = receipts.case_id JOIN policies ON policies.sha256 = receipts.policy
         WHERE receipts.id = $1 AND cases.district = $2",
    )
    .bind(id)
    .bind(district.code())
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(receipt).transpose()
}

/// Returns the receipts of a case, by its id, oldest first.
pub async fn of_case(connection: &mut Connection, case: &CaseId) -> sqlx::Result<Vec<Receipt>> {
    let rows = query(
        "SELECT receipts.id, made, reference, about, facts, decision, body, receipts.sha256 FROM receipts
         JOIN cases ON cases.id = receipts.case_id JOIN policies ON policies.sha256 = receipts.policy
         WHERE cases.id = $1 ORDER BY receipts.id",
    )
    .bind(case)
    .fetch_all(connection)
    .await?;
    rows.iter().map(receipt).collect()
}

/// Returns the receipts of the case with this reference, oldest first. `None` means all cases.
pub async fn list(connection: &mut Connection, reference: Option<&str>) -> sqlx::Result<Vec<Receipt>> {
    let rows = query(
        "SELECT receipts.id, made, reference, about, facts, decision, body, receipts.sha256 FROM receipts
         JOIN cases ON cases.id = receipts.case_id JOIN policies ON policies.sha256 = receipts.policy
         WHERE reference = $1 OR $1 IS NULL ORDER BY receipts.id",
    )
    .bind(reference)
    .fetch_all(connection)
    .await?;
    rows.iter().map(receipt).collect()
}

/// Reads a receipt from a row.
fn receipt(row: &Row) -> sqlx::Result<Receipt> {
    Ok(Receipt {
        id: row.try_get("id")?,
        made: instant(row, "made")?,
        case: row.try_get("reference")?,
        about: coded(row, "about")?,
        facts: json(row, "facts")?,
        decision: json(row, "decision")?,
        policy: json(row, "body")?,
        sha256: row.try_get("sha256")?,
    })
}

/// Parses a JSON column.
fn json<T: DeserializeOwned>(row: &Row, column: &'static str) -> sqlx::Result<T> {
    serde_json::from_str(row.try_get(column)?).map_err(|error| sqlx::Error::Decode(error.into()))
}
