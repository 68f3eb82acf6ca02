//! Clock drift between servers. Servers on one database lease work by their own clocks, which must agree within a few seconds. Each
//! is compared with the database's clock.

use std::time::Duration;

use anyhow::ensure;
use chrono::TimeDelta;
use tokio::time::sleep;

use crate::{clock::Clock, state::AppState, store::Store};

/// Maximum drift. The shortest lease is that of an upload: 15 seconds, renewed every five. Two servers with this drift in opposite
/// directions still respect it.
const MOST: TimeDelta = TimeDelta::seconds(4);

const PAUSE: Duration = Duration::from_secs(60);

/// Fails if this server's clock and the database's are too far apart.
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

/// Logs clock drift after the start, until it is stopped.
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

/// Returns how far this server's clock is ahead of the database's; zero for SQLite, which has no clock of its own.
async fn apart(store: &Store, clock: Clock) -> sqlx::Result<TimeDelta> {
    let before = clock.now();
    let Some(theirs) = store.now().await? else { return Ok(TimeDelta::zero()) };
    let after = clock.now();
    // The database read its clock between the two.
    Ok((before - theirs).max(TimeDelta::zero()) + (after - theirs).min(TimeDelta::zero()))
}
