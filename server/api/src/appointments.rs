//! Appointments: the bodies of booking, moving and cancelling, and the appointment itself.

use chrono::{DateTime, TimeDelta, Utc};
use rules::{ApplicationType, coded};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    fields,
    ids::{AppointmentId, CaseId, SlotId},
    offices::Office,
};

/// A request to book this slot for this case. The server reads all other facts from its own records.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Book {
    #[schema(value_type = String)]
    pub case: CaseId,
    #[schema(value_type = String)]
    pub slot: SlotId,
}

/// A request to book a slot for each of several cases, for instance a family. Either all are booked or none.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BookTogether {
    pub bookings: Vec<Book>,
}

/// A request to move an appointment to this slot.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Move {
    #[schema(value_type = String)]
    pub slot: SlotId,
}

/// An appointment of a case, in any status.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Appointment {
    #[schema(value_type = String)]
    pub id: AppointmentId,
    /// The booking number, to be told at the door or on the phone.
    #[schema(example = "K7M4-2QXD")]
    pub number: String,
    /// The case's id.
    #[schema(value_type = String)]
    pub case: CaseId,
    /// The name of the person the case is about.
    #[schema(example = "Asha Rao")]
    pub applicant: String,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<ApplicationType>)]
    pub application_type: ApplicationType,
    pub office: Office,
    /// The slot's id.
    #[schema(value_type = String)]
    pub slot: SlotId,
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub starts: DateTime<Utc>,
    pub minutes: u32,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Status>)]
    pub status: Status,
    /// The party that cancelled it; null unless it is cancelled.
    #[serde(with = "fields::coded_option")]
    #[schema(schema_with = fields::coded_option::schema::<CancelledBy>)]
    pub cancelled_by: Option<CancelledBy>,
    /// The id of the appointment that replaced this one; null if it was not moved. Only filled when a single appointment is
    /// requested.
    #[schema(value_type = Option<String>)]
    pub moved_to: Option<AppointmentId>,
}

impl Appointment {
    /// Returns the end: the start plus the duration.
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
