//! Who has signed in, or is known to the office.

use chrono::{DateTime, Utc};
use rules::{Coded, notice::Language};
use sqlx::{query, query_scalar};

use super::{Connection, new_id};

/// The person with this address; a new one if nobody has it yet. Returns the id.
pub async fn find_or_add(
    connection: &mut Connection,
    email: &str,
    language: Language,
    now: DateTime<Utc>,
) -> sqlx::Result<String> {
    query_scalar(
        "INSERT INTO persons (id, email, language, created) VALUES ($1, $2, $3, $4)
         ON CONFLICT (email) DO UPDATE SET email = excluded.email RETURNING id",
    )
    .bind(new_id())
    .bind(email)
    .bind(language.code())
    .bind(now.timestamp())
    .fetch_one(connection)
    .await
}

/// Waits until no other transaction works for this person, and keeps others waiting until this one ends: nothing that it
/// reads about them can change before it commits. On SQLite every transaction that may write has its turn already.
pub async fn take_turn(connection: &mut Connection, person: &str) -> sqlx::Result<()> {
    if connection.backend_name() == "SQLite" {
        return Ok(());
    }
    query("UPDATE persons SET turns = turns + 1 WHERE id = $1").bind(person).execute(connection).await?;
    Ok(())
}
