//! Build script: turns the notices in `notices/` into constants and combines their dated entries into the published policy.
//!
//! A code that names a missing sentence therefore does not compile. The notices are read with the crate's own `document`
//! module, which the server also uses for the policy documents of offices. Cargo runs this script; nothing else calls it.

#![allow(dead_code, reason = "what the crate itself does not need here is needed there")]

use std::{env, error::Error, fmt::Write, fs, path::Path};

use chrono::{Datelike, NaiveDate};

#[path = "src/application.rs"]
mod application;
#[path = "src/coded.rs"]
mod coded;
#[path = "src/country.rs"]
mod country;
#[path = "src/document.rs"]
mod document;
#[path = "src/policy.rs"]
mod policy;
#[path = "src/sentence.rs"]
mod sentence;
#[path = "src/text.rs"]
mod text;

use application::{ApplicationType, District};
use coded::Coded;
use country::Country;
use document::PolicyDocument;
use policy::{Dated, Policy, Source};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=notices");
    println!("cargo::rerun-if-changed=src");
    let mut documents = Vec::new();
    let mut texts = Vec::new();
    let mut paths: Vec<_> =
        fs::read_dir("notices")?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.sort();
    for path in paths {
        let document =
            document::read(&fs::read_to_string(&path)?).map_err(|faults| say(&path.display().to_string(), &faults))?;
        documents.push(document);
        texts.push(format!("include_str!({:?})", path.canonicalize()?));
    }
    documents.sort_by_key(|document| document.changed);
    let policy = document::combine(&documents).map_err(|faults| say("notices", &faults))?;

    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("notices.rs"), notices(&documents)?)?;
    fs::write(Path::new(&out).join("published.rs"), published(&policy)?)?;
    fs::write(Path::new(&out).join("texts.rs"), format!("&[{}]", texts.join(", ")))?;
    Ok(())
}

/// Formats faults as one line each, prefixed with the file and the document id.
fn say(what: &str, faults: &[document::PolicyFault]) -> String {
    let faults: Vec<_> = faults.iter().map(|fault| format!("{what}: {} {fault}", fault.document)).collect();
    faults.join("\n")
}

/// Returns the Rust source of the constants of all notices and of `ALL`.
fn notices(documents: &[PolicyDocument]) -> Result<String, Box<dyn Error>> {
    let mut code = String::new();
    for document in documents {
        notice(&mut code, document)?;
    }
    let all: Vec<_> = documents.iter().map(|document| format!("&{}::NOTICE", identifier(&document.id))).collect();
    writeln!(code, "/// Every notice, the oldest first.\npub static ALL: &[&Notice] = &[{}];", all.join(", "))?;
    Ok(code)
}

/// Appends the module of one notice to `code`: a constant for each sentence, and `NOTICE`.
fn notice(code: &mut String, document: &PolicyDocument) -> Result<(), Box<dyn Error>> {
    writeln!(
        code,
        "/// The sentences of the notice `{}`.\npub mod {} {{\nuse super::{{Notice, Original, Says, Sentence, Text, day}};",
        document.id,
        identifier(&document.id)
    )?;
    for sentence in &document.sentences {
        writeln!(
            code,
            "/// “{}”\npub const {}: &Sentence = &Sentence {{ id: {:?}, reference: {:?}, says: Says::{:?}, original: Original::{:?}, text: Text {{ nb: {:?}, en: {:?} }} }};",
            sentence.text.en,
            identifier(&sentence.id).to_uppercase(),
            sentence.id,
            format!("{}#{}", document.id, sentence.id),
            sentence.says,
            sentence.original,
            sentence.text.nb,
            sentence.text.en,
        )?;
    }
    let sentences: Vec<_> = document.sentences.iter().map(|sentence| identifier(&sentence.id).to_uppercase()).collect();
    writeln!(
        code,
        "/// The notice as a whole.\npub static NOTICE: Notice = Notice {{ id: {:?}, version: {}, publisher: {:?}, published: {}, changed: {}, title: Text {{ nb: {:?}, en: {:?} }}, sentences: &[{}] }};\n}}",
        document.id,
        document.version,
        document.publisher,
        day(document.published),
        day(document.changed),
        document.title.nb,
        document.title.en,
        sentences.join(", "),
    )?;
    Ok(())
}

/// Returns the Rust expression that builds the policy.
fn published(policy: &Policy) -> Result<String, Box<dyn Error>> {
    let mut code = String::from("Policy {\ndocuments: vec![");
    for document in &policy.documents {
        let (id, version) = (&document.id, document.version);
        writeln!(code, "Version {{ id: Cow::Borrowed({id:?}), version: {version} }},")?;
    }
    code.push_str("],\n");
    list(&mut code, "quarantine", &policy.quarantine, |days| days.to_string())?;
    list(&mut code, "eea", &policy.eea, |country| format!("Country::literal(b{:?})", country.code()))?;
    list(&mut code, "reduced_passport_capacity", &policy.reduced_passport_capacity, |district| {
        format!("District::{district:?}")
    })?;
    list(&mut code, "digital", &policy.digital, |kind| format!("ApplicationType::{kind:?}"))?;
    list(&mut code, "information_lines", &policy.information_lines, |(district, phone)| {
        format!("(District::{district:?}, {phone:?}.to_owned())")
    })?;
    code.push_str("}\n");
    Ok(code)
}

/// Appends one list of the policy as a struct field; `value` formats the value of an entry.
fn list<T>(code: &mut String, name: &str, entries: &[Dated<T>], value: impl Fn(&T) -> String) -> std::fmt::Result {
    let end = |end: Option<NaiveDate>| end.map_or("None".to_owned(), |end| format!("Some({})", day(end)));
    writeln!(code, "{name}: vec![")?;
    for entry in entries {
        let source = match &entry.source {
            Source::Sentence(reference) => format!("Source::Sentence(Cow::Borrowed({reference:?}))"),
            Source::Elsewhere(source) => format!("Source::Elsewhere(Cow::Borrowed({source:?}))"),
        };
        let (first, last, value) = (end(entry.first), end(entry.last), value(&entry.value));
        writeln!(code, "Dated {{ first: {first}, last: {last}, value: {value}, source: {source} }},")?;
    }
    writeln!(code, "],")
}

/// Formats a date as a call of the const function `day`.
fn day(day: NaiveDate) -> String {
    format!("day({}, {}, {})", day.year(), day.month(), day.day())
}

/// Turns an id of small letters, digits and hyphens into a Rust identifier.
fn identifier(id: &str) -> String {
    id.replace('-', "_")
}
