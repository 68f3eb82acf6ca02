//! Rate limits and serialising locks, both as rows with a counter, shared by all servers.
//!
//! `Err` means a database error; see [`crate::store`].

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{AssertSqlSafe, query, query_scalar};

use crate::store::Connection;

/// Counts a use in a period of one day from `since`, and returns the new number. This also takes a lock: others who count the
/// same row wait until the end of the transaction.
pub async fn count(connection: &mut Connection, who: &str, what: &str, since: DateTime<Utc>) -> sqlx::Result<i64> {
    count_within(connection, who, what, since, TimeDelta::days(1)).await
}

/// Counts a use in the period from `since` and returns the new number. Others who count the same row wait until the end of the
/// transaction.
///
/// A server with a slow clock counts in the period of the others, if that is the next one. A period that begins later was written
/// by a wrong clock and is replaced.
pub async fn count_within(
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

/// Returns `true` if there is a use in the period from `since` or a later one. It writes nothing.
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

/// Takes back one use.
pub async fn give_back(connection: &mut Connection, who: &str, what: &str) -> sqlx::Result<()> {
    query("UPDATE uses SET count = count - 1 WHERE who = $1 AND what = $2 AND count > 0")
        .bind(who)
        .bind(what)
        .execute(connection)
        .await?;
    Ok(())
}

/// Returns the number of uses in the period from `since`, without counting one.
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

/// Locks the rows of several ids until the end of the transaction without counting. Locks are taken in the given order; no id may
/// occur twice. SQLite has one writer, so only PostgreSQL needs it.
pub async fn lock_all(connection: &mut Connection, all: &[&str], what: &str, since: DateTime<Utc>) -> sqlx::Result<()> {
    const AT_ONCE: usize = 1000;
    if connection.backend_name() != "PostgreSQL" {
        return Ok(());
    }
    for some in all.chunks(AT_ONCE) {
        let rows: Vec<String> = (3..some.len() + 3).map(|place| format!("(${place}, $1, $2, 0)")).collect();
        let sql = format!(
            "INSERT INTO uses (who, what, since, count) VALUES {}
             ON CONFLICT (who, what) DO UPDATE SET count = uses.count",
            rows.join(", ")
        );
        let mut insert = query(AssertSqlSafe(sql)).bind(what).bind(since.timestamp());
        for who in some {
            insert = insert.bind(*who);
        }
        insert.execute(&mut *connection).await?;
    }
    Ok(())
}

/// Deletes the counts of periods before `before`, and of those after `ahead`, which a wrong clock made. Locked rows are skipped.
pub async fn forget(connection: &mut Connection, before: DateTime<Utc>, ahead: DateTime<Utc>) -> sqlx::Result<()> {
    // A closure locks many rows, and waiting for it here could deadlock.
    let skip = if connection.backend_name() == "PostgreSQL" { "FOR UPDATE SKIP LOCKED" } else { "" };
    let sql = format!(
        "DELETE FROM uses WHERE (who, what) IN (SELECT who, what FROM uses WHERE since < $1 OR since > $2 {skip})"
    );
    query(AssertSqlSafe(sql)).bind(before.timestamp()).bind(ahead.timestamp()).execute(connection).await?;
    Ok(())
}
