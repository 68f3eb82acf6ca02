//! Booking and cancelling.

use chrono::{DateTime, TimeDelta, Utc};
use rules::{ApplicationType, coded};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{fields, offices::Office};

/// Book this slot for this case. Everything else the server knows itself.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Book {
    pub case: String,
    pub slot: String,
}

/// Book a time for each of several cases, a family's for instance, or for none of them.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BookTogether {
    pub bookings: Vec<Book>,
}

/// Take this slot instead of the one that is booked.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Move {
    pub slot: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Appointment {
    pub id: String,
    /// The booking number, to be said at the door or on the phone.
    #[schema(example = "K7M4-2QXD")]
    pub number: String,
    /// The case's id.
    pub case: String,
    /// Whom the case is about.
    #[schema(example = "Asha Rao")]
    pub applicant: String,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<ApplicationType>)]
    pub application_type: ApplicationType,
    pub office: Office,
    /// The slot's id.
    pub slot: String,
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub starts: DateTime<Utc>,
    pub minutes: u32,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Status>)]
    pub status: Status,
    /// By whom, if it is cancelled.
    #[serde(with = "fields::coded_option")]
    #[schema(schema_with = fields::coded_option::schema::<CancelledBy>)]
    pub cancelled_by: Option<CancelledBy>,
    /// The id of the appointment that was taken instead of this one, if it was moved. Told of an appointment that is looked
    /// at by itself.
    pub moved_to: Option<String>,
}

impl Appointment {
    pub fn ends(&self) -> DateTime<Utc> {
        self.starts + TimeDelta::minutes(self.minutes.into())
    }
}

coded! {
    Status {
        Booked = "booked",
        Cancelled = "cancelled",
        Attended = "attended",
        Missed = "missed",
    }
}

coded! {
    CancelledBy {
        Applicant = "applicant",
        Office = "office",
    }
}
