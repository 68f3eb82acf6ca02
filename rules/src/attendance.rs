//! May somebody come to the police station now?

use chrono::NaiveDate;

use crate::{
    Facts, Outcome, Policy, Reason,
    facts::AppointmentStatus,
    findings::Findings,
    quarantine,
    trace::{Rule, Saw},
};

pub(crate) fn decide(policy: &Policy, facts: &Facts, day: NaiveDate, found: &mut Findings) -> Outcome {
    const RULE: Rule = Rule::AppointmentNeeded;
    match facts.appointment.map(|appointment| (appointment.status, appointment.starts)) {
        None => found.reason(RULE, Reason::NoAppointment, || Saw::NoAppointment),
        // A cancelled appointment may still show in the portal; one does not come all the same (UDI's page of 20.04.2020).
        Some((AppointmentStatus::Cancelled, _)) => {
            found.reason(RULE, Reason::AppointmentCancelled, || Saw::AppointmentCancelled);
        }
        Some((AppointmentStatus::Booked, starts)) => found.nothing(RULE, || Saw::AppointmentBooked { starts }),
    }
    quarantine::look(policy, facts, day, found);
    found.refused_if_any()
}
