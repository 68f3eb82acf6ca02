//! The policy in force: the notices that the program brings along, and the documents that an office has added in
//! `policies/` in its data folder.

pub mod check;
mod people;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use api::policy::{InForce, Notice, Sentence, Texts};
use rules::{
    Policy,
    document::{self, Document, Fault},
    published::NOTICES,
};

use crate::{receipt, secrets};

/// A policy that was read without a fault.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub policy: Policy,
    /// The same as it is given to the page.
    pub in_force: InForce,
    /// Every notice, those that the program brings along too, the newest first.
    pub notices: Vec<Notice>,
    /// The hash over its canonical form.
    pub sha256: String,
    /// The canonical form.
    pub body: String,
}

/// Reads the documents of a folder, which may be missing. Faults are refused with their lines.
pub fn load(folder: Option<&Path>) -> anyhow::Result<Loaded> {
    let mut documents = published()?;
    let mut added = Vec::new();
    for path in folder.map(files).transpose()?.unwrap_or_default() {
        let document = read(&path)?.map_err(|faults| refused(&path, &faults))?;
        added.push(document);
    }
    documents.extend(added.iter().cloned());
    let policy = document::combine(&documents).map_err(|faults| {
        let faults: Vec<_> = faults.iter().map(|fault| format!("{} {fault}", fault.document)).collect();
        anyhow::anyhow!("the policy documents do not fit together:\n{}", faults.join("\n"))
    })?;
    let is_newest = |document: &&Document| {
        policy.documents.iter().any(|newest| newest.id == document.id && newest.version == document.version)
    };
    let in_force = InForce { policy: (&policy).into(), notices: added.iter().filter(is_newest).map(notice).collect() };
    let mut notices: Vec<Notice> = documents.iter().filter(is_newest).map(notice).collect();
    notices.sort_by_key(|notice| std::cmp::Reverse(notice.changed));
    let body = receipt::canonical(&in_force.policy)?;
    Ok(Loaded { policy, sha256: secrets::sha256_hex(body.as_bytes()), body, in_force, notices })
}

/// The documents that the program brings along.
fn published() -> anyhow::Result<Vec<Document>> {
    NOTICES.iter().map(|text| document::read(text).map_err(|faults| refused(Path::new("notices"), &faults))).collect()
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

fn read(path: &Path) -> anyhow::Result<Result<Document, Vec<Fault>>> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(match String::from_utf8(bytes) {
        Ok(text) => document::read(&text),
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

fn notice(document: &Document) -> Notice {
    let texts = |texts: &document::Texts| Texts { nb: texts.nb.clone(), en: texts.en.clone() };
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
