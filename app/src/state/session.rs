//! The applicant's session, as far as the app knows it. It controls what is shown; the server alone decides what is
//! allowed.

use ::api::{
    ProblemCode,
    session::{Person, Session},
};
use chrono::{DateTime, Utc};
use leptos::prelude::*;

use crate::{
    api::{self, Failure},
    browser::{
        clock::{Clock, use_clock},
        event_loop::spawn,
    },
    paths,
    router::{Router, use_router},
    state::{
        drafts::{self, Drafts, use_drafts},
        policy::{Law, use_law},
        remote::Turns,
    },
};

/// The session, and everything else from `GET /api/session`.
#[derive(Clone, Copy)]
pub struct Who {
    pub person: RwSignal<Option<Person>>,
    /// End of the session.
    pub ends: RwSignal<Option<DateTime<Utc>>>,
    /// `true` if the session cannot be extended beyond `ends`.
    pub ends_for_good: RwSignal<bool>,
    pub demo: RwSignal<bool>,
    /// The account was just deleted.
    pub has_left: RwSignal<bool>,
    /// The session was over, and the person was taken to sign-in.
    pub was_over: RwSignal<bool>,
    /// The failure of the first request, or one that no view could show.
    pub failure: RwSignal<Option<Failure>>,
    /// Sequence of the answers about the session: the newest counts.
    turns: Turns,
    clock: Clock,
    law: Law,
    drafts: Drafts,
}

impl Who {
    /// Provides an empty session as a context and fetches it.
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

    /// Fetches the policy, the time and the session.
    pub fn ask(self) {
        let turn = self.turns.begin();
        spawn(async move {
            let asked = async { self.law.ask().await.and(api::session().await) };
            let answer = asked.await;
            match answer {
                Ok(session) if self.turns.is_news(turn) => self.take(session),
                // The session has changed since the request. Only the clock and the demo flag are used.
                Ok(session) => self.set_stage(&session),
                Err(failure) => self.failure.set(Some(failure)),
            }
        });
    }

    /// Applies a session from the answer to another request. Open requests become stale.
    pub fn learn(self, session: Session) {
        self.turns.is_news(self.turns.begin());
        self.take(session);
    }

    fn take(self, session: Session) {
        if let Some(person) = &session.person
            && drafts::belong_to(drafts::Owner::Applicant, &person.email)
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

    /// Sets the clock and the demo flag, which are the same for everyone.
    fn set_stage(self, session: &Session) {
        self.clock.set(session.now);
        self.demo.set(session.demo);
    }

    /// Ends the session. Drafts stay, so that the same person can continue after signing in again.
    pub fn signed_out(self) {
        self.turns.is_news(self.turns.begin());
        self.person.set(None);
        self.ends.set(None);
    }

    /// Ends the session by request and deletes all drafts, because the next person may use the same screen.
    pub fn left(self) {
        self.signed_out();
        self.drafts.clear();
        drafts::forget();
    }
}

/// The session from the context.
pub fn use_who() -> Who {
    expect_context()
}

/// A function that leads to sign-in after a failure, and from there back to the current page.
pub fn use_to_sign_in() -> impl Fn(Failure) + Copy + Send + 'static {
    let router = use_router();
    let who = use_who();
    move |why| to_sign_in(router, who, why)
}

/// Like `use_to_sign_in`, for callers that have both contexts.
pub fn to_sign_in(router: Router, who: Who, why: Failure) {
    let here = router.path();
    if why.code() == Some(ProblemCode::DeskSignedOut) {
        return router.go_instead(&paths::desk_sign_in_to(&here));
    }
    who.signed_out();
    who.was_over.set(why.code() == Some(ProblemCode::SessionOver));
    router.go_instead(&paths::sign_in_to(&here));
}
