//! Booking, moving and cancelling an appointment, each in the caller's transaction.
//!
//! A booking has two steps. [`check_booking`] asks the rules and returns a [`Ready`] or the refusal. [`book`] then claims the slot,
//! records the decision and adds the messages to the outbox. Applicants' and officers' handlers call both; they read the request,
//! commit and answer.

use std::sync::Arc;

use api::{
    Decision, ProblemCode,
    appointments::{Appointment, CancelledBy, Status},
    cases::{Case, Slot, Times},
    ids::SlotId,
    messages::Kind,
    receipts::About,
};
use chrono::{DateTime, Utc};
use rules::{Outcome, facts::Availability};

use crate::{
    error::{Error, Result},
    messages::{self, Recipient, SHORT_NOTICE, Subject, TemplateValues, Templates},
    policy::Loaded,
    services::receipt,
    store::{
        Connection,
        appointments::{self, Claim, Event},
        audit::{self, Action, Actor, Entry},
        holds, offices,
        outbox::{self, NewMessage},
        slots::{self, Meant, Wanted},
    },
};

/// The actor of a change, and the recipient of its messages.
#[derive(Clone, Copy)]
pub(crate) struct Party<'p> {
    pub(crate) actor: Actor<'p>,
    pub(crate) to: Recipient<'p>,
    /// The reason that an officer gave for critical travel; `None` without critical travel.
    pub(crate) critical: Option<&'p str>,
}

/// Maximum number of slots in an answer, about as many as a person looks through.
const MOST_SLOTS: i64 = 200;

/// Returns the free slots for a case, with the other facts that a booking needs.
pub(crate) async fn times(connection: &mut Connection, case: Case, now: DateTime<Utc>) -> Result<Times> {
    let (kind, district) = (case.application_type, case.district);
    let wanted = Wanted { kind, district, case: &case.id };
    let offices = offices::open_for(connection, kind, district).await?;
    Ok(Times {
        checked_at: now,
        type_open: !offices.is_empty(),
        free: slots::count_free(connection, wanted, now).await?,
        slots: slots::free(connection, wanted, now, MOST_SLOTS).await?,
        offices,
        hold: holds::of_case(connection, &case.id, now).await?,
        case,
    })
}

/// The intended use of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Book,
    /// A booking by an officer, who may also do what the rules leave to the phone.
    ByPhone,
    /// A slot that replaces the booked appointment.
    Move,
}

/// The answer of [`check_booking`].
pub(crate) enum Checked {
    Allowed(Box<Ready>),
    Refused(Box<Decision>),
}

/// A slot that the rules allow for a case, whether or not it is free.
pub(crate) struct Ready {
    case: Case,
    pub(crate) slot: Slot,
    /// `true` if it is in the future and neither booked nor on hold for another person.
    pub(crate) free: bool,
    office: api::offices::Office,
    facts: rules::Facts,
    pub(crate) decision: Decision,
    /// The policy of the decision.
    policy: Arc<Loaded>,
}

/// Asks the rules, on the stored facts, whether a case may have a slot. A refusal's receipt is stored, so the caller commits in
/// both cases. Fails if the applicant's situation is not known, or if there is no such slot for this case.
pub(crate) async fn check_booking(
    policy: &Arc<Loaded>,
    connection: &mut Connection,
    case: Case,
    slot: &SlotId,
    purpose: Purpose,
    now: DateTime<Utc>,
) -> Result<Checked> {
    let situation = case.situation.ok_or(ProblemCode::SituationMissing)?;
    let (kind, district) = (case.application_type, case.district);
    let wanted = Wanted { kind, district, case: &case.id };
    let Meant { slot, office, free } = slots::find_for(connection, slot, wanted, now)
        .await?
        .ok_or_else(|| Error::at(ProblemCode::NotFound, "slot"))?;

    // The rules ask whether a slot is free, not how many. If one is, the type is open.
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
        receipt::issue(policy, connection, &case.id, About::Refusal, &facts, &decision, now).await?;
        return Ok(Checked::Refused(Box::new(decision)));
    }
    Ok(Checked::Allowed(Box::new(Ready { case, slot, free, office, facts, decision, policy: policy.clone() })))
}

/// An appointment that was given up for another one, in the same transaction.
pub(crate) struct Moved {
    from: Appointment,
    /// The calendar event, which the new appointment continues.
    event: Event,
}

/// Gives up an appointment that is about to be replaced, with its pending messages.
pub(crate) async fn give_up(connection: &mut Connection, old: Appointment, now: DateTime<Utc>) -> Result<Moved> {
    let (event, _) = appointments::event(connection, &old.id).await?.ok_or(ProblemCode::NotFound)?;
    appointments::cancel(connection, &old.id, CancelledBy::Applicant, now).await?;
    outbox::withdraw(connection, &old.id).await?;
    let event = Event { sequence: event.sequence + 2, ..event };
    Ok(Moved { from: old, event })
}

/// Books a slot: claims it, records the decision, and adds the messages. `moved` is the appointment that it replaces. Fails with
/// `SlotTaken` if another person was faster.
pub(crate) async fn book(
    templates: &Templates,
    connection: &mut Connection,
    party: Party<'_>,
    ready: Ready,
    moved: Option<Moved>,
    now: DateTime<Utc>,
) -> Result<Appointment> {
    let event = moved.as_ref().map(|moved| moved.event.clone());
    let appointment = claim(connection, &ready, event, now).await?;
    record(connection, party, &ready, &appointment, moved.as_ref(), now).await?;
    let before = moved.map(|moved| moved.from.starts);
    notify(templates, connection, party.to, &appointment, before, now).await?;
    Ok(appointment)
}

/// Claims the slot in the database and releases the case's hold.
async fn claim(
    connection: &mut Connection,
    ready: &Ready,
    event: Option<Event>,
    now: DateTime<Utc>,
) -> Result<Appointment> {
    let Ready { case, slot, office, .. } = ready;
    if !ready.free {
        return Err(Error::at(ProblemCode::SlotTaken, "slot"));
    }
    let mut claim = appointments::claim(connection, slot, &case.id, event.clone(), now).await?;
    if let Claim::CaseHasOne = claim {
        // The rules found no future appointment within this transaction, so this one is past.
        appointments::close_past(connection, &case.id, now).await?;
        claim = appointments::claim(connection, slot, &case.id, event, now).await?;
    }
    let (id, number) = match claim {
        Claim::Booked { id, number } => (id, number),
        Claim::SlotTaken => return Err(Error::at(ProblemCode::SlotTaken, "slot")),
        Claim::CaseHasOne => return Err(Error::internal("the case got an appointment within the transaction")),
    };
    // The hold may be on another slot than the one that was booked.
    holds::release(connection, &case.id).await?;
    Ok(Appointment {
        id,
        number,
        case: case.id.clone(),
        applicant: case.applicant.clone(),
        application_type: case.application_type,
        office: office.clone(),
        slot: slot.id.clone(),
        starts: slot.starts,
        minutes: slot.minutes,
        status: Status::Booked,
        cancelled_by: None,
        moved_to: None,
    })
}

/// Stores the receipt and the audit entry of a booking, and the reason for critical travel.
async fn record(
    connection: &mut Connection,
    party: Party<'_>,
    ready: &Ready,
    appointment: &Appointment,
    moved: Option<&Moved>,
    now: DateTime<Utc>,
) -> Result<()> {
    let Ready { facts, decision, policy, .. } = ready;
    let case = &appointment.case;
    let receipt = receipt::issue(policy, connection, case, About::Booking, facts, decision, now).await?;
    let critical = match moved {
        None => party.critical.map(str::to_owned),
        Some(moved) => appointments::critical(connection, &moved.from.id).await?,
    };
    if let Some(reason) = &critical {
        appointments::set_critical(connection, &appointment.id, reason).await?;
    }
    let action = match moved {
        None if party.critical.is_some() => Action::BookByPhone,
        None => Action::Book,
        Some(_) => Action::Move,
    };
    let words = party.critical.unwrap_or_default();
    let entry = Entry { words, receipt: &receipt, ..Entry::of(party.actor, action, case) };
    audit::write(connection, &entry, now).await?;
    Ok(())
}

/// Adds the confirmation, and the reminder if it is still to come, to the outbox. `before` is the start of the appointment that
/// was moved.
async fn notify(
    templates: &Templates,
    connection: &mut Connection,
    to: Recipient<'_>,
    appointment: &Appointment,
    before: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<()> {
    let kind = if before.is_some() { Kind::Moved } else { Kind::Booked };
    let values = TemplateValues { before, ..TemplateValues::appointment(appointment) };
    let mut written = vec![message(templates, to, kind, appointment, &values, now)?];
    if messages::is_reminder_ahead(appointment.starts, now) {
        written.push(message(templates, to, Kind::Reminder, appointment, &values, now)?);
    }
    outbox::add_all(connection, &written, now).await?;
    Ok(())
}

/// Cancels an appointment and tells its applicant. `words` is the officer's reason, for the log. Returns `false` if it was not
/// booked any more.
pub(crate) async fn cancel(
    templates: &Templates,
    connection: &mut Connection,
    party: Party<'_>,
    appointment: &mut Appointment,
    (by, words): (CancelledBy, &str),
    now: DateTime<Utc>,
) -> Result<bool> {
    if !appointments::cancel(connection, &appointment.id, by, now).await? {
        return Ok(false);
    }
    appointment.status = Status::Cancelled;
    appointment.cancelled_by = Some(by);
    holds::release(connection, &appointment.case).await?;
    outbox::withdraw(connection, &appointment.id).await?;
    let (kind, action) = match by {
        CancelledBy::Applicant => (Kind::Cancelled, Action::Cancel),
        CancelledBy::Office if appointment.starts - now < SHORT_NOTICE => {
            (Kind::CancelledAtShortNotice, Action::CancelByOffice)
        }
        CancelledBy::Office => (Kind::CancelledByOffice, Action::CancelByOffice),
    };
    let values = TemplateValues::appointment(appointment);
    let written = message(templates, party.to, kind, appointment, &values, now)?;
    outbox::add(connection, &written, now).await?;
    let entry = Entry { words, ..Entry::of(party.actor, action, &appointment.case) };
    audit::write(connection, &entry, now).await?;
    Ok(true)
}

/// Returns a message about an appointment, for the outbox. Fails if the text cannot be rendered.
pub(crate) fn message(
    templates: &Templates,
    to: Recipient<'_>,
    kind: Kind,
    appointment: &Appointment,
    values: &TemplateValues<'_>,
    now: DateTime<Utc>,
) -> Result<NewMessage> {
    let subject = Subject::appointment(appointment);
    Ok(messages::write(templates, to, kind, subject, values, now)?)
}

/// Returns the appointment with its status as of now: one that is over and still `booked` counts as missed, as
/// `appointments::close_past` will store it.
pub(crate) fn as_of(appointment: Appointment, now: DateTime<Utc>) -> Appointment {
    let missed = appointment.status == Status::Booked && appointment.ends() <= now;
    Appointment { status: if missed { Status::Missed } else { appointment.status }, ..appointment }
}
