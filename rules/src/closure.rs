//! Reduced capacity of an office: which appointments are kept and which are cancelled. The server calls it to preview and
//! to apply a closure.
//!
//! The notices say that offices close or reduce capacity between two dates and cancel appointments. They do not say which
//! ones, so this order is the service's own rule. Each day is handled by itself:
//!
//! 1. [`Share::of`] gives the number of appointments that are kept.
//! 2. Appointments for critical travel are all kept, even above that number, unless the office is closed (0 %).
//! 3. The remaining seats go to those who have waited longest since their first booking. Ties go to the earlier start.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};

use crate::coded;

coded! {
    /// The outcome for one appointment, with its reason.
    Lot {
        /// Kept: critical travel.
        CriticalTravel = "critical-travel",
        /// Kept: among those who have waited longest.
        WaitedLongest = "waited-longest",
        /// Cancelled: others have waited longer and no seat is left.
        NoRoom = "no-room",
        /// Cancelled: the office is closed that day.
        Closed = "closed",
    }
}

impl Lot {
    /// Returns `true` if the appointment is kept.
    pub fn keeps(self) -> bool {
        matches!(self, Lot::CriticalTravel | Lot::WaitedLongest)
    }
}

/// The share of its capacity that an office keeps, in percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(u8);

impl Share {
    /// The share of a closed office: 0 %.
    pub const CLOSED: Share = Share(0);

    /// Returns the share; `None` if `percent` is above 100.
    pub fn new(percent: u8) -> Option<Share> {
        (percent <= 100).then_some(Share(percent))
    }

    /// Returns the share in percent, from 0 to 100.
    pub fn percent(self) -> u8 {
        self.0
    }

    /// Returns the number of seats left of `seats`: rounded to the nearest whole number, half a seat up. At least one seat
    /// is left unless the share is 0 %.
    ///
    /// The notices give no rounding rule. Rounding down would close a small office that is only to be reduced: 40 % of two
    /// seats would be none. A planner who wants to close a day enters 0 %.
    pub fn of(self, seats: usize) -> usize {
        let nearest = (seats * usize::from(self.0) + 50) / 100;
        if self == Share::CLOSED { 0 } else { nearest.max(seats.min(1)) }
    }

    /// Returns the direction in which [`Share::of`] rounds for this number of seats.
    pub fn rounding(self, seats: usize) -> Rounding {
        let exact = seats * usize::from(self.0);
        match (self.of(seats) * 100).cmp(&exact) {
            Ordering::Equal => Rounding::Exact,
            Ordering::Less => Rounding::Down,
            Ordering::Greater if exact < 50 => Rounding::One,
            Ordering::Greater => Rounding::Up,
        }
    }
}

coded! {
    /// The direction of rounding.
    Rounding {
        Exact = "exact",
        Up = "up",
        Down = "down",
        /// Less than half a seat was left, raised to one.
        One = "one",
    }
}

/// An appointment booked for the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Booked {
    pub starts: DateTime<Utc>,
    /// The instant of the first booking. Moving the appointment does not change it.
    pub waiting_since: DateTime<Utc>,
    /// `true` if an officer booked it for critical travel.
    pub critical_travel: bool,
}

/// Returns the outcome for each appointment of one day, in the order of `booked`. `seats` is the number of appointments
/// that can be kept.
pub fn lots(share: Share, seats: usize, booked: &[Booked]) -> Vec<Lot> {
    if share == Share::CLOSED {
        return vec![Lot::Closed; booked.len()];
    }
    let critical = booked.iter().filter(|one| one.critical_travel).count();
    let room = seats.saturating_sub(critical);
    let mut waiting: Vec<usize> = (0..booked.len()).filter(|one| !booked[*one].critical_travel).collect();
    waiting.sort_by_key(|one| (booked[*one].waiting_since, booked[*one].starts, *one));
    let mut lots = vec![Lot::CriticalTravel; booked.len()];
    for (place, one) in waiting.into_iter().enumerate() {
        lots[one] = if place < room { Lot::WaitedLongest } else { Lot::NoRoom };
    }
    lots
}

#[cfg(test)]
mod tests {
    use super::*;

    fn booked(hour: i64, waiting_since: i64, critical_travel: bool) -> Booked {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        Booked { starts: at(1_000_000 + hour * 3600), waiting_since: at(waiting_since), critical_travel }
    }

    #[test]
    fn critical_travel_first_then_whoever_has_waited_longest() {
        use Lot::*;
        let day = [
            booked(9, 30, false),
            booked(10, 10, false),
            booked(11, 40, true),
            booked(12, 20, false),
            booked(8, 20, false),
        ];
        let share = |percent| Share::new(percent).unwrap();
        for (percent, seats, expected) in [
            (0, 0, [Closed; 5]),
            (20, 1, [NoRoom, NoRoom, CriticalTravel, NoRoom, NoRoom]),
            (40, 2, [NoRoom, WaitedLongest, CriticalTravel, NoRoom, NoRoom]),
            (60, 3, [NoRoom, WaitedLongest, CriticalTravel, NoRoom, WaitedLongest]),
            (100, 5, [WaitedLongest, WaitedLongest, CriticalTravel, WaitedLongest, WaitedLongest]),
        ] {
            let lots = lots(share(percent), seats, &day);
            assert_eq!(lots, expected, "{percent} %");
            // A second cut by the same share cancels nobody else.
            let left: Vec<Booked> = day.iter().zip(&lots).filter(|(_, lot)| lot.keeps()).map(|(one, _)| *one).collect();
            assert!(super::lots(share(percent), seats, &left).into_iter().all(Lot::keeps), "{percent} %");
        }
    }

    #[test]
    fn a_share_is_rounded_to_the_nearest_whole_number_and_only_zero_closes_a_day() {
        use Rounding::*;
        for (percent, seats, left, rounding) in [
            (40, 10, 4, Exact),
            (40, 4, 2, Up),
            (40, 2, 1, Up),
            (40, 3, 1, Down),
            (50, 3, 2, Up),
            (40, 1, 1, One),
            (1, 10, 1, One),
            (5, 10, 1, Up),
            (0, 10, 0, Exact),
            (99, 1, 1, Up),
            (99, 40, 40, Up),
            (100, 7, 7, Exact),
            (40, 0, 0, Exact),
        ] {
            let share = Share::new(percent).unwrap();
            assert_eq!((share.of(seats), share.rounding(seats)), (left, rounding), "{percent} % of {seats}");
        }
        assert_eq!(Share::new(101), None);
    }

    /// Checks every share for days of up to 300 seats.
    #[test]
    fn more_percent_never_keep_fewer() {
        for seats in 0..=300 {
            let left: Vec<usize> = (0..=100).map(|percent| Share::new(percent).unwrap().of(seats)).collect();
            assert_eq!((left[0], left[100]), (0, seats));
            assert!(left.is_sorted(), "{seats}");
            assert!(seats == 0 || left[1..].iter().all(|left| (1..=seats).contains(left)), "{seats}");
        }
    }
}
