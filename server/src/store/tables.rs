//! Whole tables, for `skranke export` and `import`. All columns are TEXT or BIGINT.

use futures_util::TryStreamExt;
use serde_json::{Map, Value};
use sqlx::{AssertSqlSafe, Column as _, Row as _, query, query_scalar};

use crate::store::{Connection, Row, unknown};

/// All tables, each after those that it refers to.
pub const ALL: &[&str] = &[
    "persons",
    "sign_in_codes",
    "sessions",
    "known_browsers",
    "officers",
    "access_grants",
    "access_notices",
    "officer_links",
    "passkeys",
    "ceremonies",
    "desk_sessions",
    "offices",
    "office_types",
    "slots",
    "slot_types",
    "cases",
    "records",
    "situations",
    "works",
    "appointments",
    "answers",
    "policies",
    "policy_drafts",
    "receipts",
    "holds",
    "bulk_actions",
    "askings",
    "invitations",
    "case_keys",
    "documents",
    "segments",
    "failures",
    "closures",
    "closure_slots",
    "closure_appointments",
    "closure_messages",
    "messages",
    "audit",
    "audit_seals",
    "uses",
    "feedback",
];

/// Calls `each` with every row of a table. Fails if the database or `each` does.
pub async fn read<E: From<sqlx::Error>>(
    connection: &mut Connection,
    table: &'static str,
    mut each: impl FnMut(Map<String, Value>) -> Result<(), E>,
) -> Result<(), E> {
    let mut rows = query(AssertSqlSafe(format!("SELECT * FROM {table}"))).fetch(connection);
    while let Some(row) = rows.try_next().await? {
        each(fields(&row)?)?;
    }
    Ok(())
}

/// Returns `true` if a table has no rows. Fails only if the database does.
pub async fn is_empty(connection: &mut Connection, table: &'static str) -> sqlx::Result<bool> {
    let count: i64 = query_scalar(AssertSqlSafe(format!("SELECT count(*) FROM {table}"))).fetch_one(connection).await?;
    Ok(count == 0)
}

/// Inserts a row. Column names are part of the SQL, so only lower-case letters, digits and `_` are allowed. Fails on any other
/// name, on a value that is neither text, integer nor null, and if the database refuses the row.
pub async fn insert(connection: &mut Connection, table: &'static str, row: &Map<String, Value>) -> sqlx::Result<()> {
    if let Some(name) = row.keys().find(|name| {
        name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    }) {
        return Err(unknown(table, name));
    }
    let names: Vec<&str> = row.keys().map(String::as_str).collect();
    // PostgreSQL cannot infer the type of a bound NULL.
    let places: Vec<String> = row
        .values()
        .scan(0, |bound, value| {
            *bound += usize::from(!value.is_null());
            Some(if value.is_null() { "NULL".to_owned() } else { format!("${bound}") })
        })
        .collect();
    let sql = format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), places.join(", "));
    let mut query = query(AssertSqlSafe(sql));
    for value in row.values() {
        query = match value {
            Value::Null => query,
            Value::String(text) => query.bind(text),
            Value::Number(number) => query.bind(number.as_i64().ok_or_else(|| unknown(table, &number.to_string()))?),
            other => return Err(unknown(table, &other.to_string())),
        };
    }
    query.execute(connection).await?;
    Ok(())
}

/// Converts a row to a JSON object.
fn fields(row: &Row) -> sqlx::Result<Map<String, Value>> {
    let field = |index: usize, name: &str| {
        let value = match row.try_get::<Option<i64>, _>(index) {
            Ok(number) => number.map(Value::from),
            Err(_) => row.try_get::<Option<String>, _>(index)?.map(Value::from),
        };
        Ok((name.to_owned(), value.unwrap_or(Value::Null)))
    };
    row.columns().iter().map(|column| field(column.ordinal(), column.name())).collect()
}
