//! Bulk actions of an office (closure, restoration, publication, invitation) and the delivery state of their messages.
//!
//! `Err` means a database error or an unknown value in a column; see [`crate::store`].

use api::{ids::BulkActionId, messages::Ledger};
use chrono::{DateTime, Utc};
use rules::{Coded, District, coded};
use sqlx::{AssertSqlSafe, Row as _, query};

use crate::store::{Connection, Row, audit::Actor, coded as coded_column, instant, new_id};

coded! {
    /// The kind of a bulk action.
    Kind { Close = "close", Restore = "restore", Publish = "publish", Invite = "invite" }
}

/// Adds a bulk action and returns its id.
pub async fn add(
    connection: &mut Connection,
    kind: Kind,
    words: &str,
    actor: Actor<'_>,
    district: Option<District>,
    now: DateTime<Utc>,
) -> sqlx::Result<BulkActionId> {
    let id: BulkActionId = new_id();
    query("INSERT INTO bulk_actions (id, kind, words, actor, made, district) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(&id)
        .bind(kind.code())
        .bind(words)
        .bind(actor.stored())
        .bind(now.timestamp())
        .bind(district.map_or("", District::code))
        .execute(connection)
        .await?;
    Ok(id)
}

/// A bulk action, with the delivery state of its messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkAction {
    pub id: BulkActionId,
    pub kind: Kind,
    /// A description of the action.
    pub words: String,
    pub made: DateTime<Utc>,
    pub ledger: Ledger,
}

/// The columns of a ledger, for a query with one row for each message. They are counts because PostgreSQL returns a sum as
/// NUMERIC.
pub(super) const PARTS: &str = "count(messages.id) AS to_tell,
    count(CASE WHEN state = 'queued' THEN 1 END) AS waiting,
    count(CASE WHEN state = 'sent' THEN 1 END) AS sent_on,
    count(CASE WHEN state = 'delivered' THEN 1 END) AS delivered,
    count(CASE WHEN state = 'withdrawn' THEN 1 END) AS withdrawn,
    count(CASE WHEN state = 'failed' AND called IS NULL THEN 1 END) AS to_call,
    count(CASE WHEN state = 'failed' AND called IS NOT NULL THEN 1 END) AS called_since";

/// Returns the bulk actions that send messages, newest first.
pub async fn list(connection: &mut Connection) -> sqlx::Result<Vec<BulkAction>> {
    let rows = query(AssertSqlSafe(format!(
        "SELECT bulk_actions.id, bulk_actions.kind, words, made, {PARTS}
         FROM bulk_actions LEFT JOIN messages ON messages.bulk_action = bulk_actions.id
         WHERE bulk_actions.kind <> 'publish' GROUP BY bulk_actions.id, bulk_actions.kind, words, made ORDER BY bulk_actions.id DESC"
    )))
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(BulkAction {
                id: row.try_get("id")?,
                kind: coded_column(row, "kind")?,
                words: row.try_get("words")?,
                made: instant(row, "made")?,
                ledger: ledger(row)?,
            })
        })
        .collect()
}

/// Returns the delivery state of the messages of a bulk action.
pub async fn ledger_of(connection: &mut Connection, id: &BulkActionId) -> sqlx::Result<Ledger> {
    let sql = format!("SELECT {PARTS} FROM messages WHERE bulk_action = $1");
    ledger(&query(AssertSqlSafe(sql)).bind(id).fetch_one(connection).await?)
}

/// Reads the ledger from a row with the columns `PARTS`.
pub(super) fn ledger(row: &Row) -> sqlx::Result<Ledger> {
    Ok(Ledger {
        to_tell: row.try_get("to_tell")?,
        waiting: row.try_get("waiting")?,
        sent: row.try_get("sent_on")?,
        delivered: row.try_get("delivered")?,
        withdrawn: row.try_get("withdrawn")?,
        to_call: row.try_get("to_call")?,
        called: row.try_get("called_since")?,
    })
}
