//! Workers that send the outbox, one for each channel, so that a slow gateway delays no e-mail. Several servers may run them on one
//! database. `serve` starts them.
//!
//! A message is leased, sent and recorded, each in a transaction of its own: at-least-once delivery. After a crash the lease
//! expires, and another worker sends the message with the same id. The mailbox or the gateway recognises the duplicate by this id.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use api::{
    ids::MessageId,
    messages::{DeliveryFailure, Kind},
};
use chrono::{DateTime, TimeDelta, Utc};
use rand::RngExt;
use rules::{Channel, Coded};
use tokio::{
    sync::{Notify, Semaphore, mpsc},
    time::{sleep, timeout},
};

use crate::{
    clock::Clock,
    messages::{
        self,
        delivery::Undelivered,
        mail::{Mail, Mailer},
        sms::{Sender, Sms},
    },
    store::{
        Store,
        outbox::{self, Leased, Sendable},
    },
};

/// The parts of the server that the workers need.
#[derive(Clone)]
pub struct Outbox {
    pub store: Store,
    pub clock: Clock,
    pub mailer: Mailer,
    pub sms: Sender,
    /// Notified when somebody waits for a message, such as a sign-in code.
    pub urgent: Arc<Notify>,
    /// Set at shutdown; no new lease is taken.
    pub stopping: Arc<AtomicBool>,
}

/// The polling interval.
const PAUSE: Duration = Duration::from_millis(500);

/// The lease of a batch. It is longer than the batch takes if every send takes the full timeout. After a crash its messages are
/// late by as much.
const LEASE: TimeDelta = TimeDelta::seconds(90);

/// The largest number of SMS in flight.
const SMS_AT_ONCE: usize = 32;

/// Batch size as a multiple of the concurrency. If every send takes the full timeout, the last one still finishes before its lease
/// expires.
const AHEAD: usize = 6;

/// The smallest batch, for transports that are fast, such as files in a folder.
const LEAST_AT_ONCE: usize = 50;

/// The time for which outcomes are collected before they are recorded in one transaction.
const GATHERING: Duration = Duration::from_millis(50);

/// The age of a lease up to which a message is sent without another check of it.
const FRESH: TimeDelta = TimeDelta::seconds(1);

/// Sends the due messages of a channel until shutdown, and then waits for those in flight.
pub async fn run(service: Outbox, channel: Channel) {
    let at_once = match channel {
        Channel::Email => service.mailer.connections as usize,
        Channel::Sms => SMS_AT_ONCE,
    };
    let most = (at_once * AHEAD).max(LEAST_AT_ONCE);
    let sending = Arc::new(Semaphore::new(at_once));
    let (outcomes, noted) = mpsc::channel(most);
    let noting = tokio::spawn(note_all(service.clone(), noted, most));
    while !service.stopping.load(Ordering::Relaxed) {
        match lease(&service, channel, most).await {
            Ok(leased) => {
                let since = service.clock.now();
                let all = leased.len() < most;
                for message in leased {
                    // The semaphore is never closed.
                    let Ok(permit) = sending.clone().acquire_owned().await else { return };
                    let (service, outcomes) = (service.clone(), outcomes.clone());
                    tokio::spawn(async move {
                        let outcome = send(&service, &message, since).await;
                        // At shutdown the recorder may be gone.
                        outcomes.send((message, outcome)).await.ok();
                        drop(permit);
                    });
                }
                // An incomplete batch is followed by a pause, which ends when somebody waits for a message. Each lease is a commit,
                // and bookings would wait for it.
                if all {
                    timeout(PAUSE, service.urgent.notified()).await.ok();
                }
            }
            Err(error) => {
                tracing::warn!("the outbox cannot be emptied now: {error:#}");
                sleep(PAUSE * 10).await;
            }
        }
    }
    drop(outcomes);
    noting.await.ok();
}

/// Leases at most `most` of the due messages, after expiring those that are too late.
async fn lease(service: &Outbox, channel: Channel, most: usize) -> sqlx::Result<Vec<Leased>> {
    let now = service.clock.now();
    let what = Sendable { channel, now, quiet: channel == Channel::Sms && messages::is_quiet(now) };
    // Most polls find nothing, so a read comes first and avoids an empty write transaction.
    if !outbox::any_due(&mut *service.store.read().await?, what).await? {
        return Ok(Vec::new());
    }
    let mut transaction = service.store.write().await?;
    outbox::expire(&mut transaction, what).await?;
    let leased = outbox::lease(&mut transaction, what, now + LEASE, most as i64).await?;
    transaction.commit().await?;
    Ok(leased)
}

/// Records outcomes, as many in one transaction as are available and at most `most`.
async fn note_all(service: Outbox, mut outcomes: mpsc::Receiver<(Leased, Outcome)>, most: usize) {
    let mut done = Vec::new();
    while outcomes.recv_many(&mut done, most).await > 0 {
        // A commit costs the same for many outcomes, so a short wait collects those that are about to finish.
        sleep(GATHERING).await;
        while done.len() < most
            && let Ok(more) = outcomes.try_recv()
        {
            done.push(more);
        }
        // An unrecorded message would be sent again, so recording is retried until it succeeds.
        while let Err(error) = note(&service, &done).await {
            tracing::warn!("what was sent cannot be noted now: {error:#}");
            sleep(PAUSE).await;
        }
        done.clear();
    }
}

/// The outcome of a send. `None`: the message was withdrawn, or the lease lost, and it was not sent.
type Outcome = Option<Result<(), Undelivered>>;

async fn send(service: &Outbox, message: &Leased, since: DateTime<Utc>) -> Outcome {
    let now = service.clock.now();
    // An older lease is checked again: the message may be withdrawn, or leased by another worker.
    if now - since > FRESH {
        let still_holds = async { outbox::is_still_leased(&mut *service.store.read().await?, message, now).await };
        match still_holds.await {
            Ok(true) => {}
            Ok(false) => return None,
            Err(error) => return Some(Err(Undelivered::later(error))),
        }
    }
    let Leased { id, address, subject, body, expires, .. } = message;
    Some(match message.channel {
        Channel::Email => service.mailer.send(&Mail { id, to: address, subject, body }, now).await,
        Channel::Sms => service.sms.send(&Sms { id, to: address, text: body, expires: *expires }, now).await,
    })
}

async fn note(service: &Outbox, done: &[(Leased, Outcome)]) -> sqlx::Result<()> {
    let now = service.clock.now();
    let mut transaction = service.store.write().await?;
    let sent: Vec<&MessageId> =
        done.iter().filter(|(_, outcome)| matches!(outcome, Some(Ok(())))).map(|(message, _)| &message.id).collect();
    outbox::sent(&mut transaction, &sent, now).await?;
    for (message, outcome) in done {
        if !matches!(outcome, Some(Ok(()))) {
            outbox::release(&mut transaction, message).await?;
        }
        let Some(Err(why)) = outcome else { continue };
        tracing::warn!(
            "message {} ({}) was not sent, attempt {}: {why:?}",
            message.id,
            message.kind.code(),
            message.attempts
        );
        match why {
            Undelivered::Never(_) => {
                if !outbox::fall_back(&mut transaction, &message.id, now).await? {
                    outbox::failed(&mut transaction, &message.id, DeliveryFailure::AddressRefused, now).await?;
                }
            }
            Undelivered::Later { after, .. } => {
                let pause = pause_after(message.kind, message.attempts).max(after.map_or(TimeDelta::zero(), span));
                outbox::later(&mut transaction, message, due(now, pause, message.expires)).await?;
            }
        }
    }
    transaction.commit().await
}

/// Returns the time of the next attempt. If the pause would outlast the message, there is one last attempt a minute before it
/// expires.
fn due(now: DateTime<Utc>, pause: TimeDelta, expires: DateTime<Utc>) -> DateTime<Utc> {
    const SHORTLY: TimeDelta = TimeDelta::seconds(60);
    let (usual, last) = (now + pause, expires - SHORTLY);
    if usual > last && last > now { last } else { usual }
}

fn span(duration: Duration) -> TimeDelta {
    // A retry comes after an hour at most, whatever delay the other side asks for.
    TimeDelta::from_std(duration.min(Duration::from_secs(3600))).unwrap_or(TimeDelta::zero())
}

/// Returns the exponential backoff after an attempt: 30 seconds, doubled each time, up to an hour. A sign-in code begins with two
/// seconds, because somebody waits for it. A jitter of a quarter keeps messages that failed together from being retried together.
fn pause_after(kind: Kind, attempts: i64) -> TimeDelta {
    let first = if kind == Kind::Code { 2_000 } else { 30_000 };
    let milliseconds = (first << (attempts.clamp(1, 12) - 1)).min(3_600_000);
    TimeDelta::milliseconds(rand::rng().random_range(milliseconds * 3 / 4..=milliseconds * 5 / 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_tried_once_more_before_it_is_worth_nothing() {
        let now = DateTime::UNIX_EPOCH;
        for (pause, expires, expected) in [(30, 3600, 30), (3600, 1800, 1740), (90, 120, 60), (30, 50, 30)] {
            let after = TimeDelta::seconds;
            assert_eq!(due(now, after(pause), now + after(expires)), now + after(expected), "{pause} {expires}");
        }
    }

    #[test]
    fn who_fails_waits_longer_each_time_and_not_together() {
        let mut pauses = std::collections::BTreeSet::new();
        for _ in 0..50 {
            let first = pause_after(Kind::Booked, 1).num_milliseconds();
            assert!((22_500..=37_500).contains(&first));
            pauses.insert(first);
            assert!((45_000..=75_000).contains(&pause_after(Kind::Booked, 2).num_milliseconds()));
            assert!(pause_after(Kind::Booked, 40).num_minutes() <= 75);
            assert!(pause_after(Kind::Code, 1).num_milliseconds() <= 2_500);
        }
        assert!(pauses.len() > 10, "they come back together");
    }
}
