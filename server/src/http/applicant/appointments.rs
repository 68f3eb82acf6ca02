use std::{collections::HashSet, sync::Arc};

use api::{
    Decision, ProblemCode,
    appointments::{Appointment, Book, BookTogether, CancelledBy, Move, Status},
    cases::{Case, Slot},
    messages::Kind,
    receipts::About,
};
use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use rules::{Outcome, facts::Availability};

use crate::http::{
    applicant::{cases, session::Applicant},
    body::Body,
    idempotency::{Key, Once},
};
use crate::{
    http::error::{Error, Result},
    messages::{self, Facts, Recipient, Subject},
    policy::Loaded,
    services::receipt,
    state::AppState,
    store::{
        Connection,
        appointments::{self, Claim, Event},
        audit::{self, Action, Entry},
        holds,
        messages::{self, NewMessage},
        offices,
        slots::{self, Meant, Wanted},
    },
    text::calendar,
};

/// Books a time for a case: decides anew by the records, takes the slot, and answers, in one transaction.
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
    let ready = match decide(&state.policy_at(now), &mut transaction, case, &asked.slot, Purpose::Book, now).await? {
        Decided::Allowed(ready) => ready,
        Decided::Refused(decision) => {
            let refusal = once.refused(&mut transaction, *decision, None, now).await?;
            transaction.commit().await?;
            return Err(refusal);
        }
    };
    let appointment = take(&state, &mut transaction, applicant.party(), *ready, None, now).await?;
    let answer = once.done(&mut transaction, StatusCode::CREATED, &appointment, now).await?;
    transaction.commit().await?;
    Ok(answer)
}

/// Books times for several cases, a family's for instance: all of them or none.
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
    // All of them by the same policy, also while another is published.
    let policy = state.policy_at(now);
    // Whatever stands in the way, it is said for which of them.
    let place = |number: usize| Some(format!("bookings[{number}]"));
    let mut all_ready = Vec::with_capacity(asked.bookings.len());
    for (number, Book { case, slot }) in asked.bookings.iter().enumerate() {
        let at_place = |error| Error { field: place(number), ..error };
        let case = cases::find(&mut transaction, &applicant, case, now).await.map_err(at_place)?;
        let decided = decide(&policy, &mut transaction, case, slot, Purpose::Book, now).await.map_err(at_place)?;
        match decided {
            Decided::Allowed(ready) => all_ready.push((number, *ready)),
            Decided::Refused(decision) => {
                let refusal = once.refused(&mut transaction, *decision, place(number), now).await?;
                transaction.commit().await?;
                return Err(refusal);
            }
        }
    }
    // Everybody takes slots in the same order: nobody waits for one while another waits for theirs.
    all_ready.sort_by(|(_, a), (_, b)| a.slot.id.cmp(&b.slot.id));
    let mut taken = Vec::with_capacity(all_ready.len());
    for (number, ready) in all_ready {
        let appointment = take(&state, &mut transaction, applicant.party(), ready, None, now).await;
        taken.push((number, appointment.map_err(|error| Error { field: place(number), ..error })?));
    }
    taken.sort_by_key(|(number, _)| *number);
    let appointments: Vec<Appointment> = taken.into_iter().map(|(_, appointment)| appointment).collect();
    let answer = once.done(&mut transaction, StatusCode::CREATED, &appointments, now).await?;
    transaction.commit().await?;
    Ok(answer)
}

/// In one list neither a case nor a slot stands a second time.
fn nothing_twice(bookings: &[Book]) -> Result<()> {
    let mut seen = HashSet::new();
    for (number, Book { case, slot }) in bookings.iter().enumerate() {
        for (name, id) in [("case", case), ("slot", slot)] {
            if !seen.insert((name, id)) {
                let detail = format!("This {name} stands in the list already. Book one time for each case.");
                let error = Error::at(ProblemCode::InvalidField, &format!("bookings[{number}].{name}"));
                return Err(Error { detail: Some(detail), ..error });
            }
        }
    }
    Ok(())
}

/// Takes another time instead of the one that is booked. If that fails, the one that is booked stays.
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
    Path(id): Path<String>,
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
    let ready = match decide(&state.policy_at(now), &mut transaction, case, &asked.slot, Purpose::Move, now).await? {
        Decided::Allowed(ready) => ready,
        Decided::Refused(decision) => {
            let refusal = once.refused(&mut transaction, *decision, None, now).await?;
            transaction.commit().await?;
            return Err(refusal);
        }
    };
    let (event, _) = appointments::event(&mut transaction, &id).await?.ok_or(ProblemCode::NotFound)?;
    appointments::cancel(&mut transaction, &id, CancelledBy::Applicant, now).await?;
    messages::withdraw(&mut transaction, &id).await?;
    let event = Event { sequence: event.sequence + 2, ..event };
    let moved = Moved { from: old, event };
    let appointment = take(&state, &mut transaction, applicant.party(), *ready, Some(moved), now).await?;
    let answer = once.done(&mut transaction, StatusCode::CREATED, &appointment, now).await?;
    transaction.commit().await?;
    Ok(answer)
}

/// An appointment, also one that is cancelled.
#[utoipa::path(
    get,
    path = "/api/appointments/{id}",
    params(("id" = String, Path)),
    responses((status = 200, body = Appointment), (status = 404, body = api::Problem))
)]
pub async fn show(
    State(state): State<AppState>,
    applicant: Applicant,
    Path(id): Path<String>,
) -> Result<Json<Appointment>> {
    let mut connection = state.store.read().await?;
    let mut appointment = find(&mut connection, &applicant, &id, state.clock.now()).await?;
    if appointment.status == Status::Cancelled {
        let newest = appointments::event(&mut connection, &id).await?;
        appointment.moved_to = newest.map(|(_, newest)| newest).filter(|newest| *newest != id);
    }
    Ok(Json(appointment))
}

/// An appointment for the applicant's own calendar. After it was moved or cancelled, the file updates the same event.
#[utoipa::path(
    get,
    path = "/api/appointments/{id}/calendar.ics",
    params(("id" = String, Path)),
    responses((status = 200, content_type = "text/calendar"), (status = 404, body = api::Problem))
)]
pub async fn calendar(State(state): State<AppState>, applicant: Applicant, Path(id): Path<String>) -> Result<Response> {
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

/// The booking number as a QR code, to be shown at the door.
#[utoipa::path(
    get,
    path = "/api/appointments/{id}/qr.svg",
    params(("id" = String, Path)),
    responses((status = 200, content_type = "image/svg+xml"), (status = 404, body = api::Problem))
)]
pub async fn qr(State(state): State<AppState>, applicant: Applicant, Path(id): Path<String>) -> Result<Response> {
    let mut connection = state.store.read().await?;
    let appointment = find(&mut connection, &applicant, &id, state.clock.now()).await?;
    let code =
        fast_qr::QRBuilder::new(appointment.number).build().map_err(|error| Error::internal(format!("{error:?}")))?;
    let svg = fast_qr::convert::svg::SvgBuilder::default().to_str(&code);
    Ok(([(header::CONTENT_TYPE, "image/svg+xml")], svg).into_response())
}

/// Gives an appointment back. Asked again, it answers the same.
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
    Path(id): Path<String>,
) -> Result<Json<Appointment>> {
    let (mut transaction, now) = applicant.write(&state).await?;
    let mut appointment = find(&mut transaction, &applicant, &id, now).await?;
    match appointment.status {
        Status::Cancelled => return Ok(Json(appointment)),
        Status::Booked if appointment.starts > now => {}
        _ => return Err(Error::new(ProblemCode::AppointmentOver)),
    }
    appointments::cancel(&mut transaction, &id, CancelledBy::Applicant, now).await?;
    holds::release(&mut transaction, &appointment.case).await?;
    appointment.status = Status::Cancelled;
    appointment.cancelled_by = Some(CancelledBy::Applicant);
    audit::add(&mut transaction, &applicant.person, Action::Cancel, &appointment.case, now).await?;
    messages::withdraw(&mut transaction, &id).await?;
    let facts = Facts::appointment(&appointment);
    let written = write(&state, &applicant, Kind::Cancelled, &appointment, &facts, now)?;
    messages::add(&mut transaction, &written, now).await?;
    transaction.commit().await?;
    Ok(Json(appointment))
}

/// Who does something about an appointment, and who is told of it.
#[derive(Clone, Copy)]
pub(super) struct Party<'p> {
    /// An applicant, or an officer.
    pub(super) actor: &'p str,
    pub(super) to: Recipient<'p>,
    /// The reason of critical travel, if that is what an officer books for.
    pub(super) critical: Option<&'p str>,
}

impl Applicant {
    fn party(&self) -> Party<'_> {
        let Applicant { person, language, email, phone, .. } = self;
        Party { actor: person, to: Recipient { language: *language, email, phone: phone.as_deref() }, critical: None }
    }
}

/// What somebody who asks for a time is about to do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Book,
    /// The same by an officer, who may also do what is to be done by phone.
    ByPhone,
    /// Take it instead of the one that is booked.
    Move,
}

pub(super) enum Decided {
    Allowed(Box<Ready>),
    Refused(Box<Decision>),
}

/// A slot that the rules let a case have, if it is free.
pub(super) struct Ready {
    case: Case,
    pub(super) slot: Slot,
    /// Nobody has it or keeps it, and it has not begun.
    pub(super) free: bool,
    office: api::offices::Office,
    facts: rules::Facts,
    pub(super) decision: Decision,
    /// What it was decided by.
    policy: Arc<Loaded>,
}

/// Decides by the records whether a case may have a slot. The receipt of a refusal is kept; the caller commits.
pub(super) async fn decide(
    policy: &Arc<Loaded>,
    connection: &mut Connection,
    case: Case,
    slot: &str,
    purpose: Purpose,
    now: DateTime<Utc>,
) -> Result<Decided> {
    let situation = case.situation.ok_or(ProblemCode::SituationMissing)?;
    let (kind, district) = (case.application_type, case.district);
    let wanted = Wanted { kind, district, case: &case.id };
    let Meant { slot, office, free } = slots::find_for(connection, slot, wanted, now)
        .await?
        .ok_or_else(|| Error::at(ProblemCode::NotFound, "slot"))?;

    // The rules ask whether a time is free, not how many. Where one is, the type is open.
    let free = free && slot.starts > now;
    let any_free = free || slots::is_any_free(connection, wanted, now).await?;
    let type_open = any_free || !offices::open_for(connection, kind, district).await?.is_empty();
    let availability = Availability { type_open: Some(type_open), free: Some(any_free.into()) };
    let facts = match purpose {
        Purpose::Book | Purpose::ByPhone => case.facts_to_book(now, &situation, availability),
        Purpose::Move => case.facts_to_move(now, &situation, availability),
    };
    let decision = Decision::new(None, &facts, rules::decide(&policy.policy, &facts));
    let by_phone = purpose == Purpose::ByPhone && decision.outcome == Outcome::ByPhone;
    if decision.outcome != Outcome::Allowed && !by_phone {
        receipt::keep(policy, connection, &case.id, About::Refusal, &facts, &decision, now).await?;
        return Ok(Decided::Refused(Box::new(decision)));
    }
    Ok(Decided::Allowed(Box::new(Ready { case, slot, free, office, facts, decision, policy: policy.clone() })))
}

/// The appointment that another takes the place of.
pub(super) struct Moved {
    from: Appointment,
    /// What the new one is in the calendar.
    event: Event,
}

/// Takes the slot, with everything that goes with it: receipt, audit, message. The caller commits.
pub(super) async fn take(
    state: &AppState,
    connection: &mut Connection,
    party: Party<'_>,
    ready: Ready,
    moved: Option<Moved>,
    now: DateTime<Utc>,
) -> Result<Appointment> {
    let Ready { case, slot, free, office, facts, decision, policy } = ready;
    if !free {
        return Err(Error::at(ProblemCode::SlotTaken, "slot"));
    }
    let event = moved.as_ref().map(|moved| moved.event.clone());
    let mut claim = appointments::claim(connection, &slot, &case.id, event.clone(), now).await?;
    if let Claim::CaseHasOne = claim {
        // The rules have found none that is still to come, within this transaction.
        appointments::close_past(connection, &case.id, now).await?;
        claim = appointments::claim(connection, &slot, &case.id, event, now).await?;
    }
    let (id, number) = match claim {
        Claim::Booked { id, number } => (id, number),
        Claim::SlotTaken => return Err(Error::at(ProblemCode::SlotTaken, "slot")),
        Claim::CaseHasOne => return Err(Error::internal("the case got an appointment within the transaction")),
    };
    // What was kept has served its purpose, also where another slot was taken than the one that was kept.
    holds::release(connection, &case.id).await?;
    let receipt = receipt::keep(&policy, connection, &case.id, About::Booking, &facts, &decision, now).await?;
    let Slot { id: slot, starts, minutes, .. } = slot;
    let appointment = Appointment {
        id,
        number,
        case: case.id,
        applicant: case.applicant,
        application_type: case.application_type,
        office,
        slot,
        starts,
        minutes,
        status: Status::Booked,
        cancelled_by: None,
        moved_to: None,
    };
    let (action, kind, before) = match &moved {
        None if party.critical.is_some() => (Action::BookByPhone, Kind::Booked, None),
        None => (Action::Book, Kind::Booked, None),
        Some(moved) => (Action::Move, Kind::Moved, Some(moved.from.starts)),
    };
    let critical = match &moved {
        None => party.critical.map(str::to_owned),
        Some(moved) => appointments::critical(connection, &moved.from.id).await?,
    };
    if let Some(reason) = &critical {
        appointments::set_critical(connection, &appointment.id, reason).await?;
    }
    let words = party.critical.unwrap_or_default();
    let entry = Entry { words, receipt: &receipt, ..Entry::of(party.actor, action, &appointment.case) };
    audit::write(connection, &entry, now).await?;
    let facts = Facts { before, ..Facts::appointment(&appointment) };
    let mut written = vec![write_to(state, party.to, kind, &appointment, &facts, now)?];
    if messages::is_reminder_ahead(appointment.starts, now) {
        written.push(write_to(state, party.to, Kind::Reminder, &appointment, &facts, now)?);
    }
    messages::add_all(connection, &written, now).await?;
    Ok(appointment)
}

/// A message to the applicant, for the outbox.
pub(super) fn write(
    state: &AppState,
    applicant: &Applicant,
    kind: Kind,
    appointment: &Appointment,
    facts: &Facts<'_>,
    now: DateTime<Utc>,
) -> Result<NewMessage> {
    write_to(state, applicant.party().to, kind, appointment, facts, now)
}

pub(super) fn write_to(
    state: &AppState,
    to: Recipient<'_>,
    kind: Kind,
    appointment: &Appointment,
    facts: &Facts<'_>,
    now: DateTime<Utc>,
) -> Result<NewMessage> {
    let subject = Subject::appointment(appointment);
    Ok(messages::write(&state.templates, to, kind, subject, facts, now)?)
}

pub(super) async fn find(
    connection: &mut Connection,
    applicant: &Applicant,
    id: &str,
    now: DateTime<Utc>,
) -> Result<Appointment> {
    let appointment = appointments::find(connection, &applicant.person, id)
        .await?
        .ok_or_else(|| Error::new(ProblemCode::NotFound))?;
    Ok(as_of(appointment, now))
}

/// An appointment with what has become of it by now, said before it is on record: `close_past` will write the same.
pub(super) fn as_of(appointment: Appointment, now: DateTime<Utc>) -> Appointment {
    let missed = appointment.status == Status::Booked && appointment.ends() <= now;
    Appointment { status: if missed { Status::Missed } else { appointment.status }, ..appointment }
}
