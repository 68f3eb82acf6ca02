//! What becomes of a message that another side was to take and did not.

use std::time::Duration;

/// How long a mail server or a gateway may take for one message.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// Why a message was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undelivered {
    /// It may go better after a while, or after as long as the other side says.
    Later { why: String, after: Option<Duration> },
    /// The other side will never take it.
    Never(String),
}

impl Undelivered {
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
