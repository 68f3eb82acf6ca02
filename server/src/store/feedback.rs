//! Feedback: whether people found what they were looking for. Rows hold no reference to a person.
//!
//! `Err` means a database error; see [`crate::store`].

use api::{feedback::Feedback, ids::FeedbackId};
use chrono::{DateTime, Utc};
use rules::Coded;
use sqlx::query;

use crate::store::{Connection, coded, truth};

/// Stores an answer. A second answer with the same id replaces it.
pub async fn put(
    connection: &mut Connection,
    id: &FeedbackId,
    feedback: &Feedback,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    query(
        "INSERT INTO feedback (id, page, found, words, language, made) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (id) DO UPDATE SET found = excluded.found, words = excluded.words",
    )
    .bind(id)
    .bind(feedback.page.code())
    .bind(i64::from(feedback.found))
    .bind(&feedback.words)
    .bind(feedback.language.code())
    .bind(now.timestamp())
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes the answers older than `before`. Their text can contain personal data.
pub async fn forget(connection: &mut Connection, before: DateTime<Utc>) -> sqlx::Result<()> {
    query("DELETE FROM feedback WHERE made < $1").bind(before.timestamp()).execute(connection).await?;
    Ok(())
}

/// Returns the newest answers, at most `most`.
pub async fn list(connection: &mut Connection, most: i64) -> sqlx::Result<Vec<Feedback>> {
    let rows = query("SELECT page, found, words, language FROM feedback ORDER BY made DESC, id LIMIT $1")
        .bind(most)
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Feedback {
                page: coded(row, "page")?,
                found: truth(row, "found")?,
                words: sqlx::Row::try_get(row, "words")?,
                language: coded(row, "language")?,
            })
        })
        .collect()
}
