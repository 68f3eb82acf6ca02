//! Who keeps their time when an office works at a share of its capacity.
//!
//! The notices say that offices close or shrink between two dates and cancel; who keeps their time they do not say. The counter's
//! own rule, for each day by itself: the share of that day's times is kept, see [`Share::of`] for its rounding. Whoever travels for
//! a critical reason keeps theirs, however many they are, unless the office is closed altogether; then whoever has waited longest
//! since they first booked, and of those who have waited alike who comes first on the day.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};

use crate::coded;

coded! {
    /// Why somebody keeps their time, or loses it.
    Lot {
        /// Keeps it: they travel for a critical reason.
        CriticalTravel = "critical-travel",
        /// Keeps it: they have waited longest.
        WaitedLongest = "waited-longest",
        /// Loses it: others have waited longer, and there is no room.
        NoRoom = "no-room",
        /// Loses it: nobody is received.
        Closed = "closed",
    }
}

impl Lot {
    pub fn keeps(self) -> bool {
        matches!(self, Lot::CriticalTravel | Lot::WaitedLongest)
    }
}

/// How much of its capacity an office keeps, in percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(u8);

impl Share {
    pub const CLOSED: Share = Share(0);

    /// From 0 to 100.
    pub fn new(percent: u8) -> Option<Share> {
        (percent <= 100).then_some(Share(percent))
    }

    pub fn percent(self) -> u8 {
        self.0
    }

    /// How many of so many seats are left: the nearest whole number, half a seat counting as one, and at least one unless the
    /// share is 0 %.
    ///
    /// The notices give no rounding. Rounding down closed a small office that was only to be reduced: 40 % of two times was none.
    /// A planner who wants to close a day says 0 %.
    pub fn of(self, seats: usize) -> usize {
        let nearest = (seats * usize::from(self.0) + 50) / 100;
        if self == Share::CLOSED { 0 } else { nearest.max(seats.min(1)) }
    }

    /// How the exact share of so many seats becomes a whole number.
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
    /// How a share of seats was made whole.
    Rounding {
        Exact = "exact",
        Up = "up",
        Down = "down",
        /// Less than half a seat was left, and one is kept.
        One = "one",
    }
}

/// Somebody who has a time on the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Booked {
    pub starts: DateTime<Utc>,
    /// When they booked first; a time that was moved counts from the first one.
    pub waiting_since: DateTime<Utc>,
    /// An officer has booked it for critical travel.
    pub critical_travel: bool,
}

/// What becomes of each of those who have a time on one day, in their order. `seats` is how many may be received.
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
            // Those who are left are not cut again.
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

    /// Over every share and every size of a day: only 0 % keeps nobody, more percent never keep fewer, and no day grows.
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
