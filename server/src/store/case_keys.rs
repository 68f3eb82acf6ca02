//! The encryption keys of cases. Each case has one key pair for its documents.
//!
//! `Err` means a database error; see [`crate::store`].

use api::ids::CaseId;
use sqlx::{query, query_as, query_scalar};

use crate::store::Connection;

/// A stored key pair: the public key, and the secret key in base64, encrypted with the master key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub recipient: String,
    pub wrapped: String,
}

/// Returns the key of a case; `None` if it has none.
pub async fn find(connection: &mut Connection, case: &CaseId) -> sqlx::Result<Option<Kept>> {
    let row: Option<(String, String)> = query_as("SELECT recipient, wrapped FROM case_keys WHERE case_id = $1")
        .bind(case)
        .fetch_optional(connection)
        .await?;
    Ok(row.map(|(recipient, wrapped)| Kept { recipient, wrapped }))
}

/// Returns the first and the last case that have a key, by id; `None` if none has.
pub async fn ends(connection: &mut Connection) -> sqlx::Result<Option<[CaseId; 2]>> {
    let (first, last): (Option<CaseId>, Option<CaseId>) =
        query_as("SELECT min(case_id), max(case_id) FROM case_keys").fetch_one(connection).await?;
    Ok(first.zip(last).map(|(first, last)| [first, last]))
}

/// Returns the ids of all cases that have a key.
pub async fn all(connection: &mut Connection) -> sqlx::Result<Vec<CaseId>> {
    query_scalar("SELECT case_id FROM case_keys ORDER BY case_id").fetch_all(connection).await
}

/// Replaces the encrypted secret key after a change of the master key.
pub async fn wrap(connection: &mut Connection, case: &CaseId, wrapped: &str) -> sqlx::Result<()> {
    query("UPDATE case_keys SET wrapped = $2 WHERE case_id = $1").bind(case).bind(wrapped).execute(connection).await?;
    Ok(())
}

/// Stores the key of a case that has none.
pub async fn add(connection: &mut Connection, case: &CaseId, kept: &Kept) -> sqlx::Result<()> {
    query("INSERT INTO case_keys (case_id, recipient, wrapped) VALUES ($1, $2, $3)")
        .bind(case)
        .bind(&kept.recipient)
        .bind(&kept.wrapped)
        .execute(connection)
        .await?;
    Ok(())
}

/// Deletes the key of a case without stored segments or open uploads. The caller prevents a concurrent upload.
pub async fn forget(connection: &mut Connection, case: &CaseId) -> sqlx::Result<()> {
    query(
        "DELETE FROM case_keys WHERE case_id = $1
           AND NOT EXISTS (SELECT 1 FROM segments WHERE segments.case_id = $1)
           AND NOT EXISTS (SELECT 1 FROM documents WHERE documents.case_id = $1 AND state = 'arriving')",
    )
    .bind(case)
    .execute(connection)
    .await?;
    Ok(())
}
