//! The outbox: messages to send, added, leased, sent, withdrawn and rewritten. The senders lease from it, which gives at-least-once
//! delivery. `messages.rs` has what people read of the same table.
//!
//! A message is in one state: queued, sent, delivered, failed or withdrawn. The text of a sign-in code is erased in every state but
//! queued.
//!
//! `Err` means a database error or an unknown value in a column; see [`crate::store`].

use api::{
    ids::{BulkActionId, CaseId, ClosureId, MessageId, PersonId},
    messages::{Delivery, DeliveryFailure, Kind, State},
};
use chrono::{DateTime, Utc};
use rules::{Channel, Coded};
use sqlx::{AssertSqlSafe, Row as _, query, query_scalar};

use crate::store::{Connection, Engine, Row, coded, instant, new_id};

/// A message to add to the outbox.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// The id of the case it is about.
    pub case: Option<CaseId>,
    /// The id of its subject, for instance an appointment or a code. `withdraw` finds it by this.
    pub about: String,
    pub kind: Kind,
    pub channel: Channel,
    pub bulk_action: Option<BulkActionId>,
    pub address: String,
    pub subject: String,
    pub body: String,
    /// The text of the SMS that is sent instead if the e-mail address is refused; empty if there is none.
    pub sms: String,
    /// The reason why it cannot be sent at all; `None` for a message that can.
    pub fault: Option<DeliveryFailure>,
    pub any_time: bool,
    pub must_arrive: bool,
    pub due: DateTime<Utc>,
    pub expires: DateTime<Utc>,
}

/// A message leased for sending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leased {
    pub id: MessageId,
    pub kind: Kind,
    pub channel: Channel,
    pub address: String,
    pub subject: String,
    pub body: String,
    pub expires: DateTime<Utc>,
    /// Number of leases, including this one.
    pub attempts: i64,
}

/// Adds one message.
pub async fn add(connection: &mut Connection, message: &NewMessage, now: DateTime<Utc>) -> sqlx::Result<()> {
    add_all(connection, std::slice::from_ref(message), now).await
}

/// Adds many messages. Binding values takes most of the time, so values that neighbours share are bound once.
pub async fn add_all(connection: &mut Connection, messages: &[NewMessage], now: DateTime<Utc>) -> sqlx::Result<()> {
    const AT_ONCE: usize = 200;
    for alike in messages.chunk_by(NewMessage::is_like) {
        for some in alike.chunks(AT_ONCE) {
            add_some(connection, some, now).await?;
        }
    }
    Ok(())
}

impl NewMessage {
    /// Returns `true` if the messages differ only in recipient, subject and text.
    fn is_like(&self, other: &NewMessage) -> bool {
        let shared = |one: &NewMessage| {
            let NewMessage { kind, channel, fault, any_time, must_arrive, due, expires, .. } = *one;
            (kind, channel, fault, any_time, must_arrive, due, expires)
        };
        shared(self) == shared(other) && self.bulk_action == other.bulk_action
    }
}

/// Adds messages that are like the first.
async fn add_some(connection: &mut Connection, some: &[NewMessage], now: DateTime<Utc>) -> sqlx::Result<()> {
    const SHARED: usize = 10;
    const OWN: usize = 7;
    let Some(first) = some.first() else { return Ok(()) };
    let rows: Vec<String> = (0..some.len())
        .map(|row| {
            let own = |column: usize| format!("${}", SHARED + row * OWN + column);
            // PostgreSQL cannot infer the type of a bound NULL.
            format!(
                "({}, nullif({}, ''), {}, {}, {}, {}, {}, nullif($1, ''), $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0)",
                own(1),
                own(2),
                own(3),
                own(4),
                own(5),
                own(6),
                own(7)
            )
        })
        .collect();
    let state = if first.fault.is_some() { State::Failed } else { State::Queued };
    let mut insert = query(AssertSqlSafe(format!(
        "INSERT INTO messages (id, case_id, about, address, subject, body, sms, bulk_action, kind, channel, state, fault, any_time,
           must_arrive, due, expires, created, leased_until, attempts) VALUES {}",
        rows.join(", ")
    )))
    .bind(first.bulk_action.as_deref().unwrap_or_default())
    .bind(first.kind.code())
    .bind(first.channel.code())
    .bind(state.code())
    .bind(first.fault.map_or("", DeliveryFailure::code))
    .bind(i64::from(first.any_time))
    .bind(i64::from(first.must_arrive))
    .bind(first.due.timestamp())
    .bind(first.expires.timestamp())
    .bind(now.timestamp());
    for message in some {
        insert = insert
            .bind(new_id::<MessageId>())
            .bind(message.case.as_deref().unwrap_or_default())
            .bind(&message.about)
            .bind(&message.address)
            .bind(&message.subject)
            .bind(&message.body)
            .bind(&message.sms);
    }
    insert.execute(connection).await?;
    Ok(())
}

/// The filter of due messages on a channel. During quiet hours only urgent ones are sent.
#[derive(Clone, Copy)]
pub struct Sendable {
    pub channel: Channel,
    pub now: DateTime<Utc>,
    pub quiet: bool,
}

/// Returns `true` if a message is due or has expired on a channel.
pub async fn any_due(connection: &mut Connection, what: Sendable) -> sqlx::Result<bool> {
    let row = query(
        "SELECT id FROM messages WHERE state = 'queued' AND channel = $1 AND any_time IN (0, 1) AND due <= $2
           AND leased_until <= $2 AND ($3 = 0 OR any_time = 1 OR expires <= $2) LIMIT 1",
    )
    .bind(what.channel.code())
    .bind(what.now.timestamp())
    .bind(i64::from(what.quiet))
    .fetch_optional(connection)
    .await?;
    Ok(row.is_some())
}

/// Marks expired messages on a channel as failed.
pub async fn expire(connection: &mut Connection, what: Sendable) -> sqlx::Result<()> {
    query(
        "UPDATE messages SET state = 'failed', fault = $3, settled = $2, body = CASE WHEN kind = 'code' THEN '' ELSE body END
         WHERE state = 'queued' AND channel = $1 AND any_time IN (0, 1) AND due <= $2 AND expires <= $2 AND leased_until <= $2",
    )
    .bind(what.channel.code())
    .bind(what.now.timestamp())
    .bind(DeliveryFailure::Expired.code())
    .execute(connection)
    .await?;
    Ok(())
}

/// Leases at most `most` due messages on a channel until `until`, urgent ones first. No message is leased twice at a time: SQLite
/// has one writer, and PostgreSQL skips locked rows.
///
/// For each case one message is in flight at a time, oldest first, so that the newest one arrives last. A message that was
/// withdrawn during its lease still counts as in flight.
pub async fn lease(
    connection: &mut Connection,
    what: Sendable,
    until: DateTime<Utc>,
    most: i64,
) -> sqlx::Result<Vec<Leased>> {
    let skip = Engine::of(connection).skip_locked();
    let mut all = Vec::new();
    for any_time in [1, 0] {
        if any_time == 0 && what.quiet {
            break;
        }
        let rows = query(AssertSqlSafe(format!(
            "UPDATE messages SET leased_until = $3, attempts = attempts + 1, tried = 1
             WHERE id IN (
               SELECT id FROM messages AS next WHERE state = 'queued' AND channel = $1 AND any_time = $4 AND due <= $2
                 AND leased_until <= $2 AND expires > $2
                 AND NOT EXISTS (SELECT 1 FROM messages AS other WHERE other.case_id = next.case_id
                   AND other.state IN ('queued', 'withdrawn') AND (other.leased_until > $2 OR other.state = 'queued'
                     AND other.channel = $1 AND other.due <= $2 AND other.expires > $2
                     AND ($6 = 0 OR other.any_time = 1) AND other.id < next.id))
               ORDER BY due, id LIMIT $5 {skip}
             ) RETURNING id, kind, channel, address, subject, body, expires, attempts"
        )))
        .bind(what.channel.code())
        .bind(what.now.timestamp())
        .bind(until.timestamp())
        .bind(any_time)
        .bind(most - all.len() as i64)
        .bind(i64::from(what.quiet))
        .fetch_all(&mut *connection)
        .await?;
        for row in &rows {
            all.push(leased(row)?);
        }
    }
    Ok(all)
}

/// Returns `true` if the caller still holds the lease of a message and the message is still to be sent. It can have been
/// withdrawn since, and the lease can have expired.
pub async fn is_still_leased(connection: &mut Connection, message: &Leased, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let sql = "SELECT id FROM messages WHERE id = $1 AND state = 'queued' AND attempts = $2 AND leased_until > $3";
    let row =
        query(sql).bind(&message.id).bind(message.attempts).bind(now.timestamp()).fetch_optional(connection).await?;
    Ok(row.is_some())
}

/// Ends the lease of a message that was not sent, in any state, so that the next message of the case can be leased.
pub async fn release(connection: &mut Connection, message: &Leased) -> sqlx::Result<()> {
    query("UPDATE messages SET leased_until = 0 WHERE id = $1 AND attempts = $2")
        .bind(&message.id)
        .bind(message.attempts)
        .execute(connection)
        .await?;
    Ok(())
}

/// Marks messages as sent, even if they were withdrawn during sending. Delivered ones stay delivered. The text of a code is
/// erased.
pub async fn sent(connection: &mut Connection, ids: &[&MessageId], now: DateTime<Utc>) -> sqlx::Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let places: Vec<String> = (2..ids.len() + 2).map(|place| format!("${place}")).collect();
    let sql = format!(
        "UPDATE messages SET state = CASE WHEN state = 'delivered' THEN state ELSE 'sent' END, sent = $1, leased_until = 0,
           body = CASE WHEN kind = 'code' THEN '' ELSE body END
         WHERE state IN ('queued', 'withdrawn', 'delivered') AND id IN ({})",
        places.join(", ")
    );
    let mut update = query(AssertSqlSafe(sql)).bind(now.timestamp());
    for id in ids {
        update = update.bind(*id);
    }
    update.execute(connection).await?;
    Ok(())
}

/// Postpones a message to `due`, unless it was leased again since.
pub async fn later(connection: &mut Connection, message: &Leased, due: DateTime<Utc>) -> sqlx::Result<()> {
    query("UPDATE messages SET due = $3 WHERE id = $1 AND attempts = $2 AND state = 'queued'")
        .bind(&message.id)
        .bind(message.attempts)
        .bind(due.timestamp())
        .execute(connection)
        .await?;
    Ok(())
}

/// Marks a queued message as failed.
pub async fn failed(
    connection: &mut Connection,
    id: &MessageId,
    fault: DeliveryFailure,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    query(
        "UPDATE messages SET state = 'failed', fault = $2, settled = $3, body = CASE WHEN kind = 'code' THEN '' ELSE body END
         WHERE id = $1 AND state = 'queued'",
    )
        .bind(id)
        .bind(fault.code())
        .bind(now.timestamp())
        .execute(connection)
        .await?;
    Ok(())
}

/// Turns an e-mail with a refused address into an SMS. Returns `false` if it has no SMS text or the person has no phone number.
/// The message's id, bulk action and expiry stay.
pub async fn fall_back(connection: &mut Connection, id: &MessageId, now: DateTime<Utc>) -> sqlx::Result<bool> {
    const NUMBER: &str =
        "(SELECT phone FROM cases JOIN persons ON persons.id = cases.person WHERE cases.id = messages.case_id)";
    let fallen = query(AssertSqlSafe(format!(
        "UPDATE messages SET channel = 'sms', address = {NUMBER}, subject = '', body = sms, sms = '', due = $2,
           leased_until = 0, attempts = 0, tried = 0
         WHERE id = $1 AND state = 'queued' AND channel = 'email' AND sms <> '' AND {NUMBER} IS NOT NULL"
    )))
    .bind(id)
    .bind(now.timestamp())
    .execute(connection)
    .await?;
    Ok(fallen.rows_affected() == 1)
}

/// Records a delivery receipt of the SMS gateway. Returns `false` if there is no such message. Receipts can be late, repeated or
/// out of order: `delivered` is final. A failure is ignored if the account was deleted, so that nobody is called about it.
pub async fn settle(
    connection: &mut Connection,
    id: &MessageId,
    delivery: Delivery,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let exists: Option<String> = query_scalar("SELECT id FROM messages WHERE id = $1 AND channel = 'sms'")
        .bind(id)
        .fetch_optional(&mut *connection)
        .await?;
    let update = match delivery {
        Delivery::Delivered => query(
            "UPDATE messages SET state = 'delivered', fault = '', settled = $2, sent = coalesce(sent, $2)
             WHERE id = $1 AND channel = 'sms' AND attempts > 0 AND state <> 'delivered'",
        ),
        Delivery::Failed => query(
            "UPDATE messages SET state = 'failed', fault = 'not-delivered', settled = $2
             WHERE id = $1 AND channel = 'sms' AND attempts > 0 AND address <> '' AND state IN ('queued', 'sent')",
        ),
    };
    update.bind(id).bind(now.timestamp()).execute(connection).await?;
    Ok(exists.is_some())
}

/// Withdraws the queued messages about a subject that has ended.
pub async fn withdraw(connection: &mut Connection, about: &str) -> sqlx::Result<()> {
    query(
        "UPDATE messages SET state = 'withdrawn', body = CASE WHEN kind = 'code' THEN '' ELSE body END
         WHERE about = $1 AND state = 'queued'",
    )
    .bind(about)
    .execute(connection)
    .await?;
    Ok(())
}

/// SQL: a message that cannot have reached the person. It was never tried, or its address was refused, and nobody called instead.
pub(super) const UNSENT: &str = "called IS NULL AND (state IN ('queued', 'failed') AND tried = 0
    OR state = 'failed' AND fault = 'address-refused')";

/// Withdraws the messages of a closure that is undone. Returns the ids of the appointments whose applicants do not know of the
/// closure. People whose appointment is not restored still get the message.
pub async fn withdraw_of_closure(
    connection: &mut Connection,
    closure: &ClosureId,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<String>> {
    let unheard = query_scalar(AssertSqlSafe(format!(
        "UPDATE messages SET state = 'withdrawn', settled = $2
         WHERE bulk_action = $1 AND {UNSENT} AND about IN (SELECT appointment FROM closure_appointments
           WHERE closure = $1 AND outcome IN ('given', 'has-another', 'cancelled-since')) RETURNING about"
    )))
    .bind(closure)
    .bind(now.timestamp())
    .fetch_all(&mut *connection)
    .await?;
    // A message in flight can arrive, so the person counts as informed. It is not retried, and it leaves the call list.
    query(
        "UPDATE messages SET state = 'withdrawn', settled = $2
         WHERE bulk_action = $1 AND state IN ('queued', 'failed') AND called IS NULL
           AND about IN (SELECT appointment FROM closure_appointments WHERE closure = $1 AND outcome = 'given')",
    )
    .bind(closure)
    .bind(now.timestamp())
    .execute(connection)
    .await?;
    Ok(unheard)
}

/// A message to a person that is queued and not leased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub id: MessageId,
    pub kind: Kind,
    pub about: String,
    pub channel: Channel,
    pub body: String,
}

/// Returns the messages to a person that are queued and not leased, in the order of their creation.
pub async fn waiting(connection: &mut Connection, person: &PersonId, now: DateTime<Utc>) -> sqlx::Result<Vec<Waiting>> {
    let rows = query(
        "SELECT messages.id, kind, about, channel, body FROM messages JOIN cases ON cases.id = messages.case_id
         WHERE cases.person = $1 AND state = 'queued' AND leased_until <= $2 ORDER BY messages.id",
    )
    .bind(person)
    .bind(now.timestamp())
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Waiting {
                id: row.try_get("id")?,
                kind: coded(row, "kind")?,
                about: row.try_get("about")?,
                channel: coded(row, "channel")?,
                body: row.try_get("body")?,
            })
        })
        .collect()
}

/// The new channel, address and text of a message.
#[derive(Clone, Copy, Debug)]
pub struct Anew<'a> {
    pub channel: Channel,
    pub address: &'a str,
    pub subject: &'a str,
    pub body: &'a str,
    pub sms: &'a str,
}

impl<'a> From<&'a NewMessage> for Anew<'a> {
    fn from(message: &'a NewMessage) -> Anew<'a> {
        let NewMessage { channel, address, subject, body, sms, .. } = message;
        Anew { channel: *channel, address, subject, body, sms }
    }
}

/// Rewrites a queued message in place. Its due time, expiry and bulk action stay. A message that was tried before becomes due at
/// once and gets a new id, because the gateway may know the old id with the old text.
pub async fn rewrite(
    connection: &mut Connection,
    id: &MessageId,
    anew: impl Into<Anew<'_>>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let Anew { channel, address, subject, body, sms } = anew.into();
    query(
        "UPDATE messages SET channel = $3, address = $4, subject = $5, body = $6, sms = $8, attempts = 0,
           id = CASE WHEN attempts = 0 THEN id ELSE $7 END, due = CASE WHEN attempts = 0 THEN due ELSE $2 END
         WHERE id = $1 AND state = 'queued' AND leased_until <= $2",
    )
    .bind(id)
    .bind(now.timestamp())
    .bind(channel.code())
    .bind(address)
    .bind(subject)
    .bind(body)
    .bind(new_id::<MessageId>())
    .bind(sms)
    .execute(connection)
    .await?;
    Ok(())
}

/// Makes messages due that wait only because the clock was ahead when they were leased, created or postponed. `ahead` is later
/// than the end of any regular lease or delay; only reminders are due later.
pub async fn wake(connection: &mut Connection, now: DateTime<Utc>, ahead: DateTime<Utc>) -> sqlx::Result<()> {
    for sql in [
        "UPDATE messages SET leased_until = $1 WHERE state = 'queued' AND leased_until > $2",
        "UPDATE messages SET due = $1 WHERE state = 'queued' AND kind <> 'reminder' AND due > $2",
    ] {
        query(sql).bind(now.timestamp()).bind(ahead.timestamp()).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Deletes the messages with codes that were created before `before`.
pub async fn forget_codes(connection: &mut Connection, before: DateTime<Utc>) -> sqlx::Result<()> {
    query("DELETE FROM messages WHERE kind = 'code' AND created < $1")
        .bind(before.timestamp())
        .execute(connection)
        .await?;
    Ok(())
}

/// Returns the due time of the oldest due message; `None` if none is due.
pub async fn oldest_due(connection: &mut Connection, now: DateTime<Utc>) -> sqlx::Result<Option<DateTime<Utc>>> {
    let row = query("SELECT due FROM messages WHERE state = 'queued' AND due <= $1 ORDER BY due LIMIT 1")
        .bind(now.timestamp())
        .fetch_optional(connection)
        .await?;
    row.map(|row| instant(&row, "due")).transpose()
}

/// Reads a `Leased` from a row.
fn leased(row: &Row) -> sqlx::Result<Leased> {
    Ok(Leased {
        id: row.try_get("id")?,
        kind: coded(row, "kind")?,
        channel: coded(row, "channel")?,
        address: row.try_get("address")?,
        subject: row.try_get("subject")?,
        body: row.try_get("body")?,
        expires: instant(row, "expires")?,
        attempts: row.try_get("attempts")?,
    })
}
