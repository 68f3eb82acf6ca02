//! What somebody must do on their own account, whatever the counter answers.

use chrono::NaiveDate;

use crate::{
    Duty, Facts, Policy, citizenship, day,
    facts::AppointmentStatus,
    findings::Findings,
    trace::{Rule, Saw},
};

/// Who is a citizen of no EEA state and starts to work before the appointment reports it to UDI and still orders a
/// residence card. An appointment on the day of the start of work comes early enough.
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
    // A report dated ahead has not been made yet.
    match work.reported.filter(|reported| *reported <= today) {
        Some(reported) => found.nothing(Rule::WorkReport, || Saw::WorkReported { work: work_on, reported }),
        None => {
            found.due(Rule::WorkReport, Duty::ReportWorkStartToUdi, || Saw::WorkNotReported { work: work_on });
        }
    }
    found.due(Rule::ResidenceCard, Duty::OrderResidenceCard, || Saw::WorksBeforeAppointment { work: work_on });
}
