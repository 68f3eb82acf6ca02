//! The server's only clock: the system's, or a test clock. No other file of the server reads the time.

use std::time::Instant;

use chrono::{DateTime, Utc};

/// The system's clock, or one that starts at a given instant and ticks on.
#[derive(Clone, Copy, Debug)]
pub enum Clock {
    System,
    StartedAt { start: DateTime<Utc>, began: Instant },
}

impl Clock {
    /// Returns a clock that starts at an instant, or the system's clock if there is none.
    pub fn new(start: Option<DateTime<Utc>>) -> Clock {
        match start {
            None => Clock::System,
            Some(start) => Clock::StartedAt { start, began: Instant::now() },
        }
    }

    /// Returns the present instant.
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Clock::System => Utc::now(),
            Clock::StartedAt { start, began } => *start + began.elapsed(),
        }
    }
}
