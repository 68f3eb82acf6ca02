//! Slots at the desk: publishing a weekly pattern, single slots, the calendar of an office, and attendance.

use api::ids::{AppointmentId, OfficeId, SlotId};
use api::{
    ProblemCode,
    fields::parse_date,
    offices::Office,
    publishing::{AddSlot, Attendance, DeskSlot, MoveSlot, Pattern, Publication, Tally},
};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};

use crate::http::desk::session::Officer;
use crate::{
    error::{Error, Result},
    http::{
        body::Body,
        idempotency::{Key, Once},
    },
    services::publishing::{self, PatternFault, Times},
    state::AppState,
    store::{
        Connection, appointments,
        audit::{self, Action, Entry},
        bulk_actions, new_id, offices, publications,
        slots::{self, Span},
    },
    text::dates,
};

/// Previews the slots of a weekly pattern. Nothing is changed.
#[utoipa::path(
    post,
    path = "/api/desk/times/preview",
    request_body = Pattern,
    responses((status = 200, body = Publication), (status = 404, body = api::Problem), (status = 422, body = api::Problem))
)]
pub async fn preview(
    State(state): State<AppState>,
    officer: Officer,
    Body(pattern): Body<Pattern>,
) -> Result<Json<Publication>> {
    let mut connection = state.store.read().await?;
    let office = office(&mut connection, &officer, &pattern.office).await?;
    let times = times(&pattern, &office, state.clock.now())?;
    Ok(Json(publication(&mut connection, &pattern, &times).await?))
}

/// Publishes the slots of a weekly pattern.
#[utoipa::path(
    post,
    path = "/api/desk/times",
    request_body = Pattern,
    params(("Idempotency-Key" = Option<String>, Header, description = "8 to 64 letters, digits or hyphens")),
    responses((status = 201, body = Publication), (status = 404, body = api::Problem), (status = 422, body = api::Problem))
)]
pub async fn publish(
    State(state): State<AppState>,
    officer: Officer,
    key: Key,
    Body(pattern): Body<Pattern>,
) -> Result<Response> {
    let once = Once::new(key, officer.id(), "desk/times", &pattern)?;
    let (mut transaction, now) = officer.write(&state).await?;
    if let Some(answer) = once.earlier(&mut transaction, now).await? {
        return Ok(answer);
    }
    let office = office(&mut transaction, &officer, &pattern.office).await?;
    let times = times(&pattern, &office, now)?;
    let before = publication(&mut transaction, &pattern, &times).await?;
    let words = format!("{}, {}", office.name, dates::span(pattern.first, pattern.last));
    let (kind, district) = (bulk_actions::Kind::Publish, Some(officer.district()));
    let id = bulk_actions::add(&mut transaction, kind, &words, officer.actor(), district, now).await?;
    let batch = publications::Batch {
        office: &office,
        starts: &times.starts,
        minutes: pattern.minutes,
        types: &pattern.types,
        published: pattern.publish_at.unwrap_or(now),
        publication: &id,
    };
    publications::add(&mut transaction, &batch).await?;
    audit::add(&mut transaction, officer.actor(), Action::Publish, &id, now).await?;
    let done = Publication { id: Some(id), ..before };
    let answer = once.done(&mut transaction, StatusCode::CREATED, &done, now).await?;
    transaction.commit().await?;
    Ok(answer)
}

/// Returns a week of an office: the number of slots in each state at each start.
#[utoipa::path(
    get,
    path = "/api/desk/offices/{office}/weeks/{day}",
    params(("office" = String, Path), ("day" = String, Path, description = "Any day of the week, as 2021-03-22")),
    responses((status = 200, body = [Tally]), (status = 404, body = api::Problem))
)]
pub async fn week(
    State(state): State<AppState>,
    officer: Officer,
    Path((id, day)): Path<(OfficeId, String)>,
) -> Result<Json<Vec<Tally>>> {
    let mut connection = state.store.read().await?;
    let office = office(&mut connection, &officer, &id).await?;
    let day = day_in(&day)?;
    let monday = day - Days::new(day.weekday().num_days_from_monday().into());
    let span = span(&office.id, monday, 7)?;
    Ok(Json(publications::tallies(&mut connection, span, state.clock.now()).await?))
}

/// Returns a day of an office: each slot with its appointment.
#[utoipa::path(
    get,
    path = "/api/desk/offices/{office}/days/{day}",
    params(("office" = String, Path), ("day" = String, Path, description = "As 2021-03-22")),
    responses((status = 200, body = [DeskSlot]), (status = 404, body = api::Problem))
)]
pub async fn day(
    State(state): State<AppState>,
    officer: Officer,
    Path((id, day)): Path<(OfficeId, String)>,
) -> Result<Json<Vec<DeskSlot>>> {
    let mut connection = state.store.read().await?;
    let office = office(&mut connection, &officer, &id).await?;
    let day = day_in(&day)?;
    let slots = publications::slots(&mut connection, span(&office.id, day, 1)?, state.clock.now()).await?;
    drop(connection);
    officer.looked(&state, Action::LookAtDay, "", &format!("{}, {day}", office.name)).await?;
    Ok(Json(slots))
}

/// Adds a slot.
#[utoipa::path(
    post,
    path = "/api/desk/slots",
    request_body = AddSlot,
    responses((status = 204), (status = 404, body = api::Problem), (status = 422, body = api::Problem))
)]
pub async fn add(State(state): State<AppState>, officer: Officer, Body(asked): Body<AddSlot>) -> Result<StatusCode> {
    let (mut transaction, now) = officer.write(&state).await?;
    let office = office(&mut transaction, &officer, &asked.office).await?;
    if !publishing::MINUTES.contains(&asked.minutes) {
        return Err(Error::at(ProblemCode::InvalidField, "minutes"));
    }
    if !publishing::are_for(&asked.types, &office) {
        return Err(Error::at(ProblemCode::InvalidField, "types"));
    }
    let starts = starts(asked.day, asked.time, now)?;
    let slot = api::cases::Slot { id: new_id(), office: office.id, starts, minutes: asked.minutes };
    slots::add(&mut transaction, &slot, &asked.types).await?;
    let words = named(&office.name, starts);
    let entry = Entry { words: &words, ..Entry::of(officer.actor(), Action::AddSlot, &slot.id) };
    audit::write(&mut transaction, &entry, now).await?;
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Moves a free slot.
#[utoipa::path(
    post,
    path = "/api/desk/slots/{id}/move",
    params(("id" = String, Path)),
    request_body = MoveSlot,
    responses((status = 204), (status = 404, body = api::Problem), (status = 409, body = api::Problem))
)]
pub async fn change(
    State(state): State<AppState>,
    officer: Officer,
    Path(id): Path<SlotId>,
    Body(asked): Body<MoveSlot>,
) -> Result<StatusCode> {
    let (mut transaction, now) = officer.write(&state).await?;
    let starts = starts(asked.day, asked.time, now)?;
    let (office, before) = take_free(&mut transaction, &officer, &id, now).await?;
    publications::move_to(&mut transaction, &id, starts).await?;
    let words = format!("{} → {}", named(&office.name, before), named(&office.name, starts));
    let entry = Entry { words: &words, ..Entry::of(officer.actor(), Action::MoveSlot, &id) };
    audit::write(&mut transaction, &entry, now).await?;
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Withdraws a free slot.
#[utoipa::path(
    delete,
    path = "/api/desk/slots/{id}",
    params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = api::Problem), (status = 409, body = api::Problem))
)]
pub async fn withdraw(State(state): State<AppState>, officer: Officer, Path(id): Path<SlotId>) -> Result<StatusCode> {
    let (mut transaction, now) = officer.write(&state).await?;
    let (office, starts) = take_free(&mut transaction, &officer, &id, now).await?;
    publications::withdraw(&mut transaction, &id).await?;
    let words = named(&office.name, starts);
    let entry = Entry { words: &words, ..Entry::of(officer.actor(), Action::WithdrawSlot, &id) };
    audit::write(&mut transaction, &entry, now).await?;
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Records attendance: `true` from the start of the day, `false` once the appointment has begun.
#[utoipa::path(
    put,
    path = "/api/desk/appointments/{id}/attendance",
    params(("id" = String, Path)),
    request_body = Attendance,
    responses((status = 204), (status = 404, body = api::Problem), (status = 409, body = api::Problem))
)]
pub async fn attend(
    State(state): State<AppState>,
    officer: Officer,
    Path(id): Path<AppointmentId>,
    Body(asked): Body<Attendance>,
) -> Result<StatusCode> {
    let (mut transaction, now) = officer.write(&state).await?;
    let appointment =
        appointments::find_in(&mut transaction, officer.district(), &id).await?.ok_or(ProblemCode::NotFound)?;
    // Applicants may come early.
    let is_day = rules::day::in_oslo(now) >= rules::day::in_oslo(appointment.starts);
    if !is_day || !asked.attended && now < appointment.starts {
        let detail = "That can be noted on the day; that somebody did not come, once their time has begun.".to_owned();
        return Err(Error { detail: Some(detail), ..Error::at(ProblemCode::InvalidField, "attended") });
    }
    if !appointments::attend(&mut transaction, &id, asked.attended).await? {
        return Err(Error::new(ProblemCode::AppointmentOver));
    }
    let action = if asked.attended { Action::Attend } else { Action::Miss };
    let words = named(&appointment.office.name, appointment.starts);
    let entry = Entry { words: &words, ..Entry::of(officer.actor(), action, &appointment.case) };
    audit::write(&mut transaction, &entry, now).await?;
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Returns an office of the officer's district. Fails with `NotFound` for any other.
pub(super) async fn office(connection: &mut Connection, officer: &Officer, id: &OfficeId) -> Result<Office> {
    let office = offices::find(connection, officer.district(), id).await?;
    office.ok_or_else(|| Error::at(ProblemCode::NotFound, "office"))
}

fn times(pattern: &Pattern, office: &Office, now: DateTime<Utc>) -> Result<Times> {
    if pattern.publish_at.is_some_and(|at| at <= now) {
        let detail = "That is over already. Leave it out to publish at once.".to_owned();
        return Err(Error { detail: Some(detail), ..Error::at(ProblemCode::InvalidField, "publish_at") });
    }
    let times = publishing::times(pattern, office, now).map_err(|PatternFault { field, what }| Error {
        detail: Some(what.to_owned()),
        ..Error::at(ProblemCode::InvalidField, field)
    })?;
    let first = times.starts.iter().min();
    if pattern.publish_at.zip(first).is_some_and(|(at, first)| at >= *first) {
        let detail = "The first of these times would be over before anybody sees it. Publish them earlier.".to_owned();
        return Err(Error { detail: Some(detail), ..Error::at(ProblemCode::InvalidField, "publish_at") });
    }
    Ok(times)
}

async fn publication(connection: &mut Connection, pattern: &Pattern, times: &Times) -> Result<Publication> {
    let days = (pattern.last - pattern.first).num_days() + 1;
    let already = publications::count(connection, span(&pattern.office, pattern.first, days.unsigned_abs())?).await?;
    Ok(Publication {
        id: None,
        times: times.starts.len() as u64,
        days: times.days,
        holidays: times.holidays.clone(),
        already,
    })
}

/// Locks a free slot until the end of the transaction and returns its office and start. Fails with `SlotInUse` if it is not free.
async fn take_free(
    connection: &mut Connection,
    officer: &Officer,
    slot: &SlotId,
    now: DateTime<Utc>,
) -> Result<(Office, DateTime<Utc>)> {
    let (id, _) = publications::place(connection, slot).await?.ok_or(ProblemCode::NotFound)?;
    let office = office(connection, officer, &id).await?;
    slots::lock(connection, slot, slot).await?;
    if !publications::is_free(connection, slot, now).await? {
        return Err(Error::new(ProblemCode::SlotInUse));
    }
    // The start is read after the lock, because another officer may have moved the slot.
    let (_, starts) = publications::place(connection, slot).await?.ok_or(ProblemCode::NotFound)?;
    Ok((office, starts))
}

/// Returns the name of a slot for the log, the same in every language.
fn named(office: &str, starts: DateTime<Utc>) -> String {
    format!("{office}, {}", rules::day::oslo_time(starts).format("%Y-%m-%d %H:%M"))
}

/// Returns the instant of a local time. Fails if it is past, or within the hour that is skipped in spring.
fn starts(day: NaiveDate, minute: u16, now: DateTime<Utc>) -> Result<DateTime<Utc>> {
    let starts = rules::day::at_clock(day, u32::from(minute) / 60, u32::from(minute) % 60);
    starts.filter(|at| *at > now).ok_or_else(|| Error {
        detail: Some("Choose a day and a time that the clock shows and that are still to come.".to_owned()),
        ..Error::at(ProblemCode::InvalidField, "time")
    })
}

fn day_in(text: &str) -> Result<NaiveDate> {
    parse_date(text).ok_or_else(|| Error::at(ProblemCode::NotFound, "day"))
}

fn span(office: &OfficeId, first: NaiveDate, days: u64) -> Result<Span<'_>> {
    let midnight = |day: NaiveDate| rules::day::from_oslo(day, 0, 0);
    let until = first.checked_add_days(Days::new(days)).and_then(midnight);
    let (from, until) = midnight(first).zip(until).ok_or_else(|| Error::at(ProblemCode::NotFound, "day"))?;
    Ok(Span { office, from, until })
}
