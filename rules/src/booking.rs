//! May an appointment be booked now?

use chrono::NaiveDate;

use crate::{
    District, Facts, Outcome, Policy, Reason,
    day::later,
    facts::{AppointmentStatus, Availability, Booking},
    findings::Findings,
    quarantine,
};

pub(crate) fn decide(
    policy: &Policy,
    facts: &Facts,
    booking: &Booking,
    day: NaiveDate,
    found: &mut Findings,
) -> Outcome {
    let application = booking.application;
    let at_passport_office = application.kind.belongs_to_passport_office();

    if !at_passport_office && !application.submitted {
        found.reason(Reason::NotApplied);
    }
    quarantine::look(policy, facts, day, found);
    if at_passport_office && let Some(normal_from) = normal_capacity_from(policy, application.district, day) {
        if booking.critical_travel {
            found.reason(Reason::CriticalTravelByPhone);
        } else {
            found.reason_until(Reason::PassportCapacityReduced, normal_from);
        }
    }
    let already_booked = facts.appointment.is_some_and(|appointment| appointment.status == AppointmentStatus::Booked);
    // Who travels for a critical reason and has nothing else against them rings; what is free online does not matter.
    if found.reasons() == [Reason::CriticalTravelByPhone] && !already_booked {
        return Outcome::ByPhone;
    }
    let Availability { type_open, free } = booking.availability;
    if type_open == Some(false) {
        found.reason(Reason::TypeNotBookable);
    }
    if already_booked {
        found.reason(Reason::AlreadyBooked);
    }
    if type_open == Some(true) && free == Some(0) {
        found.reason(Reason::NoFreeAppointment);
    }
    found.refused_if_any()
}

/// If the district's passport offices work at reduced capacity on `day`: the first day on which they no longer do.
fn normal_capacity_from(policy: &Policy, district: District, day: NaiveDate) -> Option<NaiveDate> {
    let window_on =
        |day| policy.reduced_passport_capacity.iter().find(|window| window.value == district && window.holds_on(day));
    let mut window = window_on(day)?;
    // One window may follow on another without a gap.
    loop {
        let after = later(window.last?, 1);
        match window_on(after) {
            Some(next) => window = next,
            None => return Some(after),
        }
    }
}
