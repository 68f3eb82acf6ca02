//! Four-eyes rule: the two administrators who publish a policy document must be two people.
//!
//! One person can act as two officers if they granted access to the second one, directly or through others. Grants count if they
//! are from the 30 days before the draft, or later than the draft.
//!
//! The functions are pure. `http/desk/policies.rs` calls them in the transaction of an approval.

use std::collections::HashSet;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use crate::store::access_grants::Grant;

/// The period in which a grant is new. It is long enough for colleagues to notice a new officer in the list, or an own passkey that
/// ended.
pub const WINDOW: TimeDelta = TimeDelta::days(30);

/// The reason why an officer cannot approve a draft. `from` is the first day on which a new draft would not have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bar {
    /// Drafter and approver are connected by grants of access, directly or through others.
    Connected { from: NaiveDate },
    /// The approver's own access was granted too recently by another officer.
    TooNew { from: NaiveDate },
}

/// Returns the bar between an approver and a draft, or `None` if the officer may approve. `grants` must contain all grants between
/// officers since the start of `WINDOW` before `drafted`; older ones are ignored.
pub fn bar(grants: &[Grant], drafter: &str, approver: &str, drafted: DateTime<Utc>) -> Option<Bar> {
    let mut new: Vec<&Grant> = grants.iter().filter(|grant| grant.at > drafted - WINDOW).collect();
    new.sort_by_key(|grant| std::cmp::Reverse(grant.at));
    let newest = new.iter().find(|grant| grant.receiver == approver).map(|grant| grant.at);
    match connected_at(&new, drafter, approver) {
        Some(at) => Some(Bar::Connected { from: free_from(newest.map_or(at, |newest| newest.max(at))) }),
        None => newest.map(|at| Bar::TooNew { from: free_from(at) }),
    }
}

/// Returns the time of the oldest grant in the most recent path between two officers; `None` if there is no path. `grants` are
/// sorted newest first. They have no direction, because the person at either end may also act at the other.
fn connected_at(grants: &[&Grant], one: &str, other: &str) -> Option<DateTime<Utc>> {
    let mut groups: Vec<HashSet<&str>> = Vec::new();
    for grant in grants {
        let ends: [&str; 2] = [&grant.giver, &grant.receiver];
        let (touched, mut apart): (Vec<_>, Vec<_>) =
            groups.into_iter().partition(|group| ends.iter().any(|end| group.contains(end)));
        let joined: HashSet<&str> = touched.into_iter().flatten().chain(ends).collect();
        if joined.contains(one) && joined.contains(other) {
            return Some(grant.at);
        }
        apart.push(joined);
        groups = apart;
    }
    None
}

/// Returns the first whole day on which a grant is no longer new.
fn free_from(given: DateTime<Utc>) -> NaiveDate {
    rules::day::in_oslo(given + WINDOW) + Days::new(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tuesday 4 May 2021, 09:00 in Oslo.
    fn drafted() -> DateTime<Utc> {
        "2021-05-04T07:00:00Z".parse().unwrap()
    }

    /// Parses grants: `S>X 3` means that S granted X access three days before the draft; a negative number means after it.
    fn grants(written: &str) -> Vec<Grant> {
        let grant = |text: &str| {
            let (who, days) = text.trim().split_once(' ').unwrap();
            let (giver, receiver) = who.split_once('>').unwrap();
            let at = drafted() - TimeDelta::days(days.parse().unwrap());
            Grant { giver: giver.into(), receiver: receiver.into(), at }
        };
        written.split(',').filter(|text| !text.trim().is_empty()).map(grant).collect()
    }

    /// Evaluates a draft by D and an approval by A.
    fn says(written: &str) -> &'static str {
        match bar(&grants(written), "D", "A", drafted()) {
            None => "may",
            Some(Bar::Connected { .. }) => "connected",
            Some(Bar::TooNew { .. }) => "too new",
        }
    }

    #[test]
    fn no_way_of_grants_leads_from_drafter_to_approver() {
        for (written, expected) in [
            ("", "may"),
            ("D>A 3", "connected"),
            ("A>D 3", "connected"),
            // Paths through others, with grants in either direction.
            ("A>X 9, X>D 3", "connected"),
            ("X>A 9, X>D 3", "connected"),
            ("A>X 9, D>X 3", "connected"),
            ("A>X 20, X>Y 1, Z>Y 9, Z>D 3", "connected"),
            // Grants after the draft, the day before the approval or long since.
            ("A>D -1", "connected"),
            ("D>A -90", "connected"),
            ("A>X 9, D>X -1", "connected"),
            // Grants long before the draft, or to others.
            ("D>A 31", "may"),
            ("D>A 30", "may"),
            ("A>X 31, X>D 3", "may"),
            ("A>X 3, Y>D 3", "may"),
            ("X>Y 3", "may"),
            // New access of the approver.
            ("X>A 3", "too new"),
            ("X>A -3", "too new"),
            ("X>A 31", "may"),
            ("X>A 31, Y>A 2, Y>Z 2", "too new"),
        ] {
            assert_eq!(says(written), expected, "{written}");
        }
    }

    #[test]
    fn the_first_day_is_that_after_which_nothing_connects_them() {
        let from = |written: &str| match bar(&grants(written), "D", "A", drafted()) {
            Some(Bar::Connected { from } | Bar::TooNew { from }) => from.to_string(),
            None => String::new(),
        };
        for (written, expected) in [
            ("D>A 3", "2021-06-01"),
            // A path lasts until its oldest grant is no longer new.
            ("A>X 9, X>D 3", "2021-05-26"),
            // Two paths: the one that lasts longer counts.
            ("A>X 9, X>D 3, D>A 20, A>Y 1, Y>D 2", "2021-06-02"),
            ("X>A 3, Y>A 5", "2021-06-01"),
            ("A>D 9, X>A 3", "2021-06-01"),
            ("X>A -3", "2021-06-07"),
        ] {
            assert_eq!(from(written), expected, "{written}");
        }
    }
}
