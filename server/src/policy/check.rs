//! `skranke policy check`: what is wrong with a document, and whom it would answer differently.

use std::{path::Path, process::ExitCode};

use chrono::{Days, NaiveDate};
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
    let changes = changes(&document, &old, &new);
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
    first: NaiveDate,
    last: NaiveDate,
    before: Decision,
    after: Decision,
}

impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.first == self.last {
            writeln!(f, "  {}", self.first)?;
        } else {
            writeln!(f, "  {} to {} (the days are those of the first)", self.first, self.last)?;
        }
        writeln!(f, "    before: {}\n    after:  {}", said(&self.before), said(&self.after))
    }
}

fn changes(document: &Document, old: &Policy, new: &Policy) -> Vec<Change> {
    let days = days(document, old, new);
    let change = |person: people::StandardPerson| {
        let mut spans: Vec<Span> = Vec::new();
        for day in &days {
            let Some(facts) = person.on(*day) else { continue };
            let (before, after) = (decide(old, &facts), decide(new, &facts));
            if before == after {
                continue;
            }
            match spans.last_mut() {
                Some(span)
                    if span.last.succ_opt() == Some(*day)
                        && kind(&span.before) == kind(&before)
                        && kind(&span.after) == kind(&after) =>
                {
                    span.last = *day;
                }
                _ => spans.push(Span { first: *day, last: *day, before, after }),
            }
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

/// Every day around the entries that are in one of the policies only. Of an open end, a month shows what it brings.
fn days(document: &Document, old: &Policy, new: &Policy) -> Vec<NaiveDate> {
    const AFTERWARDS: Days = Days::new(30);
    let mut ends = Vec::new();
    differing(&mut ends, &old.quarantine, &new.quarantine);
    differing(&mut ends, &old.eea, &new.eea);
    differing(&mut ends, &old.reduced_passport_capacity, &new.reduced_passport_capacity);
    differing(&mut ends, &old.digital, &new.digital);
    differing(&mut ends, &old.information_lines, &new.information_lines);
    ends.push(document.changed);
    let (Some(first), Some(last)) = (ends.iter().min(), ends.iter().max()) else { return Vec::new() };
    let (first, last) = (first.pred_opt().unwrap_or(*first), *last + AFTERWARDS);
    first.iter_days().take_while(|day| *day <= last).collect()
}

fn differing<T: PartialEq>(ends: &mut Vec<NaiveDate>, old: &[Dated<T>], new: &[Dated<T>]) {
    let only_old = old.iter().filter(|entry| !new.contains(entry));
    let only_new = new.iter().filter(|entry| !old.contains(entry));
    ends.extend(only_old.chain(only_new).flat_map(|entry| [entry.first, entry.last]).flatten());
}
