//! The register: the cases that the office knows, whether or not they are in an account.
//!
//! `Err` means a database error or an unknown value in a column; see [`crate::store`].

use std::collections::HashMap;

use api::{cases::Case, fields::parse_date};
use chrono::NaiveDate;
use rules::{ApplicationType, Coded, Country, District};
use sqlx::{AssertSqlSafe, Row as _, query};

use crate::store::{Connection, coded, new_id, truth, unknown};

/// A registered case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub reference: String,
    pub born: NaiveDate,
    pub applicant: String,
    pub kind: ApplicationType,
    pub district: District,
    pub submitted: bool,
    pub citizenships: Vec<Country>,
    /// The hash of the code on the office's letter. `None` leaves the stored one.
    pub letter_code: Option<String>,
}

/// The details that a person must know to add a registered case.
pub struct Proof {
    pub born: NaiveDate,
    /// The hash of the code on the office's letter; `None` if the letter has no code.
    pub letter_code: Option<String>,
}

/// The stored columns of a case. `born` is `None` for rows of `cases`, which have no day of birth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    born: Option<String>,
    letter_code: Option<String>,
    applicant: String,
    kind: String,
    district: String,
    submitted: i64,
    citizenships: String,
}

impl Known {
    /// Returns `true` if the stored row equals a record.
    pub fn says(&self, record: &Record) -> bool {
        self.born.as_ref().is_none_or(|born| *born == record.born.to_string())
            && (record.letter_code.is_none() || self.letter_code.is_none() || self.letter_code == record.letter_code)
            && self.applicant == record.applicant
            && self.kind == record.kind.code()
            && self.is_of(record.district)
            && self.submitted == i64::from(record.submitted)
            && self.citizenships == codes(&record.citizenships)
    }

    /// Returns `true` if the row belongs to this district.
    pub fn is_of(&self, district: District) -> bool {
        self.district == district.code()
    }
}

/// Formats country codes for the column.
fn codes(countries: &[Country]) -> String {
    countries.iter().map(Country::code).collect::<Vec<_>>().join(" ")
}

/// Rows read or written in one statement. SQLite searches all earlier parameters for each parameter, so larger statements are
/// slower.
const AT_ONCE: usize = 100;

/// Returns the stored rows with these references, by reference: first those of the register, then those of cases in accounts.
pub async fn known(
    connection: &mut Connection,
    references: &[&str],
) -> sqlx::Result<(HashMap<String, Known>, HashMap<String, Known>)> {
    let mut tables = [HashMap::with_capacity(references.len()), HashMap::new()];
    for some in references.chunks(AT_ONCE) {
        let places: Vec<String> = (1..=some.len()).map(|place| format!("${place}")).collect();
        for (at, (table, known)) in
            [("records", "born, letter_code"), ("cases", "CAST(NULL AS TEXT), CAST(NULL AS TEXT)")]
                .into_iter()
                .enumerate()
        {
            let sql = format!(
                "SELECT reference, {known}, applicant, type, district, submitted, citizenships FROM {table}
                 WHERE reference IN ({})",
                places.join(", ")
            );
            let select = some.iter().fold(query(AssertSqlSafe(sql)), |query, reference| query.bind(*reference));
            for row in select.fetch_all(&mut *connection).await? {
                // Columns are read by position, because a lookup by name is slow and there can be very many rows.
                let known = Known {
                    born: row.try_get(1)?,
                    letter_code: row.try_get(2)?,
                    applicant: row.try_get(3)?,
                    kind: row.try_get(4)?,
                    district: row.try_get(5)?,
                    submitted: row.try_get(6)?,
                    citizenships: row.try_get(7)?,
                };
                tables[at].insert(row.try_get(0)?, known);
            }
        }
    }
    let [records, cases] = tables;
    Ok((records, cases))
}

/// Writes records to the register, replaces those with the same references, and updates the cases in accounts to match.
pub async fn put_all(connection: &mut Connection, records: &[&Record]) -> sqlx::Result<()> {
    const COLUMNS: usize = 8;
    for some in records.chunks(AT_ONCE) {
        let rows: Vec<String> = (0..some.len())
            .map(|row| {
                let places: Vec<String> = (1..=COLUMNS).map(|column| format!("${}", row * COLUMNS + column)).collect();
                format!("({})", places.join(", "))
            })
            .collect();
        let sql = format!(
            "INSERT INTO records (reference, born, applicant, type, district, submitted, citizenships, letter_code) VALUES {}
             ON CONFLICT (reference) DO UPDATE SET born = excluded.born, applicant = excluded.applicant, type = excluded.type,
               district = excluded.district, submitted = excluded.submitted, citizenships = excluded.citizenships,
               letter_code = CASE WHEN excluded.letter_code = '' THEN records.letter_code ELSE excluded.letter_code END",
            rows.join(", ")
        );
        let mut insert = query(AssertSqlSafe(sql));
        for record in some {
            insert = insert
                .bind(&record.reference)
                .bind(record.born.to_string())
                .bind(&record.applicant)
                .bind(record.kind.code())
                .bind(record.district.code())
                .bind(i64::from(record.submitted))
                .bind(codes(&record.citizenships))
                .bind(record.letter_code.as_deref().unwrap_or_default());
        }
        insert.execute(&mut *connection).await?;
        let places: Vec<String> = (1..=some.len()).map(|place| format!("${place}")).collect();
        let sql = format!(
            "UPDATE cases SET applicant = records.applicant, type = records.type, district = records.district,
               submitted = records.submitted, citizenships = records.citizenships
             FROM records WHERE records.reference = cases.reference AND cases.reference IN ({})",
            places.join(", ")
        );
        let update = some.iter().fold(query(AssertSqlSafe(sql)), |query, record| query.bind(&record.reference));
        update.execute(&mut *connection).await?;
    }
    Ok(())
}

/// Adds a case to the register. The demo and the tests use this.
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

/// Returns the registered case with this reference, and the details needed to add it; `None` if there is none.
pub async fn find(connection: &mut Connection, reference: &str) -> sqlx::Result<Option<(Case, Proof)>> {
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
            citizenships: crate::store::cases::countries(citizenships)?,
            situation: None,
            work: None,
            appointment: None,
            lost: None,
            invitation: None,
        };
        let letter_code: String = row.try_get("letter_code")?;
        let born = parse_date(born).ok_or_else(|| unknown("born", born))?;
        Ok((case, Proof { born, letter_code: Some(letter_code).filter(|code| !code.is_empty()) }))
    })
    .transpose()
}
