//! Documents: their rows in the database. The content is in the files.
//!
//! `Err` means a database error or an unknown value in a column; see [`crate::store`].

use api::{
    documents::{Active, Document, FileFault, Kind, State, ToReview},
    fields::parse_date,
    ids::{CaseId, DocumentId, PersonId},
    invitations::Instructions,
};
use chrono::{DateTime, NaiveDate, Utc};
use rules::{Coded, District};
use sqlx::{AssertSqlSafe, Row as _, query, query_as, query_scalar};

use crate::store::{Connection, Row, coded, instant, number, truth, unknown};

/// A new upload.
pub struct NewDocument<'n> {
    pub id: &'n DocumentId,
    pub case: &'n CaseId,
    pub name: &'n str,
    pub size: u64,
    pub hashing: &'n str,
    pub sha256: &'n str,
    pub expires: DateTime<Utc>,
}

/// Adds the row of a new upload.
pub async fn add(connection: &mut Connection, new: &NewDocument<'_>, now: DateTime<Utc>) -> sqlx::Result<()> {
    query(
        "INSERT INTO documents (id, case_id, name, size, received, hashing, sha256, state, since, expires)
         VALUES ($1, $2, $3, $4, 0, $5, $6, $7, $8, $9)",
    )
    .bind(new.id)
    .bind(new.case)
    .bind(new.name)
    .bind(number(new.size))
    .bind(new.hashing)
    .bind(new.sha256)
    .bind(State::Arriving.code())
    .bind(now.timestamp())
    .bind(new.expires.timestamp())
    .execute(connection)
    .await?;
    Ok(())
}

/// An upload, with the state needed to continue it.
#[derive(Clone, Debug)]
pub struct Upload {
    pub id: DocumentId,
    pub case: CaseId,
    pub name: String,
    pub size: u64,
    pub received: u64,
    pub hashing: String,
    pub sha256: String,
    pub state: State,
    pub expires: DateTime<Utc>,
}

/// Returns an upload; `None` if it does not belong to this person.
pub async fn upload(connection: &mut Connection, person: &PersonId, id: &DocumentId) -> sqlx::Result<Option<Upload>> {
    let row = query(
        "SELECT documents.id, case_id, name, size, received, hashing, sha256, state, expires
         FROM documents JOIN cases ON cases.id = case_id WHERE documents.id = $1 AND person = $2",
    )
    .bind(id)
    .bind(person)
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Upload {
        id: row.try_get("id")?,
        case: row.try_get("case_id")?,
        name: row.try_get("name")?,
        size: size(&row, "size")?,
        received: size(&row, "received")?,
        hashing: row.try_get("hashing")?,
        sha256: row.try_get("sha256")?,
        state: coded(&row, "state")?,
        expires: instant(&row, "expires")?,
    }))
}

/// Returns the number of bytes that a case's documents use. Open uploads count in full; returned and deleted documents do not
/// count.
pub async fn taken(connection: &mut Connection, case: &CaseId) -> sqlx::Result<u64> {
    let sum: i64 = query_scalar(
        "SELECT CAST(coalesce(sum(size), 0) AS BIGINT) FROM documents
         WHERE case_id = $1 AND state NOT IN ('returned', 'deleted')",
    )
    .bind(case)
    .fetch_one(connection)
    .await?;
    Ok(sum.unsigned_abs())
}

/// Records a received segment: the number of bytes so far, and the state of the hash.
pub async fn grow(connection: &mut Connection, id: &DocumentId, received: u64, hashing: &str) -> sqlx::Result<()> {
    query("UPDATE documents SET received = $2, hashing = $3 WHERE id = $1")
        .bind(id)
        .bind(number(received))
        .bind(hashing)
        .execute(connection)
        .await?;
    Ok(())
}

/// Records that an upload is complete.
pub async fn arrive(
    connection: &mut Connection,
    id: &DocumentId,
    kept_until: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    query("UPDATE documents SET state = $2, since = $3, arrived = $3, kept_until = $4 WHERE id = $1")
        .bind(id)
        .bind(State::Received.code())
        .bind(now.timestamp())
        .bind(kept_until.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Returns a case's documents, oldest first.
pub async fn of_case(connection: &mut Connection, case: &CaseId) -> sqlx::Result<Vec<Document>> {
    let rows = query("SELECT * FROM documents WHERE case_id = $1 ORDER BY id").bind(case).fetch_all(connection).await?;
    rows.iter().map(document).collect()
}

/// Returns a district's documents that are ready for review, oldest first, at most `most`.
pub async fn waiting(connection: &mut Connection, district: District, most: i64) -> sqlx::Result<Vec<ToReview>> {
    select(connection, "cases.district = $1 AND state = 'checked'", &[district.code()], most).await
}

/// Returns a document; `None` if it is not in this district or its upload is incomplete.
pub async fn find_in(
    connection: &mut Connection,
    district: District,
    id: &DocumentId,
) -> sqlx::Result<Option<ToReview>> {
    let condition = "cases.district = $1 AND documents.id = $2 AND arrived IS NOT NULL";
    Ok(select(connection, condition, &[district.code(), id], 1).await?.pop())
}

/// Returns the documents that fulfil a condition, oldest first, at most `most`.
async fn select(
    connection: &mut Connection,
    condition: &'static str,
    values: &[&str],
    most: i64,
) -> sqlx::Result<Vec<ToReview>> {
    let sql = format!(
        "SELECT documents.*, reference, applicant, type FROM documents JOIN cases ON cases.id = case_id
         WHERE {condition} ORDER BY arrived, documents.id LIMIT {most}"
    );
    let mut select = query(AssertSqlSafe(sql));
    for value in values {
        select = select.bind(*value);
    }
    let rows = select.fetch_all(connection).await?;
    rows.iter()
        .map(|row| {
            Ok(ToReview {
                document: document(row)?,
                case: row.try_get("case_id")?,
                reference: row.try_get("reference")?,
                applicant: row.try_get("applicant")?,
                application_type: coded(row, "type")?,
            })
        })
        .collect()
}

/// Records the office's decision on a checked document. Returns `false` if it was already decided.
pub async fn settle(
    connection: &mut Connection,
    id: &DocumentId,
    state: State,
    reason: &Instructions,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let settled = query(
        "UPDATE documents SET state = $2, since = $3, reason_nb = $4, reason_en = $5 WHERE id = $1 AND state = 'checked'",
    )
    .bind(id)
    .bind(state.code())
    .bind(now.timestamp())
    .bind(&reason.nb)
    .bind(&reason.en)
    .execute(connection)
    .await?;
    Ok(settled.rows_affected() == 1)
}

/// A document to check.
#[derive(Clone, Debug)]
pub struct ToCheck {
    pub id: DocumentId,
    pub case: CaseId,
    pub name: String,
    pub hashing: String,
    pub sha256: String,
    /// Number of checks started, including this one.
    pub tried: i64,
    /// Number of checks that timed out.
    pub overran: i64,
}

/// Returns `true` if a document is due for a check and not leased.
pub async fn is_any_to_check(connection: &mut Connection, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let count: i64 =
        query_scalar("SELECT count(*) FROM documents WHERE state = 'received' AND due <= $1 AND leased_until <= $1")
            .bind(now.timestamp())
            .fetch_one(connection)
            .await?;
    Ok(count > 0)
}

/// Leases the next document to check until `until`; `None` if there is none. Cases take turns: a case with a check in progress
/// comes after those without.
pub async fn lease_to_check(
    connection: &mut Connection,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> sqlx::Result<Option<ToCheck>> {
    let row = query(
        "UPDATE documents SET leased_until = $2, tried = tried + 1 WHERE leased_until <= $1 AND id = (
           SELECT id FROM documents WHERE state = 'received' AND due <= $1 AND leased_until <= $1
           ORDER BY (SELECT count(*) FROM documents AS other WHERE other.case_id = documents.case_id
                       AND other.state = 'received' AND other.leased_until > $1), due, id LIMIT 1)
         RETURNING id, case_id, name, hashing, sha256, tried, overran",
    )
    .bind(now.timestamp())
    .bind(until.timestamp())
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(ToCheck {
        id: row.try_get("id")?,
        case: row.try_get("case_id")?,
        name: row.try_get("name")?,
        hashing: row.try_get("hashing")?,
        sha256: row.try_get("sha256")?,
        tried: row.try_get("tried")?,
        overran: row.try_get("overran")?,
    }))
}

/// The result of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Good { kind: Kind, pages: u64, scanned: bool, active: Vec<Active> },
    Bad(FileFault),
}

/// Records the result of a check. Returns `false` if the document changed state meanwhile.
pub async fn check(
    connection: &mut Connection,
    id: &DocumentId,
    verdict: &Verdict,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let (state, kind, pages, scanned, fault) = match verdict {
        Verdict::Good { kind, pages, scanned, .. } => (State::Checked, kind.code(), *pages, *scanned, ""),
        Verdict::Bad(fault) => (State::Returned, "", 0, false, fault.code()),
    };
    let active: Vec<&str> = match verdict {
        Verdict::Good { active, .. } => active.iter().map(|active| active.code()).collect(),
        Verdict::Bad(_) => Vec::new(),
    };
    let noted = query(
        "UPDATE documents SET state = $2, since = $3, kind = $4, pages = $5, scanned = $6, fault = $7, active = $8
         WHERE id = $1 AND state = 'received'",
    )
    .bind(id)
    .bind(state.code())
    .bind(now.timestamp())
    .bind(kind)
    .bind(number(pages))
    .bind(i64::from(scanned))
    .bind(fault)
    .bind(active.join(" "))
    .execute(connection)
    .await?;
    Ok(noted.rows_affected() == 1)
}

/// Schedules a retry of the check at `due`. `overran` says that this check timed out.
pub async fn put_off(
    connection: &mut Connection,
    id: &DocumentId,
    due: DateTime<Utc>,
    overran: bool,
) -> sqlx::Result<()> {
    query("UPDATE documents SET due = $2, leased_until = 0, overran = overran + $3 WHERE id = $1")
        .bind(id)
        .bind(due.timestamp())
        .bind(i64::from(overran))
        .execute(connection)
        .await?;
    Ok(())
}

/// Makes documents due that wait only because the clock was ahead when they were leased or postponed. `ahead` is later than the
/// end of any regular lease or delay.
pub async fn wake(connection: &mut Connection, now: DateTime<Utc>, ahead: DateTime<Utc>) -> sqlx::Result<()> {
    for sql in [
        "UPDATE documents SET leased_until = $1 WHERE state = 'received' AND leased_until > $2",
        "UPDATE documents SET due = $1 WHERE state = 'received' AND due > $2",
        "UPDATE segments SET leased_until = $1 WHERE size IS NULL AND leased_until > $2",
    ] {
        query(sql).bind(now.timestamp()).bind(ahead.timestamp()).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Marks documents as deleted whose retention period is over, by themselves or with a deleted account, and uploads that expired.
/// Returns their ids with their cases. The caller erases their content afterwards (`to_erase`).
pub async fn end(
    connection: &mut Connection,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<(DocumentId, CaseId)>> {
    let over: Vec<(DocumentId, CaseId)> = query_as(
        "UPDATE documents SET state = 'deleted', since = $1, name = '', reason_nb = '', reason_en = '', hashing = '', sha256 = ''
         WHERE (state = 'arriving' AND expires < $1 AND NOT EXISTS (
             SELECT 1 FROM segments WHERE document = documents.id AND size IS NULL AND segments.leased_until > $1))
           OR (state NOT IN ('arriving', 'deleted') AND (kept_until < $2 OR case_id IN (
             SELECT cases.id FROM cases JOIN persons ON persons.id = cases.person WHERE persons.kept_until < $2)))
         RETURNING id, case_id",
    )
    .bind(now.timestamp())
    .bind(today.to_string())
    .fetch_all(&mut *connection)
    .await?;
    // The messages about a document contain its name and the reason for its return.
    for (id, _) in &over {
        query("UPDATE messages SET subject = '', body = '', sms = '' WHERE about = $1")
            .bind(id)
            .execute(&mut *connection)
            .await?;
    }
    Ok(over)
}

/// Marks an upload as deleted that the sender cancelled or that was refused.
pub async fn give_up(connection: &mut Connection, id: &DocumentId, now: DateTime<Utc>) -> sqlx::Result<()> {
    query("UPDATE documents SET state = 'deleted', since = $2, name = '' WHERE id = $1")
        .bind(id)
        .bind(now.timestamp())
        .execute(connection)
        .await?;
    Ok(())
}

/// Returns the ids of documents whose content must be erased: deleted ones, and those returned by the check.
pub async fn to_erase(connection: &mut Connection) -> sqlx::Result<Vec<DocumentId>> {
    query_scalar(
        "SELECT id FROM documents WHERE (state = 'deleted' OR state = 'returned' AND fault <> '')
           AND (arrived IS NULL OR EXISTS (SELECT 1 FROM segments WHERE document = documents.id))",
    )
    .fetch_all(connection)
    .await
}

/// Deletes the row of an upload that was never complete. Complete documents keep a row without their name.
pub async fn forget_given_up(connection: &mut Connection, id: &DocumentId) -> sqlx::Result<()> {
    query("DELETE FROM documents WHERE id = $1 AND state = 'deleted' AND arrived IS NULL")
        .bind(id)
        .execute(connection)
        .await?;
    Ok(())
}

/// Reads a `Document` from a row.
fn document(row: &Row) -> sqlx::Result<Document> {
    let (fault, kind): (&str, &str) = (row.try_get("fault")?, row.try_get("kind")?);
    let (nb, en): (String, String) = (row.try_get("reason_nb")?, row.try_get("reason_en")?);
    let active: &str = row.try_get("active")?;
    let kept_until: &str = row.try_get("kept_until")?;
    Ok(Document {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        size: size(row, "size")?,
        received: size(row, "received")?,
        sha256: row.try_get("sha256")?,
        state: coded(row, "state")?,
        since: instant(row, "since")?,
        scanned: truth(row, "scanned")?,
        fault: if fault.is_empty() { None } else { Some(coded(row, "fault")?) },
        reason: (!nb.is_empty()).then_some(Instructions { nb, en }),
        kept_until: if kept_until.is_empty() {
            None
        } else {
            Some(parse_date(kept_until).ok_or_else(|| unknown("kept_until", kept_until))?)
        },
        kind: if kind.is_empty() { None } else { Some(coded(row, "kind")?) },
        pages: size(row, "pages")?,
        active: active
            .split_whitespace()
            .map(|code| Active::from_code(code).ok_or_else(|| unknown("active", code)))
            .collect::<sqlx::Result<_>>()?,
    })
}

/// Reads a size in bytes; fails if it is negative.
fn size(row: &Row, column: &'static str) -> sqlx::Result<u64> {
    let number: i64 = row.try_get(column)?;
    u64::try_from(number).map_err(|_| unknown(column, &number.to_string()))
}
