//! What the rules are asked, in types that cannot say what cannot be.

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    Application, ApplicationType, Country, booking::Booking, day, duties::Work, quarantine::Entry, upload::Delivery,
};

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
    Invite(ApplicationType),
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

crate::coded! {
    AppointmentStatus { Booked = "booked", Cancelled = "cancelled" }
}
