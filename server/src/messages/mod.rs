//! Messages to people: which one, by which channel, at what hours, until when it is worth sending, and whether it must arrive.
//!
//! A message on the office's own initiative goes by the channel that the notice promises (`rules::cancellation`). The answer to an
//! applicant's own action goes by e-mail. If one address is unknown, the other is used. Handlers and services write messages here,
//! and `outbox` sends them.

pub mod delivery;
pub mod mail;
pub mod outbox;
pub mod settings;
pub mod sms;
pub mod sms_length;
pub mod smtp;
mod templates;

use api::{
    appointments::Appointment,
    ids::{BulkActionId, CaseId},
    messages::{DeliveryFailure, Kind},
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rules::{ApplicationType, Channel, cancellation, notice::Language};

pub use crate::messages::templates::{Facts, Templates};

use crate::{store::outbox::NewMessage, text::link::Page};

/// The time before an appointment at which its reminder is sent. A later cancellation by the office is at short notice.
pub const SHORT_NOTICE: TimeDelta = TimeDelta::days(2);

/// The hour at which reminders are sent, by the clock in Norway: the first hour in which an SMS disturbs nobody.
const REMINDED_AT: u32 = *SMS_HOURS.start();

/// The hours in which an SMS that can wait is sent, by the clock in Norway.
const SMS_HOURS: std::ops::RangeInclusive<u32> = 9..=16;

/// Returns `true` outside the hours in which an SMS that can wait is sent.
pub fn is_quiet(now: DateTime<Utc>) -> bool {
    use chrono::Timelike;
    !SMS_HOURS.contains(&rules::day::oslo_time(now).hour())
}

/// The person for whom a message is.
#[derive(Clone, Copy)]
pub struct Recipient<'r> {
    /// The language that comes first; every message has both.
    pub language: Language,
    /// The e-mail address; empty if unknown.
    pub email: &'r str,
    pub phone: Option<&'r str>,
}

/// The subject of a message.
#[derive(Clone, Copy)]
pub struct Subject<'s> {
    pub case: Option<&'s CaseId>,
    /// The id of what the message is about, such as an appointment. The message is withdrawn when that ends.
    pub about: &'s str,
    pub application_type: Option<ApplicationType>,
    /// The start of the appointment; `None` if the message is not about one.
    pub starts: Option<DateTime<Utc>>,
    pub bulk_action: Option<&'s BulkActionId>,
}

impl<'s> Subject<'s> {
    /// Returns the subject of a message about an appointment.
    pub fn appointment(appointment: &'s Appointment) -> Subject<'s> {
        Subject {
            case: Some(&appointment.case),
            about: &appointment.id,
            application_type: Some(appointment.application_type),
            starts: Some(appointment.starts),
            bulk_action: None,
        }
    }
}

/// Returns the channel of a message, whether or not its address is known.
///
/// A message on the office's own initiative goes by the channel that the notice promises for cancellations. The answer to an
/// applicant's own action goes to the e-mail address of the account. If one address is unknown, the other is used. A sign-in code
/// goes only to the address that signs in.
fn channel(kind: Kind, application_type: Option<ApplicationType>, to: Recipient<'_>) -> Channel {
    let promised = match kind {
        Kind::CancelledByOffice | Kind::CancelledAtShortNotice | Kind::Restored | Kind::Reminder => {
            application_type.map_or(Channel::Email, cancellation::channel)
        }
        _ => Channel::Email,
    };
    match (promised, to.phone) {
        (Channel::Sms, None) => Channel::Email,
        (Channel::Email, Some(_)) if to.email.is_empty() && kind.has_sms() => Channel::Sms,
        _ => promised,
    }
}

/// Returns the channel by which a message reaches a person, without rendering it; `None` if no address is known. `write` chooses
/// the same channel.
pub fn reach(kind: Kind, application_type: Option<ApplicationType>, to: Recipient<'_>) -> Option<Channel> {
    let channel = channel(kind, application_type, to);
    let address = match channel {
        Channel::Sms => to.phone.unwrap_or_default(),
        Channel::Email => to.email,
    };
    (!address.is_empty()).then_some(channel)
}

/// Returns the times at which a message becomes due and expires. SMS that can wait for daytime are held back later, by the outbox.
fn span(kind: Kind, starts: Option<DateTime<Utc>>, now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
    let starts = starts.unwrap_or(DateTime::<Utc>::MAX_UTC);
    let lasts = |lasts| now + lasts;
    match kind {
        Kind::Code => (now, lasts(CODE_LASTS)),
        Kind::Booked | Kind::Moved => (now, starts),
        Kind::Cancelled | Kind::InvitationWithdrawn | Kind::DocumentReceived | Kind::CaseTried => {
            (now, lasts(TimeDelta::days(7)))
        }
        // An early expiry leaves time to call before the appointment.
        Kind::CancelledByOffice => (now, lasts(TimeDelta::days(1))),
        Kind::CancelledAtShortNotice => (now, starts.min(lasts(TimeDelta::hours(2)))),
        Kind::Restored if starts - now < SHORT_NOTICE => (now, starts.min(lasts(TimeDelta::hours(2)))),
        Kind::Restored => (now, lasts(TimeDelta::days(1))),
        Kind::Invited | Kind::DocumentReturned => (now, lasts(TimeDelta::days(3))),
        Kind::Reminder => (reminded(starts).unwrap_or(now), starts),
    }
}

/// The validity of a sign-in code.
pub const CODE_LASTS: TimeDelta = TimeDelta::minutes(10);

/// Returns the time at which the reminder of an appointment is due.
fn reminded(starts: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let day: NaiveDate = rules::day::in_oslo(starts).checked_sub_signed(SHORT_NOTICE)?;
    rules::day::from_oslo(day, REMINDED_AT, 0)
}

/// Returns `true` if the reminder of an appointment is not due yet.
pub fn is_reminder_ahead(starts: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    reminded(starts).is_some_and(|due| due > now)
}

/// Returns `true` if the applicant must be called when the message fails, because they would travel in vain or miss a deadline.
fn must_arrive(kind: Kind) -> bool {
    match kind {
        Kind::CancelledByOffice
        | Kind::CancelledAtShortNotice
        | Kind::Restored
        | Kind::Invited
        | Kind::DocumentReturned => true,
        Kind::Code
        | Kind::Booked
        | Kind::Moved
        | Kind::Cancelled
        | Kind::InvitationWithdrawn
        | Kind::DocumentReceived
        | Kind::CaseTried
        // The confirmation has told the applicant already.
        | Kind::Reminder => false,
    }
}

/// Returns `true` if an SMS of this kind may be sent at any hour: the applicant has just acted, or must know at once.
fn at_any_time(kind: Kind, channel: Channel) -> bool {
    match kind {
        Kind::Code | Kind::CancelledAtShortNotice => true,
        Kind::Booked | Kind::Moved | Kind::Cancelled => channel == Channel::Sms,
        _ => false,
    }
}

/// Renders a message for the outbox. A message without an address is returned with the fault `NoAddress`. Fails if the template
/// cannot be rendered.
pub fn write(
    templates: &Templates,
    to: Recipient<'_>,
    kind: Kind,
    subject: Subject<'_>,
    facts: &Facts<'_>,
    now: DateTime<Utc>,
) -> anyhow::Result<NewMessage> {
    let channel = channel(kind, subject.application_type, to);
    let page = Page::of(kind, subject.case.map(CaseId::as_str), subject.about, !to.email.is_empty());
    let (title, body, address) = match channel {
        Channel::Sms => (String::new(), templates.sms(kind, to.language, facts, page)?, to.phone.unwrap_or_default()),
        Channel::Email => {
            let (title, body) = templates.email(kind, to.language, facts, page)?;
            (title, body, to.email)
        }
    };
    let sms = match channel {
        Channel::Email if must_arrive(kind) && !to.email.is_empty() => templates.sms(kind, to.language, facts, page)?,
        _ => String::new(),
    };
    let (due, expires) = span(kind, subject.starts, now);
    let is_short = subject.starts.is_some_and(|starts| starts - now < SHORT_NOTICE);
    Ok(NewMessage {
        case: subject.case.cloned(),
        about: subject.about.to_owned(),
        kind,
        channel,
        bulk_action: subject.bulk_action.cloned(),
        address: address.to_owned(),
        subject: title,
        body,
        sms,
        fault: address.is_empty().then_some(DeliveryFailure::NoAddress),
        any_time: at_any_time(kind, channel) || kind == Kind::Restored && is_short,
        must_arrive: must_arrive(kind),
        due,
        expires,
    })
}

#[cfg(test)]
mod tests {
    use rules::Coded;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    /// Every kind of message goes to the address that is known.
    #[test]
    fn a_message_goes_where_its_reader_can_be_reached() {
        const PASSPORT: Option<ApplicationType> = Some(ApplicationType::Passport);
        const WORK: Option<ApplicationType> = Some(ApplicationType::Work);
        for kind in Kind::ALL {
            for application_type in [None, PASSPORT, WORK] {
                let way =
                    |email, phone| channel(*kind, application_type, Recipient { language: Language::Nb, email, phone });
                let by_phone = if *kind == Kind::Code { Channel::Email } else { Channel::Sms };
                assert_eq!(way("", Some("+47 22 34 21 07")), by_phone, "{}", kind.code());
                assert_eq!(way("a@example.org", None), Channel::Email, "{}", kind.code());
                assert_eq!(way("", None), Channel::Email, "{}", kind.code());
                let told = matches!(
                    kind,
                    Kind::CancelledByOffice | Kind::CancelledAtShortNotice | Kind::Restored | Kind::Reminder
                );
                let promised = if told && application_type == PASSPORT { Channel::Sms } else { Channel::Email };
                assert_eq!(way("a@example.org", Some("+47 22 34 21 07")), promised, "{}", kind.code());
            }
        }
    }

    #[test]
    fn an_sms_that_can_wait_comes_in_the_day_in_norway() {
        for (when, quiet) in [
            ("2021-03-22T08:59:59+01:00", true),
            ("2021-03-22T09:00:00+01:00", false),
            ("2021-03-22T16:59:59+01:00", false),
            ("2021-03-22T17:00:00+01:00", true),
            // Summer time.
            ("2021-03-29T09:00:00+02:00", false),
            ("2021-03-29T07:30:00+00:00", false),
            ("2021-03-29T06:30:00+00:00", true),
        ] {
            assert_eq!(is_quiet(at(when)), quiet, "{when}");
        }
    }

    #[test]
    fn a_reminder_comes_on_the_morning_two_days_before() {
        for (starts, due) in [
            ("2021-03-24T14:00:00+01:00", "2021-03-22T09:00:00+01:00"),
            // The reminder stays at nine o'clock over the change to summer time.
            ("2021-03-29T10:00:00+02:00", "2021-03-27T09:00:00+01:00"),
        ] {
            assert_eq!(reminded(at(starts)), Some(at(due)));
        }
    }
}
