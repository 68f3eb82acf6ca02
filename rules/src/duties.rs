//! Duties that a person has whatever the answer to the question is. Called by [`crate::decide`].

use chrono::NaiveDate;

use crate::{
    Duty, Facts, Policy, citizenship, day,
    facts::AppointmentStatus,
    findings::Findings,
    trace::{Rule, Saw},
};

/// Adds the duties of a person without an EEA citizenship who starts to work before the appointment: a report to UDI, and
/// the order of a residence card. An appointment on the first day of work is early enough.
pub(crate) fn look(policy: &Policy, facts: &Facts, today: NaiveDate, found: &mut Findings) {
    let Some(work) = facts.work else {
        return found.nothing(Rule::WorkReport, || Saw::NoWork);
    };
    let before_work = facts.appointment.filter(|appointment| {
        appointment.status == AppointmentStatus::Booked && day::in_oslo(appointment.starts) <= work.starts
    });
    if let Some(appointment) = before_work {
        let starts = appointment.starts;
        return found.nothing(Rule::WorkReport, || Saw::MeetsPoliceFirst { work: work.starts, starts });
    }
    if let Some(country) = citizenship::eea_state(policy, &facts.citizenships, today) {
        return found.nothing(Rule::WorkReport, || Saw::EeaNational { country });
    }
    let work_on = work.starts;
    // A report with a future date does not count yet.
    match work.reported.filter(|reported| *reported <= today) {
        Some(reported) => found.nothing(Rule::WorkReport, || Saw::WorkReported { work: work_on, reported }),
        None => {
            found.due(Rule::WorkReport, Duty::ReportWorkStartToUdi, || Saw::WorkNotReported { work: work_on });
        }
    }
    found.due(Rule::ResidenceCard, Duty::OrderResidenceCard, || Saw::WorksBeforeAppointment { work: work_on });
}
