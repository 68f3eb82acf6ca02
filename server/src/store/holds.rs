//! Holds: slots kept for some minutes while one person confirms.
//!
//! `Err` means a database error; see [`crate::store`].

use api::{
    holds::Hold,
    ids::{CaseId, SlotId},
};
use chrono::{DateTime, Utc};
use sqlx::{Row as _, query, query_scalar};

use crate::store::{Connection, instant, slots};

/// SQL: the predicate of an open hold at an instant, which is SQL too.
macro_rules! is_open {
    ($now:literal) => {
        concat!("holds.expires > ", $now)
    };
}

/// SQL: there is an open hold on a slot. `$slot` and `$now` are SQL.
macro_rules! on_hold {
    ($slot:literal, $now:literal) => {
        concat!("EXISTS (SELECT 1 FROM holds WHERE holds.slot = ", $slot, " AND ", is_open!($now), ")")
    };
}

/// SQL: there is an open hold on a slot for another person than the one of a case. `$slot`, `$case` and `$now` are SQL.
macro_rules! on_hold_for_another {
    ($slot:literal, $case:literal, $now:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM holds JOIN cases ON cases.id = holds.case_id WHERE holds.slot = ",
            $slot,
            " AND ",
            is_open!($now),
            " AND cases.person <> coalesce((SELECT person FROM cases WHERE id = ",
            $case,
            "), ''))"
        )
    };
}

pub(super) use {is_open, on_hold, on_hold_for_another};

/// Puts a slot on hold for a case, or extends its hold, and releases the case's other hold. Returns `false` if the slot is
/// booked, withdrawn or on hold for another person.
pub async fn take(
    connection: &mut Connection,
    slot: &SlotId,
    case: &CaseId,
    now: DateTime<Utc>,
    expires: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let before: Option<SlotId> =
        query_scalar("SELECT slot FROM holds WHERE case_id = $1").bind(case).fetch_optional(&mut *connection).await?;
    slots::lock(connection, slot, before.as_ref().unwrap_or(slot)).await?;
    query("DELETE FROM holds WHERE case_id = $1 AND slot <> $2")
        .bind(case)
        .bind(slot)
        .execute(&mut *connection)
        .await?;
    let taken = query(
        "INSERT INTO holds (slot, case_id, expires)
         SELECT $1, $2, $3 WHERE NOT EXISTS (SELECT 1 FROM appointments WHERE slot = $1 AND status <> 'cancelled')
           AND NOT EXISTS (SELECT 1 FROM slots WHERE id = $1 AND withdrawn = 1)
         ON CONFLICT (slot) DO UPDATE SET case_id = excluded.case_id, expires = excluded.expires
         WHERE holds.expires <= $4
           OR (SELECT person FROM cases WHERE id = holds.case_id) = (SELECT person FROM cases WHERE id = excluded.case_id)",
    )
    .bind(slot)
    .bind(case)
    .bind(expires.timestamp())
    .bind(now.timestamp())
    .execute(connection)
    .await?;
    Ok(taken.rows_affected() == 1)
}

/// Returns the current hold of a case; `None` if there is none.
pub async fn of_case(connection: &mut Connection, case: &CaseId, now: DateTime<Utc>) -> sqlx::Result<Option<Hold>> {
    let row = query(concat!("SELECT slot, expires FROM holds WHERE case_id = $1 AND ", is_open!("$2")))
        .bind(case)
        .bind(now.timestamp())
        .fetch_optional(connection)
        .await?;
    row.map(|row| Ok(Hold { slot: row.try_get("slot")?, expires: instant(&row, "expires")? })).transpose()
}

/// Releases the hold of a case.
pub async fn release(connection: &mut Connection, case: &CaseId) -> sqlx::Result<()> {
    query("DELETE FROM holds WHERE case_id = $1").bind(case).execute(connection).await?;
    Ok(())
}

/// Deletes the holds that expired before `before`, and those that expire after `ahead`, which a wrong clock made.
pub async fn forget(connection: &mut Connection, before: DateTime<Utc>, ahead: DateTime<Utc>) -> sqlx::Result<()> {
    query("DELETE FROM holds WHERE expires < $1 OR expires > $2")
        .bind(before.timestamp())
        .bind(ahead.timestamp())
        .execute(connection)
        .await?;
    Ok(())
}
