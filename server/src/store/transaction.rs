//! A transaction that may write, and the uses that are counted although it failed.

use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::Any;
use tokio::{runtime::Handle, task::JoinHandle};

use crate::store::{Connection, Store, uses};

/// A transaction that may write. Dropped without a commit it is rolled back; the uses that it counted are then counted once
/// more, in a transaction of their own, so that a request which fails costs its sender as much as one that succeeds.
pub struct Transaction {
    // Dropped before `counted`, which needs the writer.
    inner: sqlx::Transaction<'static, Any>,
    counted: Counted,
}

/// One use of something that has a limit.
#[derive(Clone, Debug)]
pub struct Use {
    pub who: String,
    pub what: &'static str,
    /// The beginning of the span in which it counts, and the span's length.
    pub since: DateTime<Utc>,
    pub span: TimeDelta,
}

impl Transaction {
    pub(super) fn new(inner: sqlx::Transaction<'static, Any>, store: &Store) -> Transaction {
        Transaction { inner, counted: Counted { store: store.clone(), uses: Vec::new() } }
    }

    /// Has a use counted also if this transaction fails. In this transaction the caller has counted it already.
    pub fn count_anyhow(&mut self, one: Use) {
        self.counted.uses.push(one);
    }

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
        // Outside a request, as in a part of a document that goes on without its sender, nobody waits for the count.
        let in_request = UNSETTLED.try_with(|unsettled| unsettled.add(uses.take().unwrap_or_default()));
        if in_request.is_err() {
            spawn(&self.store, uses.unwrap_or_default());
        }
    }
}

tokio::task_local! {
    static UNSETTLED: Arc<Unsettled>;
}

/// The uses of one request whose transactions failed.
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
    /// A request that nobody waits for any more is counted too.
    fn drop(&mut self) {
        spawn(&self.store, self.take());
    }
}

/// Runs a request, and counts what it used in transactions that failed before its answer is given: whoever asks again one
/// after another cannot outrun the count.
pub async fn settling<F: Future>(store: &Store, request: F) -> F::Output {
    let unsettled = Arc::new(Unsettled { store: store.clone(), uses: Mutex::default() });
    let output = UNSETTLED.scope(unsettled.clone(), request).await;
    if let Some(counting) = spawn(store, unsettled.take()) {
        // What can go wrong there is logged there.
        counting.await.ok();
    }
    output
}

/// Counts apart from its caller, so that a connection that is cut does not stop it.
fn spawn(store: &Store, uses: Vec<Use>) -> Option<JoinHandle<()>> {
    if uses.is_empty() {
        return None;
    }
    let store = store.clone();
    // Without a runtime the program is ending.
    let counting = Handle::try_current().ok()?.spawn(async move {
        if let Err(error) = count(&store, &uses).await {
            tracing::warn!("what failed cannot be counted now: {error}");
        }
    });
    Some(counting)
}

async fn count(store: &Store, all: &[Use]) -> sqlx::Result<()> {
    let mut transaction = store.write().await?;
    for Use { who, what, since, span } in all {
        uses::count_within(&mut transaction, who, what, *since, *span).await?;
    }
    transaction.commit().await
}
