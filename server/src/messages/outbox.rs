//! The workers that empty the outbox, one for each channel, so that a gateway that is slow holds up no e-mail. Several servers may
//! each run theirs on the same database.
//!
//! A message is leased, then sent, then noted as sent, each in a transaction of its own. Whoever dies between two of these has
//! lost nothing: when the lease is over another sends the message again, with the same id, by which the mailbox or the gateway
//! can tell.

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

/// What the workers need of the server.
#[derive(Clone)]
pub struct Outbox {
    pub store: Store,
    pub clock: Clock,
    pub mailer: Mailer,
    pub sms: Sender,
    /// Notified when somebody waits for a message.
    pub urgent: Arc<Notify>,
    /// Set when the server stops: no new work begins.
    pub stopping: Arc<AtomicBool>,
}

/// How often the outbox is looked at when nobody calls.
const PAUSE: Duration = Duration::from_millis(500);

/// How long a worker may take for what it has taken: longer than all of it takes if each message takes as long as it may. Who
/// dies with a lease delays its messages by as much.
const LEASE: TimeDelta = TimeDelta::seconds(90);

/// How many SMS are on their way at the same time.
const SMS_AT_ONCE: usize = 32;

/// So many times as many as are on their way are leased at once: if each takes as long as it may, the last is sent well within
/// the lease.
const AHEAD: usize = 6;

/// Of what is quick, such as files in a folder, so many at least.
const LEAST_AT_ONCE: usize = 50;

/// How long what was sent waits for more before it is noted.
const GATHERING: Duration = Duration::from_millis(50);

/// So long after it was leased a message is sent without being looked at again.
const FRESH: TimeDelta = TimeDelta::seconds(1);

/// Sends what is due on a channel, until it is told to stop; then it lets what is on its way end.
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
                        // Whoever would note it is gone when the server stops.
                        outcomes.send((message, outcome)).await.ok();
                        drop(permit);
                    });
                }
                // Between few and fewer a pause, which ends when somebody waits for a message: each look that finds something
                // commits, and whoever books meanwhile waits for that.
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

/// Takes some of what is due.
async fn lease(service: &Outbox, channel: Channel, most: usize) -> sqlx::Result<Vec<Leased>> {
    let now = service.clock.now();
    let what = Sendable { channel, now, quiet: channel == Channel::Sms && messages::is_quiet(now) };
    // Most times there is nothing, and nothing to write.
    if !outbox::any_due(&mut *service.store.read().await?, what).await? {
        return Ok(Vec::new());
    }
    let mut transaction = service.store.write().await?;
    outbox::expire(&mut transaction, what).await?;
    let leased = outbox::lease(&mut transaction, what, now + LEASE, most as i64).await?;
    transaction.commit().await?;
    Ok(leased)
}

/// Notes what has become of messages, as many in one transaction as are there.
async fn note_all(service: Outbox, mut outcomes: mpsc::Receiver<(Leased, Outcome)>, most: usize) {
    let mut done = Vec::new();
    while outcomes.recv_many(&mut done, most).await > 0 {
        // Those that are about to be done are noted along: a commit costs the same for all.
        sleep(GATHERING).await;
        while done.len() < most
            && let Ok(more) = outcomes.try_recv()
        {
            done.push(more);
        }
        // What is not noted would be sent again, so it is tried until it works.
        while let Err(error) = note(&service, &done).await {
            tracing::warn!("what was sent cannot be noted now: {error:#}");
            sleep(PAUSE).await;
        }
        done.clear();
    }
}

/// What has become of a message. `None`: it was withdrawn, and not sent.
type Outcome = Option<Result<(), Undelivered>>;

async fn send(service: &Outbox, message: &Leased, since: DateTime<Utc>) -> Outcome {
    let now = service.clock.now();
    // What had to wait after it was leased may not hold any more, or be another's by now.
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

/// When a message is tried again after a pause: once more shortly before it is worth nothing, rather than never again.
fn due(now: DateTime<Utc>, pause: TimeDelta, expires: DateTime<Utc>) -> DateTime<Utc> {
    const SHORTLY: TimeDelta = TimeDelta::seconds(60);
    let (usual, last) = (now + pause, expires - SHORTLY);
    if usual > last && last > now { last } else { usual }
}

fn span(duration: Duration) -> TimeDelta {
    // However long the other side would have us wait, in an hour we ask again.
    TimeDelta::from_std(duration.min(Duration::from_secs(3600))).unwrap_or(TimeDelta::zero())
}

/// Half a minute after the first attempt, then twice as long each time up to an hour; for a code, which somebody waits for, two
/// seconds. A quarter more or less, so that what failed together does not come back together.
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
