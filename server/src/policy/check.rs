//! `skranke policy check`: what is wrong with a document, and whom it would answer differently.

use std::{collections::BTreeSet, path::Path, process::ExitCode};

use chrono::NaiveDate;
use rules::{
    Coded, Decision, Policy, decide,
    document::{self, Document},
    policy::Dated,
};

use super::{files, located, people, published, read, refused};

/// Checks a document against the notices and the documents of a folder, and says before and after. Fails with exit status
/// 1 if anything is wrong with it.
pub fn run(file: &Path, folder: Option<&Path>) -> anyhow::Result<ExitCode> {
    let document = match read(file)? {
        Ok(document) => document,
        Err(faults) => {
            faults.iter().for_each(|fault| println!("{}", located(file, fault)));
            return Ok(ExitCode::FAILURE);
        }
    };
    let mut before = published()?;
    for path in folder.map(files).transpose()?.unwrap_or_default() {
        let other = read(&path)?.map_err(|faults| refused(&path, &faults))?;
        // The file itself may lie in the folder already.
        if (&other.id, other.version) != (&document.id, document.version) {
            before.push(other);
        }
    }
    let mut after = before.clone();
    after.push(document.clone());
    let old = document::combine(&before).map_err(|faults| refused(Path::new("the other documents"), &faults))?;
    let new = match document::combine(&after) {
        Ok(new) => new,
        Err(faults) => {
            for fault in &faults {
                let path = if fault.document == document.id { file } else { Path::new(&fault.document) };
                println!("{}", located(path, fault));
            }
            return Ok(ExitCode::FAILURE);
        }
    };
    println!(
        "{}: {} in version {} can be read and fits the other documents.",
        file.display(),
        document.id,
        document.version
    );
    let days = days(&document, &old, &new);
    if days.len() == MOST_DAYS {
        println!("It changes more than could be looked at; only the first {MOST_DAYS} days around the changes were.");
    }
    let changes = changes(&days, &old, &new);
    if changes.is_empty() {
        println!("Nobody of the {} standard people would be answered differently.", people::all().len());
        return Ok(ExitCode::SUCCESS);
    }
    println!("Answered differently, before and after:\n");
    for change in changes {
        println!("{}\n{}", change.name, change.spans.iter().map(Span::to_string).collect::<String>());
    }
    Ok(ExitCode::SUCCESS)
}

/// One of the standard people and the days on which the answer changes.
struct Change {
    name: String,
    spans: Vec<Span>,
}

/// Days in a row with the same answers.
struct Span {
    /// None where it already was so on the first day that was looked at.
    first: Option<NaiveDate>,
    /// None where it still was so on the last one.
    last: Option<NaiveDate>,
    before: Decision,
    after: Decision,
}

impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.first, self.last) {
            (Some(first), Some(last)) if first == last => writeln!(f, "  {first}")?,
            (Some(first), Some(last)) => writeln!(f, "  {first} to {last} (the answers are those of the first day)")?,
            (Some(first), None) => writeln!(f, "  from {first} on")?,
            (None, Some(last)) => writeln!(f, "  until {last}")?,
            (None, None) => writeln!(f, "  on every day that was looked at")?,
        }
        writeln!(f, "    before: {}\n    after:  {}", said(&self.before), said(&self.after))
    }
}

fn changes(days: &[NaiveDate], old: &Policy, new: &Policy) -> Vec<Change> {
    let change = |person: people::StandardPerson| {
        let mut spans: Vec<Span> = Vec::new();
        let mut goes_on = false;
        for (index, day) in days.iter().enumerate() {
            let Some(facts) = person.on(*day) else { continue };
            let (before, after) = (decide(old, &facts), decide(new, &facts));
            if before == after {
                goes_on = false;
                continue;
            }
            let last = (index + 1 < days.len()).then_some(*day);
            match spans.last_mut() {
                Some(span) if goes_on && kind(&span.before) == kind(&before) && kind(&span.after) == kind(&after) => {
                    span.last = last;
                }
                _ => spans.push(Span { first: (index > 0).then_some(*day), last, before, after }),
            }
            goes_on = true;
        }
        (!spans.is_empty()).then_some(Change { name: person.name, spans })
    };
    people::all().into_iter().filter_map(change).collect()
}

/// A decision without its days, which move with the day asked about.
fn kind(decision: &Decision) -> Decision {
    Decision { earliest: None, ..decision.clone() }
}

fn said(decision: &Decision) -> String {
    let mut said = decision.outcome.code().to_owned();
    for ground in &decision.reasons {
        said += &format!(", {} ({})", ground.reason.code(), ground.source);
    }
    for duty in &decision.duties {
        said += &format!(", due: {}", duty.code());
    }
    if let Some(phone) = &decision.contact {
        said += &format!(", phone {phone}");
    }
    if let Some(day) = decision.earliest {
        said += &format!(", until {day}");
    }
    said
}

/// As many days as are looked at.
const MOST_DAYS: usize = 500;

/// The days around each end of the entries that are in one of the policies only: the day before, and a month, in which
/// everybody's quarantine passes. Between those days nothing changes.
fn days(document: &Document, old: &Policy, new: &Policy) -> Vec<NaiveDate> {
    const AFTERWARDS: usize = 31;
    let mut ends = vec![document.changed];
    differing(&mut ends, &old.quarantine, &new.quarantine);
    differing(&mut ends, &old.eea, &new.eea);
    differing(&mut ends, &old.reduced_passport_capacity, &new.reduced_passport_capacity);
    differing(&mut ends, &old.digital, &new.digital);
    differing(&mut ends, &old.information_lines, &new.information_lines);
    let around = |end: NaiveDate| end.pred_opt().into_iter().chain(end.iter_days().take(AFTERWARDS));
    let days: BTreeSet<NaiveDate> = ends.into_iter().flat_map(around).collect();
    days.into_iter().take(MOST_DAYS).collect()
}

fn differing<T: PartialEq>(ends: &mut Vec<NaiveDate>, old: &[Dated<T>], new: &[Dated<T>]) {
    let only_old = old.iter().filter(|entry| !new.contains(entry));
    let only_new = new.iter().filter(|entry| !old.contains(entry));
    ends.extend(only_old.chain(only_new).flat_map(|entry| [entry.first, entry.last]).flatten());
}
