//! `skranke close`: previews or carries out a closure by `services::closure`. It prints what the preview on the staff pages shows.

use std::{ops::RangeInclusive, process::ExitCode};

use anyhow::{Context, bail};
use api::closures::{DayOfClosure, Extent};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rules::closure::{Rounding, Share};

use crate::{
    cli::{
        Database,
        output::{open, say},
    },
    messages::Templates,
    services::closure::{self, Closure, Outcome},
    store::{Store, audit::Actor},
};

/// Previews a closure, or carries it out if `really` is `true`, and prints its effect. `share` is the capacity left, in percent.
///
/// Fails if the office is not found, if `share` is above 100, or if somebody else closed the office at the same time.
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

/// Formats the effect on one day, with the rounding of the capacity.
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
