//! Appointments for people's own calendars (RFC 5545).

use api::appointments::{Appointment, Status};
use chrono::{DateTime, Utc};
use icalendar::{Calendar, Component, Event, EventLike, EventStatus, Property};
use rules::notice::Language;

use crate::store::appointments;

/// The file. Whoever opens it again after a change sees the same event changed, because its UID stays and its number counts
/// up.
pub fn file(appointment: &Appointment, known: &appointments::Event, language: Language, now: DateTime<Utc>) -> String {
    let cancelled = appointment.status == Status::Cancelled;
    let (summary, description) = match language {
        Language::Nb => ("Time hos politiet", format!("Bestillingsnummer {}", appointment.number)),
        Language::En => ("Appointment with the police", format!("Booking number {}", appointment.number)),
    };
    let event = Event::new()
        .uid(&format!("{}@skranke", known.id))
        .sequence(u32::try_from(known.sequence).unwrap_or(u32::MAX))
        .timestamp(now)
        .starts(appointment.starts)
        .ends(appointment.ends())
        .summary(summary)
        .description(&description)
        .location(&format!("{}, {}", appointment.office.name, appointment.office.address))
        .status(if cancelled { EventStatus::Cancelled } else { EventStatus::Confirmed })
        .done();
    let mut calendar = Calendar::new();
    let method = if cancelled { "CANCEL" } else { "PUBLISH" };
    calendar.append_property(Property::new("METHOD", method)).push(event);
    calendar.to_string()
}
