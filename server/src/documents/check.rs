//! The worker that checks complete documents: virus scanner first, if there is one, then inspection in the sandbox. `serve` starts
//! it.
//!
//! A document is leased, so several servers may run workers on one database. After a crash the lease expires, and another worker
//! checks the document again.

use std::{sync::atomic::Ordering, time::Duration};

use api::{
    documents::FileFault,
    ids::{CaseId, DocumentId},
    messages::Kind as Message,
};
use chrono::TimeDelta;
use rules::{Outcome, notice::Language};
use tokio::time::{sleep, timeout};

use crate::documents::{Documents, inspect, open, retention};
use crate::{
    messages::{self, Facts, Recipient, Subject},
    store::{
        Connection, cases,
        documents::{self, ToCheck, Verdict},
        outbox,
    },
    text::names,
};

/// The number of concurrent checks. A slow scanner or a hard document delays few others.
pub const AT_ONCE: usize = 4;

/// The polling interval.
const PAUSE: Duration = Duration::from_millis(500);

/// The lease of a check. It is longer than a check can take.
const LEASE: TimeDelta = TimeDelta::minutes(4);

/// The number of timeouts after which the document counts as broken. Fewer may be due to a busy machine.
const OVERRUNS: i64 = 5;

/// The number of attempts at a scanner that does not answer, which takes some twenty minutes. After that the document is accepted
/// as unscanned, and the staff pages show it as pictures, as they do without a scanner.
const TRIES: i64 = 8;

/// Checks documents until shutdown.
pub async fn run(service: Documents) {
    while !service.stopping.load(Ordering::Relaxed) {
        match next(&service).await {
            Ok(true) => {}
            Ok(false) => {
                timeout(PAUSE, service.arrived.notified()).await.ok();
            }
            Err(error) => {
                tracing::warn!("documents cannot be checked now: {error:#}");
                sleep(PAUSE).await;
            }
        }
    }
}

/// Checks one document. Returns `false` if none waits.
async fn next(service: &Documents) -> anyhow::Result<bool> {
    // Reads first, because an empty write transaction would delay other writers.
    if !documents::is_any_to_check(&mut *service.store.read().await?, service.clock.now()).await? {
        return Ok(false);
    }
    let mut transaction = service.store.write().await?;
    let now = service.clock.now();
    let leased = documents::lease_to_check(&mut transaction, now, now + LEASE).await?;
    transaction.commit().await?;
    let Some(document) = leased else { return Ok(false) };
    match look(service, &document).await {
        Ok(verdict) => note(service, &document, verdict).await?,
        Err(error) if error.is::<inspect::OutOfTime>() && document.overran + 1 >= OVERRUNS => {
            tracing::warn!(
                document = document.id.as_str(),
                "a document ran out of time {OVERRUNS} times, and is broken"
            );
            note(service, &document, Verdict::Bad(FileFault::Broken)).await?;
        }
        Err(error) => {
            tracing::warn!(
                document = document.id.as_str(),
                tried = document.tried,
                "a document cannot be checked now: {error:#}"
            );
            let mut transaction = service.store.write().await?;
            let due = service.clock.now() + after(document.tried);
            let overran = error.is::<inspect::OutOfTime>();
            documents::put_off(&mut transaction, &document.id, due, overran).await?;
            transaction.commit().await?;
        }
    }
    Ok(true)
}

/// Returns the exponential backoff after an attempt: 10 seconds, doubled each time, up to 15 minutes.
fn after(tried: i64) -> TimeDelta {
    TimeDelta::seconds(10)
        .checked_mul(1 << tried.clamp(1, 20).saturating_sub(1))
        .unwrap_or_default()
        .min(TimeDelta::minutes(15))
}

/// Scans and inspects a document. Fails if the result cannot be known now, so that the check is retried.
async fn look(service: &Documents, document: &ToCheck) -> anyhow::Result<Verdict> {
    if !document.sha256.is_empty() && document.sha256 != document.hashing {
        return Ok(Verdict::Bad(FileFault::Damaged));
    }
    let scanned = match &service.scanner {
        None => false,
        Some(scanner) => {
            let bytes = open(service, &document.case, &document.id).await?;
            match scanner.is_clean(bytes).await {
                Ok(false) => return Ok(Verdict::Bad(FileFault::Infected)),
                Ok(true) => true,
                Err(error) if document.tried >= TRIES => {
                    tracing::error!(document = document.id.as_str(), "taken without a scan: {error:#}");
                    false
                }
                Err(error) => return Err(error.context("the virus scanner")),
            }
        }
    };
    let seen = inspect::inspect(service.terms, open(service, &document.case, &document.id).await?).await?;
    Ok(match (seen.kind, seen.fault) {
        (Some(kind), None) => Verdict::Good { kind, pages: seen.pages, scanned, active: seen.active },
        (_, fault) => Verdict::Bad(fault.unwrap_or(FileFault::Broken)),
    })
}

/// Records the verdict and notifies the applicant. The bytes of a refused document are erased at once.
async fn note(service: &Documents, document: &ToCheck, verdict: Verdict) -> anyhow::Result<()> {
    let mut transaction = service.store.write().await?;
    let now = service.clock.now();
    if documents::check(&mut transaction, &document.id, &verdict, now).await? {
        let reason = match &verdict {
            Verdict::Good { .. } => None,
            Verdict::Bad(fault) => Some([Language::Nb, Language::En].map(|language| names::fault(*fault, language))),
        };
        let about = (&document.case, &document.id, document.name.as_str());
        tell(service, &mut transaction, about, reason).await?;
    }
    transaction.commit().await?;
    if let Verdict::Bad(_) = verdict {
        retention::erase(service, &document.id).await?;
    }
    Ok(())
}

/// Notifies the applicant that a document was received, or that it was returned and why, in both languages.
pub async fn tell(
    service: &Documents,
    connection: &mut Connection,
    (case, document, name): (&CaseId, &DocumentId, &str),
    returned: Option<[&str; 2]>,
) -> anyhow::Result<()> {
    let now = service.clock.now();
    let Some((case, person)) = cases::find_any(connection, case, now).await? else { return Ok(()) };
    // The last day for sending it again is named only if the rules still allow sending.
    let decision = rules::decide(&service.policy.at(now).policy, &case.facts_to_upload(now));
    let may_send = decision.outcome == Outcome::Allowed;
    let facts = Facts {
        applicant: &case.applicant,
        reference: &case.reference,
        document: name,
        reason: returned.unwrap_or_default(),
        last_day: case.invitation.as_ref().filter(|_| may_send).map(|invitation| invitation.last),
        ..Facts::default()
    };
    let to = Recipient { language: person.language, email: &person.email, phone: person.phone.as_deref() };
    let subject = Subject {
        case: Some(&case.id),
        about: document,
        application_type: Some(case.application_type),
        starts: None,
        bulk_action: None,
    };
    let kind = if returned.is_some() { Message::DocumentReturned } else { Message::DocumentReceived };
    outbox::add(connection, &messages::write(&service.templates, to, kind, subject, &facts, now)?, now).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scanner_that_does_not_answer_is_asked_for_twenty_minutes() {
        let pauses: Vec<i64> = (1..TRIES).map(|tried| after(tried).num_seconds()).collect();
        assert_eq!(pauses, [10, 20, 40, 80, 160, 320, 640]);
        assert_eq!(after(60), TimeDelta::minutes(15));
    }
}
