//! Appointments of an applicant: booking, moving, cancelling, the calendar file and the QR code.

use std::collections::HashSet;

use api::{
    ProblemCode,
    appointments::{Appointment, Book, BookTogether, CancelledBy, Move, Status},
    ids::AppointmentId,
};
use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};

use crate::{
    error::{Error, Result},
    http::{
        applicant::{cases, session::Applicant},
        body::Body,
        idempotency::{Key, Once},
    },
    messages::Recipient,
    services::booking::{self, Checked, Party, Purpose, as_of, check_booking},
    state::AppState,
    store::{Connection, appointments, audit::Actor},
    text::calendar,
};

/// Books a slot for a case. The rules decide on the stored facts, in the transaction of the booking.
#[utoipa::path(
    post,
    path = "/api/appointments",
    request_body = Book,
    params(("Idempotency-Key" = Option<String>, Header, description = "8 to 64 letters, digits or hyphens")),
    responses(
        (status = 201, body = Appointment),
        (status = 404, body = api::Problem),
        (status = 409, body = api::Problem, description = "Refused by the rules, or the time is taken")
    )
)]
pub async fn book(
    State(state): State<AppState>,
    applicant: Applicant,
    key: Key,
    Body(asked): Body<Book>,
) -> Result<Response> {
    let once = Once::new(key, &applicant.person, "appointments", &asked)?;
    let (mut transaction, now) = applicant.write(&state).await?;
    if let Some(answer) = once.earlier(&mut transaction, now).await? {
        return Ok(answer);
    }
    let case = cases::find(&mut transaction, &applicant, &asked.case, now).await?;
    let policy = state.policy_at(now);
    let ready = match check_booking(&policy, &mut transaction, case, &asked.slot, Purpose::Book, now).await? {
        Checked::Allowed(ready) => ready,
        Checked::Refused(decision) => {
            let refusal = once.refused(&mut transaction, *decision, None, now).await?;
            transaction.commit().await?;
            return Err(refusal);
        }
    };
    let appointment = booking::book(&state.templates, &mut transaction, applicant.party(), *ready, None, now).await?;
    let answer = once.done(&mut transaction, StatusCode::CREATED, &appointment, now).await?;
    transaction.commit().await?;
    Ok(answer)
}

/// Books slots for several cases, for instance a family: all of them or none.
#[utoipa::path(
    post,
    path = "/api/appointments/together",
    request_body = BookTogether,
    params(("Idempotency-Key" = Option<String>, Header, description = "8 to 64 letters, digits or hyphens")),
    responses(
        (status = 201, body = [Appointment]),
        (status = 404, body = api::Problem),
        (status = 409, body = api::Problem, description = "One is refused by the rules, or one of the times is taken")
    )
)]
pub async fn book_together(
    State(state): State<AppState>,
    applicant: Applicant,
    key: Key,
    Body(asked): Body<BookTogether>,
) -> Result<Response> {
    const MOST: usize = 20;
    let once = Once::new(key, &applicant.person, "appointments/together", &asked)?;
    if !(1..=MOST).contains(&asked.bookings.len()) {
        let detail = format!("Book for at least one case and at most {MOST}.");
        return Err(Error { detail: Some(detail), ..Error::at(ProblemCode::InvalidField, "bookings") });
    }
    nothing_twice(&asked.bookings)?;
    let (mut transaction, now) = applicant.write(&state).await?;
    if let Some(answer) = once.earlier(&mut transaction, now).await? {
        return Ok(answer);
    }
    // One policy for all bookings, even if another one takes effect meanwhile.
    let policy = state.policy_at(now);
    // Errors name the booking at fault.
    let place = |number: usize| Some(format!("bookings[{number}]"));
    let mut all_ready = Vec::with_capacity(asked.bookings.len());
    for (number, Book { case, slot }) in asked.bookings.iter().enumerate() {
        let at_place = |error| Error { field: place(number), ..error };
        let case = cases::find(&mut transaction, &applicant, case, now).await.map_err(at_place)?;
        let checked =
            check_booking(&policy, &mut transaction, case, slot, Purpose::Book, now).await.map_err(at_place)?;
        match checked {
            Checked::Allowed(ready) => all_ready.push((number, *ready)),
            Checked::Refused(decision) => {
                let refusal = once.refused(&mut transaction, *decision, place(number), now).await?;
                transaction.commit().await?;
                return Err(refusal);
            }
        }
    }
    // Slots are claimed in the order of their ids, which prevents deadlocks.
    all_ready.sort_by(|(_, a), (_, b)| a.slot.id.cmp(&b.slot.id));
    let mut taken = Vec::with_capacity(all_ready.len());
    for (number, ready) in all_ready {
        let appointment = booking::book(&state.templates, &mut transaction, applicant.party(), ready, None, now).await;
        taken.push((number, appointment.map_err(|error| Error { field: place(number), ..error })?));
    }
    taken.sort_by_key(|(number, _)| *number);
    let appointments: Vec<Appointment> = taken.into_iter().map(|(_, appointment)| appointment).collect();
    let answer = once.done(&mut transaction, StatusCode::CREATED, &appointments, now).await?;
    transaction.commit().await?;
    Ok(answer)
}

/// Refuses a list that names a case or a slot twice.
fn nothing_twice(bookings: &[Book]) -> Result<()> {
    let mut seen = HashSet::new();
    for (number, Book { case, slot }) in bookings.iter().enumerate() {
        for (name, id) in [("case", case.as_str()), ("slot", slot.as_str())] {
            if !seen.insert((name, id)) {
                let detail = format!("This {name} stands in the list already. Book one time for each case.");
                let error = Error::at(ProblemCode::InvalidField, &format!("bookings[{number}].{name}"));
                return Err(Error { detail: Some(detail), ..error });
            }
        }
    }
    Ok(())
}

/// Moves an appointment to another slot. If that fails, the appointment stays as it is.
#[utoipa::path(
    post,
    path = "/api/appointments/{id}/move",
    request_body = Move,
    params(
        ("id" = String, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "8 to 64 letters, digits or hyphens")
    ),
    responses(
        (status = 201, body = Appointment),
        (status = 404, body = api::Problem),
        (status = 409, body = api::Problem, description = "Refused by the rules, the time is taken, or the old one over")
    )
)]
pub async fn change(
    State(state): State<AppState>,
    applicant: Applicant,
    key: Key,
    Path(id): Path<AppointmentId>,
    Body(asked): Body<Move>,
) -> Result<Response> {
    let once = Once::new(key, &applicant.person, &format!("appointments/{id}/move"), &asked)?;
    let (mut transaction, now) = applicant.write(&state).await?;
    if let Some(answer) = once.earlier(&mut transaction, now).await? {
        return Ok(answer);
    }
    let old = find(&mut transaction, &applicant, &id, now).await?;
    if old.status != Status::Booked || old.starts <= now {
        return Err(Error::new(ProblemCode::AppointmentOver));
    }
    let case = cases::find(&mut transaction, &applicant, &old.case, now).await?;
    let policy = state.policy_at(now);
    let ready = match check_booking(&policy, &mut transaction, case, &asked.slot, Purpose::Move, now).await? {
        Checked::Allowed(ready) => ready,
        Checked::Refused(decision) => {
            let refusal = once.refused(&mut transaction, *decision, None, now).await?;
            transaction.commit().await?;
            return Err(refusal);
        }
    };
    let moved = booking::give_up(&mut transaction, old, now).await?;
    let party = applicant.party();
    let appointment = booking::book(&state.templates, &mut transaction, party, *ready, Some(moved), now).await?;
    let answer = once.done(&mut transaction, StatusCode::CREATED, &appointment, now).await?;
    transaction.commit().await?;
    Ok(answer)
}

/// Returns an appointment in any status.
#[utoipa::path(
    get,
    path = "/api/appointments/{id}",
    params(("id" = String, Path)),
    responses((status = 200, body = Appointment), (status = 404, body = api::Problem))
)]
pub async fn show(
    State(state): State<AppState>,
    applicant: Applicant,
    Path(id): Path<AppointmentId>,
) -> Result<Json<Appointment>> {
    let mut connection = state.store.read().await?;
    let mut appointment = find(&mut connection, &applicant, &id, state.clock.now()).await?;
    if appointment.status == Status::Cancelled {
        let newest = appointments::event(&mut connection, &id).await?;
        appointment.moved_to = newest.map(|(_, newest)| newest).filter(|newest| *newest != id);
    }
    Ok(Json(appointment))
}

/// Returns an appointment as a calendar file. After a move or a cancellation, the file updates the same event.
#[utoipa::path(
    get,
    path = "/api/appointments/{id}/calendar.ics",
    params(("id" = String, Path)),
    responses((status = 200, content_type = "text/calendar"), (status = 404, body = api::Problem))
)]
pub async fn calendar(
    State(state): State<AppState>,
    applicant: Applicant,
    Path(id): Path<AppointmentId>,
) -> Result<Response> {
    let mut connection = state.store.read().await?;
    let now = state.clock.now();
    find(&mut connection, &applicant, &id, now).await?;
    let (event, newest) = appointments::event(&mut connection, &id).await?.ok_or(ProblemCode::NotFound)?;
    let appointment = find(&mut connection, &applicant, &newest, now).await?;
    let file = calendar::file(&appointment, &event, &state.origin, applicant.language, now);
    let name = format!("attachment; filename=\"{}.ics\"", appointment.number);
    let name = HeaderValue::from_str(&name).map_err(Error::internal)?;
    let kind = HeaderValue::from_static("text/calendar; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], file).into_response())
}

/// Returns the booking number as a QR code.
#[utoipa::path(
    get,
    path = "/api/appointments/{id}/qr.svg",
    params(("id" = String, Path)),
    responses((status = 200, content_type = "image/svg+xml"), (status = 404, body = api::Problem))
)]
pub async fn qr(
    State(state): State<AppState>,
    applicant: Applicant,
    Path(id): Path<AppointmentId>,
) -> Result<Response> {
    let mut connection = state.store.read().await?;
    let appointment = find(&mut connection, &applicant, &id, state.clock.now()).await?;
    let code =
        fast_qr::QRBuilder::new(appointment.number).build().map_err(|error| Error::internal(format!("{error:?}")))?;
    let svg = fast_qr::convert::svg::SvgBuilder::default().to_str(&code);
    Ok(([(header::CONTENT_TYPE, "image/svg+xml")], svg).into_response())
}

/// Cancels an appointment. The request is idempotent.
#[utoipa::path(
    post,
    path = "/api/appointments/{id}/cancel",
    params(("id" = String, Path)),
    responses(
        (status = 200, body = Appointment),
        (status = 404, body = api::Problem),
        (status = 409, body = api::Problem, description = "It has begun or is over")
    )
)]
pub async fn cancel(
    State(state): State<AppState>,
    applicant: Applicant,
    Path(id): Path<AppointmentId>,
) -> Result<Json<Appointment>> {
    let (mut transaction, now) = applicant.write(&state).await?;
    let mut appointment = find(&mut transaction, &applicant, &id, now).await?;
    match appointment.status {
        Status::Cancelled => return Ok(Json(appointment)),
        Status::Booked if appointment.starts > now => {}
        _ => return Err(Error::new(ProblemCode::AppointmentOver)),
    }
    let (party, by) = (applicant.party(), (CancelledBy::Applicant, ""));
    booking::cancel(&state.templates, &mut transaction, party, &mut appointment, by, now).await?;
    transaction.commit().await?;
    Ok(Json(appointment))
}

impl Applicant {
    /// Returns the applicant as the actor and the recipient of a booking.
    pub(super) fn party(&self) -> Party<'_> {
        let Applicant { person, language, email, phone, .. } = self;
        Party {
            actor: Actor::Applicant(person),
            to: Recipient { language: *language, email, phone: phone.as_deref() },
            critical: None,
        }
    }
}

/// Returns an appointment of the applicant, with its status as of now. Fails with `NotFound` if it is another person's.
pub(super) async fn find(
    connection: &mut Connection,
    applicant: &Applicant,
    id: &AppointmentId,
    now: DateTime<Utc>,
) -> Result<Appointment> {
    let appointment = appointments::find(connection, &applicant.person, id)
        .await?
        .ok_or_else(|| Error::new(ProblemCode::NotFound))?;
    Ok(as_of(appointment, now))
}
