//! Quarantine on entry.
//!
//! > If you have to be quarantined when you come to Norway, you can not book an appointment with the police until you
//! > have been quarantined for ten days.
//!
//! The day of entry is day 0; the quarantine covers the next N whole days and ends when day N ends, in Norway's time
//! ("Ti døgn etter ankomst", regjeringen.no id2702867; entry on 19.11.2020 lasts "til og med 29.11",
//! nannestad.kommune.no). Other countries count otherwise: in Canada the day of arrival is day 1. N is the length in
//! force on the day asked about, also for those who entered under another one (7 May 2020 had no transitional rule).
//! The test-out rule of 29.12.2020 ended the legal quarantine earlier; UDI's notice says ten days flatly, so the wait
//! for booking keeps its length.

use chrono::NaiveDate;

use crate::{
    day::later,
    policy::{Dated, Policy},
};

/// An entry to Norway, past or planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    pub on: NaiveDate,
    /// Whether the person is under the duty of quarantine. It does not follow from citizenship: it is asked for.
    pub quarantine: bool,
}

/// If the quarantine binds on `day`: the first day on which it no longer does. An entry still ahead binds already,
/// because one books after it.
pub fn free_from(policy: &Policy, entry: Entry, day: NaiveDate) -> Option<NaiveDate> {
    if !entry.quarantine || !binds(policy, entry, day) {
        return None;
    }
    let mut candidate = day;
    // Each turn moves to the end of the quarantine or of the length in force, so it ends with the list of lengths.
    while let Some(length) = length_on(policy, candidate) {
        let last_day = later(entry.on, length.value);
        if candidate > last_day {
            break;
        }
        candidate = later(length.last.map_or(last_day, |last| last.min(last_day)), 1);
    }
    Some(candidate)
}

fn binds(policy: &Policy, entry: Entry, day: NaiveDate) -> bool {
    length_on(policy, day).is_some_and(|length| day <= later(entry.on, length.value))
}

fn length_on(policy: &Policy, day: NaiveDate) -> Option<&Dated<u32>> {
    policy.quarantine.iter().find(|length| length.holds_on(day))
}
