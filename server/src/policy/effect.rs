//! What a document changes among others: whether it fits them, and which of the standard people would be answered differently.

use std::collections::BTreeSet;

use api::{
    Decision,
    policies::{Change, Span},
};
use chrono::NaiveDate;
use rules::{
    Policy, decide,
    document::{self, Document, Fault},
    policy::Dated,
};

use crate::policy::people::{self, StandardPerson};

/// The policy without a document and with it.
#[derive(Clone, Debug)]
pub struct Effect {
    pub old: Policy,
    pub new: Policy,
}

/// Why there is no policy of them.
#[derive(Clone, Debug)]
pub enum Unfit {
    /// The others do not fit among themselves.
    Others(Vec<Fault>),
    Document(Vec<Fault>),
}

/// Puts a document among others.
pub fn of(document: &Document, others: &[Document]) -> Result<Effect, Unfit> {
    let old = document::combine(others).map_err(Unfit::Others)?;
    let with_it: Vec<Document> = others.iter().chain([document]).cloned().collect();
    let new = document::combine(&with_it).map_err(Unfit::Document)?;
    Ok(Effect { old, new })
}

/// As many days as are looked at.
pub const MOST_DAYS: usize = 500;

/// How many standard people there are.
pub fn people() -> usize {
    people::all().len()
}

impl Effect {
    /// The days around each end of the entries that are in one of the policies only, and around the day of the document: the day
    /// before, and a month, in which everybody's quarantine passes. Between those days nothing changes. Of a document that holds
    /// `from` a day on, no day before that one.
    pub fn days(&self, document: &Document, from: Option<NaiveDate>) -> Vec<NaiveDate> {
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

    /// Who would be answered differently on one of these days. `from` is as above: then nothing was so before the first of them.
    pub fn changes(&self, days: &[NaiveDate], from: Option<NaiveDate>) -> Vec<Change> {
        people::all().iter().filter_map(|person| self.change(person, days, from.is_some())).collect()
    }

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

/// A decision without its days, which move with the day asked about.
fn kind(decision: &Decision) -> Decision {
    Decision { earliest: None, ..decision.clone() }
}

fn differing<T: PartialEq>(ends: &mut Vec<NaiveDate>, old: &[Dated<T>], new: &[Dated<T>]) {
    ends.extend(unlike(old, new).flat_map(|entry| [entry.first, entry.last]).flatten());
}

/// The entries that are in one of the lists only.
pub fn unlike<'p, T: PartialEq>(old: &'p [Dated<T>], new: &'p [Dated<T>]) -> impl Iterator<Item = &'p Dated<T>> {
    let only_old = old.iter().filter(|entry| !new.contains(entry));
    let only_new = new.iter().filter(|entry| !old.contains(entry));
    only_old.chain(only_new)
}
