//! Imports into the register of cases.

use api::{
    ProblemCode,
    imports::{Import, MOST_BYTES, Wrong},
};
use axum::{
    Json,
    extract::{Request, State},
};

use crate::http::desk::session::Officer;
use crate::{
    error::{Error, Result},
    http::body,
    secrets,
    services::register::{self, Form, Judge, Register},
    state::AppState,
    store::{
        Connection,
        audit::{self, Action},
        locks::{self, Lock},
        records::{self, Record},
    },
};

/// Previews the import of a file into the register. Nothing is changed.
#[utoipa::path(
    post,
    path = "/api/desk/imports/preview",
    request_body(
        content(
            (String = "text/csv", example = "reference,born,applicant,type,district,submitted,citizenships\n"),
            (String = "application/x-ndjson")
        ),
        description = "At most 32 MB. CSV with a header, or one JSON object a line with the same names. UTF-8; CSV also UTF-16 with a byte-order mark, or Windows-1252"
    ),
    responses((status = 200, body = Import), (status = 413, body = api::Problem), (status = 415, body = api::Problem))
)]
pub async fn preview(State(state): State<AppState>, officer: Officer, request: Request) -> Result<Json<Import>> {
    let (_, mut register) = read(&state, &officer, request).await?;
    let mut snapshot = state.store.snapshot().await?;
    let (import, _) = compare(&mut snapshot, &officer, &mut register).await?;
    Ok(Json(import))
}

/// Imports the good rows of a file into the register. The import is idempotent.
#[utoipa::path(
    post,
    path = "/api/desk/imports",
    request_body(content((String = "text/csv"), (String = "application/x-ndjson")), description = "As for the preview"),
    responses((status = 200, body = Import), (status = 413, body = api::Problem), (status = 415, body = api::Problem))
)]
pub async fn take(State(state): State<AppState>, officer: Officer, request: Request) -> Result<Json<Import>> {
    let (sha256, mut register) = read(&state, &officer, request).await?;
    let (mut transaction, now) = officer.write(&state).await?;
    // Imports of one district are serialised, so that each sees the result of the previous one.
    locks::acquire(&mut transaction, Lock::Register(officer.district()), now).await?;
    let (import, differing) = compare(&mut transaction, &officer, &mut register).await?;
    if !differing.is_empty() {
        records::put_all(&mut transaction, &differing).await?;
        audit::add(&mut transaction, officer.actor(), Action::Import, &sha256, now).await?;
        transaction.commit().await?;
    }
    Ok(Json(import))
}

/// Reads the file in the body and returns it with its SHA-256.
async fn read(state: &AppState, officer: &Officer, request: Request) -> Result<(String, Register)> {
    let form = match () {
        () if body::is_of_type(&request, "text/csv") => Form::Csv,
        () if body::is_of_type(&request, "application/x-ndjson") => Form::JsonLines,
        () => {
            let detail = "Send the file as text/csv or application/x-ndjson.".to_owned();
            return Err(Error { detail: Some(detail), ..Error::new(ProblemCode::UnsupportedMediaType) });
        }
    };
    let bytes = body::read(request.into_body(), MOST_BYTES).await?;
    let judge = Judge { district: officer.district(), today: rules::day::in_oslo(state.clock.now()) };
    // Parsing a hundred thousand rows takes too long for an async task.
    let reading = tokio::task::spawn_blocking(move || {
        let mut register = register::read(&bytes, form, judge);
        // PostgreSQL locks rows as they are written. One order for all writers prevents deadlocks.
        register.rows.sort_by(|(_, a), (_, b)| a.reference.cmp(&b.reference));
        (secrets::sha256_hex(&bytes), register)
    });
    reading.await.map_err(Error::internal)
}

/// Compares the good rows with the register. Returns the summary and the rows that differ. Rows with a reference of another
/// district are refused.
async fn compare<'r>(
    connection: &mut Connection,
    officer: &Officer,
    register: &'r mut Register,
) -> Result<(Import, Vec<&'r Record>)> {
    let references: Vec<&str> = register.rows.iter().map(|(_, row)| row.reference.as_str()).collect();
    let (on_record, cases) = records::known(connection, &references).await?;
    register.refuse_where(Wrong::Elsewhere, |row| {
        let known = [&on_record, &cases].into_iter().filter_map(|known| known.get(&row.reference));
        known.into_iter().any(|known| !known.is_of(officer.district()))
    });
    let mut import = Import {
        bad: register.bad,
        unknown_columns: register.unknown_columns.clone(),
        missing_columns: register.missing_columns.clone(),
        faults: register.faults.clone(),
        kinds: register.kinds.clone(),
        encoding: register.encoding,
        new: 0,
        changed: 0,
        unchanged: 0,
    };
    let mut differing = Vec::new();
    for (_, row) in &register.rows {
        let follows = cases.get(&row.reference).is_none_or(|case| case.says(row));
        let count = match on_record.get(&row.reference) {
            None => &mut import.new,
            Some(record) if record.says(row) && follows => {
                import.unchanged += 1;
                continue;
            }
            Some(_) => &mut import.changed,
        };
        *count += 1;
        differing.push(row);
    }
    Ok((import, differing))
}
