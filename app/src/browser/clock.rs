//! The app's clock: the server's time, advanced by the browser's clock. The only file of the app that reads a clock.

use chrono::{DateTime, TimeDelta, Utc};
use leptos::prelude::*;

/// The current time of the server.
#[derive(Clone, Copy)]
pub struct Clock {
    /// The server's time, and the browser's milliseconds at that moment.
    set: RwSignal<Option<(DateTime<Utc>, f64)>>,
}

impl Clock {
    /// Creates the clock without a time and provides it as a context.
    pub fn provide() -> Clock {
        let clock = Clock { set: RwSignal::new(None) };
        provide_context(clock);
        clock
    }

    /// Sets the server's time as of now.
    pub fn set(self, now: DateTime<Utc>) {
        self.set.set(Some((now, ticks())));
    }

    /// The current time; `None` until the server's time is known. Tracks `set`, not the passing of time.
    pub fn now(self) -> Option<DateTime<Utc>> {
        self.set.get().map(carried_on)
    }

    /// Like `now`, without tracking.
    pub fn now_untracked(self) -> Option<DateTime<Utc>> {
        self.set.get_untracked().map(carried_on)
    }
}

/// The browser's clock in milliseconds, for durations.
pub fn ticks() -> f64 {
    js_sys::Date::now()
}

fn carried_on((server, then): (DateTime<Utc>, f64)) -> DateTime<Utc> {
    server + TimeDelta::milliseconds((ticks() - then) as i64)
}

/// The clock from the context.
pub fn use_clock() -> Clock {
    expect_context()
}
