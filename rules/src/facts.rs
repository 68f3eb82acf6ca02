//! What the rules are asked, in types that cannot say what cannot be.

use chrono::{DateTime, NaiveDate, Utc};

use crate::{Application, Country, District, coded, day};

/// One question with what is known about the person who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The instant asked about. The rules look at its day in Norway.
    pub at: DateTime<Utc>,
    pub question: Question,
    /// None at all means stateless.
    pub citizenships: Vec<Country>,
    pub entry: Option<Entry>,
    /// Told to report to the police within a week of entry.
    pub told_to_report_within_week: bool,
    pub appointment: Option<Appointment>,
    pub work: Option<Work>,
}

impl Facts {
    /// The day asked about, in Norway.
    pub fn day(&self) -> NaiveDate {
        day::in_oslo(self.at)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    Book(Booking),
    Attend,
    Upload(Delivery),
    /// An officer asks: may this type be invited to deliver electronically?
    Invite(Application),
    /// An officer asks: how will the person learn of a cancellation?
    Cancel(Application),
    Duties,
    AskUdiForAppointment,
    AskToUpload,
}

/// The appointment that somebody has or had.
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
    /// Whether the person is under the duty of quarantine. It does not follow from citizenship: it is asked for.
    pub quarantine: bool,
}

/// What the counter has to offer, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Availability {
    /// Whether appointments for the type are offered at all at the moment.
    pub type_open: Option<bool>,
    /// How many are free.
    pub free: Option<u64>,
}

/// What somebody who wants to book asks with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Booking {
    pub application: Application,
    pub availability: Availability,
    /// The passport is for a critical travel ("kritisk reise").
    pub critical_travel: bool,
}

/// When somebody starts to work, and when they reported it to UDI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    pub starts: NaiveDate,
    pub reported: Option<NaiveDate>,
}

/// The police have asked for documents electronically.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invitation {
    pub issued: NaiveDate,
    /// The last day, which still counts; without one it does not end.
    pub expires: Option<NaiveDate>,
    /// The documents could not be delivered for technical reasons.
    pub technical_failure: bool,
}

/// Where an invitation stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// There is none, or it is dated ahead.
    NotInvited,
    Expired,
    Live,
}

impl Invitation {
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

/// Whose documents are to be uploaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// An application for citizenship can carry no invitation. Where somebody holds a letter all the same, only its
    /// standing is kept, so that every reason against them can be listed.
    Citizenship {
        district: District,
        letter: Standing,
    },
    Other {
        district: District,
        invitation: Option<Invitation>,
    },
}
