//! The effect of a document beside others: whether it fits, and the standard people whose answer changes. Called by `check` and
//! `draft`.

use std::collections::BTreeSet;

use api::{
    Decision,
    policies::{Change, Span},
};
use chrono::NaiveDate;
use rules::{
    Policy, decide,
    document::{self, PolicyDocument, PolicyFault},
    policy::Dated,
};

use crate::policy::people::{self, StandardPerson};

/// The policies without and with a document.
#[derive(Clone, Debug)]
pub struct Effect {
    pub old: Policy,
    pub new: Policy,
}

/// The reason why the documents cannot be combined.
#[derive(Clone, Debug)]
pub enum Unfit {
    /// The other documents conflict with each other.
    Others(Vec<PolicyFault>),
    Document(Vec<PolicyFault>),
}

/// Combines a document with others. Fails if they conflict.
pub fn of(document: &PolicyDocument, others: &[PolicyDocument]) -> Result<Effect, Unfit> {
    let old = document::combine(others).map_err(Unfit::Others)?;
    let with_it: Vec<PolicyDocument> = others.iter().chain([document]).cloned().collect();
    let new = document::combine(&with_it).map_err(Unfit::Document)?;
    Ok(Effect { old, new })
}

/// Maximum number of days checked.
pub const MOST_DAYS: usize = 500;

/// Returns the number of standard people.
pub fn people() -> usize {
    people::all().len()
}

impl Effect {
    /// Returns the days to check, at most `MOST_DAYS`: around each end of an entry that only one policy has, and around the
    /// document's own day. These are the day before and 31 days from it, in which every quarantine ends. Between them no answer
    /// changes. With `from`, earlier days are left out.
    pub fn days(&self, document: &PolicyDocument, from: Option<NaiveDate>) -> Vec<NaiveDate> {
        const AFTERWARDS: usize = 31;
        let Effect { old, new } = self;
        let mut ends = vec![document.changed];
        ends.extend(from);
        differing(&mut ends, &old.quarantine, &new.quarantine);
        differing(&mut ends, &old.eea, &new.eea);
        differing(&mut ends, &old.reduced_passport_capacity, &new.reduced_passport_capacity);
        differing(&mut ends, &old.digital, &new.digital);
        differing(&mut ends, &old.information_lines, &new.information_lines);
        let around = |end: NaiveDate| end.pred_opt().into_iter().chain(end.iter_days().take(AFTERWARDS));
        let days: BTreeSet<NaiveDate> = ends.into_iter().flat_map(around).collect();
        days.into_iter().filter(|day| from.is_none_or(|from| from <= *day)).take(MOST_DAYS).collect()
    }

    /// Returns the standard people whose answer differs on one of these days. With `from`, no answer differs before it.
    pub fn changes(&self, days: &[NaiveDate], from: Option<NaiveDate>) -> Vec<Change> {
        people::all().iter().filter_map(|person| self.change(person, days, from.is_some())).collect()
    }

    /// Returns the change for one standard person; `None` if the answer is the same on all days.
    fn change(&self, person: &StandardPerson, days: &[NaiveDate], begins: bool) -> Option<Change> {
        let mut spans: Vec<Span> = Vec::new();
        let mut goes_on = false;
        for (index, day) in days.iter().enumerate() {
            let Some(facts) = person.on(*day) else { continue };
            let (before, after) = (decide(&self.old, &facts), decide(&self.new, &facts));
            if before == after {
                goes_on = false;
                continue;
            }
            let [before, after] = [before, after].map(|decision| Decision::new(None, &facts, decision));
            let last = (index + 1 < days.len()).then_some(*day);
            match spans.last_mut() {
                Some(span) if goes_on && kind(&span.before) == kind(&before) && kind(&span.after) == kind(&after) => {
                    span.last = last;
                }
                _ => spans.push(Span { first: (begins || index > 0).then_some(*day), last, before, after }),
            }
            goes_on = true;
        }
        (!spans.is_empty()).then(|| Change { person: person.kind, value: person.value.clone(), spans })
    }
}

/// Returns a decision without its dates, which move with the day of the question.
fn kind(decision: &Decision) -> Decision {
    Decision { earliest: None, ..decision.clone() }
}

/// Appends the ends of the entries that only one list has.
fn differing<T: PartialEq>(ends: &mut Vec<NaiveDate>, old: &[Dated<T>], new: &[Dated<T>]) {
    ends.extend(unlike(old, new).flat_map(|entry| [entry.first, entry.last]).flatten());
}

/// Returns the entries that only one of the lists has.
pub fn unlike<'p, T: PartialEq>(old: &'p [Dated<T>], new: &'p [Dated<T>]) -> impl Iterator<Item = &'p Dated<T>> {
    let only_old = old.iter().filter(|entry| !new.contains(entry));
    let only_new = new.iter().filter(|entry| !old.contains(entry));
    only_old.chain(only_new)
}
