//! Applications and whose they are.

use api::{by_phone::Found, cases::Case};
use chrono::{DateTime, Utc};
use rules::{Coded, Country, District, notice::Language};
use sqlx::{Row as _, query, query_as, query_scalar};

use super::{Connection, Row, appointments, coded, invitations, situations, truth, unknown, works};

/// Cases, each with what its applicant has told and what they are asked for.
macro_rules! select {
    ($from:literal, $condition:literal) => {
        concat!(
            "SELECT cases.*, situations.*, works.starts AS work_starts, works.reported AS work_reported, invitations.issued,
               askings.last, askings.instructions_nb, askings.instructions_en, failures.code AS failure ",
            $from,
            " LEFT JOIN situations ON situations.case_id = cases.id LEFT JOIN works ON works.case_id = cases.id
             LEFT JOIN invitations ON invitations.case_id = cases.id AND invitations.ended IS NULL
             LEFT JOIN askings ON askings.id = invitations.asking
             LEFT JOIN failures ON failures.invitation = invitations.id AND failures.done IS NULL ",
            $condition
        )
    };
}

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
    let rows = query(select!("FROM cases", "WHERE person = $1 ORDER BY reference"))
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
    let row = query(select!("FROM cases", "WHERE person = $1 AND cases.id = $2"))
        .bind(person)
        .bind(id)
        .fetch_optional(&mut *connection)
        .await?;
    match row {
        Some(row) => case(connection, &row, now).await.map(Some),
        None => Ok(None),
    }
}

/// A case of a district with whoever's account it is in, their address, phone and language.
pub async fn find_in(
    connection: &mut Connection,
    district: District,
    id: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<(Case, Person)>> {
    let row = query(select!(
        ", persons.email, persons.phone, persons.language FROM cases JOIN persons ON persons.id = cases.person",
        "WHERE district = $1 AND cases.id = $2"
    ))
    .bind(district.code())
    .bind(id)
    .fetch_optional(&mut *connection)
    .await?;
    with_person(connection, row, now).await
}

async fn with_person(
    connection: &mut Connection,
    row: Option<Row>,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<(Case, Person)>> {
    let Some(row) = row else { return Ok(None) };
    let person = Person {
        id: row.try_get("person")?,
        email: row.try_get("email")?,
        phone: row.try_get("phone")?,
        language: coded(&row, "language")?,
    };
    Ok(Some((case(connection, &row, now).await?, person)))
}

/// A case with whoever's account it is in, if it is in one that is not deleted.
pub async fn find_any(
    connection: &mut Connection,
    id: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<(Case, Person)>> {
    let row = query(select!(
        ", persons.email, persons.phone, persons.language FROM cases JOIN persons ON persons.id = cases.person",
        "WHERE kept_until IS NULL AND cases.id = $1"
    ))
    .bind(id)
    .fetch_optional(&mut *connection)
    .await?;
    with_person(connection, row, now).await
}

/// In whose account a case is.
pub struct Person {
    pub id: String,
    pub email: String,
    pub phone: Option<String>,
    pub language: Language,
}

/// The cases of a district of which the reference, a booking number, the code of a failure, the applicant's name or the phone number
/// holds these words.
pub async fn search(
    connection: &mut Connection,
    district: District,
    words: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<Found>> {
    const MOST: i64 = 50;
    let within = |text: &str| format!("%{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
    // SQLite compares capital and small letters alike only where there is no æ, ø or å, so a name is looked for in three ways.
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    };
    let titled = words.to_lowercase().split_whitespace().map(capital).collect::<Vec<_>>().join(" ");
    let digits: String = words.chars().filter(char::is_ascii_digit).collect();
    let is_phone = digits.len() >= 5 && words.chars().all(|c| c.is_ascii_digit() || " +-()".contains(c));
    let rows = query(
        "SELECT cases.id, reference, applicant, cases.type, (
           SELECT starts FROM appointments JOIN slots ON slots.id = appointments.slot
           WHERE appointments.case_id = cases.id AND status = 'booked' AND starts > $6) AS starts
         FROM cases JOIN persons ON persons.id = cases.person
         WHERE cases.district = $1 AND (upper(reference) LIKE $2 ESCAPE '\\' OR lower(applicant) LIKE $3 ESCAPE '\\'
           OR applicant LIKE $4 ESCAPE '\\' OR replace(replace(phone, ' ', ''), '-', '') LIKE $5
           OR cases.id IN (SELECT case_id FROM appointments WHERE number LIKE $2 ESCAPE '\\')
           OR cases.id IN (SELECT case_id FROM failures WHERE code LIKE $2 ESCAPE '\\'))
         ORDER BY applicant, reference LIMIT $7",
    )
    .bind(district.code())
    .bind(within(&words.to_uppercase()))
    .bind(within(&words.to_lowercase()))
    .bind(within(&titled))
    .bind(if is_phone { format!("%{digits}") } else { String::new() })
    .bind(now.timestamp())
    .bind(MOST)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let starts: Option<i64> = row.try_get("starts")?;
            Ok(Found {
                case: row.try_get("id")?,
                reference: row.try_get("reference")?,
                applicant: row.try_get("applicant")?,
                application_type: coded(row, "type")?,
                starts: starts.and_then(|at| DateTime::from_timestamp(at, 0)),
            })
        })
        .collect()
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
        invitation: invitations::invitation(row)?,
        id,
    })
}

/// Countries as they are kept: their codes, with a space between.
pub(super) fn countries(codes: &str) -> sqlx::Result<Vec<Country>> {
    codes.split_whitespace().map(|code| Country::from_code(code).ok_or_else(|| unknown("citizenships", code))).collect()
}
