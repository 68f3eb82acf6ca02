//! Who is signed in, as far as the page knows. What they may do, the server decides.

use ::api::session::{Person, Session};
use chrono::{DateTime, Utc};
use leptos::prelude::*;

use crate::{
    api::{self, Failure},
    clock::{Clock, use_clock},
    dynamic::spawn,
    law::{Law, use_law},
};

#[derive(Clone, Copy)]
pub struct Who {
    pub person: RwSignal<Option<Person>>,
    /// Until when.
    pub ends: RwSignal<Option<DateTime<Utc>>>,
    /// Whether they cannot stay any longer than that without signing in anew.
    pub ends_for_good: RwSignal<bool>,
    pub demo: RwSignal<bool>,
    /// They have just deleted their account.
    pub has_left: RwSignal<bool>,
    /// Why one has to sign in, if one was taken to it.
    pub why_sign_in: RwSignal<Option<Failure>>,
    /// Why the first question to the server failed, if it did.
    pub failure: RwSignal<Option<Failure>>,
    clock: Clock,
    law: Law,
}

impl Who {
    pub fn provide() -> Who {
        let who = Who {
            person: RwSignal::new(None),
            ends: RwSignal::new(None),
            ends_for_good: RwSignal::new(false),
            demo: RwSignal::new(false),
            has_left: RwSignal::new(false),
            why_sign_in: RwSignal::new(None),
            failure: RwSignal::new(None),
            clock: use_clock(),
            law: use_law(),
        };
        provide_context(who);
        who.ask();
        who
    }

    /// Asks the server for what holds, the time, and who is signed in.
    pub fn ask(self) {
        spawn(async move {
            let asked = async { self.law.ask().await.and(api::session().await) };
            match asked.await {
                Ok(session) => self.learn(session),
                Err(failure) => self.failure.set(Some(failure)),
            }
        });
    }

    pub fn learn(self, session: Session) {
        self.clock.set(session.now);
        self.demo.set(session.demo);
        self.person.set(session.person);
        self.ends_for_good.set(session.ends_at_last.is_some() && session.ends >= session.ends_at_last);
        self.ends.set(session.ends);
        self.failure.set(None);
        self.why_sign_in.set(None);
    }

    pub fn signed_out(self) {
        self.person.set(None);
        self.ends.set(None);
    }
}

pub fn use_who() -> Who {
    expect_context()
}
