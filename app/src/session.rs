//! Who is signed in, as far as the page knows. What they may do, the server decides.

use ::api::session::{Person, Session};
use chrono::{DateTime, Utc};
use leptos::prelude::*;

use crate::{
    api::{self, Failure},
    clock::{Clock, use_clock},
    dynamic::spawn,
    law::{Law, use_law},
    remote::Turns,
};

#[derive(Clone, Copy)]
pub struct Who {
    pub person: RwSignal<Option<Person>>,
    /// Until when.
    pub ends: RwSignal<Option<DateTime<Utc>>>,
    pub demo: RwSignal<bool>,
    /// They have just deleted their account.
    pub has_left: RwSignal<bool>,
    /// Why one has to sign in, if one was taken to it.
    pub why_sign_in: RwSignal<Option<Failure>>,
    /// Why the first question to the server failed, if it did.
    pub failure: RwSignal<Option<Failure>>,
    /// Of what is said about it, the newest counts.
    turns: Turns,
    clock: Clock,
    law: Law,
}

impl Who {
    pub fn provide() -> Who {
        let who = Who {
            person: RwSignal::new(None),
            ends: RwSignal::new(None),
            demo: RwSignal::new(false),
            has_left: RwSignal::new(false),
            why_sign_in: RwSignal::new(None),
            failure: RwSignal::new(None),
            turns: Turns::new(),
            clock: use_clock(),
            law: use_law(),
        };
        provide_context(who);
        who.ask();
        who
    }

    /// Asks the server for what holds, the time, and who is signed in.
    pub fn ask(self) {
        let turn = self.turns.begin();
        spawn(async move {
            let asked = async { self.law.ask().await.and(api::session().await) };
            let answer = asked.await;
            match answer {
                Ok(session) if self.turns.is_news(turn) => self.take(session),
                // They have signed in or out meanwhile.
                Ok(session) => self.set_stage(&session),
                Err(failure) => self.failure.set(Some(failure)),
            }
        });
    }

    pub fn learn(self, session: Session) {
        self.turns.is_news(self.turns.begin());
        self.take(session);
    }

    fn take(self, session: Session) {
        self.set_stage(&session);
        self.person.set(session.person);
        self.ends.set(session.ends);
        self.failure.set(None);
        self.why_sign_in.set(None);
    }

    /// The time and the demo are the same for everybody.
    fn set_stage(self, session: &Session) {
        self.clock.set(session.now);
        self.demo.set(session.demo);
    }

    pub fn signed_out(self) {
        self.turns.is_news(self.turns.begin());
        self.person.set(None);
        self.ends.set(None);
    }
}

pub fn use_who() -> Who {
    expect_context()
}
