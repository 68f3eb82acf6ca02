//! How often somebody may do something. It is counted in the database, so it holds whichever server answers.

use api::ProblemCode;
use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    error::{Error, Result},
    store::{Connection, uses},
};

pub struct Limit {
    what: &'static str,
    most: i64,
    /// The span in which so many are allowed; spans follow one another from 1970 on.
    within: TimeDelta,
}

/// Codes asked for from one network address. A reception centre, where many people live, has one for all of them: what
/// protects a single mailbox is the limit of its own (`routes/sign_in_codes.rs`).
pub const CODES: Limit = Limit { what: "code", most: 300, within: TimeDelta::minutes(15) };

/// Codes typed, from one network address. Of each code's own tries there are five.
pub const SIGN_INS: Limit = Limit { what: "sign-in", most: 300, within: TimeDelta::minutes(15) };

/// What one person changes: each booking and each cancellation sends a message and stands in the audit for good.
pub const CHANGES: Limit = Limit { what: "change", most: 200, within: TimeDelta::minutes(10) };

/// Parts of documents that one person sends: a file of 20 MB in pieces of 64 KB has 300, and a lost connection makes more.
pub const PARTS: Limit = Limit { what: "part", most: 10_000, within: TimeDelta::minutes(10) };

/// What one officer changes by hand.
pub const DESK_CHANGES: Limit = Limit { what: "desk-change", most: 2000, within: TimeDelta::minutes(10) };

/// Cases that one person asks for: nobody guesses another's day of birth.
pub const CASES: Limit = Limit { what: "case", most: 10, within: TimeDelta::minutes(15) };

/// Answers to whether somebody found what they were looking for, from one network address.
pub const FEEDBACK: Limit = Limit { what: "feedback", most: 100, within: TimeDelta::minutes(15) };

/// Counts something that is logged once per caller and quarter of an hour, and says whether this is the first.
pub async fn first_in_quarter(
    connection: &mut Connection,
    who: &str,
    what: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    Ok(uses::count(connection, who, what, quarter(now)).await? == 1)
}

/// The beginning of the quarter of an hour.
pub fn quarter(now: DateTime<Utc>) -> DateTime<Utc> {
    now - TimeDelta::seconds(now.timestamp().rem_euclid(TimeDelta::minutes(15).num_seconds()))
}

impl Limit {
    /// Waits until others who do the same for the same one have done it, without asking how often that was: an officer helps
    /// somebody who has tried too often themselves.
    pub async fn in_turn(&self, connection: &mut Connection, who: &str, now: DateTime<Utc>) -> sqlx::Result<()> {
        let since = now - TimeDelta::seconds(now.timestamp().rem_euclid(self.within.num_seconds()));
        uses::count(connection, who, self.what, since).await.map(|_| ())
    }

    /// Takes the turns of several at once, as `in_turn` does for one, and counts nothing. Only one transaction at a time may do
    /// this, so that no two wait for each other: closings wait for each other before.
    pub async fn in_turn_all(&self, connection: &mut Connection, all: &[&str], now: DateTime<Utc>) -> sqlx::Result<()> {
        let since = now - TimeDelta::seconds(now.timestamp().rem_euclid(self.within.num_seconds()));
        uses::lock_all(connection, all, self.what, since).await
    }

    /// Counts one more use in the transaction of what it is for. Others who do the same for the same one wait until that
    /// ends.
    pub async fn take(&self, connection: &mut Connection, who: &str, now: DateTime<Utc>) -> Result<()> {
        let span = self.within.num_seconds();
        let since = now - TimeDelta::seconds(now.timestamp().rem_euclid(span));
        if uses::count(connection, who, self.what, since).await? <= self.most {
            return Ok(());
        }
        let over = since + self.within - now;
        Err(Error { retry_after: Some(over.num_seconds().max(1)), ..Error::new(ProblemCode::TooManyRequests) })
    }
}
