//! Facts: the input of [`crate::decide`]. The types exclude impossible combinations; `api` parses the wire format.

use chrono::{DateTime, NaiveDate, Utc};

use crate::{Application, Country, District, coded, day};

/// A question, with the known facts about the person it concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The instant of the question. The rules use its day in Norway.
    pub at: DateTime<Utc>,
    pub question: Question,
    /// The person's citizenships. An empty list means stateless.
    pub citizenships: Vec<Country>,
    pub entry: Option<Entry>,
    /// `true` if the person was told to report to the police within a week of entry.
    pub told_to_report_within_week: bool,
    pub appointment: Option<Appointment>,
    pub work: Option<Work>,
}

impl Facts {
    /// Returns the day of the question in Norway.
    pub fn day(&self) -> NaiveDate {
        day::in_oslo(self.at)
    }
}

/// The questions that the rules answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    Book(Booking),
    Attend,
    Upload(Delivery),
    /// An officer asks whether this application can be invited to deliver documents electronically.
    Invite(Application),
    /// An officer asks on which channel the person is told of a cancellation.
    Cancel(Application),
    Duties,
    AskUdiForAppointment,
    AskToUpload,
}

/// The person's latest appointment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appointment {
    pub starts: DateTime<Utc>,
    pub status: AppointmentStatus,
}

coded! {
    AppointmentStatus { Booked = "booked", Cancelled = "cancelled" }
}

/// An entry to Norway, past or planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    pub on: NaiveDate,
    /// `true` if the person has the duty of quarantine. It does not follow from citizenship, so the person is asked.
    pub quarantine: bool,
}

/// The free slots for the type and district, as far as they are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Availability {
    /// `true` if offices offer appointments of this type at the moment. `None` if that is not known.
    pub type_open: Option<bool>,
    /// Number of free slots. `None` if it is not known.
    pub free: Option<u64>,
}

/// The facts of a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Booking {
    pub application: Application,
    pub availability: Availability,
    /// `true` if the passport is for critical travel ("kritisk reise").
    pub critical_travel: bool,
}

/// The first day of work, and the day on which it was reported to UDI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    pub starts: NaiveDate,
    pub reported: Option<NaiveDate>,
}

/// An invitation by the police to deliver documents electronically.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invitation {
    pub issued: NaiveDate,
    /// The last day of the invitation, included. `None` if it does not end.
    pub expires: Option<NaiveDate>,
    /// `true` if the documents could not be delivered for technical reasons.
    pub technical_failure: bool,
}

/// The state of an invitation on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// No invitation, or one with a future date.
    NotInvited,
    Expired,
    Live,
}

impl Invitation {
    /// Returns the state of this invitation on a day.
    pub fn standing(&self, day: NaiveDate) -> Standing {
        if day < self.issued {
            return Standing::NotInvited;
        }
        match self.expires {
            Some(expires) if expires < day => Standing::Expired,
            _ => Standing::Live,
        }
    }
}

/// The delivery of documents that a person asks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// An application for citizenship has no invitation. If the person holds a letter, only its state is kept, so that
    /// every reason can be listed.
    Citizenship {
        district: District,
        letter: Standing,
    },
    Other {
        district: District,
        invitation: Option<Invitation>,
    },
}
