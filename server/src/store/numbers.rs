//! Figures of a district, counted from the tables.
//!
//! `Err` means a database error or an unknown value in a column; see [`crate::store`].

use std::collections::BTreeMap;

use api::{
    messages::State,
    numbers::{OfState, OfType, Week},
};
use chrono::{DateTime, NaiveDate, Utc};
use rules::{ApplicationType, Coded, District};
use sqlx::{AssertSqlSafe, Row as _, query};

use crate::store::{
    Connection, Row, coded,
    holds::{is_open, on_hold},
    truth,
};

/// Returns the free slots, booked appointments and waiting cases of each application type at `now`. Types without any are left
/// out.
pub async fn of_types(
    connection: &mut Connection,
    district: District,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<OfType>> {
    let mut types = BTreeMap::new();
    for (sql, place) in [
        (
            concat!(
                "SELECT type, count(*) AS count FROM free_slots WHERE district = $1 AND starts > $2 AND NOT ",
                on_hold!("free_slots.id", "$2"),
                " GROUP BY type"
            ),
            0,
        ),
        (
            "SELECT cases.type, count(*) AS count FROM appointments
             JOIN slots ON slots.id = appointments.slot JOIN offices ON offices.id = slots.office
             JOIN cases ON cases.id = appointments.case_id
             WHERE offices.district = $1 AND status = 'booked' AND starts > $2 GROUP BY cases.type",
            1,
        ),
        (
            "SELECT type, count(*) AS count FROM cases JOIN persons ON persons.id = cases.person
             WHERE district = $1 AND submitted = 1 AND kept_until IS NULL AND NOT EXISTS (
               SELECT 1 FROM appointments JOIN slots ON slots.id = appointments.slot WHERE case_id = cases.id
                 AND (status = 'attended' OR (status = 'booked' AND starts + minutes * 60 > $2))) GROUP BY type",
            2,
        ),
    ] {
        for row in query(sql).bind(district.code()).bind(now.timestamp()).fetch_all(&mut *connection).await? {
            let counts: &mut [u64; 3] = types.entry(coded::<ApplicationType>(&row, "type")?).or_default();
            counts[place] = count(&row)?;
        }
    }
    let of_type =
        |(application_type, [free, booked, waiting]): (_, [u64; 3])| OfType { application_type, free, booked, waiting };
    Ok(types.into_iter().map(of_type).collect())
}

/// Returns the figures of each week. `mondays` holds each week's Monday and the instant at which it begins.
pub async fn of_weeks(
    connection: &mut Connection,
    district: District,
    mondays: &[(NaiveDate, DateTime<Utc>)],
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<Week>> {
    let empty = |(monday, _): &(NaiveDate, _)| Week {
        monday: *monday,
        attended: 0,
        missed: 0,
        cancelled_by_applicant: 0,
        cancelled_by_office: 0,
        found: 0,
        not_found: 0,
    };
    let mut weeks: Vec<Week> = mondays.iter().map(empty).collect();
    let since = mondays.first().map_or(now, |(_, begins)| *begins);
    for sql in [
        format!(
            "SELECT {} AS week, CASE WHEN status = 'attended' THEN 'attended' ELSE 'missed' END AS what, count(*) AS count
             FROM appointments JOIN slots ON slots.id = appointments.slot JOIN offices ON offices.id = slots.office
             WHERE offices.district = $1 AND starts >= $2
               AND (status IN ('attended', 'missed') OR (status = 'booked' AND starts + minutes * 60 <= $3)) GROUP BY 1, 2",
            week_of("starts", mondays)
        ),
        format!(
            "SELECT {} AS week, cancelled_by AS what, count(*) AS count
             FROM appointments JOIN slots ON slots.id = appointments.slot JOIN offices ON offices.id = slots.office
             WHERE offices.district = $1 AND status = 'cancelled' AND cancelled >= $2 AND cancelled <= $3
               AND NOT EXISTS (SELECT 1 FROM appointments AS later
                 WHERE later.event = appointments.event AND later.sequence > appointments.sequence) GROUP BY 1, 2",
            week_of("cancelled", mondays)
        ),
        format!(
            "SELECT {} AS week, CASE WHEN found = 1 THEN 'found' ELSE 'not-found' END AS what, count(*) AS count
             FROM feedback WHERE $1 <> '' AND made >= $2 AND made <= $3 GROUP BY 1, 2",
            week_of("made", mondays)
        ),
    ] {
        let rows = query(AssertSqlSafe(sql))
            .bind(district.code())
            .bind(since.timestamp())
            .bind(now.timestamp())
            .fetch_all(&mut *connection)
            .await?;
        for row in rows {
            let (week, what): (i64, &str) = (row.try_get("week")?, row.try_get("what")?);
            let Some(week) = usize::try_from(week).ok().and_then(|week| weeks.get_mut(week)) else { continue };
            let counted = match what {
                "attended" => &mut week.attended,
                "missed" => &mut week.missed,
                "office" => &mut week.cancelled_by_office,
                "found" => &mut week.found,
                "not-found" => &mut week.not_found,
                _ => &mut week.cancelled_by_applicant,
            };
            *counted = count(&row)?;
        }
    }
    Ok(weeks)
}

/// SQL: the index of the week that an instant is in. Weeks differ in length, because the clocks change twice a year.
fn week_of(column: &str, mondays: &[(NaiveDate, DateTime<Utc>)]) -> String {
    let ends = mondays.iter().enumerate().skip(1);
    let cases: Vec<String> =
        ends.map(|(next, (_, begins))| format!("WHEN {column} < {} THEN {}", begins.timestamp(), next - 1)).collect();
    format!("CAST(CASE {} ELSE {} END AS BIGINT)", cases.join(" "), mondays.len().saturating_sub(1))
}

/// Returns the number of messages in each state, for a district's cases and since `since`. The second value counts the messages
/// without any known address, which are not in the first.
pub async fn of_messages(
    connection: &mut Connection,
    district: District,
    since: DateTime<Utc>,
) -> sqlx::Result<(Vec<OfState>, u64)> {
    let rows = query(
        "SELECT state, CAST(CASE WHEN state = 'failed' AND fault = 'no-address' THEN 1 ELSE 0 END AS BIGINT) AS no_address,
           count(*) AS count FROM messages JOIN cases ON cases.id = messages.case_id
         WHERE district = $1 AND created >= $2 GROUP BY state, 2",
    )
    .bind(district.code())
    .bind(since.timestamp())
    .fetch_all(connection)
    .await?;
    let mut counts = BTreeMap::new();
    let mut no_address = 0;
    for row in &rows {
        if truth(row, "no_address")? {
            no_address += count(row)?;
        } else {
            *counts.entry(coded::<State>(row, "state")?).or_default() += count(row)?;
        }
    }
    let of_state = |state: &State| OfState { state: *state, count: counts.get(state).copied().unwrap_or(0) };
    Ok((State::ALL.iter().map(of_state).collect(), no_address))
}

/// Reads the column `count`.
fn count(row: &Row) -> sqlx::Result<u64> {
    row.try_get::<i64, _>("count").map(i64::unsigned_abs)
}
