use api::{
    Decision, ProblemCode,
    appointments::{Appointment, Book, Status},
    cases::Slot,
    receipts::About,
};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use chrono::{DateTime, Utc};
use rules::{Outcome, facts::Availability};

use super::{
    body::Body,
    cases,
    idempotency::{Key, Once},
    session::Applicant,
};
use crate::{
    counter::Counter,
    error::{Error, Result},
    mail, receipt,
    store::{
        Connection,
        appointments::{self, Claim},
        audit::{self, Action},
        holds,
        messages::{self, NewMessage},
        offices,
        slots::{self, Meant},
    },
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
    State(counter): State<Counter>,
    applicant: Applicant,
    key: Key,
    Body(asked): Body<Book>,
) -> Result<Response> {
    let once = Once::new(key, &applicant.person, "appointments", &asked)?;
    let (mut transaction, now) = applicant.write(&counter).await?;
    if let Some(answer) = once.earlier(&mut transaction, now).await? {
        return Ok(answer);
    }
    let case = cases::find(&mut transaction, &applicant, &asked.case, now).await?;
    let situation = case.situation.ok_or(ProblemCode::SituationMissing)?;
    let (kind, district) = (case.application_type, case.district);
    let Meant { slot, office, free } = slots::find_for(&mut transaction, &asked.slot, kind, district)
        .await?
        .ok_or_else(|| Error::at(ProblemCode::NotFound, "slot"))?;

    // The rules ask whether a time is free, not how many. Where one is, the type is open.
    let free = (free && slot.starts > now) || slots::is_any_free(&mut transaction, kind, district, now).await?;
    let type_open = free || !offices::open_for(&mut transaction, kind, district).await?.is_empty();
    let availability = Availability { type_open: Some(type_open), free: Some(free.into()) };
    let facts = case.facts_to_book(now, &situation, availability);
    let decision = Decision::new(None, &facts, rules::decide(&counter.policy.policy, &facts));
    if decision.outcome != Outcome::Allowed {
        receipt::keep(&counter, &mut transaction, &case.id, About::Refusal, &facts, &decision, now).await?;
        let refusal = once.refused(&mut transaction, decision, now).await?;
        transaction.commit().await?;
        return Err(refusal);
    }

    if slot.starts <= now {
        return Err(Error::at(ProblemCode::SlotTaken, "slot"));
    }
    let mut claim = appointments::claim(&mut transaction, &slot, &case.id, now).await?;
    if let Claim::CaseHasOne = claim {
        // The rules have found none that is still to come, within this transaction.
        appointments::close_past(&mut transaction, &case.id, now).await?;
        claim = appointments::claim(&mut transaction, &slot, &case.id, now).await?;
    }
    match claim {
        Claim::Booked { id, number } => {
            receipt::keep(&counter, &mut transaction, &case.id, About::Booking, &facts, &decision, now).await?;
            let Slot { starts, minutes, .. } = slot;
            let appointment =
                Appointment { id, number, case: case.id, office, starts, minutes, status: Status::Booked };
            audit::add(&mut transaction, &applicant.person, Action::Book, &appointment.case, now).await?;
            let (subject, body) = mail::booked(&appointment, applicant.language);
            write_to(&mut transaction, &applicant, &appointment, "booked", &subject, &body, now).await?;
            let answer = once.done(&mut transaction, StatusCode::CREATED, &appointment, now).await?;
            transaction.commit().await?;
            Ok(answer)
        }
        Claim::SlotTaken => Err(Error::at(ProblemCode::SlotTaken, "slot")),
        Claim::CaseHasOne => Err(Error::internal("the case got an appointment within the transaction")),
    }
}

/// An appointment, also one that is cancelled.
#[utoipa::path(
    get,
    path = "/api/appointments/{id}",
    params(("id" = String, Path)),
    responses((status = 200, body = Appointment), (status = 404, body = api::Problem))
)]
pub async fn show(
    State(counter): State<Counter>,
    applicant: Applicant,
    Path(id): Path<String>,
) -> Result<Json<Appointment>> {
    let mut connection = counter.store.read().await?;
    Ok(Json(find(&mut connection, &applicant, &id, counter.clock.now()).await?))
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
    State(counter): State<Counter>,
    applicant: Applicant,
    Path(id): Path<String>,
) -> Result<Json<Appointment>> {
    let (mut transaction, now) = applicant.write(&counter).await?;
    let mut appointment = find(&mut transaction, &applicant, &id, now).await?;
    match appointment.status {
        Status::Cancelled => return Ok(Json(appointment)),
        Status::Booked if appointment.starts > now => {}
        _ => return Err(Error::new(ProblemCode::AppointmentOver)),
    }
    appointments::cancel(&mut transaction, &id, now).await?;
    holds::release(&mut transaction, &appointment.case).await?;
    appointment.status = Status::Cancelled;
    audit::add(&mut transaction, &applicant.person, Action::Cancel, &appointment.case, now).await?;
    let (subject, body) = mail::cancelled(&appointment, applicant.language);
    write_to(&mut transaction, &applicant, &appointment, "cancelled", &subject, &body, now).await?;
    transaction.commit().await?;
    Ok(Json(appointment))
}

/// Puts a message to the applicant into the outbox, in the transaction of what it tells about.
async fn write_to(
    connection: &mut Connection,
    applicant: &Applicant,
    appointment: &Appointment,
    kind: &str,
    subject: &str,
    body: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let message = NewMessage { case: &appointment.case, kind, address: &applicant.email, subject, body };
    messages::add(connection, &message, now).await?;
    Ok(())
}

async fn find(connection: &mut Connection, applicant: &Applicant, id: &str, now: DateTime<Utc>) -> Result<Appointment> {
    let mut appointment = appointments::find(connection, &applicant.person, id)
        .await?
        .ok_or_else(|| Error::new(ProblemCode::NotFound))?;
    // Said before it is on record: `close_past` will write the same.
    if appointment.status == Status::Booked && appointment.ends() <= now {
        appointment.status = Status::Missed;
    }
    Ok(appointment)
}
