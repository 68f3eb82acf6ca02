//! What somebody must do on their own account, whatever the counter answers.

use chrono::NaiveDate;

use crate::{Duty, Facts, Policy, citizenship, day, facts::AppointmentStatus};

/// Who is a citizen of no EEA state and starts to work before the appointment reports it to UDI and still orders a
/// residence card. An appointment on the day of the start of work comes early enough.
pub fn due(policy: &Policy, facts: &Facts, today: NaiveDate) -> Vec<Duty> {
    let Some(work) = facts.work else {
        return Vec::new();
    };
    let meets_police_first = facts.appointment.is_some_and(|appointment| {
        appointment.status == AppointmentStatus::Booked && day::in_oslo(appointment.starts) <= work.starts
    });
    if meets_police_first || citizenship::is_eea_national(policy, &facts.citizenships, today) {
        return Vec::new();
    }
    // A report dated ahead has not been made yet.
    match work.reported {
        Some(reported) if reported <= today => vec![Duty::OrderResidenceCard],
        _ => vec![Duty::ReportWorkStartToUdi, Duty::OrderResidenceCard],
    }
}
