//! Officers' access: names and the links for passkeys. Administrators' handlers and the command line call this.

use api::{
    ids::OfficerId,
    officers::{Joining, Officer},
};
use chrono::{DateTime, TimeDelta, Utc};
use rules::text::is_no_text;

use crate::{
    secrets,
    store::{
        Connection,
        access_grants::{self, Kind},
        officers,
    },
};

/// How long a link is valid.
const LINK_LASTS: TimeDelta = TimeDelta::days(3);

/// Returns a name in its stored form: trimmed, one line, without direction marks. `None` if it is empty or too long.
pub fn name(typed: &str) -> Option<String> {
    const LONGEST: usize = 100;
    let name = typed.trim();
    let good = !name.is_empty() && name.chars().count() <= LONGEST && !name.contains(is_no_text);
    good.then(|| name.to_owned())
}

/// Makes the link with which an officer adds a passkey. `giver` is the officer who makes it, or `None` for the command line.
///
/// A link made by another person replaces lost passkeys: they end at once, with all sessions. A finder of the lost device is signed
/// out, and an officer whose link another person uses notices it. The officer's own link adds a passkey and ends nothing.
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
    // The fragment of a URL is not sent to servers, so the token gets into no log.
    let token = secrets::session_token();
    let expires = now + LINK_LASTS;
    officers::link(connection, &officer.id, &secrets::hash(&[&token]), &access_grant, expires).await?;
    Ok(Joining { officer, link: format!("{origin}/desk/join#{token}"), expires })
}
