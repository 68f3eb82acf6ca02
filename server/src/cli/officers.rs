//! `skranke officer`: adds the first administrator of a district, replaces lost passkeys by a link, lists officers and ends their
//! access.

use std::process::ExitCode;

use anyhow::{Context, bail};
use api::{
    ids::OfficerId,
    officers::{Joining, Officer, Role},
};
use chrono::{DateTime, Utc};
use rules::{Coded, District};

use crate::{
    cli::{
        Database,
        output::{open, say},
    },
    services::officers::{join, name},
    store::{
        Store,
        access_grants::Kind,
        audit::{self, Action, Actor},
        officers,
    },
};

/// Adds an officer and prints the link by which they add a passkey. Fails if the name, district or role is not valid.
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

/// Prints a new passkey link for an officer and ends their passkeys and sessions. Fails if no officer has this id.
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

/// Prints all officers with id, district and role.
pub async fn list(database: &Database) -> anyhow::Result<ExitCode> {
    let store = Store::open_to_read(&database.address()?).await?;
    let all = officers::list(&mut *store.read().await?, None).await?;
    let line = |Officer { id, name, district, role }: &Officer| {
        format!("{id}  {:<16} {:<14} {name}\n", district.code(), role.code())
    };
    say(&all.iter().map(line).collect::<String>())
}

/// Ends an officer's access. Fails if no officer has this id.
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
