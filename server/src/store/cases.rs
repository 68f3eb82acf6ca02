//! Applications and whose they are.

use api::cases::Case;
use chrono::{DateTime, Utc};
use rules::{Coded, Country};
use sqlx::{Row as _, query, query_as, query_scalar};

use super::{Connection, Row, appointments, coded, situations, truth, unknown, works};

/// Adds a case, and says whether it could: not while somebody has one with its reference.
pub async fn add(connection: &mut Connection, person: &str, case: &Case) -> sqlx::Result<bool> {
    let citizenships: Vec<&str> = case.citizenships.iter().map(Country::code).collect();
    let added = query(
        "INSERT INTO cases (id, person, reference, applicant, type, district, submitted, citizenships)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (reference) DO NOTHING",
    )
    .bind(&case.id)
    .bind(person)
    .bind(&case.reference)
    .bind(&case.applicant)
    .bind(case.application_type.code())
    .bind(case.district.code())
    .bind(i64::from(case.submitted))
    .bind(citizenships.join(" "))
    .execute(connection)
    .await?;
    Ok(added.rows_affected() == 1)
}

/// Gives a case whose person has deleted their account to another one, and returns its id.
pub async fn take_over(connection: &mut Connection, person: &str, reference: &str) -> sqlx::Result<Option<String>> {
    query_scalar(
        "UPDATE cases SET person = $1
         WHERE reference = $2 AND person IN (SELECT id FROM persons WHERE kept_until IS NOT NULL) RETURNING id",
    )
    .bind(person)
    .bind(reference)
    .fetch_optional(connection)
    .await
}

/// A person's cases, by reference.
pub async fn list(connection: &mut Connection, person: &str, now: DateTime<Utc>) -> sqlx::Result<Vec<Case>> {
    let rows = query(
        "SELECT cases.*, situations.*, works.starts AS work_starts, works.reported AS work_reported FROM cases
         LEFT JOIN situations ON situations.case_id = cases.id LEFT JOIN works ON works.case_id = cases.id
         WHERE person = $1 ORDER BY reference",
    )
    .bind(person)
    .fetch_all(&mut *connection)
    .await?;
    let mut cases = Vec::with_capacity(rows.len());
    for row in &rows {
        let mut case = case(connection, row, now).await?;
        if case.appointment.is_none() {
            case.lost = appointments::lost(connection, &case.id, now).await?;
        }
        cases.push(case);
    }
    Ok(cases)
}

/// A case, if it is this person's.
pub async fn find(
    connection: &mut Connection,
    person: &str,
    id: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Case>> {
    let row = query(
        "SELECT cases.*, situations.*, works.starts AS work_starts, works.reported AS work_reported FROM cases
         LEFT JOIN situations ON situations.case_id = cases.id LEFT JOIN works ON works.case_id = cases.id
         WHERE person = $1 AND id = $2",
    )
    .bind(person)
    .bind(id)
    .fetch_optional(&mut *connection)
    .await?;
    match row {
        Some(row) => case(connection, &row, now).await.map(Some),
        None => Ok(None),
    }
}

/// The id of the case with this reference, and whose it is.
pub async fn by_reference(connection: &mut Connection, reference: &str) -> sqlx::Result<Option<(String, String)>> {
    query_as("SELECT id, person FROM cases WHERE reference = $1").bind(reference).fetch_optional(connection).await
}

async fn case(connection: &mut Connection, row: &Row, now: DateTime<Utc>) -> sqlx::Result<Case> {
    let id: String = row.try_get("id")?;
    let citizenships: &str = row.try_get("citizenships")?;
    Ok(Case {
        reference: row.try_get("reference")?,
        applicant: row.try_get("applicant")?,
        application_type: coded(row, "type")?,
        district: coded(row, "district")?,
        submitted: truth(row, "submitted")?,
        citizenships: countries(citizenships)?,
        situation: situations::situation(row)?,
        work: works::work(row)?,
        appointment: appointments::booked_for(connection, &id, now).await?,
        lost: None,
        id,
    })
}

/// Countries as they are kept: their codes, with a space between.
pub(super) fn countries(codes: &str) -> sqlx::Result<Vec<Country>> {
    codes.split_whitespace().map(|code| Country::from_code(code).ok_or_else(|| unknown("citizenships", code))).collect()
}
