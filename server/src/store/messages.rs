//! Messages as people read them: the applicant, the desk, the call list and the figures. `outbox.rs` sends them.
//!
//! The call list holds the messages that failed and must arrive, until somebody has called.
//!
//! `Err` means a database error or an unknown value in a column; see [`crate::store`].

use api::{
    account::Told,
    by_phone::Call,
    ids::{CaseId, MessageId, PersonId},
    messages::{Kind, Message, State},
};
use chrono::{DateTime, Utc};
use rules::{Channel, Coded, District};
use sqlx::{Row as _, query};

use crate::store::{Connection, Row, coded, instant, persons, truth};

/// Returns the messages to a person, in the order of their creation.
pub async fn of_person(connection: &mut Connection, person: &PersonId) -> sqlx::Result<Vec<Told>> {
    let rows = query(
        "SELECT messages.created, kind, channel, address, subject, body, state FROM messages
         JOIN cases ON cases.id = messages.case_id WHERE cases.person = $1 ORDER BY messages.id",
    )
    .bind(person)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Told {
                made: instant(row, "created")?,
                kind: coded(row, "kind")?,
                channel: coded(row, "channel")?,
                address: row.try_get("address")?,
                subject: row.try_get("subject")?,
                body: row.try_get("body")?,
                state: coded(row, "state")?,
            })
        })
        .collect()
}

/// Returns the messages about an appointment that are not withdrawn, in the order of their creation. The address is not masked.
pub async fn about(connection: &mut Connection, about: &str) -> sqlx::Result<Vec<Message>> {
    let rows = query(
        "SELECT kind, channel, address, state, coalesce(sent, settled, due) AS at FROM messages
         WHERE about = $1 AND state <> 'withdrawn' ORDER BY id",
    )
    .bind(about)
    .fetch_all(connection)
    .await?;
    rows.iter().map(message).collect()
}

/// Returns the messages about a case that are not withdrawn, newest first. The address is not masked.
pub async fn of_case(connection: &mut Connection, case: &CaseId) -> sqlx::Result<Vec<Message>> {
    let rows = query(
        "SELECT kind, channel, address, state, coalesce(sent, settled, due) AS at FROM messages
         WHERE case_id = $1 AND state <> 'withdrawn' ORDER BY id DESC",
    )
    .bind(case)
    .fetch_all(connection)
    .await?;
    rows.iter().map(message).collect()
}

/// The number of messages of one kind, channel and state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    pub kind: Kind,
    pub channel: Channel,
    pub state: State,
    /// `true` for messages that failed because no address or phone number is known.
    pub no_address: bool,
    pub count: i64,
}

/// Returns the number of messages of each kind, channel and state.
pub async fn counts(connection: &mut Connection) -> sqlx::Result<Vec<Count>> {
    let rows = query(
        "SELECT kind, channel, state, CAST(CASE WHEN state = 'failed' AND fault = 'no-address' THEN 1 ELSE 0 END AS BIGINT)
           AS no_address, count(*) AS count FROM messages GROUP BY kind, channel, state, 4 ORDER BY kind, channel, state, 4",
    )
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Count {
                kind: coded(row, "kind")?,
                channel: coded(row, "channel")?,
                state: coded(row, "state")?,
                no_address: truth(row, "no_address")?,
                count: row.try_get("count")?,
            })
        })
        .collect()
}

/// Returns the call list, longest wait first, of one district or of all.
pub async fn calls(connection: &mut Connection, district: Option<District>) -> sqlx::Result<Vec<Call>> {
    let rows = query(
        "SELECT messages.id, messages.kind, fault, body, cases.id AS case_id, cases.applicant, cases.reference, persons.email,
           persons.phone, coalesce(settled, messages.created) AS since
         FROM messages JOIN cases ON cases.id = messages.case_id JOIN persons ON persons.id = cases.person
         WHERE state = 'failed' AND must_arrive = 1 AND called IS NULL AND ($1 = '' OR cases.district = $1)
         ORDER BY since, messages.id",
    )
    .bind(district.map_or("", District::code))
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Call {
                message: row.try_get("id")?,
                case: row.try_get("case_id")?,
                kind: coded(row, "kind")?,
                fault: coded(row, "fault")?,
                text: row.try_get("body")?,
                applicant: row.try_get("applicant")?,
                reference: row.try_get("reference")?,
                email: persons::address(row.try_get("email")?),
                phone: row.try_get("phone")?,
                since: instant(row, "since")?,
            })
        })
        .collect()
}

/// Takes a message off the call list. Returns `false` if it was not on it.
pub async fn called(connection: &mut Connection, message: &MessageId, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let taken = query(
        "UPDATE messages SET called = $2 WHERE id = $1 AND state = 'failed' AND must_arrive = 1 AND called IS NULL",
    )
    .bind(message)
    .bind(now.timestamp())
    .execute(connection)
    .await?;
    Ok(taken.rows_affected() == 1)
}

/// Reads a `Message` from a row.
fn message(row: &Row) -> sqlx::Result<Message> {
    Ok(Message {
        kind: coded(row, "kind")?,
        channel: coded(row, "channel")?,
        address: row.try_get("address")?,
        state: coded(row, "state")?,
        at: instant(row, "at")?,
    })
}
