//! Slots of a weekly pattern.

use std::ops::RangeInclusive;

use api::{
    offices::Office,
    publishing::{Pattern, Window},
};
use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use rules::{ApplicationType, holiday::is_holiday};

/// The reason why a pattern cannot be published: the field, and a sentence in English.
#[derive(Debug, PartialEq, Eq)]
pub struct PatternFault {
    pub field: &'static str,
    pub what: &'static str,
}

/// The slots of a pattern.
#[derive(Debug, PartialEq, Eq)]
pub struct Times {
    /// The starts in order, each once for every counter.
    pub starts: Vec<DateTime<Utc>>,
    pub days: u64,
    /// The holidays in the period that the pattern would have used.
    pub holidays: Vec<NaiveDate>,
}

/// Maximum number of slots in one publication. A larger number is a typing error.
const MOST: usize = 100_000;

/// Allowed lengths of a slot, in minutes.
pub const MINUTES: RangeInclusive<u32> = 5..=240;

/// Returns the slots of a pattern that start after `now`. Fails if a field is not acceptable, or there are none.
pub fn times(pattern: &Pattern, office: &Office, now: DateTime<Utc>) -> Result<Times, PatternFault> {
    check(pattern, office)?;
    let mut times = Times { starts: Vec::new(), days: 0, holidays: Vec::new() };
    for day in pattern.first.iter_days().take_while(|day| *day <= pattern.last) {
        let windows: Vec<&Window> = pattern.week.iter().filter(|window| window.day == day.weekday()).collect();
        if windows.is_empty() {
            continue;
        }
        if is_holiday(day) {
            times.holidays.push(day);
            continue;
        }
        let before = times.starts.len();
        for window in windows {
            let mut minute = u32::from(window.from);
            while minute + pattern.minutes <= u32::from(window.to) {
                // The hour that is skipped in spring gets no slots.
                let starts = rules::day::at_clock(day, minute / 60, minute % 60).filter(|at| *at > now);
                times.starts.extend(starts.into_iter().cycle().take(starts.map_or(0, |_| pattern.counters as usize)));
                minute += pattern.minutes;
            }
        }
        times.days += u64::from(times.starts.len() > before);
        if times.starts.len() > MOST {
            return Err(PatternFault {
                field: "last",
                what: "That is more than 100,000 times. Publish fewer days at once.",
            });
        }
    }
    times.starts.sort_unstable();
    if times.starts.is_empty() {
        return Err(PatternFault { field: "week", what: "No time comes out of this. Look at the days and hours." });
    }
    Ok(times)
}

fn check(pattern: &Pattern, office: &Office) -> Result<(), PatternFault> {
    const LONGEST: TimeDelta = TimeDelta::days(366);
    let wrong = |field, what| Err(PatternFault { field, what });
    if pattern.last < pattern.first {
        return wrong("last", "The last day is before the first.");
    }
    if pattern.last - pattern.first > LONGEST {
        return wrong("last", "Publish at most a year at once.");
    }
    if !MINUTES.contains(&pattern.minutes) {
        return wrong("minutes", "A time lasts from 5 to 240 minutes.");
    }
    if !(1..=50).contains(&pattern.counters) {
        return wrong("counters", "There are from 1 to 50 counters.");
    }
    if !are_for(&pattern.types, office) {
        return wrong("types", "Choose types of application that this office receives people for, each once.");
    }
    for (place, window) in pattern.week.iter().enumerate() {
        if u32::from(window.from) + pattern.minutes > u32::from(window.to) {
            return wrong("week", "Between the hours of a day there is no room for a time.");
        }
        let meets = |other: &Window| other.day == window.day && other.from < window.to && window.from < other.to;
        if pattern.week[..place].iter().any(meets) {
            return wrong("week", "The hours of a day overlap.");
        }
    }
    Ok(())
}

/// Returns `true` if an office receives applicants of these types. The list must not be empty or have duplicates.
pub fn are_for(types: &[ApplicationType], office: &Office) -> bool {
    let is_once = |(place, kind): (usize, &ApplicationType)| !types[..place].contains(kind);
    !types.is_empty() && types.iter().enumerate().all(is_once) && types.iter().all(|kind| office.receives(*kind))
}
