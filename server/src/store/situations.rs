//! Situations: the applicants' statements about themselves, one row for each case.
//!
//! `Err` means a database error; see [`crate::store`].

use api::{facts::EntryFacts, fields::parse_date, ids::CaseId, situation::Situation};
use chrono::{DateTime, Utc};
use sqlx::{Row as _, query};

use crate::store::{Connection, Row, truth, unknown};

/// Stores a situation and replaces the previous one.
pub async fn set(
    connection: &mut Connection,
    case: &CaseId,
    situation: &Situation,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    query(
        "INSERT INTO situations (case_id, entry_on, quarantine, told_to_report_within_week, critical_travel, told)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (case_id) DO UPDATE SET entry_on = excluded.entry_on, quarantine = excluded.quarantine,
           told_to_report_within_week = excluded.told_to_report_within_week,
           critical_travel = excluded.critical_travel, told = excluded.told",
    )
    .bind(case)
    .bind(situation.entry.map(|entry| entry.on.to_string()))
    .bind(i64::from(situation.entry.is_some_and(|entry| entry.quarantine)))
    .bind(i64::from(situation.told_to_report_within_week))
    .bind(i64::from(situation.critical_travel))
    .bind(now.timestamp())
    .execute(connection)
    .await?;
    Ok(())
}

/// Reads the situation columns of an outer join; `None` if there is none.
pub(super) fn situation(row: &Row) -> sqlx::Result<Option<Situation>> {
    if row.try_get::<Option<i64>, _>("told")?.is_none() {
        return Ok(None);
    }
    let quarantine = truth(row, "quarantine")?;
    let entry = row
        .try_get::<Option<String>, _>("entry_on")?
        .map(|text| {
            let on = parse_date(&text).ok_or_else(|| unknown("entry_on", &text))?;
            Ok::<_, sqlx::Error>(EntryFacts { on, quarantine })
        })
        .transpose()?;
    Ok(Some(Situation {
        entry,
        told_to_report_within_week: truth(row, "told_to_report_within_week")?,
        critical_travel: truth(row, "critical_travel")?,
    }))
}
