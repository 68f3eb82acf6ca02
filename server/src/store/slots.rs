//! Seats at start times.

use api::{cases::Slot, offices::Office};
use chrono::{DateTime, Utc};
use rules::{ApplicationType, Coded, District};
use sqlx::{Row as _, query, query_scalar};

use super::{Connection, Row, instant, offices, truth};

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

/// The first free slots for a type in a district that start after `now`, in order.
pub async fn free(
    connection: &mut Connection,
    kind: ApplicationType,
    district: District,
    now: DateTime<Utc>,
    most: i64,
) -> sqlx::Result<Vec<Slot>> {
    let rows = query(
        "SELECT id, office, starts, minutes FROM free_slots WHERE type = $1 AND district = $2 AND starts > $3
         ORDER BY starts, office_name, id LIMIT $4",
    )
    .bind(kind.code())
    .bind(district.code())
    .bind(now.timestamp())
    .bind(most)
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| slot(row, row.try_get("id")?, row.try_get("office")?)).collect()
}

/// How many are free in all.
pub async fn count_free(
    connection: &mut Connection,
    kind: ApplicationType,
    district: District,
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let count: i64 = query_scalar("SELECT count(*) FROM free_slots WHERE type = $1 AND district = $2 AND starts > $3")
        .bind(kind.code())
        .bind(district.code())
        .bind(now.timestamp())
        .fetch_one(connection)
        .await?;
    Ok(count.unsigned_abs())
}

/// Whether any is free. In an office with many, this is much less work than counting them.
pub async fn is_any_free(
    connection: &mut Connection,
    kind: ApplicationType,
    district: District,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let row = query("SELECT id FROM free_slots WHERE type = $1 AND district = $2 AND starts > $3 LIMIT 1")
        .bind(kind.code())
        .bind(district.code())
        .bind(now.timestamp())
        .fetch_optional(connection)
        .await?;
    Ok(row.is_some())
}

/// A slot that is meant for a type in a district.
#[derive(Debug, PartialEq, Eq)]
pub struct Meant {
    pub slot: Slot,
    pub office: Office,
    /// Nobody has it, and its office gives appointments for the type at the moment.
    pub free: bool,
}

pub async fn find_for(
    connection: &mut Connection,
    id: &str,
    kind: ApplicationType,
    district: District,
) -> sqlx::Result<Option<Meant>> {
    let row = query(
        "SELECT slots.starts, slots.minutes, offices.*,
           (SELECT count(*) FROM free_slots WHERE free_slots.id = slots.id AND free_slots.type = $1) AS free
         FROM slots
         JOIN offices ON offices.id = slots.office
         JOIN slot_types ON slot_types.slot = slots.id AND slot_types.type = $1
         WHERE slots.id = $2 AND offices.district = $3",
    )
    .bind(kind.code())
    .bind(id)
    .bind(district.code())
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        let office = offices::office(&row)?;
        let slot = slot(&row, id.to_owned(), office.id.clone())?;
        Ok(Meant { slot, office, free: truth(&row, "free")? })
    })
    .transpose()
}

fn slot(row: &Row, id: String, office: String) -> sqlx::Result<Slot> {
    let minutes: i64 = row.try_get("minutes")?;
    Ok(Slot {
        id,
        office,
        starts: instant(row, "starts")?,
        minutes: u32::try_from(minutes).map_err(|error| sqlx::Error::Decode(error.into()))?,
    })
}
