//! Who keeps their time when an office works at a share of its capacity.
//!
//! The notices say that offices close or shrink between two dates and cancel; who keeps their time they do not say. The counter's
//! own rule, for each day by itself: the share of that day's times, rounded down, is kept. Whoever travels for a critical reason
//! keeps theirs, however many they are, unless the office is closed altogether; then whoever has waited longest since they first
//! booked, and of those who have waited alike who comes first on the day.

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

    /// How many of so many seats are left.
    pub fn of(self, seats: usize) -> usize {
        seats * usize::from(self.0) / 100
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
    fn a_share_is_rounded_down() {
        for (percent, seats, left) in [(40, 10, 4), (40, 4, 1), (40, 2, 0), (0, 10, 0), (100, 7, 7), (99, 1, 0)] {
            assert_eq!(Share::new(percent).unwrap().of(seats), left, "{percent} % of {seats}");
        }
        assert_eq!(Share::new(101), None);
    }
}
