//! Write transactions, and the rate-limit counts that outlive a rollback.

use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, PoisonError},
};

use sqlx::Any;
use tokio::{runtime::Handle, task::JoinHandle};
use tracing::Instrument;

use crate::store::{
    Connection, Store,
    rate_limits::{self, Use},
};

/// A write transaction. It rolls back if it is dropped without a commit. Its rate-limit counts are then repeated in a transaction
/// of their own, so that a failed request counts as much as a successful one.
pub struct Transaction {
    // The order of the fields matters: `inner` is dropped first and frees the writer that `counted` needs.
    inner: sqlx::Transaction<'static, Any>,
    counted: Counted,
}

impl Transaction {
    /// Wraps a transaction of this store.
    pub(super) fn new(inner: sqlx::Transaction<'static, Any>, store: &Store) -> Transaction {
        Transaction { inner, counted: Counted { store: store.clone(), uses: Vec::new() } }
    }

    /// Repeats a count if this transaction rolls back. The caller has already counted it within the transaction.
    pub fn count_anyhow(&mut self, one: Use) {
        self.counted.uses.push(one);
    }

    /// Commits. Fails if the database does; the counts are then repeated.
    pub async fn commit(self) -> sqlx::Result<()> {
        let Transaction { inner, mut counted } = self;
        inner.commit().await?;
        counted.uses.clear();
        Ok(())
    }
}

impl Deref for Transaction {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.inner
    }
}

impl DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.inner
    }
}

/// The counts of a transaction that is not committed yet.
struct Counted {
    store: Store,
    uses: Vec<Use>,
}

impl Drop for Counted {
    fn drop(&mut self) {
        let uses = std::mem::take(&mut self.uses);
        if uses.is_empty() {
            return;
        }
        let mut uses = Some(uses);
        // Outside a request, for instance in an upload that outlived its sender, the count runs in the background.
        let in_request = UNSETTLED.try_with(|unsettled| unsettled.add(uses.take().unwrap_or_default()));
        if in_request.is_err() {
            spawn(&self.store, uses.unwrap_or_default());
        }
    }
}

tokio::task_local! {
    static UNSETTLED: Arc<Unsettled>;
}

/// The counts of one request whose transactions rolled back.
struct Unsettled {
    store: Store,
    uses: Mutex<Vec<Use>>,
}

impl Unsettled {
    fn add(&self, more: Vec<Use>) {
        self.uses.lock().unwrap_or_else(PoisonError::into_inner).extend(more);
    }

    fn take(&self) -> Vec<Use> {
        std::mem::take(&mut *self.uses.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Unsettled {
    /// A request whose client has gone is counted too.
    fn drop(&mut self) {
        spawn(&self.store, self.take());
    }
}

/// Runs a request and counts its rolled-back uses before the answer is sent, so that a client that repeats a request cannot
/// outrun the limit.
pub async fn settling<F: Future>(store: &Store, request: F) -> F::Output {
    let unsettled = Arc::new(Unsettled { store: store.clone(), uses: Mutex::default() });
    let output = UNSETTLED.scope(unsettled.clone(), request).await;
    if let Some(counting) = spawn(store, unsettled.take()) {
        // The task logs its own errors.
        counting.await.ok();
    }
    output
}

/// Counts in a task of its own, so that a closed connection does not cancel it. Returns `None` if there is nothing to count.
fn spawn(store: &Store, uses: Vec<Use>) -> Option<JoinHandle<()>> {
    if uses.is_empty() {
        return None;
    }
    let store = store.clone();
    let counting = async move {
        if let Err(error) = count(&store, &uses).await {
            tracing::warn!("cannot store the rate-limit counts of a failed request: {error}");
        }
    };
    // Without a runtime the program is about to exit.
    Some(Handle::try_current().ok()?.spawn(counting.in_current_span()))
}

/// Counts all uses in one transaction.
async fn count(store: &Store, all: &[Use]) -> sqlx::Result<()> {
    let mut transaction = store.write().await?;
    for Use { who, what, since, span } in all {
        rate_limits::count(&mut transaction, who, what, *since, *span).await?;
    }
    transaction.commit().await
}
