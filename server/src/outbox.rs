//! The worker that empties the outbox. Several servers may each run one on the same database.

use std::time::Duration;

use anyhow::Context;
use chrono::TimeDelta;
use tokio::time::sleep;

use crate::{
    counter::Counter,
    mail::Mail,
    store::messages::{self, Leased},
};

/// How often the outbox is looked at.
const PAUSE: Duration = Duration::from_millis(500);

/// How long a worker may take for what it has taken. Who dies with a lease delays its messages by as much.
const LEASE: TimeDelta = TimeDelta::seconds(60);

const MOST_AT_ONCE: usize = 50;

/// After so many attempts a message is given up.
const MOST_ATTEMPTS: i64 = 8;

/// Sends what is due, until it is stopped.
pub async fn run(counter: Counter) {
    loop {
        match send_due(&counter).await {
            // There may be more.
            Ok(MOST_AT_ONCE) => {}
            // Between few and fewer, a pause: each look that finds something commits twice.
            Ok(_) => sleep(PAUSE).await,
            Err(error) => {
                tracing::warn!("the outbox cannot be emptied now: {error:#}");
                sleep(PAUSE * 10).await;
            }
        }
    }
}

/// Sends some of what is due, and returns how many it looked at.
async fn send_due(counter: &Counter) -> anyhow::Result<usize> {
    let now = counter.clock.now();
    // Most times there is nothing, and nothing to write.
    if !messages::any_due(&mut *counter.store.read().await?, now).await? {
        return Ok(0);
    }
    let mut transaction = counter.store.write().await?;
    let leased = messages::lease(&mut transaction, now, now + LEASE, MOST_AT_ONCE as i64).await?;
    transaction.commit().await?;

    let (mut sent, mut unsent) = (Vec::new(), Vec::new());
    for message in &leased {
        match send(counter, message).await {
            Ok(()) => sent.push(message.id.as_str()),
            Err(error) => {
                tracing::warn!("message {} was not sent, attempt {}: {error:#}", message.id, message.attempts);
                unsent.push(message);
            }
        }
    }
    let now = counter.clock.now();
    let mut transaction = counter.store.write().await?;
    messages::sent(&mut transaction, &sent, now).await?;
    for message in unsent {
        if message.attempts >= MOST_ATTEMPTS {
            messages::failed(&mut transaction, &message.id).await?;
        } else {
            messages::later(&mut transaction, &message.id, now + pause_after(message.attempts)).await?;
        }
    }
    transaction.commit().await?;
    Ok(leased.len())
}

async fn send(counter: &Counter, message: &Leased) -> anyhow::Result<()> {
    let to = message.address.parse().context("this is no address")?;
    let mail = Mail { to, subject: message.subject.clone(), body: message.body.clone() };
    counter.mailer.send(mail, counter.clock.now()).await
}

/// Half a minute after the first attempt, then twice as long each time.
fn pause_after(attempts: i64) -> TimeDelta {
    TimeDelta::seconds(30 << attempts.clamp(1, 10) >> 1)
}
