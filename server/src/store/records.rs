//! The office's register: what it knows of cases, added to an account or not.

use api::{cases::Case, fields::parse_date};
use chrono::NaiveDate;
use rules::{Coded, Country};
use sqlx::{Row as _, query};

use super::{Connection, coded, new_id, truth, unknown};

pub async fn add(connection: &mut Connection, case: &Case, born: NaiveDate) -> sqlx::Result<()> {
    let citizenships: Vec<&str> = case.citizenships.iter().map(Country::code).collect();
    query(
        "INSERT INTO records (reference, born, applicant, type, district, submitted, citizenships)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(&case.reference)
    .bind(born.to_string())
    .bind(&case.applicant)
    .bind(case.application_type.code())
    .bind(case.district.code())
    .bind(i64::from(case.submitted))
    .bind(citizenships.join(" "))
    .execute(connection)
    .await?;
    Ok(())
}

/// The case with this reference, as the office has it on record, and the applicant's day of birth.
pub async fn find(connection: &mut Connection, reference: &str) -> sqlx::Result<Option<(Case, NaiveDate)>> {
    let row = query("SELECT * FROM records WHERE reference = $1").bind(reference).fetch_optional(connection).await?;
    row.map(|row| {
        let born: &str = row.try_get("born")?;
        let citizenships: &str = row.try_get("citizenships")?;
        let case = Case {
            id: new_id(),
            reference: row.try_get("reference")?,
            applicant: row.try_get("applicant")?,
            application_type: coded(&row, "type")?,
            district: coded(&row, "district")?,
            submitted: truth(&row, "submitted")?,
            citizenships: super::cases::countries(citizenships)?,
            situation: None,
            work: None,
            appointment: None,
            lost: None,
        };
        Ok((case, parse_date(born).ok_or_else(|| unknown("born", born))?))
    })
    .transpose()
}
