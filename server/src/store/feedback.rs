//! Whether people found what they were looking for.

use api::feedback::Feedback;
use chrono::{DateTime, Utc};
use rules::Coded;
use sqlx::query;

use crate::store::{Connection, coded, truth};

/// Keeps an answer, or what is said anew under the same id.
pub async fn put(connection: &mut Connection, id: &str, feedback: &Feedback, now: DateTime<Utc>) -> sqlx::Result<()> {
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

/// Deletes what was said before an instant. Its words may say more about a person than they meant to.
pub async fn forget(connection: &mut Connection, before: DateTime<Utc>) -> sqlx::Result<()> {
    query("DELETE FROM feedback WHERE made < $1").bind(before.timestamp()).execute(connection).await?;
    Ok(())
}

/// The newest answers first.
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
