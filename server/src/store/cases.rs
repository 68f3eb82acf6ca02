//! Applications and whose they are.

use api::{
    by_phone::{Found, MOST_FOUND},
    cases::Case,
    typed,
};
use chrono::{DateTime, Utc};
use rules::{ApplicationType, Coded, Country, District, notice::Language};
use sqlx::{AssertSqlSafe, Row as _, query, query_as, query_scalar};

use crate::store::{Connection, Row, appointments, coded, invitations, persons, situations, truth, unknown, works};

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

/// Gives a case whose person has deleted their account, or never had one, to another one, and returns its id.
pub async fn take_over(connection: &mut Connection, person: &str, reference: &str) -> sqlx::Result<Option<String>> {
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
        email: persons::address(row.try_get("email")?),
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

/// The cases of a district of which the reference, a booking number, the code of a failure, the phone number or the address holds
/// these words, the applicant's name each of them, or of which the applicant was born on the day that they write; those that are on
/// record and in no account, too. One more than are to be shown, if there are more.
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
    // A code is read out with or without its hyphen.
    let code: String = words.chars().filter(|c| !c.is_whitespace() && *c != '-').flat_map(char::to_uppercase).collect();
    // A case has no day of birth; the register has it.
    let born = typed::date(words).map(|day| day.to_string()).unwrap_or_default();
    // Nothing but hyphens would else be within everything.
    let within_code = if code.is_empty() { String::new() } else { within(&code) };
    let mut values = vec![
        // A reference, too, is written with a hyphen, a space or nothing between its parts.
        within_code.clone(),
        within_code,
        if is_phone { format!("%{digits}") } else { String::new() },
        within(&words.to_lowercase()),
        born,
    ];
    // SQLite compares capital and small letters alike only where there is no æ, ø or å, so a name is looked for in three ways.
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
    /// The values before these: the district, the instant, and how many at most.
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
    // By position: of what is put together only the first part has names.
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

/// A word of a name as it is written, each of its parts with a capital letter.
fn capitalized(word: &str) -> String {
    let capital = |part: &str| {
        let mut letters = part.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    };
    word.to_lowercase().split('-').map(capital).collect::<Vec<_>>().join("-")
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
