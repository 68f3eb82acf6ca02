//! How often somebody does something, over all servers.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{AssertSqlSafe, query, query_scalar};

use crate::store::Connection;

/// Takes a turn: until this transaction ends, others who count the same wait. Returns the number of turns since `since`, in
/// a span of a day.
pub async fn count(connection: &mut Connection, who: &str, what: &str, since: DateTime<Utc>) -> sqlx::Result<i64> {
    count_within(connection, who, what, since, TimeDelta::days(1)).await
}

/// Counts one more use in the span that began at `since`, and returns how many there are now. Until this transaction ends,
/// others who count the same wait. A server whose clock is behind counts in the span of the others, if that is the next one:
/// a beginning further ahead was written by a clock that was wrong, and is begun anew.
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

/// Takes one use back that was counted.
pub async fn give_back(connection: &mut Connection, who: &str, what: &str) -> sqlx::Result<()> {
    query("UPDATE uses SET count = count - 1 WHERE who = $1 AND what = $2 AND count > 0")
        .bind(who)
        .bind(what)
        .execute(connection)
        .await?;
    Ok(())
}

/// How many uses there are in the span that began at `since`, without one more.
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

/// Makes everybody wait who counts the same for one of these, until the transaction ends, and counts nothing. The rows are locked
/// in the order given; no id may come twice. SQLite has one writer at a time, so there is nothing to wait for.
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

/// Forgets what was counted in spans that began before an instant, or that a clock wrote which was ahead of `ahead`; not what somebody
/// is counting now.
pub async fn forget(connection: &mut Connection, before: DateTime<Utc>, ahead: DateTime<Utc>) -> sqlx::Result<()> {
    // Rows that are locked are left: a closing locks many, and the two would wait for each other.
    let skip = if connection.backend_name() == "PostgreSQL" { "FOR UPDATE SKIP LOCKED" } else { "" };
    let sql = format!(
        "DELETE FROM uses WHERE (who, what) IN (SELECT who, what FROM uses WHERE since < $1 OR since > $2 {skip})"
    );
    query(AssertSqlSafe(sql)).bind(before.timestamp()).bind(ahead.timestamp()).execute(connection).await?;
    Ok(())
}
