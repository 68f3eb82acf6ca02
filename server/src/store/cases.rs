//! Cases and the accounts they belong to.
//!
//! `Err` means a database error or an unknown value in a column; see [`crate::store`].

use api::{
    by_phone::{Found, MOST_FOUND},
    cases::Case,
    ids::{CaseId, PersonId},
    typed,
};
use chrono::{DateTime, Utc};
use rules::{ApplicationType, Coded, Country, District, notice::Language};
use sqlx::{AssertSqlSafe, Row as _, query, query_as, query_scalar};

use crate::store::{Connection, Row, appointments, coded, invitations, persons, situations, truth, unknown, works};

/// The columns of a case, with the applicant's situation, work and current invitation.
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

/// Adds a case. Returns `false` if a case with its reference exists.
pub async fn add(connection: &mut Connection, person: &PersonId, case: &Case) -> sqlx::Result<bool> {
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

/// Moves a case of a deleted account, or one that an officer opened, to a person. Returns its id; `None` if no such case has this
/// reference.
pub async fn take_over(
    connection: &mut Connection,
    person: &PersonId,
    reference: &str,
) -> sqlx::Result<Option<CaseId>> {
    query_scalar(
        "UPDATE cases SET person = $1
         WHERE reference = $2 AND person IN (SELECT id FROM persons WHERE kept_until IS NOT NULL OR email LIKE 'desk %')
         RETURNING id",
    )
    .bind(person)
    .bind(reference)
    .fetch_optional(connection)
    .await
}

/// Returns a person's cases, by reference.
pub async fn list(connection: &mut Connection, person: &PersonId, now: DateTime<Utc>) -> sqlx::Result<Vec<Case>> {
    let rows = query(select!("FROM cases", "WHERE person = $1 ORDER BY reference"))
        .bind(person)
        .fetch_all(&mut *connection)
        .await?;
    let mut cases = Vec::with_capacity(rows.len());
    for row in &rows {
        let case = case(connection, row, now).await?;
        cases.push(with_lost(connection, case, now).await?);
    }
    Ok(cases)
}

/// Adds the appointment that the office cancelled, if the case has no other.
pub async fn with_lost(connection: &mut Connection, case: Case, now: DateTime<Utc>) -> sqlx::Result<Case> {
    let lost = match case.appointment {
        Some(_) => None,
        None => appointments::lost(connection, &case.id, now).await?,
    };
    Ok(Case { lost, ..case })
}

/// Returns a case; `None` if it does not belong to this person.
pub async fn find(
    connection: &mut Connection,
    person: &PersonId,
    id: &CaseId,
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

/// Returns a case with the contact details of its account; `None` if it is not in this district.
pub async fn find_in(
    connection: &mut Connection,
    district: District,
    id: &CaseId,
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

/// Reads the case and its account from a row; `None` without a row.
async fn with_person(
    connection: &mut Connection,
    row: Option<Row>,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<(Case, Person)>> {
    let Some(row) = row else { return Ok(None) };
    let person = Person {
        id: row.try_get("person")?,
        email: persons::address(row.try_get("email")?),
        phone: row.try_get("phone")?,
        language: coded(&row, "language")?,
    };
    Ok(Some((case(connection, &row, now).await?, person)))
}

/// Returns a case with the contact details of its account; `None` if there is no such case or the account is deleted.
pub async fn find_any(
    connection: &mut Connection,
    id: &CaseId,
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

/// The account that a case belongs to.
pub struct Person {
    pub id: PersonId,
    pub email: String,
    pub phone: Option<String>,
    pub language: Language,
}

/// Searches the cases of a district, and registered cases that are in no account.
///
/// A case matches in one of three ways:
///
/// - The query is within its reference, a booking number, a failure code, the phone number or the e-mail address.
/// - Each word of the query is within the applicant's name.
/// - The query is the applicant's day of birth.
///
/// Returns at most `MOST_FOUND + 1` results, so that the caller knows if there are more.
pub async fn search(
    connection: &mut Connection,
    district: District,
    words: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<Found>> {
    const MOST_WORDS: usize = 6;
    let within = |text: &str| format!("%{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
    let digits: String = words.chars().filter(char::is_ascii_digit).collect();
    let is_phone = digits.len() >= 5 && words.chars().all(|c| c.is_ascii_digit() || " +-()".contains(c));
    // People read a code out with or without its hyphen.
    let code: String = words.chars().filter(|c| !c.is_whitespace() && *c != '-').flat_map(char::to_uppercase).collect();
    // Only the register has the day of birth.
    let born = typed::date(words).map(|day| day.to_string()).unwrap_or_default();
    // An empty pattern would match everything.
    let within_code = if code.is_empty() { String::new() } else { within(&code) };
    let mut values = vec![
        // References, too, are written with a hyphen, a space or nothing between the parts.
        within_code.clone(),
        within_code,
        if is_phone { format!("%{digits}") } else { String::new() },
        within(&words.to_lowercase()),
        born,
    ];
    // SQLite ignores case only for ASCII letters, so a name with æ, ø or å is searched in three spellings.
    let mut name = Vec::new();
    for word in words.split_whitespace().take(MOST_WORDS) {
        let place = FIXED + values.len() + 1;
        name.push(format!(
            "(lower(applicant) LIKE ${place} ESCAPE '\\' OR applicant LIKE ${} ESCAPE '\\' OR applicant LIKE ${} ESCAPE '\\')",
            place + 1,
            place + 2
        ));
        values.extend([within(&word.to_lowercase()), within(&capitalized(word)), within(&word.to_uppercase())]);
    }
    let name = name.join(" AND ");
    /// Number of bound values before these: district, instant and limit.
    const FIXED: usize = 3;
    let rows = {
        let reference = "replace(replace(upper(reference), '-', ''), ' ', '')";
        let sql = format!(
            "SELECT cases.id, reference, applicant, cases.type, (
               SELECT starts FROM appointments JOIN slots ON slots.id = appointments.slot
               WHERE appointments.case_id = cases.id AND status = 'booked' AND starts > $2) AS starts
             FROM cases JOIN persons ON persons.id = cases.person
             WHERE cases.district = $1 AND ({reference} LIKE $4 ESCAPE '\\' OR {name}
               OR reference IN (SELECT reference FROM records WHERE district = $1 AND born = $8)
               OR replace(replace(phone, ' ', ''), '-', '') LIKE $6
               OR (email LIKE '%@%' AND lower(email) LIKE $7 ESCAPE '\\')
               OR cases.id IN (SELECT case_id FROM appointments WHERE replace(number, '-', '') LIKE $5 ESCAPE '\\')
               OR cases.id IN (SELECT case_id FROM failures WHERE replace(code, '-', '') LIKE $5 ESCAPE '\\'))
             UNION ALL
             SELECT CAST(NULL AS TEXT), reference, applicant, type, CAST(NULL AS BIGINT) FROM records
             WHERE district = $1 AND ({reference} LIKE $4 ESCAPE '\\' OR {name} OR born = $8)
               AND NOT EXISTS (SELECT 1 FROM cases WHERE cases.reference = records.reference)
             ORDER BY 3, 2 LIMIT $3"
        );
        let select = query(AssertSqlSafe(sql)).bind(district.code()).bind(now.timestamp()).bind(MOST_FOUND as i64 + 1);
        values.into_iter().fold(select, |select, value| select.bind(value)).fetch_all(connection).await?
    };
    // Columns are read by position, because only the first part of the UNION has names.
    rows.iter()
        .map(|row| {
            let kind: &str = row.try_get(3)?;
            let starts: Option<i64> = row.try_get(4)?;
            Ok(Found {
                case: row.try_get(0)?,
                reference: row.try_get(1)?,
                applicant: row.try_get(2)?,
                application_type: ApplicationType::from_code(kind).ok_or_else(|| unknown("type", kind))?,
                starts: starts.and_then(|at| DateTime::from_timestamp(at, 0)),
            })
        })
        .collect()
}

/// Returns a word in lower case with a capital letter at the start of each hyphenated part.
fn capitalized(word: &str) -> String {
    let capital = |part: &str| {
        let mut letters = part.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    };
    word.to_lowercase().split('-').map(capital).collect::<Vec<_>>().join("-")
}

/// Returns the id of the case with this reference and its person's id; `None` if there is none.
pub async fn by_reference(connection: &mut Connection, reference: &str) -> sqlx::Result<Option<(CaseId, PersonId)>> {
    query_as("SELECT id, person FROM cases WHERE reference = $1").bind(reference).fetch_optional(connection).await
}

/// Reads a case from a row of `select!`, and its appointment from the database.
async fn case(connection: &mut Connection, row: &Row, now: DateTime<Utc>) -> sqlx::Result<Case> {
    let id: CaseId = row.try_get("id")?;
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

/// Reads country codes separated by spaces.
pub(super) fn countries(codes: &str) -> sqlx::Result<Vec<Country>> {
    codes.split_whitespace().map(|code| Country::from_code(code).ok_or_else(|| unknown("citizenships", code))).collect()
}
