//! Calendar files (RFC 5545): an appointment, and the next time at which an office posts slots. Handlers of `http` call it.

use api::{
    appointments::{Appointment, Status},
    offices::Office,
};
use chrono::{DateTime, TimeDelta, Utc};
use icalendar::{Alarm, Calendar, Component, Event, EventLike, EventStatus, Property, Trigger};
use rules::{notice::Language, text::without_direction_marks};

use crate::{
    store::appointments,
    text::{link::Page, names},
};

/// The longest line of a calendar file, in bytes, without its line break (RFC 5545, section 3.1).
const LONGEST_LINE: usize = 75;

/// Returns the calendar file of an appointment. A later version updates the same event, because its UID stays and its sequence
/// number grows.
pub fn file(
    appointment: &Appointment,
    known: &appointments::Event,
    origin: &str,
    language: Language,
    now: DateTime<Utc>,
) -> String {
    let cancelled = appointment.status == Status::Cancelled;
    let (title, number, bring) = match language {
        Language::Nb => ("Time hos politiet", "Bestillingsnummer", "Ta med:"),
        Language::En => ("Appointment with the police", "Booking number", "Bring:"),
    };
    let Appointment { applicant, office, .. } = appointment;
    let link = format!("{origin}{}", Page::Appointment(&appointment.id).path());
    let summary = whole(&format!("{title}: {applicant}"));
    let description =
        format!("{number} {}\n{bring} {}\n{link}", appointment.number, names::to_bring(&office.bring, language));
    let mut event = Event::new();
    event
        .uid(&format!("{}@skranke", known.id))
        .sequence(u32::try_from(known.sequence).unwrap_or(u32::MAX))
        .timestamp(now)
        .starts(appointment.starts)
        .ends(appointment.ends())
        .summary(&summary)
        .description(&description)
        .location(&place(office))
        .url(&link)
        .status(if cancelled { EventStatus::Cancelled } else { EventStatus::Confirmed });
    if !cancelled {
        for before in [TimeDelta::days(1), TimeDelta::hours(2)] {
            event.alarm(Alarm::display(&summary, Trigger::before_start(before)));
        }
    }
    written(if cancelled { "CANCEL" } else { "PUBLISH" }, event.done())
}

/// Returns a calendar file with an alarm for the next time at which an office posts slots. `None` if it posts at no set time.
pub fn posting(office: &Office, origin: &str, language: Language, now: DateTime<Utc>) -> Option<String> {
    let posts = office.posts?;
    let day = posts.next(now);
    let starts = rules::day::from_oslo(day, u32::from(posts.at / 60), u32::from(posts.at % 60))?;
    let link = format!("{origin}{}", Page::Cases.path());
    let (title, text) = match language {
        Language::Nb => ("Nye timer hos politiet", "legger ut nye timer. Finn time her:"),
        Language::En => ("New appointments with the police", "posts new appointments. Find one here:"),
    };
    let summary = whole(&format!("{title}: {}", office.name));
    let event = Event::new()
        .uid(&format!("posting-{}-{day}@skranke", office.id))
        .timestamp(now)
        .starts(starts)
        .ends(starts + TimeDelta::minutes(15))
        .summary(&summary)
        .description(&whole(&format!("{} {text}\n{link}", office.name)))
        .url(&link)
        .alarm(Alarm::display(&summary, Trigger::before_start(TimeDelta::minutes(10))))
        .done();
    Some(written("PUBLISH", event))
}

fn place(office: &Office) -> String {
    whole(&format!("{}, {}", office.name, office.address))
}

/// Returns a text that is safe in a calendar. Carriage returns are removed, because the library escapes line feeds only and a lone
/// one would end the line. Direction marks are removed, so a name cannot reverse the text around it.
fn whole(text: &str) -> String {
    without_direction_marks(&text.replace('\r', ""))
}

fn written(method: &str, event: Event) -> String {
    let mut calendar = Calendar::new();
    calendar.append_property(Property::new("METHOD", method)).push(event);
    folded(&calendar.to_string())
}

/// Folds the lines of a file again. The library leaves a last part of 76 bytes, its leading space included.
fn folded(file: &str) -> String {
    let mut folded = String::with_capacity(file.len());
    for line in file.replace("\r\n ", "").split_terminator("\r\n") {
        let mut length = 0;
        for letter in line.chars() {
            if length + letter.len_utf8() > LONGEST_LINE {
                folded.push_str("\r\n ");
                length = 1;
            }
            folded.push(letter);
            length += letter.len_utf8();
        }
        folded.push_str("\r\n");
    }
    folded
}

#[cfg(test)]
mod tests {
    use api::offices::{OfficeKind, Posting};
    use rules::District;

    use super::*;

    const ORIGIN: &str = "https://time.politiet.example";

    fn office(name: &str) -> Office {
        Office {
            id: "office".into(),
            name: name.to_owned(),
            kind: OfficeKind::Immigration,
            district: District::Oslo,
            address: "Storgata 1".to_owned(),
            phone: "1".to_owned(),
            hours: Vec::new(),
            bring: Vec::new(),
            posts: Some(Posting { day: chrono::Weekday::Mon, at: 8 * 60 }),
        }
    }

    fn appointment(applicant: &str, office: Office, status: Status) -> Appointment {
        Appointment {
            id: "a".into(),
            number: "K7M4-2QXD".to_owned(),
            case: "c".into(),
            applicant: applicant.to_owned(),
            application_type: rules::ApplicationType::Work,
            office,
            slot: "s".into(),
            starts: now(),
            minutes: 30,
            status,
            cancelled_by: None,
            moved_to: None,
        }
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_605_513_600, 0).unwrap()
    }

    fn written(appointment: &Appointment) -> String {
        let known = appointments::Event { id: "a".to_owned(), sequence: 0 };
        file(appointment, &known, ORIGIN, Language::En, now())
    }

    fn is_folded(text: &str) -> bool {
        text.ends_with("END:VCALENDAR\r\n")
            && text.split("\r\n").all(|line| line.len() <= LONGEST_LINE && !line.contains(['\r', '\n']))
    }

    /// An office's name is unescaped to the same text, and no line is longer than 75 bytes or cut within a character.
    #[test]
    fn texts_are_escaped_and_folded() {
        for (name, expected) in [
            ("Oslo; SUA, \\2. etasje\\", r"Oslo\; SUA\, \\2. etasje\\"),
            ("Oslo\nEND:VEVENT", r"Oslo\nEND:VEVENT"),
            ("Oslo\r\nEND:VEVENT", r"Oslo\nEND:VEVENT"),
            (&"ø".repeat(120), &"ø".repeat(120)),
            ("\u{202e}olsO", "olsO"),
        ] {
            let text = written(&appointment("Asha Rao", office(name), Status::Booked));
            assert!(is_folded(&text), "{text:?}");
            let unfolded = text.replace("\r\n ", "");
            assert!(unfolded.contains(&format!("\r\nLOCATION:{expected}\\, Storgata 1\r\n")), "{text:?}");
            assert_eq!(unfolded.matches("\r\nEND:VEVENT\r\n").count(), 1, "{text:?}");
        }
    }

    /// Characters of one to four bytes, spaces of three bytes, names of every length.
    #[test]
    fn no_line_is_too_long_whatever_it_holds() {
        for letter in ["a", "ø", "Ａ", "\u{3000}", "𝔸", "Ａ b", ";"] {
            for count in 0..120 {
                let name = letter.repeat(count);
                for text in [
                    written(&appointment(&name, office(&name), Status::Booked)),
                    posting(&office(&name), ORIGIN, Language::Nb, now()).unwrap(),
                ] {
                    assert!(is_folded(&text), "{letter:?} {count}: {text:?}");
                    let escaped = name.replace(';', r"\;");
                    assert!(text.replace("\r\n ", "").contains(&format!(": {escaped}\r\n")), "{letter:?} {count}");
                }
            }
        }
    }

    #[test]
    fn an_appointment_leads_to_its_page_and_reminds() {
        let text = written(&appointment("Asha Rao", office("Oslo"), Status::Booked)).replace("\r\n ", "");
        assert!(text.contains("\r\nURL:https://time.politiet.example/appointments/a\r\n"), "{text}");
        assert_eq!(text.matches("BEGIN:VALARM").count(), 2, "{text}");
        let gone = written(&appointment("Asha Rao", office("Oslo"), Status::Cancelled));
        assert!(!gone.contains("VALARM") && gone.contains("URL:"), "nobody is reminded of what is cancelled: {gone}");
    }

    #[test]
    fn a_posting_reminds_of_itself_and_names_nobody() {
        let text = posting(&office("Oslo"), ORIGIN, Language::En, now()).unwrap().replace("\r\n ", "");
        // Now is Monday the 16th, 09:00 in Norway. The next posting is on the 23rd, 08:00.
        assert!(text.contains("\r\nDTSTART:20201123T070000Z\r\n"), "{text}");
        assert!(text.contains("\r\nURL:https://time.politiet.example/cases\r\n") && text.contains("BEGIN:VALARM"));
        let never = Office { posts: None, ..office("Oslo") };
        assert_eq!(posting(&never, ORIGIN, Language::En, now()), None);
    }
}
