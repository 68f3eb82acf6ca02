//! Publications of slots, and the slots as the desk sees them.
//!
//! `Err` means a database error or an unknown value in a column; see [`crate::store`].

use api::{
    ids::{AppointmentId, BulkActionId, OfficeId, SlotId},
    offices::Office,
    publishing::{DeskSlot, SlotState, Taken, Tally},
};
use chrono::{DateTime, Utc};
use rules::{ApplicationType, Coded};
use sqlx::{AssertSqlSafe, Row as _, query, query_scalar};

use crate::store::{
    Connection, coded,
    holds::{is_open, on_hold},
    instant, new_id,
    slots::Span,
    unknown,
};

/// Slots that differ only in their start.
pub struct Batch<'b> {
    pub office: &'b Office,
    /// The starts, with one entry for each seat.
    pub starts: &'b [DateTime<Utc>],
    pub minutes: u32,
    pub types: &'b [ApplicationType],
    /// The time from which applicants can see the slots.
    pub published: DateTime<Utc>,
    /// The id of the bulk action.
    pub publication: &'b BulkActionId,
}

/// Adds slots, thousands in one call.
pub async fn add(connection: &mut Connection, batch: &Batch<'_>) -> sqlx::Result<()> {
    const AT_ONCE: usize = 500;
    for some in batch.starts.chunks(AT_ONCE) {
        let rows: Vec<String> =
            (0..some.len()).map(|row| format!("(${}, $1, ${}, $2, $3, $4)", row * 2 + 5, row * 2 + 6)).collect();
        let sql = format!(
            "INSERT INTO slots (id, office, starts, minutes, published, publication) VALUES {}",
            rows.join(", ")
        );
        let mut insert = query(AssertSqlSafe(sql))
            .bind(&batch.office.id)
            .bind(i64::from(batch.minutes))
            .bind(batch.published.timestamp())
            .bind(batch.publication);
        for starts in some {
            insert = insert.bind(new_id::<SlotId>()).bind(starts.timestamp());
        }
        insert.execute(&mut *connection).await?;
    }
    for kind in batch.types {
        query("INSERT INTO slot_types (slot, type) SELECT id, $2 FROM slots WHERE publication = $1")
            .bind(batch.publication)
            .bind(kind.code())
            .execute(&mut *connection)
            .await?;
        // From now on the office offers appointments of this type.
        query("INSERT INTO office_types (office, type) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(&batch.office.id)
            .bind(kind.code())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Returns the number of slots of an office that are not withdrawn.
pub async fn count(connection: &mut Connection, span: Span<'_>) -> sqlx::Result<u64> {
    let count: i64 =
        query_scalar("SELECT count(*) FROM slots WHERE office = $1 AND starts >= $2 AND starts < $3 AND withdrawn = 0")
            .bind(span.office)
            .bind(span.from.timestamp())
            .bind(span.until.timestamp())
            .fetch_one(connection)
            .await?;
    Ok(count.unsigned_abs())
}

/// SQL: the state of a slot at the instant `$4`.
const STATE: &str = concat!(
    "CASE
    WHEN status = 'attended' THEN 'attended'
    WHEN status = 'missed' THEN 'missed'
    WHEN status = 'booked' AND starts + minutes * 60 <= $4 THEN 'missed'
    WHEN status = 'booked' THEN 'booked'
    WHEN withdrawn = 1 THEN 'withdrawn'
    WHEN starts <= $4 THEN 'over'
    WHEN published > $4 THEN 'planned'
    WHEN ",
    on_hold!("slots.id", "$4"),
    " THEN 'held'
    ELSE 'free' END"
);

/// SQL: slots with their live appointment.
const FROM: &str =
    "FROM slots LEFT JOIN appointments ON appointments.slot = slots.id AND appointments.status <> 'cancelled'";

/// Returns the number of slots in each state for each start, by start.
pub async fn tallies(connection: &mut Connection, span: Span<'_>, now: DateTime<Utc>) -> sqlx::Result<Vec<Tally>> {
    let rows = query(AssertSqlSafe(format!(
        "SELECT starts, state, count(*) AS count FROM (
           SELECT starts, {STATE} AS state {FROM} WHERE office = $1 AND starts >= $2 AND starts < $3) AS each
         GROUP BY starts, state ORDER BY starts, state"
    )))
    .bind(span.office)
    .bind(span.from.timestamp())
    .bind(span.until.timestamp())
    .bind(now.timestamp())
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let count: i64 = row.try_get("count")?;
            Ok(Tally { starts: instant(row, "starts")?, state: coded(row, "state")?, count: count.unsigned_abs() })
        })
        .collect()
}

/// Returns the slots of a span with their appointments, by start.
pub async fn slots(connection: &mut Connection, span: Span<'_>, now: DateTime<Utc>) -> sqlx::Result<Vec<DeskSlot>> {
    let rows = query(AssertSqlSafe(format!(
        "SELECT slots.id, starts, minutes, {STATE} AS state, appointments.id AS appointment, number, critical_travel,
           cases.id AS case_id, cases.reference, cases.applicant, slot_types.type
         {FROM} LEFT JOIN cases ON cases.id = appointments.case_id LEFT JOIN slot_types ON slot_types.slot = slots.id
         WHERE office = $1 AND starts >= $2 AND starts < $3 ORDER BY starts, slots.id, slot_types.type"
    )))
    .bind(span.office)
    .bind(span.from.timestamp())
    .bind(span.until.timestamp())
    .bind(now.timestamp())
    .fetch_all(connection)
    .await?;
    let mut all: Vec<DeskSlot> = Vec::new();
    for row in &rows {
        let id: SlotId = row.try_get("id")?;
        // There is one row for each type of a slot.
        if all.last().is_none_or(|last| last.id != id) {
            let minutes: i64 = row.try_get("minutes")?;
            let taken = row.try_get::<Option<AppointmentId>, _>("appointment")?.map(|appointment| {
                Ok::<_, sqlx::Error>(Taken {
                    appointment,
                    number: row.try_get("number")?,
                    case: row.try_get("case_id")?,
                    reference: row.try_get("reference")?,
                    applicant: row.try_get("applicant")?,
                    critical_travel: row.try_get::<i64, _>("critical_travel")? != 0,
                })
            });
            all.push(DeskSlot {
                id,
                starts: instant(row, "starts")?,
                minutes: u32::try_from(minutes).map_err(|error| sqlx::Error::Decode(error.into()))?,
                state: coded::<SlotState>(row, "state")?,
                types: Vec::new(),
                taken: taken.transpose()?,
            });
        }
        if let (Some(slot), Some(kind)) = (all.last_mut(), row.try_get::<Option<&str>, _>("type")?) {
            slot.types.push(ApplicationType::from_code(kind).ok_or_else(|| unknown("type", kind))?);
        }
    }
    Ok(all)
}

/// Returns `true` if a slot is in the future and neither booked, on hold nor withdrawn.
pub async fn is_free(connection: &mut Connection, slot: &SlotId, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let row = query(concat!(
        "SELECT id FROM slots WHERE id = $1 AND withdrawn = 0 AND starts > $2
           AND NOT EXISTS (SELECT 1 FROM appointments WHERE slot = $1 AND status <> 'cancelled') AND NOT ",
        on_hold!("$1", "$2")
    ))
    .bind(slot)
    .bind(now.timestamp())
    .fetch_optional(connection)
    .await?;
    Ok(row.is_some())
}

/// Returns the office and the start of a slot; `None` if there is none.
pub async fn place(connection: &mut Connection, slot: &SlotId) -> sqlx::Result<Option<(OfficeId, DateTime<Utc>)>> {
    let row = query("SELECT office, starts FROM slots WHERE id = $1").bind(slot).fetch_optional(connection).await?;
    row.map(|row| Ok((row.try_get("office")?, instant(&row, "starts")?))).transpose()
}

/// Moves a slot. The caller has checked that it is free.
pub async fn move_to(connection: &mut Connection, slot: &SlotId, starts: DateTime<Utc>) -> sqlx::Result<()> {
    query("UPDATE slots SET starts = $2 WHERE id = $1").bind(slot).bind(starts.timestamp()).execute(connection).await?;
    Ok(())
}

/// Withdraws a slot. The caller has checked that it is free.
pub async fn withdraw(connection: &mut Connection, slot: &SlotId) -> sqlx::Result<()> {
    query("UPDATE slots SET withdrawn = 1, closure = NULL WHERE id = $1").bind(slot).execute(connection).await?;
    Ok(())
}
