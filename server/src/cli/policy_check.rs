//! The command `skranke policy check`: the faults of a policy document, and the standard people whose answer it changes.

use std::{path::Path, process::ExitCode};

use api::{
    Decision,
    policies::{Change, Span},
};
use rules::Coded;

use crate::policy::{
    effect::{self, MOST_DAYS, Unfit},
    files, located, people, published, read, refused,
};

/// Checks a document against the notices and the documents of a folder, and prints the changed answers. The exit status is 1 if
/// the document has faults. Fails if a file cannot be read or the other documents have faults.
pub fn run(file: &Path, folder: Option<&Path>) -> anyhow::Result<ExitCode> {
    let document = match read(file)? {
        Ok((document, _)) => document,
        Err(faults) => {
            faults.iter().for_each(|fault| println!("{}", located(file, fault)));
            return Ok(ExitCode::FAILURE);
        }
    };
    let mut others: Vec<_> = published()?.into_iter().map(|written| written.document).collect();
    for path in folder.map(files).transpose()?.unwrap_or_default() {
        let (other, _) = read(&path)?.map_err(|faults| refused(&path, &faults))?;
        // The folder may already contain the file.
        if (&other.id, other.version) != (&document.id, document.version) {
            others.push(other);
        }
    }
    let effect = match effect::of(&document, &others) {
        Ok(effect) => effect,
        Err(Unfit::Others(faults)) => return Err(refused(Path::new("the other documents"), &faults)),
        Err(Unfit::Document(faults)) => {
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
    let days = effect.days(&document, None);
    if days.len() == MOST_DAYS {
        println!("It changes more than could be looked at; only the first {MOST_DAYS} days around the changes were.");
    }
    let changes = effect.changes(&days, None);
    if changes.is_empty() {
        println!("Nobody of the {} standard people would be answered differently.", effect::people());
        return Ok(ExitCode::SUCCESS);
    }
    println!("Answered differently, before and after:\n");
    for Change { person, value, spans } in changes {
        println!("{}\n{}", people::name(person, &value), spans.iter().map(words).collect::<String>());
    }
    Ok(ExitCode::SUCCESS)
}

/// Formats a span with its answers.
fn words(span: &Span) -> String {
    let when = match (span.first, span.last) {
        (Some(first), Some(last)) if first == last => format!("{first}"),
        (Some(first), Some(last)) => format!("{first} to {last} (the answers are those of the first day)"),
        (Some(first), None) => format!("from {first} on"),
        (None, Some(last)) => format!("until {last}"),
        (None, None) => "on every day that was looked at".to_owned(),
    };
    format!("  {when}\n    before: {}\n    after:  {}\n", said(&span.before), said(&span.after))
}

/// Formats a decision on one line.
fn said(decision: &Decision) -> String {
    let mut said = decision.outcome.code().to_owned();
    for reason in &decision.reasons {
        said += &format!(", {} ({})", reason.code, reason.source);
    }
    for duty in &decision.duties {
        said += &format!(", due: {}", duty.code);
    }
    if let Some(contact) = &decision.contact {
        said += &format!(", phone {}", contact.phone);
    }
    if let Some(day) = decision.earliest {
        said += &format!(", until {day}");
    }
    said
}
