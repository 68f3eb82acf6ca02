//! What is in force when: a policy for today, and one for each day on which an approved document's day comes.
//!
//! So midnight needs nobody to do anything, and whoever takes a policy by the instant of their request has the right one. Only an
//! approval changes the timeline. The server that writes it down takes it up at once, others by looking every two seconds.

use std::{path::Path, sync::Arc, time::Duration};

use chrono::{DateTime, NaiveDate, Utc};
use tokio::{
    sync::{Mutex, watch},
    time::sleep,
};

use crate::policy::{Loaded, Written, gather, loaded};
use crate::{
    state::AppState,
    store::{Connection, Store, policies, policy_drafts},
};

/// How often a server looks whether another has written an approval down.
const PAUSE: Duration = Duration::from_secs(2);

/// The policy in use.
#[derive(Clone)]
pub struct InUse {
    /// What the program and the data folder bring along; both are read at start only.
    base: Arc<[Written]>,
    timeline: Arc<watch::Sender<Timeline>>,
    /// Held while the timeline is made anew: what was read first must not be put over what was read later.
    turn: Arc<Mutex<()>>,
}

#[derive(Clone, Debug)]
struct Timeline {
    /// What was in force on the day on which this was read.
    first: Arc<Loaded>,
    /// What is in force from each of these days on, in their order.
    later: Vec<(NaiveDate, Arc<Loaded>)>,
}

impl InUse {
    /// Reads the documents of a folder, and refuses those that have faults or do not fit together.
    pub fn read(folder: &Path, today: NaiveDate) -> anyhow::Result<InUse> {
        let base: Arc<[Written]> = gather(Some(folder))?.into();
        let (timeline, _) = watch::channel(timeline(&base, &[], today)?);
        Ok(InUse { base, timeline: Arc::new(timeline), turn: Arc::default() })
    }

    /// The policy in force on a day. A request takes it once, so that it decides, keeps its receipt and answers by the same.
    pub fn on(&self, day: NaiveDate) -> Arc<Loaded> {
        let timeline = self.timeline.borrow();
        let latest = timeline.later.iter().rev().find(|(from, _)| *from <= day);
        latest.map_or(&timeline.first, |(_, policy)| policy).clone()
    }

    /// Every document that is in force or will be, as a transaction sees it.
    pub async fn known(&self, connection: &mut Connection) -> anyhow::Result<Vec<Written>> {
        let mut known = self.base.to_vec();
        known.extend(approved(connection).await?);
        Ok(known)
    }

    /// Takes up what is approved. Every policy of it is kept, because receipts refer to it.
    pub async fn reload(&self, store: &Store, today: NaiveDate) -> anyhow::Result<()> {
        let _turn = self.turn.lock().await;
        let approved = approved(&mut *store.read().await?).await?;
        let timeline = timeline(&self.base, &approved, today)?;
        let mut transaction = store.write().await?;
        for policy in timeline.later.iter().map(|(_, policy)| policy).chain([&timeline.first]) {
            policies::keep(&mut transaction, &policy.sha256, &policy.body).await?;
        }
        transaction.commit().await?;
        self.timeline.send_replace(timeline);
        Ok(())
    }
}

/// Takes up what other servers have approved or withdrawn, until it is stopped.
pub async fn run(state: AppState) {
    let mut known: Option<Vec<String>> = None;
    loop {
        if let Err(error) = follow(&state, &mut known).await {
            tracing::warn!("the policy cannot be looked at now: {error:#}");
        }
        sleep(PAUSE).await;
    }
}

/// `known` is what was in use when this server looked last. What cannot be used is said once: until something else is approved,
/// what was in use before stays so.
async fn follow(state: &AppState, known: &mut Option<Vec<String>>) -> anyhow::Result<()> {
    let ids = policy_drafts::approved_ids(&mut *state.store.read().await?).await?;
    if known.as_ref() == Some(&ids) {
        return Ok(());
    }
    let outcome = state.policy.reload(&state.store, rules::day::in_oslo(state.clock.now())).await;
    if let Err(error) = outcome {
        if error.downcast_ref::<sqlx::Error>().is_some() {
            return Err(error);
        }
        tracing::error!("what was approved cannot be used, and the policy stays as it was: {error:#}");
    }
    *known = Some(ids);
    Ok(())
}

async fn approved(connection: &mut Connection) -> anyhow::Result<Vec<Written>> {
    let all = policy_drafts::approved(connection).await?;
    all.into_iter().map(|draft| Written::of_desk(&draft.id, draft.body, draft.from)).collect()
}

fn timeline(base: &[Written], approved: &[Written], today: NaiveDate) -> anyhow::Result<Timeline> {
    let all = [base, approved].concat();
    let on = |day| loaded(&in_force(&all, day)).map(Arc::new);
    let later: anyhow::Result<_> = days_after(&all, today).into_iter().map(|day| Ok((day, on(day)?))).collect();
    Ok(Timeline { first: on(today)?, later: later? })
}

/// Those whose day has come by then.
pub fn in_force(all: &[Written], day: NaiveDate) -> Vec<Written> {
    all.iter().filter(|written| written.since.is_none_or(|since| since <= day)).cloned().collect()
}

/// The days after one on which another document's day comes, in their order.
pub fn days_after(all: &[Written], day: NaiveDate) -> Vec<NaiveDate> {
    let mut days: Vec<NaiveDate> =
        all.iter().filter_map(|written| written.since).filter(|since| *since > day).collect();
    days.sort();
    days.dedup();
    days
}

impl AppState {
    /// The policy in force at an instant.
    pub fn policy_at(&self, now: DateTime<Utc>) -> Arc<Loaded> {
        self.policy.on(rules::day::in_oslo(now))
    }
}
