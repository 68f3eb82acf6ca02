//! Conversions between instants and days in Norway (Europe/Oslo). No clock is here: instants are parameters.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Europe::Oslo;

/// Returns the calendar day in Europe/Oslo at an instant.
pub fn in_oslo(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&Oslo).date_naive()
}

/// Returns the wall-clock time in Europe/Oslo at an instant, with its offset from UTC.
pub fn oslo_time(at: DateTime<Utc>) -> DateTime<chrono_tz::Tz> {
    at.with_timezone(&Oslo)
}

/// Returns the instant of a wall-clock time in Europe/Oslo. Times in the hour that is skipped in spring are moved one hour
/// ahead. Times in the hour that is repeated in autumn mean its first pass. Returns `None` if `hour` or `minute` is out of
/// range.
pub fn from_oslo(day: NaiveDate, hour: u32, minute: u32) -> Option<DateTime<Utc>> {
    at_clock(day, hour, minute).or_else(|| {
        let later = day.and_hms_opt(hour, minute, 0)? + TimeDelta::hours(1);
        later.and_local_timezone(Oslo).earliest().map(|at| at.to_utc())
    })
}

/// Returns the instant at which the clock in Europe/Oslo shows a time. Returns `None` in the hour that is skipped in
/// spring, and if `hour` or `minute` is out of range.
pub fn at_clock(day: NaiveDate, hour: u32, minute: u32) -> Option<DateTime<Utc>> {
    day.and_hms_opt(hour, minute, 0)?.and_local_timezone(Oslo).earliest().map(|at| at.to_utc())
}

/// Returns the day `count` days later, at most the last day of the calendar.
pub(crate) fn later(day: NaiveDate, count: u32) -> NaiveDate {
    day.checked_add_days(Days::new(count.into())).unwrap_or(NaiveDate::MAX)
}

/// Makes a date at compile time. A date that does not exist is a compile error.
#[expect(clippy::panic, reason = "evaluated at compile time only")]
pub(crate) const fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(year, month, day) {
        Some(day) => day,
        None => panic!("no such day"),
    }
}
