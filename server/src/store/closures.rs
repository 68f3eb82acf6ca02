//! Offices that are closed, or work at a share of their capacity, from one day to another.

use api::{closings::Closing as Listed, fields::parse_date};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rules::{Coded, District, closure::Share};
use sqlx::{AssertSqlSafe, Row as _, query, query_scalar};

use super::{
    Connection, Row,
    bulk_actions::{PARTS, ledger},
    instant, unknown,
};

/// How long the first message waits after a closing at the desk, so that it can be undone.
pub const UNDO_FOR: TimeDelta = TimeDelta::minutes(1);

/// `id` is that of its bulk action; the days are both included.
pub async fn add(
    connection: &mut Connection,
    id: &str,
    office: &str,
    (first, last): (NaiveDate, NaiveDate),
    share: Share,
) -> sqlx::Result<()> {
    query("INSERT INTO closures (id, office, first, last, share) VALUES ($1, $2, $3, $4, $5)")
        .bind(id)
        .bind(office)
        .bind(first.to_string())
        .bind(last.to_string())
        .bind(i64::from(share.percent()))
        .execute(connection)
        .await?;
    Ok(())
}

/// The newest closing of an office that shares a day with these, and holds.
pub async fn latest(
    connection: &mut Connection,
    office: &str,
    first: NaiveDate,
    last: NaiveDate,
) -> sqlx::Result<Option<String>> {
    query_scalar(
        "SELECT id FROM closures WHERE office = $1 AND first <= $3 AND last >= $2 AND undone IS NULL ORDER BY id DESC LIMIT 1",
    )
    .bind(office)
    .bind(first.to_string())
    .bind(last.to_string())
    .fetch_optional(connection)
    .await
}

/// Whether another closing has been made over some of the days of this one since, and holds.
pub async fn is_covered(connection: &mut Connection, id: &str) -> sqlx::Result<bool> {
    let later: i64 = query_scalar(
        "SELECT count(*) FROM closures AS later JOIN closures AS this ON this.id = $1
         WHERE later.office = this.office AND later.id > this.id AND later.undone IS NULL
           AND later.first <= this.last AND later.last >= this.first",
    )
    .bind(id)
    .fetch_one(connection)
    .await?;
    Ok(later > 0)
}

/// Notes that a closing was undone, and says whether it held.
pub async fn undo(connection: &mut Connection, id: &str, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let undone = query("UPDATE closures SET undone = $2 WHERE id = $1 AND undone IS NULL")
        .bind(id)
        .bind(now.timestamp())
        .execute(connection)
        .await?;
    Ok(undone.rows_affected() == 1)
}

/// The closings of a district, the newest first, each with how far its messages have come.
pub async fn list(connection: &mut Connection, district: District) -> sqlx::Result<Vec<Listed>> {
    select(connection, district, "").await
}

/// One of them.
pub async fn find(connection: &mut Connection, district: District, id: &str) -> sqlx::Result<Option<Listed>> {
    Ok(select(connection, district, id).await?.pop())
}

/// One of them, or all without an id.
async fn select(connection: &mut Connection, district: District, id: &str) -> sqlx::Result<Vec<Listed>> {
    const MOST: usize = 50;
    let condition = if id.is_empty() { "$2 = ''" } else { "closures.id = $2" };
    let rows = query(AssertSqlSafe(format!(
        "SELECT closures.id, offices.name AS office, first, last, share, undone, made, {PARTS}
         FROM closures JOIN bulk_actions ON bulk_actions.id = closures.id JOIN offices ON offices.id = closures.office
         LEFT JOIN messages ON messages.bulk_action = closures.id
         WHERE offices.district = $1 AND {condition}
         GROUP BY closures.id, offices.name, first, last, share, undone, made ORDER BY closures.id DESC LIMIT {MOST}"
    )))
    .bind(district.code())
    .bind(id)
    .fetch_all(connection)
    .await?;
    rows.iter().map(listed).collect()
}

fn listed(row: &Row) -> sqlx::Result<Listed> {
    let day = |column: &'static str| {
        let text: &str = row.try_get(column)?;
        parse_date(text).ok_or_else(|| unknown(column, text))
    };
    let share: i64 = row.try_get("share")?;
    let made = instant(row, "made")?;
    Ok(Listed {
        id: row.try_get("id")?,
        office: row.try_get("office")?,
        first: day("first")?,
        last: day("last")?,
        share: u8::try_from(share).map_err(|_| unknown("share", &share.to_string()))?,
        made,
        undone: row
            .try_get::<Option<i64>, _>("undone")?
            .map(|at| DateTime::from_timestamp(at, 0).ok_or_else(|| unknown("undone", &at.to_string())))
            .transpose()?,
        undo_until: made + UNDO_FOR,
        ledger: ledger(row)?,
    })
}
