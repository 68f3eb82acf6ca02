//! The question whether a person may come to the police station now. Called by [`crate::decide`].

use chrono::NaiveDate;

use crate::{
    Facts, Outcome, Policy, Reason,
    facts::AppointmentStatus,
    findings::Findings,
    quarantine,
    trace::{Rule, Saw},
};

/// Adds a reason if the person has no booked appointment or is in quarantine.
pub(crate) fn decide(policy: &Policy, facts: &Facts, day: NaiveDate, found: &mut Findings) -> Outcome {
    const RULE: Rule = Rule::AppointmentNeeded;
    match facts.appointment.map(|appointment| (appointment.status, appointment.starts)) {
        None => found.reason(RULE, Reason::NoAppointment, || Saw::NoAppointment),
        // UDI's page of 20.04.2020: an appointment can still show in the portal after it was cancelled. It does not count.
        Some((AppointmentStatus::Cancelled, _)) => {
            found.reason(RULE, Reason::AppointmentCancelled, || Saw::AppointmentCancelled);
        }
        Some((AppointmentStatus::Booked, starts)) => found.nothing(RULE, || Saw::AppointmentBooked { starts }),
    }
    quarantine::look(policy, facts, day, found);
    found.refused_if_any()
}
