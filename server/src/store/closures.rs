//! Closures of offices, and the record of their effect, from which they can be undone.
//!
//! `Err` means a database error or an unknown value in a column; see [`crate::store`].

use api::{
    closures::{Closure as Listed, NotGiven},
    fields::parse_date,
    ids::{AppointmentId, BulkActionId, CaseId, ClosureId, MessageId, OfficeId, PersonId},
    messages::Kind,
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rules::{ApplicationType, Coded, District, closure::Share, notice::Language};
use sqlx::{AssertSqlSafe, Row as _, query, query_scalar};

use crate::store::{
    Connection, Engine, Row,
    bulk_actions::{PARTS, ledger},
    coded, instant,
    outbox::UNSENT,
    persons, unknown,
};

/// Delay of the first message after a closure at the desk. The closure can be undone without a message until then.
pub const UNDO_FOR: TimeDelta = TimeDelta::minutes(1);

/// Adds a closure. `id` is that of its bulk action; both days are included.
pub async fn add(
    connection: &mut Connection,
    id: &ClosureId,
    office: &OfficeId,
    (first, last): (NaiveDate, NaiveDate),
    share: Share,
) -> sqlx::Result<()> {
    query("INSERT INTO closures (id, office, first, last, share, recorded) VALUES ($1, $2, $3, $4, $5, 1)")
        .bind(id)
        .bind(office)
        .bind(first.to_string())
        .bind(last.to_string())
        .bind(i64::from(share.percent()))
        .execute(connection)
        .await?;
    Ok(())
}

/// Returns the newest closure of an office that is not undone and shares a day with this period; `None` if there is none.
pub async fn latest(
    connection: &mut Connection,
    office: &OfficeId,
    first: NaiveDate,
    last: NaiveDate,
) -> sqlx::Result<Option<ClosureId>> {
    query_scalar(
        "SELECT id FROM closures WHERE office = $1 AND first <= $3 AND last >= $2 AND undone IS NULL ORDER BY id DESC LIMIT 1",
    )
    .bind(office)
    .bind(first.to_string())
    .bind(last.to_string())
    .fetch_optional(connection)
    .await
}

/// Returns `true` if a later closure of the office that is not undone shares a day with this one.
pub async fn is_covered(connection: &mut Connection, id: &ClosureId) -> sqlx::Result<bool> {
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

/// Marks a closure as undone. Returns `false` if it was undone already.
pub async fn undo(connection: &mut Connection, id: &ClosureId, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let undone = query("UPDATE closures SET undone = $2 WHERE id = $1 AND undone IS NULL")
        .bind(id)
        .bind(now.timestamp())
        .execute(connection)
        .await?;
    Ok(undone.rows_affected() == 1)
}

/// Records the slots that a closure withdrew and the appointments that it is about to cancel.
pub async fn record(connection: &mut Connection, id: &ClosureId) -> sqlx::Result<()> {
    for sql in [
        "INSERT INTO closure_slots (closure, slot) SELECT closure, id FROM slots WHERE closure = $1",
        // SQLite uses the partial index on live appointments only if the query repeats its predicate.
        "INSERT INTO closure_appointments (closure, appointment, outcome) SELECT closure, appointments.id, '' FROM appointments
         JOIN slots ON slots.id = appointments.slot WHERE closure = $1 AND status = 'booked' AND status <> 'cancelled'",
    ] {
        query(sql).bind(id).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Records the messages that a closure withdrew.
pub async fn record_messages(connection: &mut Connection, id: &ClosureId, messages: &[MessageId]) -> sqlx::Result<()> {
    const AT_ONCE: usize = 1000;
    for some in messages.chunks(AT_ONCE) {
        let rows: Vec<String> = (2..some.len() + 2).map(|place| format!("($1, ${place})")).collect();
        let sql = format!("INSERT INTO closure_messages (closure, message) VALUES {}", rows.join(", "));
        let mut insert = query(AssertSqlSafe(sql)).bind(id);
        for message in some {
            insert = insert.bind(message);
        }
        insert.execute(&mut *connection).await?;
    }
    Ok(())
}

/// Returns the number of slots that a closure withdrew; `None` for an old closure without a record.
pub async fn recorded_slots(connection: &mut Connection, id: &ClosureId) -> sqlx::Result<Option<usize>> {
    let count: Option<i64> = query_scalar(
        "SELECT (SELECT count(*) FROM closure_slots WHERE closure = closures.id) FROM closures
         WHERE id = $1 AND recorded = 1",
    )
    .bind(id)
    .fetch_optional(connection)
    .await?;
    Ok(count.map(|count| usize::try_from(count).unwrap_or_default()))
}

/// Returns the ids of the persons whose cases lost an appointment to a closure, sorted and without duplicates.
pub async fn people(connection: &mut Connection, id: &ClosureId) -> sqlx::Result<Vec<PersonId>> {
    query_scalar(
        "SELECT DISTINCT person FROM closure_appointments JOIN appointments ON appointments.id = appointment
         JOIN cases ON cases.id = case_id WHERE closure = $1 ORDER BY person",
    )
    .bind(id)
    .fetch_all(connection)
    .await
}

/// Locks the cases of a closure until the end of the transaction, so that they cannot move to another account. Locks are taken in
/// the order of the ids, which prevents deadlocks.
pub async fn lock_cases(connection: &mut Connection, id: &ClosureId) -> sqlx::Result<()> {
    if Engine::of(connection).has_row_locks() {
        query(
            "SELECT id FROM cases WHERE id IN (SELECT case_id FROM closure_appointments
               JOIN appointments ON appointments.id = appointment WHERE closure = $1) ORDER BY id FOR SHARE",
        )
        .bind(id)
        .fetch_all(connection)
        .await?;
    }
    Ok(())
}

/// An appointment that a closure cancelled, with the current account of its case.
#[derive(Clone, Debug)]
pub struct Lost {
    pub appointment: AppointmentId,
    pub number: String,
    pub case: CaseId,
    pub reference: String,
    pub applicant: String,
    pub application_type: ApplicationType,
    pub starts: DateTime<Utc>,
    pub language: Language,
    /// Empty if it is not known.
    pub email: String,
    pub phone: Option<String>,
    /// `true` if the person may know of the closure, from its message or a phone call.
    pub heard: bool,
    /// The reason why it cannot be restored; `None` if it can.
    pub hindrance: Option<NotGiven>,
    /// The outcome of the undo; empty before.
    pub outcome: String,
}

/// Returns all appointments that a closure cancelled, by start.
pub async fn lost(connection: &mut Connection, id: &ClosureId, now: DateTime<Utc>) -> sqlx::Result<Vec<Lost>> {
    // The newest appointment of the case decides, because an undo does not override what the applicant did since.
    let rows = query(AssertSqlSafe(format!(
        "SELECT mine.id, number, mine.case_id, reference, applicant, cases.type, starts, language, email, phone, outcome,
           CASE WHEN kept_until IS NULL THEN 0 ELSE 1 END,
           CASE WHEN mine.status <> 'cancelled' OR EXISTS (SELECT 1 FROM appointments AS other
             WHERE other.slot = mine.slot AND other.status <> 'cancelled') THEN 1 ELSE 0 END,
           CASE WHEN EXISTS (SELECT 1 FROM messages WHERE about = mine.id AND bulk_action = $1 AND {UNSENT}) THEN 0 ELSE 1 END,
           -- One that is older may hold again: an earlier closure was undone meanwhile.
           CASE WHEN EXISTS (SELECT 1 FROM appointments AS other
             WHERE other.case_id = mine.case_id AND other.id <> mine.id AND other.status = 'booked') THEN 'booked'
           ELSE coalesce((SELECT CASE WHEN since.status = 'cancelled' THEN since.cancelled_by ELSE since.status END
             FROM appointments AS since WHERE since.case_id = mine.case_id AND since.id > mine.id
             ORDER BY since.id DESC LIMIT 1), '') END
         FROM closure_appointments JOIN appointments AS mine ON mine.id = appointment
         JOIN slots ON slots.id = mine.slot JOIN cases ON cases.id = mine.case_id JOIN persons ON persons.id = cases.person
         WHERE closure_appointments.closure = $1 ORDER BY starts, mine.id"
    )))
    .bind(id)
    .fetch_all(connection)
    .await?;
    // Columns are read by position, because a lookup by name is slow and there can be thousands of rows.
    rows.iter()
        .map(|row| {
            let (kind, starts, language): (&str, i64, &str) = (row.try_get(5)?, row.try_get(6)?, row.try_get(7)?);
            let starts = DateTime::from_timestamp(starts, 0).ok_or_else(|| unknown("starts", &starts.to_string()))?;
            let is = |column: usize| Ok::<_, sqlx::Error>(row.try_get::<i64, _>(column)? != 0);
            let since: &str = row.try_get(14)?;
            let hindrance = if is(11)? {
                Some(NotGiven::AccountDeleted)
            } else if starts <= now {
                Some(NotGiven::Over)
            } else {
                match since {
                    "" | "office" if is(12)? => Some(NotGiven::SlotTaken),
                    "" | "office" => None,
                    "applicant" => Some(NotGiven::CancelledSince),
                    _ => Some(NotGiven::HasAnother),
                }
            };
            Ok(Lost {
                appointment: row.try_get(0)?,
                number: row.try_get(1)?,
                case: row.try_get(2)?,
                reference: row.try_get(3)?,
                applicant: row.try_get(4)?,
                application_type: ApplicationType::from_code(kind).ok_or_else(|| unknown("type", kind))?,
                starts,
                language: Language::from_code(language).ok_or_else(|| unknown("language", language))?,
                email: persons::address(row.try_get(8)?),
                phone: row.try_get(9)?,
                outcome: row.try_get(10)?,
                heard: is(13)?,
                hindrance,
            })
        })
        .collect()
}

/// Outcome: restored without a message, because the person does not know of the closure.
pub const GIVEN: &str = "given";
/// Outcome: restored with a message.
pub const TOLD: &str = "told";

/// Records the outcomes of an undo: a reason for each appointment in `not_given`, `GIVEN` for all others.
pub async fn set_outcomes(
    connection: &mut Connection,
    id: &ClosureId,
    not_given: &[(&AppointmentId, NotGiven)],
) -> sqlx::Result<()> {
    query("UPDATE closure_appointments SET outcome = $2 WHERE closure = $1")
        .bind(id)
        .bind(GIVEN)
        .execute(&mut *connection)
        .await?;
    for reason in NotGiven::ALL {
        let of_reason: Vec<&AppointmentId> =
            not_given.iter().filter(|(_, why)| why == reason).map(|(one, _)| *one).collect();
        set_outcome(connection, id, reason.code(), &of_reason).await?;
    }
    Ok(())
}

/// Records one outcome for some appointments of a closure.
pub async fn set_outcome(
    connection: &mut Connection,
    id: &ClosureId,
    outcome: &str,
    some: &[&AppointmentId],
) -> sqlx::Result<()> {
    const AT_ONCE: usize = 1000;
    for some in some.chunks(AT_ONCE) {
        let places: Vec<String> = (3..some.len() + 3).map(|place| format!("${place}")).collect();
        let sql = format!(
            "UPDATE closure_appointments SET outcome = $2 WHERE closure = $1 AND appointment IN ({})",
            places.join(", ")
        );
        let mut update = query(AssertSqlSafe(sql)).bind(id).bind(outcome);
        for appointment in some {
            update = update.bind(*appointment);
        }
        update.execute(&mut *connection).await?;
    }
    Ok(())
}

/// A message that a closure withdrew before it was sent.
#[derive(Clone, Debug)]
pub struct Unsaid {
    pub about: String,
    pub kind: Kind,
    pub bulk_action: Option<BulkActionId>,
}

/// Returns the messages that a closure withdrew and that have not expired, in the order of their creation.
pub async fn unsaid(connection: &mut Connection, id: &ClosureId, now: DateTime<Utc>) -> sqlx::Result<Vec<Unsaid>> {
    let rows = query(
        "SELECT about, kind, messages.bulk_action FROM closure_messages JOIN messages ON messages.id = message
         WHERE closure = $1 AND state = 'withdrawn' AND expires > $2 ORDER BY messages.id",
    )
    .bind(id)
    .bind(now.timestamp())
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Unsaid {
                about: row.try_get("about")?,
                kind: coded(row, "kind")?,
                bulk_action: row.try_get("bulk_action")?,
            })
        })
        .collect()
}

/// Records the bulk action of the restoration messages.
pub async fn set_restoring(
    connection: &mut Connection,
    id: &ClosureId,
    bulk_action: &BulkActionId,
) -> sqlx::Result<()> {
    query("UPDATE closures SET restoring = $2 WHERE id = $1").bind(id).bind(bulk_action).execute(connection).await?;
    Ok(())
}

/// Returns the bulk action of the restoration messages; `None` if there are none. Fails if there is no such closure.
pub async fn restoring(connection: &mut Connection, id: &ClosureId) -> sqlx::Result<Option<BulkActionId>> {
    query_scalar("SELECT restoring FROM closures WHERE id = $1").bind(id).fetch_one(connection).await
}

/// Returns the office's id and the description of the closure. Fails if there is no such closure.
pub async fn place(connection: &mut Connection, id: &ClosureId) -> sqlx::Result<(OfficeId, String)> {
    let row = query(
        "SELECT office, words FROM closures JOIN bulk_actions ON bulk_actions.id = closures.id WHERE closures.id = $1",
    )
    .bind(id)
    .fetch_one(connection)
    .await?;
    Ok((row.try_get("office")?, row.try_get("words")?))
}

/// Returns the newest closures of a district, at most 50, each with the delivery state of its messages.
pub async fn list(connection: &mut Connection, district: District) -> sqlx::Result<Vec<Listed>> {
    select(connection, district, None).await
}

/// Returns a closure; `None` if it is not in this district.
pub async fn find(connection: &mut Connection, district: District, id: &ClosureId) -> sqlx::Result<Option<Listed>> {
    Ok(select(connection, district, Some(id)).await?.pop())
}

/// Returns the closure with this id, or all without an id.
async fn select(connection: &mut Connection, district: District, id: Option<&ClosureId>) -> sqlx::Result<Vec<Listed>> {
    const MOST: usize = 50;
    let condition = if id.is_some() { "closures.id = $2" } else { "$2 = ''" };
    let rows = query(AssertSqlSafe(format!(
        "SELECT closures.id, offices.name AS office, first, last, share, undone, made, {PARTS}
         FROM closures JOIN bulk_actions ON bulk_actions.id = closures.id JOIN offices ON offices.id = closures.office
         LEFT JOIN messages ON messages.bulk_action = closures.id
         WHERE offices.district = $1 AND {condition}
         GROUP BY closures.id, offices.name, first, last, share, undone, made ORDER BY closures.id DESC LIMIT {MOST}"
    )))
    .bind(district.code())
    .bind(id.map_or("", ClosureId::as_str))
    .fetch_all(connection)
    .await?;
    rows.iter().map(listed).collect()
}

/// Reads a `Listed` from a row of `select`.
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
        undoing: None,
    })
}
