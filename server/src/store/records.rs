//! The office's register: what it knows of cases, added to an account or not.

use std::collections::HashMap;

use api::{cases::Case, fields::parse_date};
use chrono::NaiveDate;
use rules::{ApplicationType, Coded, Country, District};
use sqlx::{AssertSqlSafe, Row as _, query};

use crate::store::{Connection, coded, new_id, truth, unknown};

/// What the register says of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub reference: String,
    pub born: NaiveDate,
    pub applicant: String,
    pub kind: ApplicationType,
    pub district: District,
    pub submitted: bool,
    pub citizenships: Vec<Country>,
    /// The hash of the code on the office's letter. None leaves the one that is on record.
    pub letter_code: Option<String>,
}

/// What somebody must know to add a case that is on record.
pub struct Proof {
    pub born: NaiveDate,
    /// The hash of the code on the office's letter, if it has one.
    pub letter_code: Option<String>,
}

/// What is on record under a reference, as the columns hold it; the day of birth is not in a case.
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
    /// Whether it says just what a record says.
    pub fn says(&self, record: &Record) -> bool {
        self.born.as_ref().is_none_or(|born| *born == record.born.to_string())
            && (record.letter_code.is_none() || self.letter_code.is_none() || self.letter_code == record.letter_code)
            && self.applicant == record.applicant
            && self.kind == record.kind.code()
            && self.is_of(record.district)
            && self.submitted == i64::from(record.submitted)
            && self.citizenships == codes(&record.citizenships)
    }

    pub fn is_of(&self, district: District) -> bool {
        self.district == district.code()
    }
}

fn codes(countries: &[Country]) -> String {
    countries.iter().map(Country::code).collect::<Vec<_>>().join(" ")
}

/// How many rows are read or written at once. SQLite looks each place of a value up among all those before it, so more at once
/// take longer.
const AT_ONCE: usize = 100;

/// What is known under these references: in the register, and of the cases that somebody has added.
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
                // By position: a name is looked up among the columns, and there may be very many rows.
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

/// Puts records into the register, in the place of those with the same references, and lets the cases that somebody has added
/// follow it.
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

/// The case with this reference, as the office has it on record, and what is asked of whoever adds it.
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
