//! Quarantine on entry. The rules of booking and of attendance call it.
//!
//! > If you have to be quarantined when you come to Norway, you can not book an appointment with the police until you
//! > have been quarantined for ten days.
//!
//! The day of entry is day 0. The quarantine covers the next N whole days and ends when day N ends, in Norway's time ("Ti
//! døgn etter ankomst", regjeringen.no id2702867; entry on 19.11.2020 lasts "til og med 29.11", nannestad.kommune.no).
//! Other countries count differently: in Canada the day of arrival is day 1.
//!
//! N is the length in force on the day of the question. This includes people who entered under another length: the change of
//! 7 May 2020 had no transitional rule. The test-out rule of 29.12.2020 ended the legal quarantine earlier. UDI's notice says
//! ten days without exception, so the wait for booking is not shortened.

use chrono::NaiveDate;

use crate::{
    Facts, Reason,
    day::later,
    facts::Entry,
    findings::Findings,
    policy::{Dated, Policy},
    trace::{Quarantine, Rule, Saw},
};

/// Adds the reasons of the quarantine and of the reporting week, which gives way to it. Booking and attendance share it.
pub(crate) fn look(policy: &Policy, facts: &Facts, day: NaiveDate, found: &mut Findings) {
    let Some(entry) = facts.entry else {
        return found.nothing(Rule::Quarantine, || Saw::NoEntry);
    };
    let Some(free_from) = free_from(policy, entry, day) else {
        return found.nothing(Rule::Quarantine, || not_bound(policy, entry, day));
    };
    found.reason_until(Rule::Quarantine, Reason::QuarantineNotOver, free_from, || bound(policy, entry, day, free_from));
    if facts.told_to_report_within_week {
        found.reason(Rule::ReportingWeek, Reason::WeekRuleGivesWay, || Saw::ToldToReport);
    } else {
        found.nothing(Rule::ReportingWeek, || Saw::NotToldToReport);
    }
}

/// Describes why the quarantine does not bind.
fn not_bound(policy: &Policy, entry: Entry, day: NaiveDate) -> Saw {
    match policy.quarantine_on(day) {
        _ if !entry.quarantine => Saw::NoDuty { entry: entry.on },
        None => Saw::NotInForce { day },
        Some(length) => Saw::QuarantineOver(of_length(entry, length)),
    }
}

/// Describes why the quarantine binds. `free` is the first day without it.
fn bound(policy: &Policy, entry: Entry, day: NaiveDate, free: NaiveDate) -> Saw {
    let Some(length) = policy.quarantine_on(day) else {
        return Saw::NotInForce { day };
    };
    let quarantine = of_length(entry, length);
    if later(quarantine.last, 1) != free {
        Saw::EndsWithNewLength { quarantine, free }
    } else if day < entry.on {
        Saw::EntryAhead(quarantine)
    } else {
        Saw::InQuarantine(quarantine)
    }
}

/// Returns the quarantine of an entry under one length.
fn of_length(entry: Entry, length: &Dated<u32>) -> Quarantine {
    Quarantine { entry: entry.on, days: length.value, last: later(entry.on, length.value) }
}

/// Returns the first day without quarantine if it binds on `day`; `None` if it does not bind. A planned entry binds
/// already, because the appointment would be after it.
pub fn free_from(policy: &Policy, entry: Entry, day: NaiveDate) -> Option<NaiveDate> {
    if !entry.quarantine || !binds(policy, entry, day) {
        return None;
    }
    let mut candidate = day;
    // Each pass moves to the end of the quarantine or of the length in force. The end of the calendar stops the loop.
    while let Some(length) = policy.quarantine_on(candidate) {
        let last_day = later(entry.on, length.value);
        if candidate > last_day || candidate == NaiveDate::MAX {
            break;
        }
        candidate = later(length.last.map_or(last_day, |last| last.min(last_day)), 1);
    }
    Some(candidate)
}

/// Returns `true` if the quarantine is not over on `day`, by the length in force that day.
fn binds(policy: &Policy, entry: Entry, day: NaiveDate) -> bool {
    policy.quarantine_on(day).is_some_and(|length| day <= later(entry.on, length.value))
}
