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
    http::{
        body,
        error::{Error, Result},
    },
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

/// What a file would change in the register. Nothing is changed.
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

/// Takes the good rows of a file into the register. The same file again changes nothing.
#[utoipa::path(
    post,
    path = "/api/desk/imports",
    request_body(content((String = "text/csv"), (String = "application/x-ndjson")), description = "As for the preview"),
    responses((status = 200, body = Import), (status = 413, body = api::Problem), (status = 415, body = api::Problem))
)]
pub async fn take(State(state): State<AppState>, officer: Officer, request: Request) -> Result<Json<Import>> {
    let (sha256, mut register) = read(&state, &officer, request).await?;
    let (mut transaction, now) = officer.write(&state).await?;
    // Of several files for one district, each sees what the one before has left.
    locks::acquire(&mut transaction, Lock::Register(officer.district()), now).await?;
    let (import, differing) = compare(&mut transaction, &officer, &mut register).await?;
    if !differing.is_empty() {
        records::put_all(&mut transaction, &differing).await?;
        audit::add(&mut transaction, officer.actor(), Action::Import, &sha256, now).await?;
        transaction.commit().await?;
    }
    Ok(Json(import))
}

/// The file that stands in the body, with its SHA-256.
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
    // A hundred thousand rows take a while, in which the server has other requests to answer.
    let reading = tokio::task::spawn_blocking(move || {
        let mut register = register::read(&bytes, form, judge);
        // On PostgreSQL rows are locked as they are written: all who write several do so in the same order.
        register.rows.sort_by(|(_, a), (_, b)| a.reference.cmp(&b.reference));
        (secrets::sha256_hex(&bytes), register)
    });
    reading.await.map_err(Error::internal)
}

/// What the good rows would change, and those of them that would. Rows whose reference is another district's are bad.
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
