//! `skranke outbox`: the state of messages, and the call list.

use std::{fmt::Write as _, process::ExitCode};

use anyhow::bail;
use api::messages::{DeliveryFailure, Ledger};
use chrono::{DateTime, Utc};
use rules::Coded;
use serde_json::json;

use crate::{
    cli::{
        Database,
        output::{open, say},
    },
    store::{
        Store,
        bulk_actions::{self, BulkAction},
        messages, outbox,
    },
};

/// Prints the number of messages in each state, and the ledger of each bulk action.
pub async fn status(database: &Database, now: DateTime<Utc>) -> anyhow::Result<ExitCode> {
    let store = Store::open_to_read(&database.address()?).await?;
    let mut connection = store.snapshot().await?;
    let mut text = String::new();
    writeln!(text, "{:<28}{:<9}{:<12}{:>8}", "message", "channel", "state", "count")?;
    for count in messages::counts(&mut connection).await? {
        let state = if count.no_address { DeliveryFailure::NoAddress.code() } else { count.state.code() };
        let (kind, channel) = (count.kind.code(), count.channel.code());
        writeln!(text, "{kind:<28}{channel:<9}{state:<12}{:>8}", count.count)?;
    }
    if let Some(since) = outbox::oldest_due(&mut connection, now).await? {
        let waits = (now - since).max(chrono::TimeDelta::zero());
        writeln!(text, "\nThe oldest that is due waits since {since}, for {} s.", waits.num_seconds())?;
    }
    writeln!(text, "\nTo be called: {}", messages::calls(&mut connection, None).await?.len())?;
    for action in bulk_actions::list(&mut connection).await? {
        let BulkAction { kind, words, made, ledger, .. } = &action;
        let Ledger { to_tell, waiting, sent, delivered, withdrawn, to_call, called } = ledger;
        let failed = to_call + called;
        writeln!(text, "\n{} {words}, {made}", kind.code())?;
        writeln!(
            text,
            "  to tell {to_tell} = waiting {waiting} + sent {sent} + delivered {delivered} + failed {failed} + withdrawn {withdrawn}"
        )?;
        writeln!(text, "  of those that failed, on the call list {to_call}, called {called}")?;
    }
    say(&text)
}

/// Prints the call list, or takes the message `done` off it. Fails if `done` is not on the list.
pub async fn calls(database: &Database, now: DateTime<Utc>, done: Option<&str>) -> anyhow::Result<ExitCode> {
    if let Some(message) = done {
        let store = open(database).await?;
        let mut transaction = store.write().await?;
        if !messages::called(&mut transaction, &message.into(), now).await? {
            bail!("nobody is on the call list for the message {message}");
        }
        transaction.commit().await?;
        return Ok(ExitCode::SUCCESS);
    }
    let store = Store::open_to_read(&database.address()?).await?;
    let mut text = String::new();
    for call in messages::calls(&mut *store.read().await?, None).await? {
        let line = json!({
            "message": call.message,
            "what": call.kind.code(),
            "reason": call.fault.code(),
            "applicant": call.applicant,
            "reference": call.reference,
            "phone": call.phone,
            "email": call.email,
            "since": call.since,
            "text": call.text,
        });
        writeln!(text, "{line}")?;
    }
    say(&text)
}
