//! `skranke audit`: verifies the hash chain over the log, and computes the keyed hash under which a search is logged.

use std::process::ExitCode;

use anyhow::Context;

use crate::{
    cli::Database,
    documents::keys::HouseKey,
    services::audit_chain::code_of,
    store::{
        Store,
        audit::{self, Broken, Head},
    },
};

/// Verifies the hash chain and prints every fault. `noted` is an end of the chain that was noted earlier, as `number:hash`.
///
/// Returns exit status 1 if there is a fault. Fails if `noted` cannot be parsed or the database cannot be read.
pub async fn verify(database: &Database, noted: Option<&str>) -> anyhow::Result<ExitCode> {
    let noted = noted.map(|text| read_head(text).context("write the noted end as 4213:9f86d081…")).transpose()?;
    let store = Store::open_to_read(&database.address()?).await?;
    store.ensure_own_version().await?;
    let verdict = audit::verify(&mut *store.snapshot().await?, noted.as_ref().map(|head| head.number)).await?;
    let mut faults: Vec<String> = verdict.broken.iter().map(said).collect();
    if let Some(Head { number, hash }) = &noted {
        match &verdict.noted {
            Some(now) if now == hash => println!("Number {number} has the hash that was written down."),
            Some(_) => faults.push(format!(
                "number {number} has another hash than was written down: it or one before it was changed, and chained anew"
            )),
            None if verdict.head.number < *number => {
                faults.push(format!("cut off: the chain ends at {}, and {number} was written down", verdict.head.number));
            }
            // The missing seal is among the faults already.
            None => {}
        }
    }
    println!("{} entries are chained, {} wait to be.", verdict.chained, verdict.waiting);
    for fault in &faults {
        println!("{fault}");
    }
    if !faults.is_empty() {
        println!("The audit is not as it was written: {} faults.", faults.len());
        return Ok(ExitCode::FAILURE);
    }
    println!("Each is as it was written.");
    if verdict.head.number > 0 {
        println!("\nThe end of the chain: {}:{}", verdict.head.number, verdict.head.hash);
        println!("Write it down elsewhere: only with such a note (--head) a later look finds an end that was cut off.");
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints the keyed hash under which a search for `words` is logged. Without `key` it uses the key in the data folder. Fails if the
/// key cannot be read.
pub fn words(database: &Database, key: Option<&str>, words: &str) -> anyhow::Result<ExitCode> {
    let key = match key.filter(|text| !text.is_empty()) {
        Some(text) => HouseKey::read(text).context("DOCUMENTS_KEY cannot be used")?,
        None => HouseKey::in_file(&database.data_dir.join("documents.key"), false)?,
    };
    println!("{}", code_of(&key, words)?);
    Ok(ExitCode::SUCCESS)
}

fn said(broken: &Broken) -> String {
    match broken {
        Broken::Changed { number, entry } => {
            format!("number {number}: changed, or in another's place (entry {entry})")
        }
        Broken::Missing { number, entry } => format!("number {number}: missing (entry {entry})"),
        Broken::NoSeal { number } => {
            format!("number {number}: missing in the chain; whether the next one was changed cannot be told")
        }
    }
}

fn read_head(text: &str) -> Option<Head> {
    let (number, hash) = text.trim().split_once(':')?;
    let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    Some(Head { number: number.parse().ok()?, hash: hash.to_ascii_lowercase() }).filter(|_| is_hash)
}
