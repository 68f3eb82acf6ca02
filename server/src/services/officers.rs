//! Officers: their names, and the link by which they join. The commands stand in `cli/officers.rs`.

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
