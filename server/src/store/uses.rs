//! How often somebody does something, over all servers.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{query, query_scalar};

use super::Connection;

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

/// Forgets what was counted in spans that began before an instant, or that a clock wrote which was ahead of `ahead`.
pub async fn forget(connection: &mut Connection, before: DateTime<Utc>, ahead: DateTime<Utc>) -> sqlx::Result<()> {
    query("DELETE FROM uses WHERE since < $1 OR since > $2")
        .bind(before.timestamp())
        .bind(ahead.timestamp())
        .execute(connection)
        .await?;
    Ok(())
}
