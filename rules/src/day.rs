//! Days at the counter are days in Norway.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Europe::Oslo;

/// The calendar day in Europe/Oslo at an instant.
pub fn in_oslo(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&Oslo).date_naive()
}

/// The wall-clock time in Europe/Oslo at an instant, with its offset from UTC.
pub fn oslo_time(at: DateTime<Utc>) -> DateTime<chrono_tz::Tz> {
    at.with_timezone(&Oslo)
}

/// The instant of a wall-clock time in Europe/Oslo. In the hour that is skipped in spring the clock already shows an
/// hour more; in the hour that is lived twice in autumn the first one is meant.
pub fn from_oslo(day: NaiveDate, hour: u32, minute: u32) -> Option<DateTime<Utc>> {
    at_clock(day, hour, minute).or_else(|| {
        let later = day.and_hms_opt(hour, minute, 0)? + TimeDelta::hours(1);
        later.and_local_timezone(Oslo).earliest().map(|at| at.to_utc())
    })
}

/// The instant at which the clock in Europe/Oslo shows a time. None in the hour that it skips in spring.
pub fn at_clock(day: NaiveDate, hour: u32, minute: u32) -> Option<DateTime<Utc>> {
    day.and_hms_opt(hour, minute, 0)?.and_local_timezone(Oslo).earliest().map(|at| at.to_utc())
}

/// The day `count` days later. The calendar's last day stays where it is.
pub(crate) fn later(day: NaiveDate, count: u32) -> NaiveDate {
    day.checked_add_days(Days::new(count.into())).unwrap_or(NaiveDate::MAX)
}

/// A day that stands in the source of this crate; one that does not exist does not compile.
#[expect(clippy::panic, reason = "evaluated at compile time only")]
pub(crate) const fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(year, month, day) {
        Some(day) => day,
        None => panic!("no such day"),
    }
}
