//! The hash chain of the audit log: seals each entry about a second after it was written. `skranke audit verify` checks the chain.
//!
//! Entries are not sealed in their own transaction, because each seal needs the previous one: on PostgreSQL every writer would wait
//! for all others. Ids are made a moment before the commit, so the sealer looks ten minutes back each second, and at everything at
//! start and each hour. A truncated chain shows only against a head that was noted elsewhere, so the server also logs the head.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::sleep;

use crate::{
    documents::keys::HouseKey,
    state::AppState,
    store::{
        Store,
        audit::{self, Since},
        locks::{self, Lock},
    },
};

const PAUSE: Duration = Duration::from_secs(1);

/// Number of entries sealed in one transaction.
const AT_ONCE: i64 = 1000;

/// Seals new entries, until it is stopped.
pub async fn run(state: AppState) {
    // Entries that another server left behind are searched for at start and every hour.
    const EVER_EVERY: u32 = 3600;
    let mut rounds = 0;
    loop {
        let since = if rounds % EVER_EVERY == 0 { Since::Ever } else { Since::Lately };
        if let Err(error) = seal_all(&state.store, since, state.clock.now()).await {
            tracing::warn!("the audit cannot be chained now: {error}");
        }
        // The log is shipped to another machine. The head of the chain in it reveals a truncated chain.
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

/// Seals all waiting entries. Writes nothing if there are none.
pub async fn seal_all(store: &Store, since: Since, now: DateTime<Utc>) -> sqlx::Result<()> {
    while audit::is_any_waiting(&mut *store.read().await?, since).await? {
        let mut transaction = store.write().await?;
        // One server seals at a time; the others then find nothing left.
        locks::acquire(&mut transaction, Lock::AuditChain, now).await?;
        audit::seal(&mut transaction, since, AT_ONCE).await?;
        transaction.commit().await?;
    }
    Ok(())
}

/// Returns the head of the chain as `--head` takes it; `None` before the first entry.
async fn end_of_chain(store: &Store) -> sqlx::Result<Option<String>> {
    let head = audit::end_of_chain(&mut *store.read().await?).await?;
    Ok((head.number > 0).then(|| format!("{}:{}", head.number, head.hash)))
}

/// Returns the code of a search query in the log: the first digits of a keyed hash, case-insensitive. It shows whether certain
/// words were searched for; the words cannot be derived from it without the house key.
pub fn code_of(key: &HouseKey, words: &str) -> anyhow::Result<String> {
    const DIGITS: usize = 16;
    let hash = key.keyed_hash("search", &words.trim().to_lowercase())?;
    Ok(hash.chars().take(DIGITS).collect())
}
