//! The question whether an appointment can be booked now. Called by [`crate::decide`].

use chrono::NaiveDate;

use crate::{
    District, Facts, Outcome, Policy, Reason,
    day::later,
    facts::{AppointmentStatus, Availability, Booking},
    findings::Findings,
    policy::Dated,
    quarantine,
    trace::{Rule, Saw},
};

/// Checks the rules of booking in their order. Every rule is checked, so that the answer lists all reasons at once.
pub(crate) fn decide(
    policy: &Policy,
    facts: &Facts,
    booking: &Booking,
    day: NaiveDate,
    found: &mut Findings,
) -> Outcome {
    let application = booking.application;
    let at_passport_office = application.kind.belongs_to_passport_office();

    if at_passport_office {
        found.nothing(Rule::Submission, || Saw::NoApplicationNeeded);
    } else if application.submitted {
        found.nothing(Rule::Submission, || Saw::Submitted);
    } else {
        found.reason(Rule::Submission, Reason::NotApplied, || Saw::NotSubmitted);
    }
    quarantine::look(policy, facts, day, found);
    if at_passport_office {
        passport_capacity(policy, application.district, booking.critical_travel, day, found);
    }

    let appointment = facts.appointment.filter(|appointment| appointment.status == AppointmentStatus::Booked);
    // Critical travel with no other reason against it is booked by phone, so the free slots online do not matter.
    let only_by_phone = matches!(found.reasons[..], [ref ground] if ground.reason == Reason::CriticalTravelByPhone);
    if only_by_phone && appointment.is_none() {
        return Outcome::ByPhone;
    }
    let Availability { type_open, free } = booking.availability;
    match type_open {
        Some(false) => found.reason(Rule::TypeOpen, Reason::TypeNotBookable, || Saw::TypeClosed),
        Some(true) => found.nothing(Rule::TypeOpen, || Saw::TypeOpen),
        None => {}
    }
    match appointment {
        Some(appointment) => {
            let starts = appointment.starts;
            found.reason(Rule::OneAppointment, Reason::AlreadyBooked, || Saw::Booked { starts });
        }
        None => found.nothing(Rule::OneAppointment, || Saw::NotBooked),
    }
    match (type_open, free) {
        (Some(true), Some(0)) => {
            found.reason(Rule::FreeAppointments, Reason::NoFreeAppointment, || Saw::NoneFree);
        }
        (Some(true), Some(free)) => found.nothing(Rule::FreeAppointments, || Saw::Free { free }),
        (Some(false), _) => {}
        _ => found.nothing(Rule::FreeAppointments, || Saw::FreeNotKnown),
    }
    found.refused_if_any()
}

/// Adds the reason for a district whose passport offices work at reduced capacity. Only critical travel gets an appointment
/// there, by phone.
fn passport_capacity(policy: &Policy, district: District, critical: bool, day: NaiveDate, found: &mut Findings) {
    let Some(window) = window_on(policy, district, day) else {
        return found.nothing(Rule::PassportCapacity, || Saw::NormalCapacity { district });
    };
    let last = last_day(policy, window);
    if critical {
        let saw = || Saw::CriticalTravel { district, last };
        return found.reason_by(Rule::PassportCapacity, Reason::CriticalTravelByPhone, &window.source, saw);
    }
    found.earliest = found.earliest.max(last.map(|last| later(last, 1)));
    found.reason_by(Rule::PassportCapacity, Reason::PassportCapacityReduced, &window.source, || Saw::ReducedCapacity {
        district,
        last,
    });
}

/// Returns the window of reduced capacity that covers a day in this district; `None` if there is none.
fn window_on(policy: &Policy, district: District, day: NaiveDate) -> Option<&Dated<District>> {
    policy.reduced_passport_capacity.iter().find(|window| window.value == district && window.holds_on(day))
}

/// Returns the last day of a window and of the windows that follow it without a gap; `None` if it is open-ended.
fn last_day<'p>(policy: &'p Policy, mut window: &'p Dated<District>) -> Option<NaiveDate> {
    loop {
        let last = window.last?;
        match window_on(policy, window.value, later(last, 1)) {
            // At the end of the calendar, `later` returns the same day and so finds the same window.
            Some(next) if next != window => window = next,
            _ => return Some(last),
        }
    }
}
