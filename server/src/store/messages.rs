//! The outbox: what is still to be sent, and what has become of it.

use api::account::Told;
use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, Row as _, query};

use super::{Connection, Row, instant, new_id};

/// A message on its way into the outbox.
pub struct NewMessage<'m> {
    /// The case it is about.
    pub case: &'m str,
    pub kind: &'m str,
    pub address: &'m str,
    pub subject: &'m str,
    pub body: &'m str,
}

/// A message that its reader is to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leased {
    pub id: String,
    pub address: String,
    pub subject: String,
    pub body: String,
    /// How often it was leased, this time included.
    pub attempts: i64,
}

pub async fn add(connection: &mut Connection, message: &NewMessage<'_>, now: DateTime<Utc>) -> sqlx::Result<String> {
    let id = new_id();
    query(
        "INSERT INTO messages (id, case_id, kind, address, subject, body, state, due, leased_until, attempts, created)
         VALUES ($1, $2, $3, $4, $5, $6, 'queued', $7, 0, 0, $7)",
    )
    .bind(&id)
    .bind(message.case)
    .bind(message.kind)
    .bind(message.address)
    .bind(message.subject)
    .bind(message.body)
    .bind(now.timestamp())
    .execute(connection)
    .await?;
    Ok(id)
}

/// Whether there is a message to send.
pub async fn any_due(connection: &mut Connection, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let row = query("SELECT id FROM messages WHERE state = 'queued' AND due <= $1 AND leased_until <= $1 LIMIT 1")
        .bind(now.timestamp())
        .fetch_optional(connection)
        .await?;
    Ok(row.is_some())
}

/// Takes some messages that are due, for nobody else to send until the lease is over. Two workers never get the same one:
/// on SQLite there is one writer at a time, on PostgreSQL each skips what another is taking.
pub async fn lease(
    connection: &mut Connection,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    most: i64,
) -> sqlx::Result<Vec<Leased>> {
    let skip = if connection.backend_name() == "PostgreSQL" { "FOR UPDATE SKIP LOCKED" } else { "" };
    let rows = query(AssertSqlSafe(format!(
        "UPDATE messages SET leased_until = $2, attempts = attempts + 1
         WHERE id IN (
           SELECT id FROM messages WHERE state = 'queued' AND due <= $1 AND leased_until <= $1
           ORDER BY due, id LIMIT $3 {skip}
         ) RETURNING id, address, subject, body, attempts"
    )))
    .bind(now.timestamp())
    .bind(until.timestamp())
    .bind(most)
    .fetch_all(connection)
    .await?;
    rows.iter().map(leased).collect()
}

pub async fn sent(connection: &mut Connection, ids: &[&str], now: DateTime<Utc>) -> sqlx::Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let places: Vec<String> = (2..ids.len() + 2).map(|place| format!("${place}")).collect();
    let sql = format!(
        "UPDATE messages SET state = 'sent', sent = $1 WHERE state = 'queued' AND id IN ({})",
        places.join(", ")
    );
    let mut update = query(AssertSqlSafe(sql)).bind(now.timestamp());
    for id in ids {
        update = update.bind(*id);
    }
    update.execute(connection).await?;
    Ok(())
}

/// Gives a message back, to be sent later.
pub async fn later(connection: &mut Connection, id: &str, due: DateTime<Utc>) -> sqlx::Result<()> {
    query("UPDATE messages SET due = $2, leased_until = 0 WHERE id = $1 AND state = 'queued'")
        .bind(id)
        .bind(due.timestamp())
        .execute(connection)
        .await?;
    Ok(())
}

/// Gives a message up.
pub async fn failed(connection: &mut Connection, id: &str) -> sqlx::Result<()> {
    query("UPDATE messages SET state = 'failed' WHERE id = $1 AND state = 'queued'")
        .bind(id)
        .execute(connection)
        .await?;
    Ok(())
}

/// What was written to a person, in the order of writing.
pub async fn of_person(connection: &mut Connection, person: &str) -> sqlx::Result<Vec<Told>> {
    let rows = query(
        "SELECT messages.created, address, subject, body, state FROM messages JOIN cases ON cases.id = messages.case_id
         WHERE cases.person = $1 ORDER BY messages.id",
    )
    .bind(person)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Told {
                made: instant(row, "created")?,
                address: row.try_get("address")?,
                subject: row.try_get("subject")?,
                body: row.try_get("body")?,
                state: row.try_get("state")?,
            })
        })
        .collect()
}

fn leased(row: &Row) -> sqlx::Result<Leased> {
    Ok(Leased {
        id: row.try_get("id")?,
        address: row.try_get("address")?,
        subject: row.try_get("subject")?,
        body: row.try_get("body")?,
        attempts: row.try_get("attempts")?,
    })
}
