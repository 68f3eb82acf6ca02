//! Failed deliveries: whether a message may be retried, and when. `mail`, `smtp` and `sms` return them, `outbox` acts on them.

use std::time::Duration;

/// The timeout of a mail server or gateway for one message.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// The reason why a message was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undelivered {
    /// A transient failure. A retry may succeed, at the earliest after the delay that the other side asked for.
    Later { why: String, after: Option<Duration> },
    /// A permanent failure: the other side will never accept the message.
    Never(String),
}

impl Undelivered {
    /// Returns a transient failure that names the error with all its causes.
    pub fn later(error: impl std::error::Error) -> Undelivered {
        let mut why = error.to_string();
        let mut cause = error.source();
        while let Some(deeper) = cause {
            why = format!("{why}: {deeper}");
            cause = deeper.source();
        }
        Undelivered::Later { why, after: None }
    }
}
