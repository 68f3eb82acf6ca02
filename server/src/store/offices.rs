//! Where to meet.

use api::offices::{Office, OfficeKind};
use rules::{ApplicationType, Coded, District};
use sqlx::{Row as _, query, query_scalar};

use super::{Connection, Row, coded};

pub async fn add(connection: &mut Connection, office: &Office, types: &[ApplicationType]) -> sqlx::Result<()> {
    query("INSERT INTO offices (id, name, kind, district, address, phone) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(&office.id)
        .bind(&office.name)
        .bind(office.kind.code())
        .bind(office.district.code())
        .bind(&office.address)
        .bind(&office.phone)
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

pub async fn list(connection: &mut Connection) -> sqlx::Result<Vec<Office>> {
    let rows = query("SELECT id, name, kind, district, address, phone FROM offices ORDER BY district, name")
        .fetch_all(connection)
        .await?;
    rows.iter().map(office).collect()
}

/// The district's offices that give appointments for a type at the moment.
pub async fn open_for(
    connection: &mut Connection,
    kind: ApplicationType,
    district: District,
) -> sqlx::Result<Vec<Office>> {
    let rows = query(
        "SELECT id, name, kind, district, address, phone FROM offices
         JOIN office_types ON office_types.office = offices.id
         WHERE office_types.type = $1 AND district = $2 ORDER BY name",
    )
    .bind(kind.code())
    .bind(district.code())
    .fetch_all(connection)
    .await?;
    rows.iter().map(office).collect()
}

pub async fn count(connection: &mut Connection) -> sqlx::Result<i64> {
    query_scalar("SELECT count(*) FROM offices").fetch_one(connection).await
}

/// An office from a row that has the columns of `offices`.
pub(super) fn office(row: &Row) -> sqlx::Result<Office> {
    Ok(Office {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        kind: coded::<OfficeKind>(row, "kind")?,
        district: coded(row, "district")?,
        address: row.try_get("address")?,
        phone: row.try_get("phone")?,
    })
}
