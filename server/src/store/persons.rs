//! Who has signed in, or is known to the office.

use chrono::{DateTime, Utc};
use rules::{Coded, notice::Language};
use sqlx::query_scalar;

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
