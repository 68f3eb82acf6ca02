//! How often somebody may do something. It is counted in the database, so it holds whichever server answers.
//!
//! A use is counted in the transaction of what it is for. If that fails, it is counted once more by itself
//! (`store::Transaction`), so a request that is refused costs its sender as much as one that succeeds.

use api::ProblemCode;
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    http::error::{Error, Result},
    state::AppState,
    store::{self, Connection, Transaction, Use, uses},
};

pub struct Limit {
    what: &'static str,
    most: i64,
    /// The span in which so many are allowed; spans follow one another from 1970 on.
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

/// What one person changes: each booking and each cancellation sends a message and stands in the audit for good.
pub const CHANGES: Limit = Limit { what: "change", most: 200, within: TimeDelta::minutes(10) };

/// Parts of documents that one person sends: a file of 20 MB in pieces of 64 KB has 300, and a lost connection makes more.
pub const PARTS: Limit = Limit { what: "part", most: 10_000, within: TimeDelta::minutes(10) };

/// What one officer changes by hand.
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
    /// The instant at which the span began that it is in.
    fn since(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now - TimeDelta::seconds(now.timestamp().rem_euclid(self.within.num_seconds()))
    }

    /// Waits until others who do the same for the same one have done it, without asking how often that was: an officer helps
    /// somebody who has tried too often themselves.
    pub async fn in_turn(&self, connection: &mut Connection, who: &str, now: DateTime<Utc>) -> sqlx::Result<()> {
        uses::count_within(connection, who, self.what, self.since(now), self.within).await.map(|_| ())
    }

    /// Takes the turns of several at once, as `in_turn` does for one, and counts nothing. Only one transaction at a time may do
    /// this, so that no two wait for each other: closings wait for each other before.
    pub async fn in_turn_all(&self, connection: &mut Connection, all: &[&str], now: DateTime<Utc>) -> sqlx::Result<()> {
        uses::lock_all(connection, all, self.what, self.since(now)).await
    }

    /// Counts one more use in the transaction of what it is for, also if that fails. Others who do the same for the same one
    /// wait until it ends. `TooManyRequests` if there are too many.
    pub async fn take(&self, transaction: &mut Transaction, who: &str, now: DateTime<Utc>) -> Result<()> {
        if self.allows(transaction, who, now).await? {
            Ok(())
        } else {
            Err(self.over(ProblemCode::TooManyRequests, now))
        }
    }

    /// Counts one more use as `take` does, and returns whether it is within the limit.
    pub async fn allows(&self, transaction: &mut Transaction, who: &str, now: DateTime<Utc>) -> sqlx::Result<bool> {
        let (since, span) = (self.since(now), self.within);
        let allowed = uses::count_within(transaction, who, self.what, since, span).await? <= self.most;
        if allowed {
            transaction.count_anyhow(Use { who: who.to_owned(), what: self.what, since, span });
        }
        Ok(allowed)
    }

    /// Takes a use back that turned out not to count.
    pub async fn give_back(&self, connection: &mut Connection, who: &str) -> sqlx::Result<()> {
        uses::give_back(connection, who, self.what).await
    }

    /// Whether as many uses as allowed are counted already. Counts nothing.
    pub async fn is_used_up(&self, connection: &mut Connection, who: &str, now: DateTime<Utc>) -> sqlx::Result<bool> {
        Ok(uses::counted(connection, who, self.what, self.since(now), self.within).await? >= self.most)
    }

    /// A problem that passes with the span.
    pub fn over(&self, code: ProblemCode, now: DateTime<Utc>) -> Error {
        let over = self.since(now) + self.within - now;
        Error { retry_after: Some(over.num_seconds().max(1)), ..Error::new(code) }
    }
}

/// Counts what a request used in transactions that failed, before it is answered.
pub async fn settle(State(state): State<AppState>, request: Request, next: Next) -> Response {
    store::settling(&state.store, next.run(request)).await
}
