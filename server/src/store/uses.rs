//! How often somebody does something, over all servers.

use chrono::{DateTime, Utc};
use sqlx::{query, query_scalar};

use super::Connection;

/// Counts one more use in the span that began at `since`, and says how many there are now. Until this transaction ends,
/// others who count the same wait. A server whose clock is behind counts in the span of the others.
pub async fn count(connection: &mut Connection, who: &str, what: &str, since: DateTime<Utc>) -> sqlx::Result<i64> {
    query_scalar(
        "INSERT INTO uses (who, what, since, count) VALUES ($1, $2, $3, 1)
         ON CONFLICT (who, what) DO UPDATE SET
           since = CASE WHEN uses.since >= excluded.since THEN uses.since ELSE excluded.since END,
           count = CASE WHEN uses.since >= excluded.since THEN uses.count + 1 ELSE 1 END
         RETURNING count",
    )
    .bind(who)
    .bind(what)
    .bind(since.timestamp())
    .fetch_one(connection)
    .await
}

/// Whether something was counted in the span that began at `since`, or in a later one. Nothing is written.
pub async fn is_counted(
    connection: &mut Connection,
    who: &str,
    what: &str,
    since: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let count: i64 = query_scalar("SELECT count(*) FROM uses WHERE who = $1 AND what = $2 AND since >= $3")
        .bind(who)
        .bind(what)
        .bind(since.timestamp())
        .fetch_one(connection)
        .await?;
    Ok(count > 0)
}

/// Forgets what was counted in spans that began before an instant.
pub async fn forget(connection: &mut Connection, before: DateTime<Utc>) -> sqlx::Result<()> {
    query("DELETE FROM uses WHERE since < $1").bind(before.timestamp()).execute(connection).await?;
    Ok(())
}
