//! The policy in force, combined from the built-in notices, the documents in `policies/` of the data folder, and those published
//! at the desk.
//!
//! `timeline` selects the policy of a day, `draft` and `effect` preview a new document, and `check` is the command. The rules are
//! in `rules`.

pub mod draft;
pub(crate) mod effect;
pub mod four_eyes;
pub(crate) mod people;
pub mod timeline;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use api::{
    policies::{Holding, Origin},
    policy::{InForce, Notice, Sentence, Texts},
};
use chrono::NaiveDate;
use rules::{
    Policy,
    document::{self, PolicyDocument, PolicyFault},
    published::NOTICES,
};

use crate::{canonical_json::canonical, secrets};

/// A policy that was read without faults.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub policy: Policy,
    /// The policy in its wire format, for the page.
    pub in_force: InForce,
    /// All notices, including the built-in ones, newest first.
    pub notices: Vec<Notice>,
    /// The documents in force, for the desk.
    pub holding: Vec<Holding>,
    /// The SHA-256 of `body`.
    pub sha256: String,
    /// The canonical JSON.
    pub body: String,
}

/// A policy document with its text and origin.
#[derive(Clone, Debug)]
pub struct Written {
    pub document: PolicyDocument,
    pub text: String,
    pub origin: Origin,
    /// The first day of a document published at the desk; `None` for others, which apply as long as the server runs.
    pub since: Option<NaiveDate>,
    /// The id of its draft; empty for other documents.
    draft: String,
}

impl Written {
    /// Reads an approved document. Fails if it has faults, which can happen if another version of the program approved it.
    fn of_desk(draft: &str, text: String, since: NaiveDate) -> anyhow::Result<Written> {
        let document = document::read(&text).map_err(|faults| refused(Path::new(draft), &faults))?;
        Ok(Written { document, text, origin: Origin::Desk, since: Some(since), draft: draft.to_owned() })
    }
}

/// Reads the policy of a folder, which may be missing. Fails with all faults and their lines.
pub fn load(folder: Option<&Path>) -> anyhow::Result<Loaded> {
    loaded(&gather(folder)?)
}

/// Returns the built-in documents and those of a folder. Fails if one has faults.
fn gather(folder: Option<&Path>) -> anyhow::Result<Vec<Written>> {
    let mut all = published()?;
    for path in folder.map(files).transpose()?.unwrap_or_default() {
        let (document, text) = read(&path)?.map_err(|faults| refused(&path, &faults))?;
        all.push(Written { document, text, origin: Origin::Folder, since: None, draft: String::new() });
    }
    Ok(all)
}

/// Combines documents into a policy. Fails if they conflict.
fn loaded(all: &[Written]) -> anyhow::Result<Loaded> {
    let documents: Vec<PolicyDocument> = all.iter().map(|written| written.document.clone()).collect();
    let policy = document::combine(&documents).map_err(|faults| {
        let faults: Vec<_> = faults.iter().map(|fault| format!("{} {fault}", fault.document)).collect();
        anyhow::anyhow!("the policy documents do not fit together:\n{}", faults.join("\n"))
    })?;
    let newest: Vec<&Written> = all
        .iter()
        .filter(|Written { document, .. }| {
            policy.documents.iter().any(|newest| newest.id == document.id && newest.version == document.version)
        })
        .collect();
    let added = newest.iter().filter(|written| written.origin != Origin::Program);
    let in_force = InForce { policy: (&policy).into(), notices: added.map(|added| notice(&added.document)).collect() };
    let mut notices: Vec<Notice> = newest.iter().map(|written| notice(&written.document)).collect();
    notices.sort_by_key(|notice| std::cmp::Reverse(notice.changed));
    let holding = newest.iter().map(|written| holding(written)).collect();
    let body = canonical(&in_force.policy)?;
    Ok(Loaded { policy, sha256: secrets::sha256_hex(body.as_bytes()), body, in_force, notices, holding })
}

/// Converts a document for the desk's list.
fn holding(written: &Written) -> Holding {
    let PolicyDocument { id, version, publisher, title, .. } = &written.document;
    Holding {
        document: id.clone(),
        version: *version,
        publisher: publisher.clone(),
        title: texts(title),
        origin: written.origin,
        since: written.since,
    }
}

/// Returns the built-in documents.
pub(crate) fn published() -> anyhow::Result<Vec<Written>> {
    let written = |text: &&str| {
        let document = document::read(text).map_err(|faults| refused(Path::new("notices"), &faults))?;
        let text = (*text).to_owned();
        Ok(Written { document, text, origin: Origin::Program, since: None, draft: String::new() })
    };
    NOTICES.iter().map(written).collect()
}

/// Returns the paths of the `.toml` files in a folder, sorted; empty if the folder is missing.
pub(crate) fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(paths),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", folder.display())),
    };
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Reads a document and its text from a file. The inner `Err` holds its faults; the outer one means that the file cannot be read.
pub(crate) fn read(path: &Path) -> anyhow::Result<Result<(PolicyDocument, String), Vec<PolicyFault>>> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(match String::from_utf8(bytes) {
        Ok(text) => document::read(&text).map(|document| (document, text)),
        Err(error) => {
            let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = good.iter().filter(|byte| **byte == b'\n').count() + 1;
            Err(vec![PolicyFault { document: String::new(), line, message: "this is not UTF-8".to_owned() }])
        }
    })
}

/// The error for a document with faults.
pub(crate) fn refused(path: &Path, faults: &[PolicyFault]) -> anyhow::Error {
    let faults: Vec<_> = faults.iter().map(|fault| located(path, fault)).collect();
    anyhow::anyhow!("a policy document has faults:\n{}", faults.join("\n"))
}

/// Formats a fault in the style of compilers, so that editors find the line.
pub(crate) fn located(path: &Path, fault: &PolicyFault) -> String {
    format!("{}:{}: {}", path.display(), fault.line, fault.message)
}

/// Converts a text to the wire format.
fn texts(texts: &document::Texts) -> Texts {
    Texts { nb: texts.nb.clone(), en: texts.en.clone() }
}

/// Converts a document to a notice in the wire format.
fn notice(document: &PolicyDocument) -> Notice {
    Notice {
        id: document.id.clone(),
        version: document.version,
        publisher: document.publisher.clone(),
        published: document.published,
        changed: document.changed,
        title: texts(&document.title),
        sentences: document
            .sentences
            .iter()
            .map(|sentence| Sentence {
                id: sentence.id.clone(),
                says: sentence.says,
                original: sentence.original,
                text: texts(&sentence.text),
            })
            .collect(),
    }
}

/// Returns the folder of an office's own documents in a data folder.
pub fn folder(data_dir: &Path) -> PathBuf {
    data_dir.join("policies")
}

/// Reads the policy of a folder given by the user. Fails if the folder does not exist or a document has faults.
pub fn load_named(folder: Option<&Path>) -> anyhow::Result<Loaded> {
    match folder {
        Some(folder) if !folder.is_dir() => bail!("there is no folder {}", folder.display()),
        folder => load(folder),
    }
}
