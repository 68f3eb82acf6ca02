//! Who did what to what. It is only ever added to.

use chrono::{DateTime, Utc};
use rules::coded;
use sqlx::query;

use super::{Connection, new_id};

coded! {
    Action {
        Book = "book",
        Move = "move",
        Cancel = "cancel",
        Tell = "tell",
        AddCase = "add-case",
        DeleteAccount = "delete-account",
    }
}

/// `actor` is a person's id, `subject` that of a case.
pub async fn add(
    connection: &mut Connection,
    actor: &str,
    action: Action,
    subject: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    query("INSERT INTO audit (id, at, actor, action, subject) VALUES ($1, $2, $3, $4, $5)")
        .bind(new_id())
        .bind(now.timestamp())
        .bind(actor)
        .bind(rules::Coded::code(action))
        .bind(subject)
        .execute(connection)
        .await?;
    Ok(())
}
