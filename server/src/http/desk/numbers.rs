//! Figures of the district, as JSON and CSV.

use api::{
    messages::DeliveryFailure,
    numbers::{Numbers, WEEKS},
};
use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use rules::Coded;

use crate::http::desk::session::Officer;
use crate::{
    error::{Error, Result},
    state::AppState,
    store::numbers,
};

/// Returns the figures of the district.
#[utoipa::path(get, path = "/api/desk/numbers", responses((status = 200, body = Numbers)))]
pub async fn show(State(state): State<AppState>, officer: Officer) -> Result<Json<Numbers>> {
    count(&state, &officer).await.map(Json)
}

/// Returns the figures as CSV, one a row.
#[utoipa::path(
    get,
    path = "/api/desk/numbers.csv",
    responses((status = 200, content_type = "text/csv", body = String))
)]
pub async fn csv(State(state): State<AppState>, officer: Officer) -> Result<Response> {
    let counted = count(&state, &officer).await?;
    let mut csv = "figure,of,week,count\r\n".to_owned();
    let mut line = |figure: &str, of: &str, week: &str, count: u64| csv += &format!("{figure},{of},{week},{count}\r\n");
    for of in &counted.types {
        let kind = of.application_type.code();
        line("free", kind, "", of.free);
        line("booked", kind, "", of.booked);
        line("waiting", kind, "", of.waiting);
    }
    for week in &counted.weeks {
        let monday = week.monday.to_string();
        line("attended", "", &monday, week.attended);
        line("missed", "", &monday, week.missed);
        line("cancelled", "applicant", &monday, week.cancelled_by_applicant);
        line("cancelled", "office", &monday, week.cancelled_by_office);
        line("feedback", "found", &monday, week.found);
        line("feedback", "not-found", &monday, week.not_found);
    }
    for of in &counted.messages {
        line("messages", of.state.code(), "", of.count);
    }
    line("messages", DeliveryFailure::NoAddress.code(), "", counted.no_address);
    let name = format!("attachment; filename=\"skranke-{}.csv\"", rules::day::in_oslo(counted.at));
    let headers = [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, csv).into_response())
}

async fn count(state: &AppState, officer: &Officer) -> Result<Numbers> {
    let now = state.clock.now();
    let mondays = mondays(now).ok_or_else(|| Error::internal("the calendar has no such weeks"))?;
    let since = mondays.first().map_or(now, |(_, begins)| *begins);
    let mut snapshot = state.store.snapshot().await?;
    let district = officer.district();
    let (messages, no_address) = numbers::of_messages(&mut snapshot, district, since).await?;
    Ok(Numbers {
        at: now,
        types: numbers::of_types(&mut snapshot, district, now).await?,
        weeks: numbers::of_weeks(&mut snapshot, district, &mondays, now).await?,
        messages,
        no_address,
    })
}

/// Returns the Mondays of the last weeks, each with its first instant in Norway; `None` at the ends of the calendar.
fn mondays(now: DateTime<Utc>) -> Option<Vec<(NaiveDate, DateTime<Utc>)>> {
    let today = rules::day::in_oslo(now);
    let monday = today.checked_sub_days(Days::new(today.weekday().num_days_from_monday().into()))?;
    let begins = |back: usize| {
        let monday = monday.checked_sub_days(Days::new(7 * back as u64))?;
        Some((monday, rules::day::from_oslo(monday, 0, 0)?))
    };
    (0..WEEKS).rev().map(begins).collect()
}
