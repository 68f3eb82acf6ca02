//! The policies that receipts refer to, by hash.
//!
//! `Err` means a database error; see [`crate::store`].

use sqlx::query;

use crate::store::Connection;

/// Stores a policy under its hash. Does nothing if it is stored already.
pub async fn store(connection: &mut Connection, sha256: &str, body: &str) -> sqlx::Result<()> {
    query("INSERT INTO policies (sha256, body) VALUES ($1, $2) ON CONFLICT (sha256) DO NOTHING")
        .bind(sha256)
        .bind(body)
        .execute(connection)
        .await?;
    Ok(())
}
