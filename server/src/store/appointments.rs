//! Appointments: booking, cancelling, restoring and reading them.
//!
//! `Err` means a database error or an unknown value in a column; see [`crate::store`].

use api::{
    appointments::{Appointment, CancelledBy, Status},
    cases::Slot,
    ids::{AppointmentId, CaseId, ClosureId, MessageId, PersonId, SlotId},
};
use chrono::{DateTime, Utc};
use rules::{ApplicationType, Coded, District, notice::Language};
use sqlx::{Row as _, query, query_scalar};

use crate::secrets;
use crate::store::{
    Connection, Row, coded,
    holds::{is_open, on_hold_for_another},
    instant, new_id, offices, persons,
    slots::{self, Span},
    unknown,
};

/// The outcome of booking a slot.
pub enum Claim {
    Booked {
        id: AppointmentId,
        number: String,
    },
    /// The slot is booked, on hold for another person, or withdrawn.
    SlotTaken,
    /// The case already has an appointment.
    CaseHasOne,
}

/// Books a slot for a case. The unique indexes decide between concurrent requests: the second one waits for the first and then
/// inserts nothing. `event` is the calendar event of the appointment that is moved; `None` for a new booking.
pub async fn claim(
    connection: &mut Connection,
    slot: &Slot,
    case: &CaseId,
    event: Option<Event>,
    now: DateTime<Utc>,
) -> sqlx::Result<Claim> {
    slots::lock(connection, &slot.id, &slot.id).await?;
    let (id, number): (AppointmentId, _) = (new_id(), secrets::booking_number());
    let event = event.unwrap_or_else(|| Event { id: id.to_string(), sequence: 0 });
    let taken = query(concat!(
        "INSERT INTO appointments (id, number, slot, case_id, status, booked, event, sequence)
         SELECT $1, $2, $3, $4, 'booked', $5, $6, $7 WHERE NOT ",
        on_hold_for_another!("$3", "$4", "$5"),
        " AND NOT EXISTS (SELECT 1 FROM slots WHERE id = $3 AND withdrawn = 1)
         ON CONFLICT DO NOTHING",
    ))
    .bind(&id)
    .bind(&number)
    .bind(&slot.id)
    .bind(case)
    .bind(now.timestamp())
    .bind(&event.id)
    .bind(event.sequence)
    .execute(&mut *connection)
    .await?;
    if taken.rows_affected() == 1 {
        return Ok(Claim::Booked { id, number });
    }
    let of_case: i64 = query_scalar("SELECT count(*) FROM appointments WHERE case_id = $1 AND status = 'booked'")
        .bind(case)
        .fetch_one(connection)
        .await?;
    Ok(if of_case > 0 { Claim::CaseHasOne } else { Claim::SlotTaken })
}

/// Marks the case's past appointment as missed if it is still `booked`. Officers mark attended ones themselves. Without this, the
/// old appointment would block a new one.
pub async fn close_past(connection: &mut Connection, case: &CaseId, now: DateTime<Utc>) -> sqlx::Result<()> {
    query(
        "UPDATE appointments SET status = 'missed' WHERE case_id = $1 AND status = 'booked'
           AND slot IN (SELECT id FROM slots WHERE starts + minutes * 60 <= $2)",
    )
    .bind(case)
    .bind(now.timestamp())
    .execute(connection)
    .await?;
    Ok(())
}

/// The columns of an `Appointment`, with a condition.
macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT appointments.id AS appointment, number, case_id, slot, status, cancelled_by, starts, minutes,
               cases.applicant, cases.type AS application_type, offices.* FROM appointments
             JOIN slots ON slots.id = appointments.slot JOIN offices ON offices.id = slots.office
             JOIN cases ON cases.id = appointments.case_id ",
            $condition
        )
    };
}

/// Returns the case's booked appointment that is not over; `None` if there is none.
pub async fn booked_for(
    connection: &mut Connection,
    case: &CaseId,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Appointment>> {
    let row = query(select!("WHERE case_id = $1 AND status = 'booked' AND starts + minutes * 60 > $2"))
        .bind(case)
        .bind(now.timestamp())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(appointment).transpose()
}

/// Returns the case's latest appointment if the office cancelled it and it is in the future; otherwise `None`.
pub async fn lost(connection: &mut Connection, case: &CaseId, now: DateTime<Utc>) -> sqlx::Result<Option<Appointment>> {
    let row = query(select!(
        "WHERE case_id = $1 AND starts > $2 AND cancelled_by = 'office'
           AND NOT EXISTS (SELECT 1 FROM appointments AS later WHERE later.case_id = $1 AND later.id > appointments.id)"
    ))
    .bind(case)
    .bind(now.timestamp())
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(appointment).transpose()
}

/// Returns an appointment in any status; `None` if it is not of a case of this person.
pub async fn find(
    connection: &mut Connection,
    person: &PersonId,
    id: &AppointmentId,
) -> sqlx::Result<Option<Appointment>> {
    let row = query(select!("WHERE cases.person = $1 AND appointments.id = $2"))
        .bind(person)
        .bind(id)
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(appointment).transpose()
}

/// Returns all appointments of a person in any status, in the order of their booking.
pub async fn of_person(connection: &mut Connection, person: &PersonId) -> sqlx::Result<Vec<Appointment>> {
    let rows =
        query(select!("WHERE cases.person = $1 ORDER BY appointments.id")).bind(person).fetch_all(connection).await?;
    rows.iter().map(appointment).collect()
}

/// The calendar event of an appointment (RFC 5545): its UID and sequence number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub id: String,
    pub sequence: i64,
}

/// Returns an appointment's event, and the id of the appointment that the event is about now (another one if it was moved).
/// `None` if there is no such appointment.
pub async fn event(connection: &mut Connection, id: &AppointmentId) -> sqlx::Result<Option<(Event, AppointmentId)>> {
    let row = query(
        "SELECT id, event, sequence FROM appointments
         WHERE event = (SELECT event FROM appointments WHERE id = $1) ORDER BY sequence DESC LIMIT 1",
    )
    .bind(id)
    .fetch_optional(connection)
    .await?;
    row.map(|row| Ok((Event { id: row.try_get("event")?, sequence: row.try_get("sequence")? }, row.try_get("id")?)))
        .transpose()
}

/// Returns the start of the appointment that was moved to this one; `None` if it was not moved.
pub async fn moved_from(connection: &mut Connection, id: &AppointmentId) -> sqlx::Result<Option<DateTime<Utc>>> {
    let row = query(
        "SELECT starts FROM appointments AS old JOIN slots ON slots.id = old.slot
         JOIN appointments AS new ON new.event = old.event AND new.sequence > old.sequence
         WHERE new.id = $1 ORDER BY old.sequence DESC LIMIT 1",
    )
    .bind(id)
    .fetch_optional(connection)
    .await?;
    row.map(|row| instant(&row, "starts")).transpose()
}

/// Cancels a booked appointment. Returns `false` if it was not booked.
pub async fn cancel(
    connection: &mut Connection,
    id: &AppointmentId,
    by: CancelledBy,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let cancelled = query(
        "UPDATE appointments SET status = 'cancelled', cancelled = $2, cancelled_by = $3, sequence = sequence + 1
         WHERE id = $1 AND status = 'booked'",
    )
    .bind(id)
    .bind(now.timestamp())
    .bind(by.code())
    .execute(connection)
    .await?;
    Ok(cancelled.rows_affected() == 1)
}

/// A booked appointment, with the contact details for a cancellation.
pub struct Booked {
    pub id: AppointmentId,
    pub slot: SlotId,
    /// The time of the first booking. Moving the appointment does not change it.
    pub waiting_since: DateTime<Utc>,
    pub critical_travel: bool,
    pub reference: String,
    pub number: String,
    pub case: CaseId,
    pub applicant: String,
    pub application_type: ApplicationType,
    pub starts: DateTime<Utc>,
    pub language: Language,
    pub email: String,
    pub phone: Option<String>,
}

// SQLite uses the partial index on live appointments only if the query repeats its predicate (`status <> 'cancelled'`).

/// Returns the booked appointments at an office with `from <= starts < until`, by start.
pub async fn booked_in(connection: &mut Connection, span: Span<'_>) -> sqlx::Result<Vec<Booked>> {
    let rows = query(
        "SELECT appointments.id, number, case_id, cases.applicant, cases.type, starts, persons.language, persons.email,
           persons.phone, appointments.slot, appointments.critical_travel, cases.reference,
           (SELECT min(first.booked) FROM appointments AS first WHERE first.event = appointments.event) AS waiting_since
         FROM appointments JOIN slots ON slots.id = appointments.slot
         JOIN cases ON cases.id = appointments.case_id JOIN persons ON persons.id = cases.person
         WHERE slots.office = $1 AND starts >= $2 AND starts < $3 AND status = 'booked' AND status <> 'cancelled'
         ORDER BY starts, appointments.id",
    )
    .bind(span.office)
    .bind(span.from.timestamp())
    .bind(span.until.timestamp())
    .fetch_all(connection)
    .await?;
    // Columns are read by position, because a lookup by name is slow and there can be thousands of rows.
    rows.iter()
        .map(|row| {
            let (kind, starts, language): (&str, i64, &str) = (row.try_get(4)?, row.try_get(5)?, row.try_get(6)?);
            let since: i64 = row.try_get(12)?;
            Ok(Booked {
                id: row.try_get(0)?,
                number: row.try_get(1)?,
                case: row.try_get(2)?,
                applicant: row.try_get(3)?,
                application_type: ApplicationType::from_code(kind).ok_or_else(|| unknown("type", kind))?,
                starts: DateTime::from_timestamp(starts, 0).ok_or_else(|| unknown("starts", &starts.to_string()))?,
                language: Language::from_code(language).ok_or_else(|| unknown("language", language))?,
                email: persons::address(row.try_get(7)?),
                phone: row.try_get(8)?,
                slot: row.try_get(9)?,
                critical_travel: row.try_get::<i64, _>(10)? != 0,
                reference: row.try_get(11)?,
                waiting_since: DateTime::from_timestamp(since, 0)
                    .ok_or_else(|| unknown("booked", &since.to_string()))?,
            })
        })
        .collect()
}

/// Returns the ids of the persons with a booked appointment in this span, sorted and without duplicates.
pub async fn people_in(connection: &mut Connection, span: Span<'_>) -> sqlx::Result<Vec<PersonId>> {
    query_scalar(
        "SELECT DISTINCT person FROM appointments JOIN slots ON slots.id = appointments.slot
         JOIN cases ON cases.id = appointments.case_id
         WHERE slots.office = $1 AND starts >= $2 AND starts < $3 AND status = 'booked' AND status <> 'cancelled'
         ORDER BY person",
    )
    .bind(span.office)
    .bind(span.from.timestamp())
    .bind(span.until.timestamp())
    .fetch_all(connection)
    .await
}

/// Cancels the appointments recorded for a closure and withdraws their queued messages. Returns the ids of those messages.
pub async fn cancel_of(
    connection: &mut Connection,
    closure: &ClosureId,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<MessageId>> {
    let withdrawn = query_scalar(
        "UPDATE messages SET state = 'withdrawn' WHERE state = 'queued'
           AND about IN (SELECT appointment FROM closure_appointments WHERE closure = $1) RETURNING id",
    )
    .bind(closure)
    .fetch_all(&mut *connection)
    .await?;
    query(
        "UPDATE appointments SET status = 'cancelled', cancelled = $2, cancelled_by = $3, sequence = sequence + 1
         WHERE status = 'booked' AND id IN (SELECT appointment FROM closure_appointments WHERE closure = $1)",
    )
    .bind(closure)
    .bind(now.timestamp())
    .bind(CancelledBy::Office.code())
    .execute(connection)
    .await?;
    Ok(withdrawn)
}

/// Restores the appointments that the undo of a closure gives back.
pub async fn give_back(connection: &mut Connection, closure: &ClosureId) -> sqlx::Result<()> {
    query(
        "UPDATE appointments SET status = 'booked', cancelled = NULL, cancelled_by = NULL, sequence = sequence + 1
         WHERE status = 'cancelled'
           AND id IN (SELECT appointment FROM closure_appointments WHERE closure = $1 AND outcome IN ('given', 'told'))",
    )
    .bind(closure)
    .execute(connection)
    .await?;
    Ok(())
}

/// Marks an appointment as booked for critical travel, with the officer's reason.
pub async fn set_critical(connection: &mut Connection, id: &AppointmentId, reason: &str) -> sqlx::Result<()> {
    query("UPDATE appointments SET critical_travel = 1, reason = $2 WHERE id = $1")
        .bind(id)
        .bind(reason)
        .execute(connection)
        .await?;
    Ok(())
}

/// Returns the reason for critical travel; `None` if the appointment is not marked.
pub async fn critical(connection: &mut Connection, id: &AppointmentId) -> sqlx::Result<Option<String>> {
    query_scalar("SELECT reason FROM appointments WHERE id = $1 AND critical_travel = 1")
        .bind(id)
        .fetch_optional(connection)
        .await
}

/// Records whether the applicant came. Returns `false` if the appointment is cancelled or missing.
pub async fn attend(connection: &mut Connection, id: &AppointmentId, attended: bool) -> sqlx::Result<bool> {
    let status = if attended { Status::Attended } else { Status::Missed };
    let noted =
        query("UPDATE appointments SET status = $2 WHERE id = $1 AND status IN ('booked', 'attended', 'missed')")
            .bind(id)
            .bind(status.code())
            .execute(connection)
            .await?;
    Ok(noted.rows_affected() == 1)
}

/// Returns an appointment in any status; `None` if its office is not in this district.
pub async fn find_in(
    connection: &mut Connection,
    district: District,
    id: &AppointmentId,
) -> sqlx::Result<Option<Appointment>> {
    let row = query(select!("WHERE offices.district = $1 AND appointments.id = $2"))
        .bind(district.code())
        .bind(id)
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(appointment).transpose()
}

/// Returns all appointments of a case, newest first.
pub async fn of_case(connection: &mut Connection, case: &CaseId) -> sqlx::Result<Vec<Appointment>> {
    let rows =
        query(select!("WHERE case_id = $1 ORDER BY appointments.id DESC")).bind(case).fetch_all(connection).await?;
    rows.iter().map(appointment).collect()
}

/// Reads an `Appointment` from a row of `select!`.
fn appointment(row: &Row) -> sqlx::Result<Appointment> {
    let minutes: i64 = row.try_get("minutes")?;
    Ok(Appointment {
        id: row.try_get("appointment")?,
        number: row.try_get("number")?,
        case: row.try_get("case_id")?,
        applicant: row.try_get("applicant")?,
        application_type: coded(row, "application_type")?,
        office: offices::office(row)?,
        slot: row.try_get("slot")?,
        starts: instant(row, "starts")?,
        minutes: u32::try_from(minutes).map_err(|error| sqlx::Error::Decode(error.into()))?,
        status: coded::<Status>(row, "status")?,
        cancelled_by: row
            .try_get::<Option<&str>, _>("cancelled_by")?
            .map(|code| CancelledBy::from_code(code).ok_or_else(|| unknown("cancelled_by", code)))
            .transpose()?,
        moved_to: None,
    })
}
