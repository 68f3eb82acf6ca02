//! May an appointment be booked now?

use chrono::NaiveDate;

use crate::{
    Application, District, Facts, Policy, Reason,
    day::later,
    decision::{Findings, Outcome},
    facts::AppointmentStatus,
    quarantine,
};

/// What the counter has to offer, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Availability {
    /// Whether appointments for the type are offered at all at the moment.
    pub type_open: Option<bool>,
    /// How many are free.
    pub free: Option<u64>,
}

/// What somebody who wants to book asks with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Booking {
    pub application: Application,
    pub availability: Availability,
    /// The passport is for a critical travel ("kritisk reise").
    pub critical_travel: bool,
}

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
    add_quarantine(policy, facts, day, found);
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

/// The quarantine, and with it the reporting week that gives way to it. Booking and attending share this.
pub(crate) fn add_quarantine(policy: &Policy, facts: &Facts, day: NaiveDate, found: &mut Findings) {
    let Some(free_from) = facts.entry.and_then(|entry| quarantine::free_from(policy, entry, day)) else {
        return;
    };
    found.reason_until(Reason::QuarantineNotOver, free_from);
    if facts.told_to_report_within_week {
        found.reason(Reason::WeekRuleGivesWay);
    }
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
