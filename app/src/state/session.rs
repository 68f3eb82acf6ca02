//! Who is signed in, as far as the page knows. What they may do, the server decides.

use ::api::session::{Person, Session};
use chrono::{DateTime, Utc};
use leptos::prelude::*;

use crate::{
    api::{self, Failure},
    booking::situation_draft::{self, Drafts, use_drafts},
    state::{
        clock::{Clock, use_clock},
        policy::{Law, use_law},
        remote::Turns,
    },
    ui::dynamic::spawn,
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
    /// Of what is said about it, the newest counts.
    turns: Turns,
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
            turns: Turns::new(),
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
        if let Some(person) = &session.person
            && situation_draft::belong_to(situation_draft::Owner::Applicant, &person.email)
        {
            self.drafts.clear();
        }
        self.set_stage(&session);
        self.person.set(session.person);
        self.ends_for_good.set(session.ends_at_last.is_some() && session.ends >= session.ends_at_last);
        self.ends.set(session.ends);
        self.failure.set(None);
        self.was_over.set(false);
    }

    /// The time and the demo are the same for everybody.
    fn set_stage(self, session: &Session) {
        self.clock.set(session.now);
        self.demo.set(session.demo);
    }

    /// The session is over. What its owner was filling in stays for them to come back to.
    pub fn signed_out(self) {
        self.turns.is_news(self.turns.begin());
        self.person.set(None);
        self.ends.set(None);
    }

    /// Its owner has ended it, and leaves nothing for the next person at the same screen.
    pub fn left(self) {
        self.signed_out();
        self.drafts.clear();
        situation_draft::forget();
    }
}

pub fn use_who() -> Who {
    expect_context()
}
