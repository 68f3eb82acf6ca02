//! Persons: applicants with an account, and people that officers added by phone.
//!
//! `Err` means a database error; see [`crate::store`].

use api::ids::PersonId;
use chrono::{DateTime, NaiveDate, Utc};
use rules::{Coded, notice::Language};
use sqlx::{AssertSqlSafe, query, query_scalar};

use crate::store::{Connection, new_id};

/// Returns the id of the person with this address, and adds one if there is none.
pub async fn find_or_add(
    connection: &mut Connection,
    email: &str,
    language: Language,
    now: DateTime<Utc>,
) -> sqlx::Result<PersonId> {
    query_scalar(
        "INSERT INTO persons (id, email, language, created) VALUES ($1, $2, $3, $4)
         ON CONFLICT (email) DO UPDATE SET email = excluded.email RETURNING id",
    )
    .bind(new_id::<PersonId>())
    .bind(email)
    .bind(language.code())
    .bind(now.timestamp())
    .fetch_one(connection)
    .await
}

/// Returns the id of the person with this address; `None` if there is none.
pub async fn find(connection: &mut Connection, email: &str) -> sqlx::Result<Option<PersonId>> {
    query_scalar("SELECT id FROM persons WHERE email = $1").bind(email).fetch_optional(connection).await
}

/// Adds a person whom an officer helps by phone and who has never signed in. Returns the id.
pub async fn add_at_desk(
    connection: &mut Connection,
    language: Language,
    phone: Option<&str>,
    now: DateTime<Utc>,
) -> sqlx::Result<PersonId> {
    let id: PersonId = new_id();
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

/// Deletes the persons added by phone whose cases have all moved to accounts.
pub async fn forget_at_desk(connection: &mut Connection) -> sqlx::Result<()> {
    query(
        "DELETE FROM persons WHERE email LIKE 'desk %' AND NOT EXISTS (SELECT 1 FROM cases WHERE cases.person = persons.id)",
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns the e-mail address of a person; empty for a deleted account or a person added by phone. Their column holds a unique
/// placeholder.
pub(super) fn address(email: String) -> String {
    if email.contains('@') { email } else { String::new() }
}

/// Sets the language and the phone number of a person.
pub async fn change(
    connection: &mut Connection,
    id: &PersonId,
    language: Language,
    phone: Option<&str>,
) -> sqlx::Result<()> {
    // PostgreSQL cannot infer the type of a bound NULL.
    query("UPDATE persons SET language = $2, phone = nullif($3, '') WHERE id = $1")
        .bind(id)
        .bind(language.code())
        .bind(phone.unwrap_or_default())
        .execute(connection)
        .await?;
    Ok(())
}

/// Deletes an account: address, phone number, sessions and the text of messages. The row stays as an empty owner of the cases
/// until `kept_until`. Calls to the person are dropped, because there is no phone number.
pub async fn empty(connection: &mut Connection, id: &PersonId, email: &str, kept_until: NaiveDate) -> sqlx::Result<()> {
    // The address goes first: a concurrent sign-in with it waits for this row and then finds no person.
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
        // Open uploads end with the account.
        "UPDATE documents SET state = 'deleted', name = ''
         WHERE state = 'arriving' AND case_id IN (SELECT id FROM cases WHERE person = $1)",
        // The next owner of the case was not invited.
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

/// Deletes the accounts created before `before` that have no case and no session. Anybody can create one with an e-mail address,
/// and signing in again restores it.
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

/// Deletes the cases of deleted accounts after their retention period, with everything about them except the audit log, which
/// holds no names. An account whose documents are not erased yet waits.
pub async fn forget(connection: &mut Connection, today: NaiveDate) -> sqlx::Result<()> {
    const OVER: &str = "SELECT id FROM persons WHERE kept_until < $1 AND NOT EXISTS (
      SELECT 1 FROM segments JOIN cases ON cases.id = segments.case_id WHERE cases.person = persons.id)";
    // The record of closures refers to their appointments and messages.
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
