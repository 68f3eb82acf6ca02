//! What an office does from the command line: close for some days, see how its messages are getting on, work off the call list.

use std::{
    fmt::Write as _,
    io::{self, Write as _},
    ops::RangeInclusive,
    process::ExitCode,
};

use anyhow::{Context, bail};
use api::{
    closures::{DayOfClosure, Extent},
    messages::{DeliveryFailure, Ledger},
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rules::{
    Coded,
    closure::{Rounding, Share},
};
use serde_json::json;

use crate::{
    cli::Database,
    messages::Templates,
    services::closure::{self, Closure, Outcome},
    store::{
        Store,
        audit::Actor,
        bulk_actions::{self, BulkAction},
        messages, outbox,
    },
};

/// Says what closure an office would do, or does it.
pub async fn close(
    database: &Database,
    origin: &str,
    now: DateTime<Utc>,
    office: &str,
    days: RangeInclusive<NaiveDate>,
    share: u8,
    really: bool,
) -> anyhow::Result<ExitCode> {
    let templates = Templates::load(&database.data_dir.join("messages"), origin)?;
    let store = if really { open(database).await? } else { Store::open_to_read(&database.address()?).await? };
    let mut connection = store.read().await?;
    let office = closure::office_named(&mut connection, office).await?;
    let share = Share::new(share).context("a share is from 0 to 100 percent")?;
    let closure = Closure::new(office, *days.start(), *days.end(), share, now)?;
    if !really {
        let extent = closure::preview(&mut connection, &closure, now).await?;
        return say(&format!("{}\nNothing has changed. With --yes:\n{}", closure.words(), words(&extent)));
    }
    drop(connection);
    let mut transaction = store.write().await?;
    let wait = TimeDelta::zero();
    let outcome = closure::close(&templates, &mut transaction, &closure, None, Actor::CommandLine, wait, now).await?;
    let (id, extent) = match outcome {
        Outcome::Closed { id, extent } => (id, extent),
        Outcome::NothingLeft => {
            return say(&format!(
                "{} was closed already: nobody has a time, and there is none left to take back.\n",
                closure.words()
            ));
        }
        Outcome::ClosedMeanwhile => bail!("somebody else has just closed it"),
    };
    transaction.commit().await?;
    say(&format!(
        "{} is closed.\n{}Bulk action {id}; `skranke outbox status` says how its messages are getting on.\n",
        closure.words(),
        words(&extent)
    ))
}

fn words(extent: &Extent) -> String {
    let Extent {
        share, keep, critical, lose, by_sms, by_email, to_call, at_short_notice, free_taken, free_left, ..
    } = extent;
    let days: String = extent.days.iter().map(|day| day_words(*share, day)).collect();
    format!(
        "  {lose} lose their appointment, {at_short_notice} of them at short notice\n  \
         {by_sms} are told by SMS, {by_email} by e-mail, {to_call} have to be called\n  \
         {keep} keep it, {critical} of them for critical travel\n  \
         {free_taken} free times are taken back, {free_left} stay\n\
         {days}"
    )
}

/// What becomes of a day, with the rounding that made it so.
fn day_words(share: u8, of: &DayOfClosure) -> String {
    let DayOfClosure { day, times, left, rounding, booked, keep, free, free_left } = of;
    let rounded = match rounding {
        Rounding::Exact => "",
        Rounding::Up => " (rounded up)",
        Rounding::Down => " (rounded down)",
        Rounding::One => " (at least one)",
    };
    format!(
        "  {day}: {share} % of {times} is {left}{rounded}; appointments {booked} -> {keep}, free {free} -> {free_left}\n"
    )
}

/// Writes to standard output. Whoever reads it may have seen enough before its end.
pub(crate) fn say(text: &str) -> anyhow::Result<ExitCode> {
    let mut output = io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// Writes how many messages are in which state, and the ledger of each bulk action.
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

/// Writes the call list, or takes somebody off it.
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

/// The database of a server that may be running, to write to: one that is there, and of our own version.
pub(crate) async fn open(database: &Database) -> anyhow::Result<Store> {
    let address = database.address()?;
    Store::open_to_read(&address).await?.ensure_own_version().await?;
    Store::open(&address).await
}
