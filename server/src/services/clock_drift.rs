//! Clocks that differ. Several servers on one database lease work to one another by their own clocks; a lease is safe as long as these
//! agree within a few seconds. Each is compared with the database's.

use std::time::Duration;

use anyhow::ensure;
use chrono::TimeDelta;
use tokio::time::sleep;

use crate::{clock::Clock, state::AppState, store::Store};

/// The shortest lease is that of an upload, 15 seconds, renewed each five. Two servers that are each so far off, in opposite directions,
/// still leave it whole.
const MOST: TimeDelta = TimeDelta::seconds(4);

const PAUSE: Duration = Duration::from_secs(60);

/// An error if this server's clock and the database's are too far apart.
pub async fn ensure_small(store: &Store, clock: Clock) -> anyhow::Result<()> {
    let apart = apart(store, clock).await?;
    ensure!(
        apart.abs() <= MOST,
        "this server's clock and the database's are {} seconds apart, and more than {} would let two servers do the same work: \
         set both by NTP",
        apart.num_seconds(),
        MOST.num_seconds()
    );
    Ok(())
}

/// Says, until it is stopped, when the clocks have come apart since the start.
pub async fn run(state: AppState) {
    if !matches!(state.clock, Clock::System) {
        return;
    }
    loop {
        sleep(PAUSE).await;
        match ensure_small(&state.store, state.clock).await {
            Ok(()) => {}
            Err(error) if error.is::<sqlx::Error>() => {}
            Err(error) => tracing::error!("{error:#}"),
        }
    }
}

/// How far this server's clock is ahead of the database's. Nothing for a database in a file, which has no clock of its own.
async fn apart(store: &Store, clock: Clock) -> sqlx::Result<TimeDelta> {
    let before = clock.now();
    let Some(theirs) = store.now().await? else { return Ok(TimeDelta::zero()) };
    let after = clock.now();
    // They read their clock somewhere between.
    Ok((before - theirs).max(TimeDelta::zero()) + (after - theirs).min(TimeDelta::zero()))
}
