//! Who has signed in, or is known to the office.

use chrono::{DateTime, NaiveDate, Utc};
use rules::{Coded, notice::Language};
use sqlx::{AssertSqlSafe, query, query_scalar};

use crate::store::{Connection, new_id};

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

/// The id of the person with an e-mail address.
pub async fn find(connection: &mut Connection, email: &str) -> sqlx::Result<Option<String>> {
    query_scalar("SELECT id FROM persons WHERE email = $1").bind(email).fetch_optional(connection).await
}

/// Somebody whom an officer helps on the phone, and who has never signed in. Returns the id.
pub async fn add_at_desk(
    connection: &mut Connection,
    language: Language,
    phone: Option<&str>,
    now: DateTime<Utc>,
) -> sqlx::Result<String> {
    let id = new_id();
    query("INSERT INTO persons (id, email, language, created, phone) VALUES ($1, $2, $3, $4, nullif($5, ''))")
        .bind(&id)
        .bind(format!("desk {id}"))
        .bind(language.code())
        .bind(now.timestamp())
        .bind(phone.unwrap_or_default())
        .execute(connection)
        .await?;
    Ok(id)
}

/// Forgets those of them whose cases are all in accounts by now.
pub async fn forget_at_desk(connection: &mut Connection) -> sqlx::Result<()> {
    query(
        "DELETE FROM persons WHERE email LIKE 'desk %' AND NOT EXISTS (SELECT 1 FROM cases WHERE cases.person = persons.id)",
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A person's address as it stands in the database, if it is one: who has deleted their account, or has never signed in, has none, and
/// something in its place that is nobody else's.
pub(super) fn address(email: String) -> String {
    if email.contains('@') { email } else { String::new() }
}

/// Sets what a person may change about themselves.
pub async fn change(
    connection: &mut Connection,
    id: &str,
    language: Language,
    phone: Option<&str>,
) -> sqlx::Result<()> {
    // A null that is bound has no type of its own, and PostgreSQL wants one.
    query("UPDATE persons SET language = $2, phone = nullif($3, '') WHERE id = $1")
        .bind(id)
        .bind(language.code())
        .bind(phone.unwrap_or_default())
        .execute(connection)
        .await?;
    Ok(())
}

/// Deletes a person as far as they are a person: their address, their number, where they are signed in, what was written to
/// them. The row stays, with nothing in it, because the office keeps the cases until a day. Who was still to be called is not any
/// more: there is no number.
pub async fn empty(connection: &mut Connection, id: &str, email: &str, kept_until: NaiveDate) -> sqlx::Result<()> {
    // The address first: who signs in with it at the same time waits for this, and then finds nobody.
    query("UPDATE persons SET email = $2, phone = NULL, kept_until = $3 WHERE id = $1")
        .bind(id)
        .bind(format!("deleted {id}"))
        .bind(kept_until.to_string())
        .execute(&mut *connection)
        .await?;
    for sql in [
        "DELETE FROM sessions WHERE person = $1",
        "DELETE FROM answers WHERE scope = $1",
        "DELETE FROM uses WHERE who = $1",
        "DELETE FROM holds WHERE case_id IN (SELECT id FROM cases WHERE person = $1)",
        // What has not arrived will not.
        "UPDATE documents SET state = 'deleted', name = ''
         WHERE state = 'arriving' AND case_id IN (SELECT id FROM cases WHERE person = $1)",
        // Whoever takes the case over was not asked.
        "UPDATE invitations SET ended = issued WHERE ended IS NULL AND case_id IN (SELECT id FROM cases WHERE person = $1)",
        "UPDATE messages SET address = '', subject = '', body = '', sms = '',
           state = CASE WHEN state = 'queued' OR state = 'failed' AND must_arrive = 1 AND called IS NULL THEN 'withdrawn'
             ELSE state END
         WHERE case_id IN (SELECT id FROM cases WHERE person = $1)",
    ] {
        query(sql).bind(id).execute(&mut *connection).await?;
    }
    for sql in [
        "DELETE FROM sign_in_codes WHERE email = $1",
        "DELETE FROM known_browsers WHERE email = $1",
        "DELETE FROM messages WHERE kind = 'code' AND address = $1",
    ] {
        query(sql).bind(email).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Deletes the accounts that were made before an instant, have no case, and are not signed in anywhere: anybody can make one
/// with an address, and nothing is lost that signing in again does not bring back.
pub async fn forget_without_case(connection: &mut Connection, before: DateTime<Utc>) -> sqlx::Result<()> {
    const IDLE: &str = "created < $1 AND kept_until IS NULL AND email LIKE '%@%'
      AND NOT EXISTS (SELECT 1 FROM cases WHERE cases.person = persons.id)
      AND NOT EXISTS (SELECT 1 FROM sessions WHERE sessions.person = persons.id)";
    for sql in [
        format!("DELETE FROM answers WHERE scope IN (SELECT id FROM persons WHERE {IDLE})"),
        format!("DELETE FROM uses WHERE who IN (SELECT id FROM persons WHERE {IDLE})"),
        format!("DELETE FROM known_browsers WHERE email IN (SELECT email FROM persons WHERE {IDLE})"),
        format!("DELETE FROM persons WHERE {IDLE}"),
    ] {
        query(AssertSqlSafe(sql)).bind(before.timestamp()).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Deletes the cases of deleted accounts whose keeping time is over, with everything about them but the audit, which names
/// nobody. Whose documents are still to be erased waits until they are.
pub async fn forget(connection: &mut Connection, today: NaiveDate) -> sqlx::Result<()> {
    const OVER: &str = "SELECT id FROM persons WHERE kept_until < $1 AND NOT EXISTS (
      SELECT 1 FROM segments JOIN cases ON cases.id = segments.case_id WHERE cases.person = persons.id)";
    // What closings did to their appointments.
    for (table, column, of) in
        [("closure_appointments", "appointment", "appointments"), ("closure_messages", "message", "messages")]
    {
        let sql = format!(
            "DELETE FROM {table} WHERE {column} IN (
               SELECT id FROM {of} WHERE case_id IN (SELECT id FROM cases WHERE person IN ({OVER})))"
        );
        query(AssertSqlSafe(sql)).bind(today.to_string()).execute(&mut *connection).await?;
    }
    for table in [
        "documents",
        "case_keys",
        "messages",
        "receipts",
        "failures",
        "invitations",
        "appointments",
        "holds",
        "situations",
        "works",
    ] {
        let sql = format!("DELETE FROM {table} WHERE case_id IN (SELECT id FROM cases WHERE person IN ({OVER}))");
        query(AssertSqlSafe(sql)).bind(today.to_string()).execute(&mut *connection).await?;
    }
    for sql in [
        format!("DELETE FROM records WHERE reference IN (SELECT reference FROM cases WHERE person IN ({OVER}))"),
        format!("DELETE FROM cases WHERE person IN ({OVER})"),
        format!("DELETE FROM persons WHERE id IN ({OVER})"),
    ] {
        query(AssertSqlSafe(sql)).bind(today.to_string()).execute(&mut *connection).await?;
    }
    Ok(())
}
