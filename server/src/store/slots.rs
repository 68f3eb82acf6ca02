//! Slots: seats at start times, free ones and locks on them.
//!
//! `Err` means a database error or an unknown value in a column; see [`crate::store`].

use api::{
    cases::Slot,
    ids::{CaseId, ClosureId, OfficeId, SlotId},
    offices::Office,
};
use chrono::{DateTime, Utc};
use rules::{ApplicationType, Coded, District};
use sqlx::{AssertSqlSafe, Row as _, query, query_scalar};

use crate::store::{
    Connection, Engine, Row,
    holds::{is_open, on_hold_for_another},
    instant, offices, truth, unknown,
};

/// Adds a slot for these types.
pub async fn add(connection: &mut Connection, slot: &Slot, types: &[ApplicationType]) -> sqlx::Result<()> {
    query("INSERT INTO slots (id, office, starts, minutes) VALUES ($1, $2, $3, $4)")
        .bind(&slot.id)
        .bind(&slot.office)
        .bind(slot.starts.timestamp())
        .bind(i64::from(slot.minutes))
        .execute(&mut *connection)
        .await?;
    for kind in types {
        query("INSERT INTO slot_types (slot, type) VALUES ($1, $2)")
            .bind(&slot.id)
            .bind(kind.code())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// The request for a free slot: a type, a district and a case. A slot that is on hold for the same person counts as free.
#[derive(Clone, Copy)]
pub struct Wanted<'w> {
    pub kind: ApplicationType,
    pub district: District,
    pub case: &'w CaseId,
}

/// SQL: the slots that are free for a `Wanted`. Binds the type, the district, the instant and the case.
macro_rules! from_free {
    () => {
        concat!(
            "FROM free_slots WHERE type = $1 AND district = $2 AND starts > $3 AND published <= $3 AND NOT ",
            on_hold_for_another!("free_slots.id", "$4", "$3")
        )
    };
}

/// Returns the first free slots after `now`, by start, at most `most`.
pub async fn free(
    connection: &mut Connection,
    wanted: Wanted<'_>,
    now: DateTime<Utc>,
    most: i64,
) -> sqlx::Result<Vec<Slot>> {
    let rows = query(concat!(
        "SELECT id, office, starts, minutes ",
        from_free!(),
        " ORDER BY starts, office_name, id LIMIT $5"
    ))
    .bind(wanted.kind.code())
    .bind(wanted.district.code())
    .bind(now.timestamp())
    .bind(wanted.case)
    .bind(most)
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| slot(row, row.try_get("id")?, row.try_get("office")?)).collect()
}

/// Returns the total number of free slots.
pub async fn count_free(connection: &mut Connection, wanted: Wanted<'_>, now: DateTime<Utc>) -> sqlx::Result<u64> {
    let count: i64 = query_scalar(concat!("SELECT count(*) ", from_free!()))
        .bind(wanted.kind.code())
        .bind(wanted.district.code())
        .bind(now.timestamp())
        .bind(wanted.case)
        .fetch_one(connection)
        .await?;
    Ok(count.unsigned_abs())
}

/// Returns `true` if a slot is free. This is much cheaper than counting when there are many.
pub async fn is_any_free(connection: &mut Connection, wanted: Wanted<'_>, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let row = query(concat!("SELECT id ", from_free!(), " LIMIT 1"))
        .bind(wanted.kind.code())
        .bind(wanted.district.code())
        .bind(now.timestamp())
        .bind(wanted.case)
        .fetch_optional(connection)
        .await?;
    Ok(row.is_some())
}

/// Locks two slots against booking and holding until the end of the transaction. SQLite has one writer, so only PostgreSQL needs
/// it. Locks are taken in the order of the ids, which prevents deadlocks.
pub async fn lock(connection: &mut Connection, one: &SlotId, other: &SlotId) -> sqlx::Result<()> {
    if Engine::of(connection).has_row_locks() {
        query("SELECT id FROM slots WHERE id = $1 OR id = $2 ORDER BY id FOR UPDATE")
            .bind(one)
            .bind(other)
            .fetch_all(connection)
            .await?;
    }
    Ok(())
}

/// The slots of an office with `from <= starts < until`.
#[derive(Clone, Copy)]
pub struct Span<'s> {
    pub office: &'s OfficeId,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

/// Locks the slots of a span until the end of the transaction. Locks are taken in the order of the ids, as everywhere.
pub async fn lock_all(connection: &mut Connection, span: Span<'_>) -> sqlx::Result<()> {
    if Engine::of(connection).has_row_locks() {
        query("SELECT id FROM slots WHERE office = $1 AND starts >= $2 AND starts < $3 ORDER BY id FOR UPDATE")
            .bind(span.office)
            .bind(span.from.timestamp())
            .bind(span.until.timestamp())
            .fetch_all(connection)
            .await?;
    }
    Ok(())
}

/// Withdraws the slots of a span for a closure and releases their holds.
pub async fn withdraw(connection: &mut Connection, span: Span<'_>, closure: &ClosureId) -> sqlx::Result<()> {
    query("UPDATE slots SET withdrawn = 1, closure = $4 WHERE office = $1 AND starts >= $2 AND starts < $3 AND withdrawn = 0")
        .bind(span.office)
        .bind(span.from.timestamp())
        .bind(span.until.timestamp())
        .bind(closure)
        .execute(&mut *connection)
        .await?;
    release_of(connection, closure).await
}

/// Withdraws some slots for a closure and releases their holds.
pub async fn withdraw_some(connection: &mut Connection, ids: &[&SlotId], closure: &ClosureId) -> sqlx::Result<()> {
    const AT_ONCE: usize = 1000;
    for some in ids.chunks(AT_ONCE) {
        let places: Vec<String> = (2..some.len() + 2).map(|place| format!("${place}")).collect();
        let sql = format!(
            "UPDATE slots SET withdrawn = 1, closure = $1 WHERE withdrawn = 0 AND id IN ({})",
            places.join(", ")
        );
        let mut update = query(AssertSqlSafe(sql)).bind(closure);
        for id in some {
            update = update.bind(*id);
        }
        update.execute(&mut *connection).await?;
    }
    release_of(connection, closure).await
}

/// Releases the holds on the slots of a closure.
async fn release_of(connection: &mut Connection, closure: &ClosureId) -> sqlx::Result<()> {
    query("DELETE FROM holds WHERE slot IN (SELECT id FROM slots WHERE closure = $1)")
        .bind(closure)
        .execute(connection)
        .await?;
    Ok(())
}

/// Restores the slots that a closure withdrew.
pub async fn give_back(connection: &mut Connection, closure: &ClosureId) -> sqlx::Result<()> {
    query(
        "UPDATE slots SET withdrawn = 0, closure = NULL
         WHERE closure = $1 AND id IN (SELECT slot FROM closure_slots WHERE closure = $1)",
    )
    .bind(closure)
    .execute(connection)
    .await?;
    Ok(())
}

/// Locks the slots that a closure withdrew until the end of the transaction, in the order of the ids.
pub async fn lock_of(connection: &mut Connection, closure: &ClosureId) -> sqlx::Result<()> {
    if Engine::of(connection).has_row_locks() {
        query("SELECT id FROM slots WHERE closure = $1 ORDER BY id FOR UPDATE")
            .bind(closure)
            .fetch_all(connection)
            .await?;
    }
    Ok(())
}

/// A slot that counts towards an office's capacity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    pub slot: SlotId,
    pub starts: DateTime<Utc>,
    /// `true` if it has an appointment that is not cancelled.
    pub taken: bool,
    /// `true` if a closure withdrew it.
    pub withdrawn: bool,
}

/// Returns an office's slots by start, including those that closures withdrew, without those that officers withdrew one by one.
pub async fn seats(connection: &mut Connection, span: Span<'_>) -> sqlx::Result<Vec<Seat>> {
    let rows = query(
        "SELECT slots.id, starts, withdrawn, CASE WHEN appointments.id IS NULL THEN 0 ELSE 1 END AS taken FROM slots
         LEFT JOIN appointments ON appointments.slot = slots.id AND status <> 'cancelled'
         WHERE office = $1 AND starts >= $2 AND starts < $3 AND (withdrawn = 0 OR closure IS NOT NULL)
         ORDER BY starts, slots.id",
    )
    .bind(span.office)
    .bind(span.from.timestamp())
    .bind(span.until.timestamp())
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let starts: i64 = row.try_get(1)?;
            Ok(Seat {
                slot: row.try_get(0)?,
                starts: DateTime::from_timestamp(starts, 0).ok_or_else(|| unknown("starts", &starts.to_string()))?,
                withdrawn: row.try_get::<i64, _>(2)? != 0,
                taken: row.try_get::<i64, _>(3)? != 0,
            })
        })
        .collect()
}

/// A slot that accepts an application type in a district.
#[derive(Debug, PartialEq, Eq)]
pub struct Meant {
    pub slot: Slot,
    pub office: Office,
    /// `true` if it is neither booked nor on hold for another person, and its office offers appointments of the type.
    pub free: bool,
}

/// Returns a slot; `None` if it does not accept this type or is in another district.
pub async fn find_for(
    connection: &mut Connection,
    id: &SlotId,
    wanted: Wanted<'_>,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Meant>> {
    let row = query(concat!(
        "SELECT slots.starts, slots.minutes, offices.*,
           (SELECT count(*) FROM free_slots WHERE free_slots.id = slots.id AND free_slots.type = $1 AND published <= $5 AND NOT ",
        on_hold_for_another!("slots.id", "$4", "$5"),
        ") AS free
         FROM slots
         JOIN offices ON offices.id = slots.office
         JOIN slot_types ON slot_types.slot = slots.id AND slot_types.type = $1
         WHERE slots.id = $2 AND offices.district = $3",
    ))
    .bind(wanted.kind.code())
    .bind(id)
    .bind(wanted.district.code())
    .bind(wanted.case)
    .bind(now.timestamp())
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        let office = offices::office(&row)?;
        let slot = slot(&row, id.clone(), office.id.clone())?;
        Ok(Meant { slot, office, free: truth(&row, "free")? })
    })
    .transpose()
}

/// Reads a slot from a row.
fn slot(row: &Row, id: SlotId, office: OfficeId) -> sqlx::Result<Slot> {
    let minutes: i64 = row.try_get("minutes")?;
    Ok(Slot {
        id,
        office,
        starts: instant(row, "starts")?,
        minutes: u32::try_from(minutes).map_err(|error| sqlx::Error::Decode(error.into()))?,
    })
}
