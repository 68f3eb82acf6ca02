//! Rate limits: how often a caller, a person or a mailbox may do something. They are counted in the database, so they hold over all
//! servers.
//!
//! A use is counted in the transaction of its cause. If that transaction rolls back, `store::Transaction` repeats the count in
//! another one, so a refused request costs its sender as much as a successful one.

use api::ProblemCode;
use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    error::{Error, Result},
    store::{Connection, Transaction, Use, locks, rate_limits},
};

/// A rate limit: at most `most` uses in each window of the length `within`. Windows follow one another from 1970 on.
pub struct Limit {
    what: &'static str,
    most: i64,
    within: TimeDelta,
}

const QUARTER: TimeDelta = TimeDelta::minutes(15);
const DAY: TimeDelta = TimeDelta::days(1);

/// Codes asked for from one network address, by browsers that nobody knows. A reception centre, where many people live, has
/// one address for all of them.
pub const CODES: Limit = Limit { what: "code", most: 300, within: QUARTER };

/// Codes for one mailbox, asked for from one neighbourhood of network addresses.
pub const CODES_OF_MAILBOX_HERE: Limit = Limit { what: "code-here", most: 5, within: QUARTER };
pub const CODES_OF_MAILBOX_HERE_A_DAY: Limit = Limit { what: "code-here-day", most: 20, within: DAY };

/// Codes for one mailbox, from wherever they are asked for: nobody's mailbox is flooded.
pub const CODES_OF_MAILBOX: Limit = Limit { what: "code-mailbox", most: 20, within: QUARTER };
pub const CODES_OF_MAILBOX_A_DAY: Limit = Limit { what: "code-mailbox-day", most: 100, within: DAY };

/// Codes asked for by a browser in which the same address has signed in before. It counts by itself, so that nobody else can
/// use its codes up.
pub const CODES_OF_KNOWN_BROWSER: Limit = Limit { what: "code-known", most: 5, within: QUARTER };

/// From so many codes of a mailbox on, its codes of that day are long: with ten codes of six digits and five tries each, a
/// guesser has a chance of 1 in 20,000 a day.
pub const SHORT_CODES_OF_MAILBOX: Limit = Limit { what: "code-mailbox-day", most: 10, within: DAY };

/// From so many wrong codes of a network address on, the codes that it asks for on that day are long. It goes on signing in:
/// one who guesses stops nobody else there.
pub const WRONG_CODES: Limit = Limit { what: "code-wrong", most: 50, within: DAY };

/// Codes typed for which there is none, from one network address. A code that there is has five tries of its own.
pub const SIGN_INS: Limit = Limit { what: "sign-in", most: 300, within: QUARTER };

/// Sign-ins at the desk that were begun and not ended, from one network address. Each leaves a row behind for some time.
pub const DESK_STARTS: Limit = Limit { what: "desk-start", most: 3000, within: QUARTER };

/// Passkeys that were refused, and links that do not hold, from one network address.
pub const DESK_SIGN_INS: Limit = Limit { what: "desk-sign-in", most: 300, within: QUARTER };

/// Changes by one person. Each booking and each cancellation sends a message and stays in the audit log.
pub const CHANGES: Limit = Limit { what: locks::CHANGES, most: 200, within: TimeDelta::minutes(10) };

/// Parts of documents that one person sends: a file of 20 MB in pieces of 64 KB has 300, and a lost connection makes more.
pub const PARTS: Limit = Limit { what: "part", most: 10_000, within: TimeDelta::minutes(10) };

/// Changes by one officer.
pub const DESK_CHANGES: Limit = Limit { what: "desk-change", most: 2000, within: TimeDelta::minutes(10) };

/// Cases that one person asks for, and how many of them wrongly a day.
pub const CASES: Limit = Limit { what: "case", most: 10, within: QUARTER };
pub const WRONG_CASES: Limit = Limit { what: "case-wrong", most: 20, within: DAY };

/// Cases asked for wrongly under one reference, by whoever it is, whether there is such a case or not: a day of birth has some
/// thousand likely values, and an account costs nothing.
pub const WRONG_CASES_OF_REFERENCE: Limit = Limit { what: "case-reference", most: 10, within: DAY };

/// Cases asked for wrongly from one network address, and from its neighbourhood: who tries one day of birth with many references
/// is stopped by no reference.
pub const WRONG_CASES_OF_NETWORK: Limit = Limit { what: "case-network", most: 50, within: DAY };
pub const WRONG_CASES_OF_NEIGHBOURHOOD: Limit = Limit { what: "case-networks", most: 200, within: DAY };

/// Word to the owner of a case that somebody else has tried to add it.
pub const WARNINGS_OF_CASE: Limit = Limit { what: "case-warning", most: 1, within: DAY };

/// Answers to whether somebody found what they were looking for, from one network address.
pub const FEEDBACK: Limit = Limit { what: "feedback", most: 100, within: QUARTER };

/// Returns the start of the window that an instant is in.
fn window(within: TimeDelta, now: DateTime<Utc>) -> DateTime<Utc> {
    now - TimeDelta::seconds(now.timestamp().rem_euclid(within.num_seconds()))
}

/// Counts an event that is logged once for each subject and quarter of an hour. Returns `true` for the first.
pub async fn is_first(connection: &mut Connection, who: &str, what: &str, now: DateTime<Utc>) -> sqlx::Result<bool> {
    Ok(rate_limits::count(connection, who, what, window(QUARTER, now), QUARTER).await? == 1)
}

/// Returns `true` if `is_first` has counted the event in this quarter of an hour. It writes nothing.
pub async fn is_noted(connection: &mut Connection, who: &str, what: &str, now: DateTime<Utc>) -> sqlx::Result<bool> {
    Ok(rate_limits::counted(connection, who, what, window(QUARTER, now), QUARTER).await? > 0)
}

impl Limit {
    /// Counts a use, even if the transaction rolls back. Others who count the same subject wait until the transaction ends. Fails with
    /// `TooManyRequests` above the limit.
    pub async fn take(&self, transaction: &mut Transaction, who: &str, now: DateTime<Utc>) -> Result<()> {
        if self.allows(transaction, who, now).await? {
            Ok(())
        } else {
            Err(self.over(ProblemCode::TooManyRequests, now))
        }
    }

    /// Counts a use like `take`. Returns `false` above the limit.
    pub async fn allows(&self, transaction: &mut Transaction, who: &str, now: DateTime<Utc>) -> sqlx::Result<bool> {
        let (since, span) = (window(self.within, now), self.within);
        let allowed = rate_limits::count(transaction, who, self.what, since, span).await? <= self.most;
        if allowed {
            transaction.count_anyhow(Use { who: who.to_owned(), what: self.what, since, span });
        }
        Ok(allowed)
    }

    /// Takes back a use that turned out not to count.
    pub async fn give_back(&self, connection: &mut Connection, who: &str) -> sqlx::Result<()> {
        rate_limits::give_back(connection, who, self.what).await
    }

    /// Returns `true` if the limit is used up. It counts nothing.
    pub async fn is_used_up(&self, connection: &mut Connection, who: &str, now: DateTime<Utc>) -> sqlx::Result<bool> {
        Ok(rate_limits::counted(connection, who, self.what, window(self.within, now), self.within).await? >= self.most)
    }

    /// Returns the error above the limit, with the time until the window ends.
    pub fn over(&self, code: ProblemCode, now: DateTime<Utc>) -> Error {
        let over = window(self.within, now) + self.within - now;
        Error { retry_after: Some(over.num_seconds().max(1)), ..Error::new(code) }
    }
}
