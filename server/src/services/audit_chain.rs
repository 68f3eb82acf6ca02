//! The chain over the audit: entries are chained a moment after they are written, and `skranke audit verify` looks the chain over.
//!
//! Not while they are written: on PostgreSQL everybody would wait there for whoever writes, for each needs the hash before.

use std::{process::ExitCode, time::Duration};

use anyhow::Context;
use chrono::{DateTime, Utc};
use tokio::time::sleep;

use crate::{
    cli::Database,
    documents::keys::HouseKey,
    state::AppState,
    store::{
        Store,
        audit::{self, Broken, Head, Since},
        locks::{self, Lock},
    },
};

const PAUSE: Duration = Duration::from_secs(1);

/// How many are chained in one transaction.
const AT_ONCE: i64 = 1000;

/// Chains entries as they come, until it is stopped.
pub async fn run(state: AppState) {
    // What another server may have left, however long ago, is looked for at start and each hour.
    const EVER_EVERY: u32 = 3600;
    let mut rounds = 0;
    loop {
        let since = if rounds % EVER_EVERY == 0 { Since::Ever } else { Since::Lately };
        if let Err(error) = seal_all(&state.store, since, state.clock.now()).await {
            tracing::warn!("the audit cannot be chained now: {error}");
        }
        // The log goes to another machine; with the end of the chain in it, an end that is cut off here shows.
        if rounds % EVER_EVERY == 0 {
            match end_of_chain(&state.store).await {
                Ok(Some(head)) => tracing::info!(head, "the end of the audit's chain"),
                Ok(None) => {}
                Err(error) => tracing::warn!("the end of the audit's chain cannot be read now: {error}"),
            }
        }
        rounds += 1;
        sleep(PAUSE).await;
    }
}

/// Chains what waits. Nothing is written when nothing does.
pub async fn seal_all(store: &Store, since: Since, now: DateTime<Utc>) -> sqlx::Result<()> {
    while audit::is_any_waiting(&mut *store.read().await?, since).await? {
        let mut transaction = store.write().await?;
        // Of several servers one chains, and the others wait; what it has chained waits no longer.
        locks::acquire(&mut transaction, Lock::AuditChain, now).await?;
        audit::seal(&mut transaction, since, AT_ONCE).await?;
        transaction.commit().await?;
    }
    Ok(())
}

/// The end of the chain as `--head` takes it; `None` before the first entry.
async fn end_of_chain(store: &Store) -> sqlx::Result<Option<String>> {
    let head = audit::end_of_chain(&mut *store.read().await?).await?;
    Ok((head.number > 0).then(|| format!("{}:{}", head.number, head.hash)))
}

/// The code by which a search stands in the log: the first digits of a keyed hash, the same for capital and small letters. It tells
/// whether somebody looked for certain words, and nobody finds the words from it without the key of the house.
pub fn code_of(key: &HouseKey, words: &str) -> anyhow::Result<String> {
    const DIGITS: usize = 16;
    let hash = key.keyed_hash("search", &words.trim().to_lowercase())?;
    Ok(hash.chars().take(DIGITS).collect())
}

/// Writes the code of a search.
pub fn words(database: &Database, key: Option<&str>, words: &str) -> anyhow::Result<ExitCode> {
    let key = match key.filter(|text| !text.is_empty()) {
        Some(text) => HouseKey::read(text).context("DOCUMENTS_KEY cannot be used")?,
        None => HouseKey::in_file(&database.data_dir.join("documents.key"), false)?,
    };
    println!("{}", code_of(&key, words)?);
    Ok(ExitCode::SUCCESS)
}

/// Looks the chain over, and says what is not as it was written. `noted` is an end of the chain that was written down, as
/// `number:hash`.
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
            // That its seal is gone is said already.
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
