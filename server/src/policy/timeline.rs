//! The timeline of policies: the policy of today, and one for each later day on which an approved document comes into force.
//!
//! Policies change at midnight without any action, because each request selects the policy by its instant. Only an approval or
//! withdrawal changes the timeline. The server that records it reloads at once; other servers poll every two seconds.

use std::{path::Path, sync::Arc, time::Duration};

use api::ids::DraftId;
use chrono::{DateTime, NaiveDate, Utc};
use tokio::{
    sync::{Mutex, watch},
    time::sleep,
};

use crate::policy::{Loaded, Written, gather, loaded};
use crate::{
    clock::Clock,
    store::{Connection, Store, policies, policy_drafts},
};

/// Polling interval for approvals by other servers.
const PAUSE: Duration = Duration::from_secs(2);

/// The timeline in use, shared by all requests.
#[derive(Clone)]
pub struct InUse {
    /// The built-in documents and those of the data folder. Both are read only at start.
    base: Arc<[Written]>,
    timeline: Arc<watch::Sender<Timeline>>,
    /// Serialises reloads, so that an older state does not replace a newer one.
    turn: Arc<Mutex<()>>,
}

/// A timeline of policies.
#[derive(Clone, Debug)]
struct Timeline {
    /// The policy of the day on which the timeline was built.
    first: Arc<Loaded>,
    /// The policies that come into force later, by their first day.
    later: Vec<(NaiveDate, Arc<Loaded>)>,
}

impl InUse {
    /// Reads the documents of a folder. Fails if one has faults or they conflict.
    pub fn read(folder: &Path, today: NaiveDate) -> anyhow::Result<InUse> {
        let base: Arc<[Written]> = gather(Some(folder))?.into();
        let (timeline, _) = watch::channel(timeline(&base, &[], today)?);
        Ok(InUse { base, timeline: Arc::new(timeline), turn: Arc::default() })
    }

    /// Returns the policy in force on a day. A request calls this once, so that its decision, receipt and answer use the same
    /// policy.
    pub fn on(&self, day: NaiveDate) -> Arc<Loaded> {
        let timeline = self.timeline.borrow();
        let latest = timeline.later.iter().rev().find(|(from, _)| *from <= day);
        latest.map_or(&timeline.first, |(_, policy)| policy).clone()
    }

    /// Returns the policy in force at an instant.
    pub fn at(&self, now: DateTime<Utc>) -> Arc<Loaded> {
        self.on(rules::day::in_oslo(now))
    }

    /// Returns all documents that are in force or coming, as the transaction sees them. Fails if the database does or an approved
    /// document has faults.
    pub async fn known(&self, connection: &mut Connection) -> anyhow::Result<Vec<Written>> {
        let mut known = self.base.to_vec();
        known.extend(approved(connection).await?);
        Ok(known)
    }

    /// Rebuilds the timeline from the approved documents and stores its policies, because receipts refer to them. Fails if the
    /// database does or the documents conflict; the old timeline then stays.
    pub async fn reload(&self, store: &Store, today: NaiveDate) -> anyhow::Result<()> {
        let _turn = self.turn.lock().await;
        let approved = approved(&mut *store.read().await?).await?;
        let timeline = timeline(&self.base, &approved, today)?;
        let mut transaction = store.write().await?;
        for policy in timeline.later.iter().map(|(_, policy)| policy).chain([&timeline.first]) {
            policies::store(&mut transaction, &policy.sha256, &policy.body).await?;
        }
        transaction.commit().await?;
        self.timeline.send_replace(timeline);
        Ok(())
    }
}

/// Follows the approvals and withdrawals of other servers, until the task is stopped.
pub async fn run(store: Store, policy: InUse, clock: Clock) {
    let mut known: Option<Vec<DraftId>> = None;
    loop {
        if let Err(error) = follow(&store, &policy, clock, &mut known).await {
            tracing::warn!("the policy cannot be looked at now: {error:#}");
        }
        sleep(PAUSE).await;
    }
}

/// Reloads if the approved documents differ from `known`. Documents that cannot be used are logged once, and the old timeline
/// stays until the next change. Fails only on a database error.
async fn follow(store: &Store, policy: &InUse, clock: Clock, known: &mut Option<Vec<DraftId>>) -> anyhow::Result<()> {
    let ids = policy_drafts::approved_ids(&mut *store.read().await?).await?;
    if known.as_ref() == Some(&ids) {
        return Ok(());
    }
    let outcome = policy.reload(store, rules::day::in_oslo(clock.now())).await;
    if let Err(error) = outcome {
        if error.downcast_ref::<sqlx::Error>().is_some() {
            return Err(error);
        }
        tracing::error!("what was approved cannot be used, and the policy stays as it was: {error:#}");
    }
    *known = Some(ids);
    Ok(())
}

/// Returns the approved documents. Fails if one has faults.
async fn approved(connection: &mut Connection) -> anyhow::Result<Vec<Written>> {
    let all = policy_drafts::approved(connection).await?;
    all.into_iter().map(|draft| Written::of_desk(&draft.id, draft.body, draft.from)).collect()
}

/// Builds a timeline. Fails if the documents conflict on one of its days.
fn timeline(base: &[Written], approved: &[Written], today: NaiveDate) -> anyhow::Result<Timeline> {
    let all = [base, approved].concat();
    let on = |day| loaded(&in_force(&all, day)).map(Arc::new);
    let later: anyhow::Result<_> = days_after(&all, today).into_iter().map(|day| Ok((day, on(day)?))).collect();
    Ok(Timeline { first: on(today)?, later: later? })
}

/// Returns the documents in force on a day.
pub fn in_force(all: &[Written], day: NaiveDate) -> Vec<Written> {
    all.iter().filter(|written| written.since.is_none_or(|since| since <= day)).cloned().collect()
}

/// Returns the days after `day` on which a document comes into force, sorted.
pub fn days_after(all: &[Written], day: NaiveDate) -> Vec<NaiveDate> {
    let mut days: Vec<NaiveDate> =
        all.iter().filter_map(|written| written.since).filter(|since| *since > day).collect();
    days.sort();
    days.dedup();
    days
}
