//! The start of work of applicants, one row for each case.
//!
//! `Err` means a database error; see [`crate::store`].

use api::{cases::Work, fields::parse_date, ids::CaseId};
use chrono::{DateTime, Utc};
use sqlx::{Row as _, query};

use crate::store::{Connection, Row, unknown};

/// Stores the start of work; `None` deletes it.
pub async fn set(
    connection: &mut Connection,
    case: &CaseId,
    work: Option<Work>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
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

/// Reads the columns `work_starts` and `work_reported` of an outer join; `None` if there is none.
pub(super) fn work(row: &Row) -> sqlx::Result<Option<Work>> {
    let day = |column: &'static str| -> sqlx::Result<_> {
        row.try_get::<Option<String>, _>(column)?
            .map(|text| parse_date(&text).ok_or_else(|| unknown(column, &text)))
            .transpose()
    };
    let reported = day("work_reported")?;
    Ok(day("work_starts")?.map(|starts| Work { starts, reported }))
}
