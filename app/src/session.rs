//! Who is signed in, as far as the page knows. What they may do, the server decides.

use ::api::session::{Person, Session};
use chrono::{DateTime, Utc};
use leptos::prelude::*;

use crate::{
    api::{self, Failure},
    clock::{Clock, use_clock},
    draft::{self, Drafts, use_drafts},
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
    /// The session was over, and its owner was taken to sign-in.
    pub was_over: RwSignal<bool>,
    /// Why the first question to the server failed, if it did.
    pub failure: RwSignal<Option<Failure>>,
    clock: Clock,
    law: Law,
    drafts: Drafts,
}

impl Who {
    pub fn provide() -> Who {
        let who = Who {
            person: RwSignal::new(None),
            ends: RwSignal::new(None),
            ends_for_good: RwSignal::new(false),
            demo: RwSignal::new(false),
            has_left: RwSignal::new(false),
            was_over: RwSignal::new(false),
            failure: RwSignal::new(None),
            clock: use_clock(),
            law: use_law(),
            drafts: use_drafts(),
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
        if let Some(person) = &session.person
            && draft::belong_to(draft::Owner::Applicant, &person.email)
        {
            self.drafts.clear();
        }
        self.clock.set(session.now);
        self.demo.set(session.demo);
        self.person.set(session.person);
        self.ends_for_good.set(session.ends_at_last.is_some() && session.ends >= session.ends_at_last);
        self.ends.set(session.ends);
        self.failure.set(None);
        self.was_over.set(false);
    }

    /// The session is over. What its owner was filling in stays for them to come back to.
    pub fn signed_out(self) {
        self.person.set(None);
        self.ends.set(None);
    }

    /// Its owner has ended it, and leaves nothing for the next person at the same screen.
    pub fn left(self) {
        self.signed_out();
        self.drafts.clear();
        draft::forget();
    }
}

pub fn use_who() -> Who {
    expect_context()
}
