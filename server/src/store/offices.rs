//! Offices, with their opening hours and the application types they serve.
//!
//! `Err` means a database error or an unknown value in a column; see [`crate::store`].

use api::{
    fields::{minute_text, parse_minute, parse_weekday, weekday_code},
    ids::OfficeId,
    offices::{Bring, Hours, Office, OfficeKind, Posting},
};
use rules::{ApplicationType, Coded, District};
use sqlx::{Row as _, query, query_scalar};

use crate::store::{Connection, Row, coded, unknown};

/// Adds an office that offers appointments of these types.
pub async fn add(connection: &mut Connection, office: &Office, types: &[ApplicationType]) -> sqlx::Result<()> {
    query(
        "INSERT INTO offices (id, name, kind, district, address, phone, hours, bring, posts)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(&office.id)
    .bind(&office.name)
    .bind(office.kind.code())
    .bind(office.district.code())
    .bind(&office.address)
    .bind(&office.phone)
    .bind(hours_text(&office.hours))
    .bind(office.bring.iter().map(|what| what.code()).collect::<Vec<_>>().join(" "))
    .bind(office.posts.map(posts_text).unwrap_or_default())
    .execute(&mut *connection)
    .await?;
    for kind in types {
        query("INSERT INTO office_types (office, type) VALUES ($1, $2)")
            .bind(&office.id)
            .bind(kind.code())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Returns all offices, by district and name.
pub async fn list(connection: &mut Connection) -> sqlx::Result<Vec<Office>> {
    let rows = query("SELECT offices.* FROM offices ORDER BY district, name").fetch_all(connection).await?;
    rows.iter().map(office).collect()
}

/// Returns an office; `None` if it is not in this district.
pub async fn find(connection: &mut Connection, district: District, id: &OfficeId) -> sqlx::Result<Option<Office>> {
    let row = query("SELECT offices.* FROM offices WHERE id = $1 AND district = $2")
        .bind(id)
        .bind(district.code())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(office).transpose()
}

/// Returns the district's offices that offer appointments of a type at the moment, by name.
pub async fn open_for(
    connection: &mut Connection,
    kind: ApplicationType,
    district: District,
) -> sqlx::Result<Vec<Office>> {
    let rows = query(
        "SELECT offices.* FROM offices
         JOIN office_types ON office_types.office = offices.id
         WHERE office_types.type = $1 AND district = $2 ORDER BY name",
    )
    .bind(kind.code())
    .bind(district.code())
    .fetch_all(connection)
    .await?;
    rows.iter().map(office).collect()
}

/// Returns the number of offices.
pub async fn count(connection: &mut Connection) -> sqlx::Result<i64> {
    query_scalar("SELECT count(*) FROM offices").fetch_one(connection).await
}

/// Reads an office from a row with the columns of `offices`.
pub(super) fn office(row: &Row) -> sqlx::Result<Office> {
    Ok(Office {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        kind: coded::<OfficeKind>(row, "kind")?,
        district: coded(row, "district")?,
        address: row.try_get("address")?,
        phone: row.try_get("phone")?,
        hours: parts(row, "hours", ", ", hours)?,
        bring: parts(row, "bring", " ", Bring::from_code)?,
        posts: parts(row, "posts", ", ", posts)?.pop(),
    })
}

/// Reads a column that holds a list; fails if an entry cannot be parsed.
fn parts<T>(row: &Row, column: &'static str, between: &str, parse: impl Fn(&str) -> Option<T>) -> sqlx::Result<Vec<T>> {
    let text: &str = row.try_get(column)?;
    text.split(between)
        .filter(|part| !part.is_empty())
        .map(|part| parse(part).ok_or_else(|| unknown(column, part)))
        .collect()
}

/// Formats opening hours: `mon 09:00-15:00, tue 09:00-12:00`.
fn hours_text(hours: &[Hours]) -> String {
    let day = |day: &Hours| format!("{} {}-{}", weekday_code(day.day), minute_text(day.from), minute_text(day.to));
    hours.iter().map(day).collect::<Vec<_>>().join(", ")
}

/// Parses the hours of one day; `None` if the format is wrong.
fn hours(text: &str) -> Option<Hours> {
    let (day, times) = text.split_once(' ')?;
    let (from, to) = times.split_once('-')?;
    Some(Hours { day: parse_weekday(day)?, from: parse_minute(from)?, to: parse_minute(to)? })
}

/// Formats a posting time: `mon 08:00`.
fn posts_text(posts: Posting) -> String {
    format!("{} {}", weekday_code(posts.day), minute_text(posts.at))
}

/// Parses a posting time; `None` if the format is wrong.
fn posts(text: &str) -> Option<Posting> {
    let (day, at) = text.split_once(' ')?;
    Some(Posting { day: parse_weekday(day)?, at: parse_minute(at)? })
}
