//! The counters of rate limits: one row for each subject and limit, for its current window, shared by all servers. The limits are in
//! `services/limits.rs`.
//!
//! `Err` means a database error; see [`crate::store`].

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{AssertSqlSafe, query, query_scalar};

use crate::store::{Connection, Engine};

/// A use of a rate-limited action.
#[derive(Clone, Debug)]
pub struct Use {
    pub who: String,
    pub what: &'static str,
    /// The start of the window in which it counts, and the window's length.
    pub since: DateTime<Utc>,
    pub span: TimeDelta,
}

/// Counts a use in the window from `since` and returns the new number. Others who count the same row wait until the end of the
/// transaction.
///
/// A server with a slow clock counts in the window of the others, if that is the next one. A window that begins later was written
/// by a wrong clock and is replaced.
pub async fn count(
    connection: &mut Connection,
    who: &str,
    what: &str,
    since: DateTime<Utc>,
    span: TimeDelta,
) -> sqlx::Result<i64> {
    query_scalar(
        "INSERT INTO uses (who, what, since, count) VALUES ($1, $2, $3, 1)
         ON CONFLICT (who, what) DO UPDATE SET
           since = CASE WHEN uses.since >= excluded.since AND uses.since <= $4 THEN uses.since ELSE excluded.since END,
           count = CASE WHEN uses.since >= excluded.since AND uses.since <= $4 THEN uses.count + 1 ELSE 1 END
         RETURNING count",
    )
    .bind(who)
    .bind(what)
    .bind(since.timestamp())
    .bind((since + span).timestamp())
    .fetch_one(connection)
    .await
}

/// Takes back one use.
pub async fn give_back(connection: &mut Connection, who: &str, what: &str) -> sqlx::Result<()> {
    query("UPDATE uses SET count = count - 1 WHERE who = $1 AND what = $2 AND count > 0")
        .bind(who)
        .bind(what)
        .execute(connection)
        .await?;
    Ok(())
}

/// Returns the number of uses in the window from `since`, without counting one.
pub async fn counted(
    connection: &mut Connection,
    who: &str,
    what: &str,
    since: DateTime<Utc>,
    span: TimeDelta,
) -> sqlx::Result<i64> {
    let count: Option<i64> =
        query_scalar("SELECT count FROM uses WHERE who = $1 AND what = $2 AND since >= $3 AND since <= $4")
            .bind(who)
            .bind(what)
            .bind(since.timestamp())
            .bind((since + span).timestamp())
            .fetch_optional(connection)
            .await?;
    Ok(count.unwrap_or(0))
}

/// Deletes the counters of windows before `before`, and of those after `ahead`, which a wrong clock made. Locked rows are skipped, also
/// those of `locks.rs`.
pub async fn forget(connection: &mut Connection, before: DateTime<Utc>, ahead: DateTime<Utc>) -> sqlx::Result<()> {
    // A closure locks many rows, and waiting for it here could deadlock.
    let skip = Engine::of(connection).skip_locked();
    let sql = format!(
        "DELETE FROM uses WHERE (who, what) IN (SELECT who, what FROM uses WHERE since < $1 OR since > $2 {skip})"
    );
    query(AssertSqlSafe(sql)).bind(before.timestamp()).bind(ahead.timestamp()).execute(connection).await?;
    Ok(())
}
