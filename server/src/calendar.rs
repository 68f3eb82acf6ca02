//! Appointments for people's own calendars (RFC 5545).

use api::appointments::{Appointment, Status};
use chrono::{DateTime, Utc};
use icalendar::{Calendar, Component, Event, EventLike, EventStatus, Property};
use rules::notice::Language;

use crate::{store::appointments, words};

/// The file. Whoever opens it again after a change sees the same event changed, because its UID stays and its number counts
/// up.
pub fn file(appointment: &Appointment, known: &appointments::Event, language: Language, now: DateTime<Utc>) -> String {
    let cancelled = appointment.status == Status::Cancelled;
    let (title, number, bring) = match language {
        Language::Nb => ("Time hos politiet", "Bestillingsnummer", "Ta med:"),
        Language::En => ("Appointment with the police", "Booking number", "Bring:"),
    };
    // The library escapes line feeds, and a carriage return alone would end the line too.
    let whole = |text: String| text.replace('\r', "");
    let Appointment { applicant, office, .. } = appointment;
    let place = whole(format!("{}, {}", office.name, office.address));
    let summary = whole(format!("{title}: {applicant}"));
    let description = format!("{number} {}\n{bring} {}", appointment.number, words::to_bring(&office.bring, language));
    let event = Event::new()
        .uid(&format!("{}@skranke", known.id))
        .sequence(u32::try_from(known.sequence).unwrap_or(u32::MAX))
        .timestamp(now)
        .starts(appointment.starts)
        .ends(appointment.ends())
        .summary(&summary)
        .description(&description)
        .location(&place)
        .status(if cancelled { EventStatus::Cancelled } else { EventStatus::Confirmed })
        .done();
    let mut calendar = Calendar::new();
    let method = if cancelled { "CANCEL" } else { "PUBLISH" };
    calendar.append_property(Property::new("METHOD", method)).push(event);
    calendar.to_string()
}

#[cfg(test)]
mod tests {
    use api::offices::{Office, OfficeKind};
    use rules::District;

    use super::*;

    /// What an office's name may hold comes out again whole, and no line is longer than 75 bytes or cut within a letter.
    #[test]
    fn texts_are_escaped_and_folded() {
        for (name, written) in [
            ("Oslo; SUA, \\2. etasje\\", r"Oslo\; SUA\, \\2. etasje\\"),
            ("Oslo\nEND:VEVENT", r"Oslo\nEND:VEVENT"),
            ("Oslo\r\nEND:VEVENT", r"Oslo\nEND:VEVENT"),
            (&"ø".repeat(120), &"ø".repeat(120)),
        ] {
            let office = Office {
                id: "office".to_owned(),
                name: name.to_owned(),
                kind: OfficeKind::Immigration,
                district: District::Oslo,
                address: "Storgata 1".to_owned(),
                phone: "1".to_owned(),
                hours: Vec::new(),
                bring: Vec::new(),
                posts: None,
            };
            let starts = DateTime::from_timestamp(1_605_513_600, 0).unwrap();
            let appointment = Appointment {
                id: "a".to_owned(),
                number: "K7M4-2QXD".to_owned(),
                case: "c".to_owned(),
                applicant: "Asha Rao".to_owned(),
                application_type: rules::ApplicationType::Work,
                office,
                slot: "s".to_owned(),
                starts,
                minutes: 30,
                status: Status::Booked,
                cancelled_by: None,
                moved_to: None,
            };
            let known = appointments::Event { id: "a".to_owned(), sequence: 0 };
            let text = file(&appointment, &known, Language::En, starts);
            assert!(text.split("\r\n").all(|line| line.len() <= 75 && !line.contains(['\r', '\n'])), "{text:?}");
            let unfolded = text.replace("\r\n ", "");
            assert!(unfolded.contains(&format!("\r\nLOCATION:{written}\\, Storgata 1\r\n")), "{text:?}");
            assert_eq!(unfolded.matches("\r\nEND:VEVENT\r\n").count(), 1, "{text:?}");
        }
    }
}
