//! Choice of consecutive slots for several people. Used by the list of times.

use ::api::cases::Slot;
use chrono::TimeDelta;

/// One slot for each person at the office of `first`, beginning with `first`. Each starts when the one before ends, or
/// at the same time at another counter. `None` if there are not enough.
pub fn in_a_row(slots: &[Slot], first: &Slot, people: usize) -> Option<Vec<Slot>> {
    let mut row = vec![first.clone()];
    while row.len() < people {
        let last = row.last()?;
        let ends = last.starts + TimeDelta::minutes(last.minutes.into());
        let next = slots.iter().find(|slot| {
            slot.office == first.office
                && (slot.starts == last.starts || slot.starts == ends)
                && row.iter().all(|taken| taken.id != slot.id)
        })?;
        row.push(next.clone());
    }
    Some(row)
}

#[cfg(test)]
mod tests {
    use ::api::ids::SlotId;

    use super::*;

    fn slot(id: &str, office: &str, minute: i64) -> Slot {
        let starts = chrono::DateTime::from_timestamp(minute * 60, 0).unwrap();
        Slot { id: id.into(), office: office.into(), starts, minutes: 30 }
    }

    #[wasm_bindgen_test::wasm_bindgen_test]
    fn a_family_comes_together() {
        let slots = [
            slot("a", "oslo", 0),
            slot("b", "sua", 30),
            slot("c", "oslo", 30),
            slot("d", "oslo", 30),
            slot("e", "oslo", 90),
        ];
        for (first, people, expected) in [
            (0, 1, Some(vec!["a"])),
            (0, 2, Some(vec!["a", "c"])),
            (0, 3, Some(vec!["a", "c", "d"])),
            (0, 4, None),
            (1, 2, None),
            (4, 2, None),
        ] {
            let row = in_a_row(&slots, &slots[first], people);
            let ids = row.map(|row| row.into_iter().map(|slot| slot.id).collect::<Vec<_>>());
            assert_eq!(ids, expected.map(|ids| ids.into_iter().map(SlotId::from).collect()), "{first} {people}");
        }
    }
}
