//! The policies that decisions were made by.

use sqlx::query;

use crate::store::Connection;

/// Keeps a policy; one that is there already stays.
pub async fn keep(connection: &mut Connection, sha256: &str, body: &str) -> sqlx::Result<()> {
    query("INSERT INTO policies (sha256, body) VALUES ($1, $2) ON CONFLICT (sha256) DO NOTHING")
        .bind(sha256)
        .bind(body)
        .execute(connection)
        .await?;
    Ok(())
}
