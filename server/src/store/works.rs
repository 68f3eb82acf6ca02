//! When applicants start to work, a row a case.

use api::{cases::Work, fields::parse_date};
use chrono::{DateTime, Utc};
use sqlx::{Row as _, query};

use crate::store::{Connection, Row, unknown};

/// Sets what is told, or with nothing that there is no work.
pub async fn set(connection: &mut Connection, case: &str, work: Option<Work>, now: DateTime<Utc>) -> sqlx::Result<()> {
    let Some(work) = work else {
        query("DELETE FROM works WHERE case_id = $1").bind(case).execute(connection).await?;
        return Ok(());
    };
    query(
        "INSERT INTO works (case_id, starts, reported, told) VALUES ($1, $2, $3, $4)
         ON CONFLICT (case_id) DO UPDATE SET starts = excluded.starts, reported = excluded.reported, told = excluded.told",
    )
    .bind(case)
    .bind(work.starts.to_string())
    .bind(work.reported.map(|day| day.to_string()))
    .bind(now.timestamp())
    .execute(connection)
    .await?;
    Ok(())
}

/// The work in a row that has `work_starts` and `work_reported`, both NULL if nothing was told.
pub(super) fn work(row: &Row) -> sqlx::Result<Option<Work>> {
    let day = |column: &'static str| -> sqlx::Result<_> {
        row.try_get::<Option<String>, _>(column)?
            .map(|text| parse_date(&text).ok_or_else(|| unknown(column, &text)))
            .transpose()
    };
    let reported = day("work_reported")?;
    Ok(day("work_starts")?.map(|starts| Work { starts, reported }))
}
