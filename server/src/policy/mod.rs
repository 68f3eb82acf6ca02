//! The policy in force: the notices that the program brings along, the documents that an office has added in `policies/` in
//! its data folder, and those that were published at the desk.

pub mod draft;
pub(crate) mod effect;
pub mod four_eyes;
mod people;
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
    document::{self, Document, Fault},
    published::NOTICES,
};

use crate::{canonical_json::canonical, secrets};

/// A policy that was read without a fault.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub policy: Policy,
    /// The same as it is given to the page.
    pub in_force: InForce,
    /// Every notice, those that the program brings along too, the newest first.
    pub notices: Vec<Notice>,
    /// Its documents, for the desk.
    pub holding: Vec<Holding>,
    /// The hash over its canonical form.
    pub sha256: String,
    /// The canonical form.
    pub body: String,
}

/// A document with its text and where it comes from.
#[derive(Clone, Debug)]
pub struct Written {
    pub document: Document,
    pub text: String,
    pub origin: Origin,
    /// The day from which it was published at the desk; the others hold as long as the server runs.
    pub since: Option<NaiveDate>,
    /// The id of the draft that it was.
    draft: String,
}

impl Written {
    /// One that was approved. It was read without a fault then; another program may read it differently.
    fn of_desk(draft: &str, text: String, since: NaiveDate) -> anyhow::Result<Written> {
        let document = document::read(&text).map_err(|faults| refused(Path::new(draft), &faults))?;
        Ok(Written { document, text, origin: Origin::Desk, since: Some(since), draft: draft.to_owned() })
    }
}

/// Reads the documents of a folder, which may be missing. Faults are refused with their lines.
pub fn load(folder: Option<&Path>) -> anyhow::Result<Loaded> {
    loaded(&gather(folder)?)
}

/// What the program brings along, and the documents of a folder.
fn gather(folder: Option<&Path>) -> anyhow::Result<Vec<Written>> {
    let mut all = published()?;
    for path in folder.map(files).transpose()?.unwrap_or_default() {
        let (document, text) = read(&path)?.map_err(|faults| refused(&path, &faults))?;
        all.push(Written { document, text, origin: Origin::Folder, since: None, draft: String::new() });
    }
    Ok(all)
}

/// Makes a policy of documents, if they fit together.
fn loaded(all: &[Written]) -> anyhow::Result<Loaded> {
    let documents: Vec<Document> = all.iter().map(|written| written.document.clone()).collect();
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

fn holding(written: &Written) -> Holding {
    let Document { id, version, publisher, title, .. } = &written.document;
    Holding {
        document: id.clone(),
        version: *version,
        publisher: publisher.clone(),
        title: texts(title),
        origin: written.origin,
        since: written.since,
    }
}

/// The documents that the program brings along.
fn published() -> anyhow::Result<Vec<Written>> {
    let written = |text: &&str| {
        let document = document::read(text).map_err(|faults| refused(Path::new("notices"), &faults))?;
        let text = (*text).to_owned();
        Ok(Written { document, text, origin: Origin::Program, since: None, draft: String::new() })
    };
    NOTICES.iter().map(written).collect()
}

/// The documents of a folder, by name.
fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
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

/// A file's document, and its text.
fn read(path: &Path) -> anyhow::Result<Result<(Document, String), Vec<Fault>>> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(match String::from_utf8(bytes) {
        Ok(text) => document::read(&text).map(|document| (document, text)),
        Err(error) => {
            let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = good.iter().filter(|byte| **byte == b'\n').count() + 1;
            Err(vec![Fault { document: String::new(), line, message: "this is not UTF-8".to_owned() }])
        }
    })
}

fn refused(path: &Path, faults: &[Fault]) -> anyhow::Error {
    let faults: Vec<_> = faults.iter().map(|fault| located(path, fault)).collect();
    anyhow::anyhow!("a policy document has faults:\n{}", faults.join("\n"))
}

/// A fault as compilers write theirs, so that editors find the line.
fn located(path: &Path, fault: &Fault) -> String {
    format!("{}:{}: {}", path.display(), fault.line, fault.message)
}

fn texts(texts: &document::Texts) -> Texts {
    Texts { nb: texts.nb.clone(), en: texts.en.clone() }
}

fn notice(document: &Document) -> Notice {
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

/// Where an office's own documents lie in a data folder.
pub fn folder(data_dir: &Path) -> PathBuf {
    data_dir.join("policies")
}

/// The policy of a folder that somebody has named, which must exist.
pub fn load_named(folder: Option<&Path>) -> anyhow::Result<Loaded> {
    match folder {
        Some(folder) if !folder.is_dir() => bail!("there is no folder {}", folder.display()),
        folder => load(folder),
    }
}
