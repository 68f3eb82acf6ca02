//! The page's clock: the server's time, carried on by the browser's. Nothing else in the page reads a clock.

use chrono::{DateTime, TimeDelta, Utc};
use leptos::prelude::*;

#[derive(Clone, Copy)]
pub struct Clock {
    /// What the server said, and the browser's milliseconds when it did.
    set: RwSignal<Option<(DateTime<Utc>, f64)>>,
}

impl Clock {
    pub fn provide() -> Clock {
        let clock = Clock { set: RwSignal::new(None) };
        provide_context(clock);
        clock
    }

    pub fn set(self, now: DateTime<Utc>) {
        self.set.set(Some((now, ticks())));
    }

    /// Now, once the server has said what time it is.
    pub fn now(self) -> Option<DateTime<Utc>> {
        self.set.get().map(carried_on)
    }

    /// The same for who looks again by themselves.
    pub fn now_untracked(self) -> Option<DateTime<Utc>> {
        self.set.get_untracked().map(carried_on)
    }
}

/// The browser's milliseconds, for how long something lasts.
pub fn ticks() -> f64 {
    js_sys::Date::now()
}

fn carried_on((server, then): (DateTime<Utc>, f64)) -> DateTime<Utc> {
    server + TimeDelta::milliseconds((ticks() - then) as i64)
}

pub fn use_clock() -> Clock {
    expect_context()
}
