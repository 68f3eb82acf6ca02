//! Technical failures of sending documents, which the office handles by phone.
//!
//! `Err` means a database error; see [`crate::store`].

use api::{documents::FailureToCall, ids::CaseId};
use chrono::{DateTime, Utc};
use rules::District;
use sqlx::{Row as _, query, query_scalar};

use crate::store::{Connection, instant};

/// Records a failure for the case's current invitation. Returns its code, or the code of an earlier open failure. `None` if there
/// is no invitation.
pub async fn add(
    connection: &mut Connection,
    code: &str,
    case: &CaseId,
    what: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<String>> {
    query(
        "INSERT INTO failures (code, invitation, case_id, what, at)
         SELECT $1, id, case_id, $3, $4 FROM invitations WHERE case_id = $2 AND ended IS NULL
         ON CONFLICT DO NOTHING",
    )
    .bind(code)
    .bind(case)
    .bind(what)
    .bind(now.timestamp())
    .execute(&mut *connection)
    .await?;
    query_scalar(
        "SELECT code FROM failures JOIN invitations ON invitations.id = invitation
         WHERE failures.case_id = $1 AND done IS NULL AND ended IS NULL",
    )
    .bind(case)
    .fetch_optional(connection)
    .await
}

/// Closes the failure of a case: the person can send again or has delivered otherwise. Returns `false` if there is none.
pub async fn end(connection: &mut Connection, case: &CaseId, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let ended = query("UPDATE failures SET done = $2 WHERE case_id = $1 AND done IS NULL")
        .bind(case)
        .bind(now.timestamp())
        .execute(connection)
        .await?;
    Ok(ended.rows_affected() > 0)
}

/// Returns a district's open failures, oldest first, at most `most`.
pub async fn waiting(connection: &mut Connection, district: District, most: i64) -> sqlx::Result<Vec<FailureToCall>> {
    use rules::Coded;
    let rows = query(
        "SELECT code, failures.case_id, reference, applicant, at, what FROM failures
         JOIN cases ON cases.id = failures.case_id JOIN invitations ON invitations.id = invitation
         WHERE cases.district = $1 AND done IS NULL AND ended IS NULL ORDER BY at, code LIMIT $2",
    )
    .bind(district.code())
    .bind(most)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(FailureToCall {
                code: row.try_get("code")?,
                case: row.try_get("case_id")?,
                reference: row.try_get("reference")?,
                applicant: row.try_get("applicant")?,
                since: instant(row, "at")?,
                what: row.try_get("what")?,
            })
        })
        .collect()
}
