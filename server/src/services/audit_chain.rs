//! The hash chain over the log: a round chains entries shortly after they were written. `skranke audit verify` (`cli/audit.rs`) checks it.
//!
//! An entry is not chained in its own transaction, because each hash needs the one before: on PostgreSQL every writer would wait for
//! the writer before it.

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
