//! May somebody come to the police station now?

use chrono::NaiveDate;

use crate::{Facts, Outcome, Policy, Reason, facts::AppointmentStatus, findings::Findings, quarantine};

pub(crate) fn decide(policy: &Policy, facts: &Facts, day: NaiveDate, found: &mut Findings) -> Outcome {
    match facts.appointment.map(|appointment| appointment.status) {
        None => found.reason(Reason::NoAppointment),
        // A cancelled appointment may still show in the portal; one does not come all the same (UDI's page of 20.04.2020).
        Some(AppointmentStatus::Cancelled) => found.reason(Reason::AppointmentCancelled),
        Some(AppointmentStatus::Booked) => {}
    }
    quarantine::look(policy, facts, day, found);
    found.refused_if_any()
}
