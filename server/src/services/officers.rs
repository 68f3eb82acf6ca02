//! Officers: the link by which they join, and the commands by which the first of a district is added.

use std::process::ExitCode;

use anyhow::{Context, bail};
use api::{
    ids::OfficerId,
    officers::{Joining, Officer, Role},
};
use chrono::{DateTime, TimeDelta, Utc};
use rules::{Coded, District, text::is_no_text};

use crate::{
    cli::{
        Database,
        close::{open, say},
    },
    secrets,
    store::{
        Connection, Store,
        access_grants::{self, Kind},
        audit::{self, Action, Actor},
        officers,
    },
};

/// How long a link to join is good for.
const LINK_LASTS: TimeDelta = TimeDelta::days(3);

/// A name as it is kept: without spaces around it, in one line that nothing turns, not too long. `None` if it cannot be.
pub fn name(typed: &str) -> Option<String> {
    const LONGEST: usize = 100;
    let name = typed.trim();
    let good = !name.is_empty() && name.chars().count() <= LONGEST && !name.contains(is_no_text);
    good.then(|| name.to_owned())
}

/// Makes the link by which an officer adds a passkey. `giver` is the officer who makes it, or `None` for the command line.
///
/// A link that somebody else makes stands in for passkeys that are lost. They end at once, with every session: whoever found the device
/// is out, and an officer whose link another person uses notices it. The officer's own link adds one more passkey and ends nothing.
pub async fn join(
    connection: &mut Connection,
    origin: &str,
    giver: Option<&OfficerId>,
    kind: Kind,
    officer: Officer,
    now: DateTime<Utc>,
) -> sqlx::Result<Joining> {
    if giver != Some(&officer.id) {
        officers::end_access(connection, &officer.id).await?;
    }
    let access_grant = access_grants::add(connection, giver, &officer.id, kind, now).await?;
    // The token stands behind `#`, so that it gets into no log.
    let token = secrets::session_token();
    let expires = now + LINK_LASTS;
    officers::link(connection, &officer.id, &secrets::hash(&[&token]), &access_grant, expires).await?;
    Ok(Joining { officer, link: format!("{origin}/desk/join#{token}"), expires })
}

/// Adds an officer from the command line, and writes the link.
pub async fn add(
    database: &Database,
    origin: &str,
    now: DateTime<Utc>,
    typed: &str,
    district: &str,
    role: &str,
) -> anyhow::Result<ExitCode> {
    let name = name(typed).context("a name is one line of up to 100 characters")?;
    let (district, role) = (known::<District>(district)?, known::<Role>(role)?);
    let store = open(database).await?;
    let mut transaction = store.write().await?;
    let officer = officers::add(&mut transaction, &name, district, role, now).await?;
    audit::add(&mut transaction, Actor::CommandLine, Action::AddOfficer, &officer.id, now).await?;
    let joining = join(&mut transaction, origin, None, Kind::Add, officer, now).await?;
    transaction.commit().await?;
    say(&words(&joining))
}

/// Writes a new link for an officer, and ends the passkeys that they had.
pub async fn link(database: &Database, origin: &str, now: DateTime<Utc>, id: &OfficerId) -> anyhow::Result<ExitCode> {
    let store = open(database).await?;
    let mut transaction = store.write().await?;
    let Some(officer) = officers::find(&mut transaction, id).await? else { bail!("no officer has the id {id}") };
    audit::add(&mut transaction, Actor::CommandLine, Action::LinkOfficer, &officer.id, now).await?;
    let joining = join(&mut transaction, origin, None, Kind::Link, officer, now).await?;
    transaction.commit().await?;
    let name = &joining.officer.name;
    say(&format!("{}The passkeys and sessions that {name} had until now are ended.\n", words(&joining)))
}

fn words(joining: &Joining) -> String {
    let Joining { officer, link, expires } = joining;
    format!("Once, and until {expires}, a passkey for {} can be added at\n{link}\n", officer.name)
}

/// Writes who works where.
pub async fn list(database: &Database) -> anyhow::Result<ExitCode> {
    let store = Store::open_to_read(&database.address()?).await?;
    let all = officers::list(&mut *store.read().await?, None).await?;
    let line = |Officer { id, name, district, role }: &Officer| {
        format!("{id}  {:<16} {:<14} {name}\n", district.code(), role.code())
    };
    say(&all.iter().map(line).collect::<String>())
}

/// Ends an officer's work here.
pub async fn end(database: &Database, now: DateTime<Utc>, id: &OfficerId) -> anyhow::Result<ExitCode> {
    let store = open(database).await?;
    let mut transaction = store.write().await?;
    if !officers::end(&mut transaction, id, now).await? {
        bail!("no officer has the id {id}");
    }
    audit::add(&mut transaction, Actor::CommandLine, Action::EndOfficer, id, now).await?;
    transaction.commit().await?;
    Ok(ExitCode::SUCCESS)
}

fn known<T: Coded>(code: &str) -> anyhow::Result<T> {
    let expected = || T::ALL.iter().map(|value| value.code()).collect::<Vec<_>>().join(", ");
    T::from_code(code).with_context(|| format!("{code} is none of {}", expected()))
}
