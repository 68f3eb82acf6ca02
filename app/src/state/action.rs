//! `Action`: a request that a press starts. It runs once at a time and keeps its failure for the view.
//!
//! A late answer is dropped if the person has left the page or has started a newer request. Effects that must happen on
//! any page, such as a change of the session, therefore belong into the request. The handler of its answer may not run.
//!
//! Data that a page fetches by itself is a `Remote`. The caches of `state` (`session`, `offices`) and the queue of uploads
//! outlive the page that started them and order their answers themselves.

use std::pin::Pin;

use leptos::prelude::*;

use crate::{
    api::Failure,
    browser::{attention, event_loop::spawn},
    router::{Router, use_router},
    state::{
        remote::Turns,
        session::{Who, to_sign_in, use_who},
    },
};

/// The handler of an answer.
type Done = Box<dyn FnOnce()>;
/// The handler of a failure. It returns the failures that it does not handle.
type Failed = Box<dyn FnOnce(Failure) -> Option<Failure>>;

/// A user action with its state. Copies share the same state.
#[derive(Clone, Copy)]
pub struct Action {
    /// `true` while the request is open. `run` does nothing meanwhile.
    pub busy: RwSignal<bool>,
    /// The last failure, if the last request failed.
    pub failure: RwSignal<Option<Failure>>,
    asked: Asked,
    /// `false` if the app starts the request by itself.
    is_pressed: bool,
    router: Router,
    who: Who,
}

impl Action {
    /// An action with a failure signal of its own.
    pub fn new() -> Action {
        Action::saying(RwSignal::new(None))
    }

    /// An action that reports failures in a signal shared with other actions of the page.
    pub fn saying(failure: RwSignal<Option<Failure>>) -> Action {
        let asked = Asked::new(Some(use_router().path));
        Action { asked, ..Action::anywhere(failure) }
    }

    /// An action of the frame that surrounds every page. Its answer counts on whichever page it arrives.
    pub fn anywhere(failure: RwSignal<Option<Failure>>) -> Action {
        let (asked, router, who) = (Asked::new(None), use_router(), use_who());
        Action { busy: asked.busy, failure, asked, is_pressed: true, router, who }
    }

    /// An action that the app starts by itself, at a time or after an event. Its answer counts on whichever page it
    /// arrives. Its failure is shown nowhere; the caller passes a handler to `run_or`.
    pub fn unattended() -> Action {
        Action { is_pressed: false, ..Action::anywhere(RwSignal::new(None)) }
    }

    /// Starts the request, unless one is open. `done` receives the answer. A failure for want of a session leads to
    /// sign-in.
    pub fn run<T: 'static>(
        self,
        ask: impl Future<Output = Result<T, Failure>> + 'static,
        done: impl FnOnce(T) + 'static,
    ) {
        self.run_or(ask, done, Some);
    }

    /// Like `run`, with a handler for failures. `failed` returns the failures that it does not handle, and `None` for
    /// the others.
    pub fn run_or<T: 'static>(
        self,
        ask: impl Future<Output = Result<T, Failure>> + 'static,
        done: impl FnOnce(T) + 'static,
        failed: impl FnOnce(Failure) -> Option<Failure> + 'static,
    ) {
        let ask = async move { ask.await.map(|answer| Box::new(move || done(answer)) as Done) };
        self.begin(Box::pin(ask), Box::new(failed));
    }

    /// Starts the request in place of the open one, whose answer is dropped.
    pub fn renew<T: 'static>(
        self,
        ask: impl Future<Output = Result<T, Failure>> + 'static,
        done: impl FnOnce(T) + 'static,
    ) {
        self.forget();
        self.run(ask, done);
    }

    /// Drops the open request and the last failure.
    pub fn forget(self) {
        self.asked.forget();
        self.failure.try_set(None);
    }

    fn begin(self, ask: Pin<Box<dyn Future<Output = Result<Done, Failure>>>>, failed: Failed) {
        let Some(question) = self.asked.begin() else { return };
        // The focus of the last press is remembered until the answer to that press.
        if self.is_pressed {
            attention::ask();
        }
        self.failure.try_set(None);
        spawn(async move {
            let answer = ask.await;
            if !self.asked.end(question) {
                return;
            }
            match answer {
                Ok(done) => done(),
                Err(why) => match failed(why) {
                    Some(why) if why.needs_sign_in() => to_sign_in(self.router, self.who, why),
                    Some(why) => self.say(why),
                    None => {}
                },
            }
        });
    }

    /// Failures are never silent. If the view that asked is gone, the failure is shown at the top of the page.
    fn say(self, why: Failure) {
        if let Some(unsaid) = self.failure.try_set(Some(why)) {
            self.who.failure.set(unsaid);
        }
    }
}

/// The open request and the page that started it.
#[derive(Clone, Copy)]
struct Asked {
    busy: RwSignal<bool>,
    turns: Turns,
    /// The current path; `None` for an action that does not belong to one page.
    here: Option<Memo<String>>,
}

struct Question {
    turn: u64,
    path: Option<String>,
}

impl Asked {
    fn new(here: Option<Memo<String>>) -> Asked {
        Asked { busy: RwSignal::new(false), turns: Turns::new(), here }
    }

    /// Begins a request. `None` while another one is open.
    fn begin(self) -> Option<Question> {
        if self.busy.try_get_untracked() != Some(false) {
            return None;
        }
        self.busy.set(true);
        Some(Question { turn: self.turns.begin(), path: self.path() })
    }

    /// Ends a request. Returns `true` if its answer is still wanted.
    fn end(self, question: Question) -> bool {
        if self.path() != question.path {
            return false;
        }
        // A disposed view may have been rendered again by another answer. Its request still counts.
        let is_wanted = self.busy.is_disposed() || self.turns.is_news(question.turn);
        if is_wanted {
            self.busy.try_set(false);
        }
        is_wanted
    }

    fn forget(self) {
        self.turns.is_news(self.turns.begin());
        self.busy.try_set(false);
    }

    fn path(self) -> Option<String> {
        self.here.and_then(|here| here.try_get_untracked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(path: &'static str) -> (RwSignal<&'static str>, Asked) {
        let path = RwSignal::new(path);
        (path, Asked::new(Some(Memo::new(move |_| path.get().to_owned()))))
    }

    #[wasm_bindgen_test::wasm_bindgen_test]
    fn what_is_on_its_way_is_not_asked_twice() {
        Owner::new().with(|| {
            let (_, asked) = at("/check");
            let question = asked.begin().unwrap();
            assert!(asked.busy.get_untracked() && asked.begin().is_none());
            assert!(asked.end(question));
            assert!(!asked.busy.get_untracked() && asked.begin().is_some());
        });
    }

    #[wasm_bindgen_test::wasm_bindgen_test]
    fn an_answer_does_nothing_on_another_page() {
        Owner::new().with(|| {
            let (path, asked) = at("/cases/1");
            let question = asked.begin().unwrap();
            path.set("/cases/2");
            assert!(!asked.end(question));
        });
    }

    #[wasm_bindgen_test::wasm_bindgen_test]
    fn an_answer_to_what_is_not_wanted_any_more_does_not_free_what_was_asked_since() {
        Owner::new().with(|| {
            let (_, asked) = at("/desk/find");
            let first = asked.begin().unwrap();
            asked.forget();
            let second = asked.begin().unwrap();
            assert!(!asked.end(first));
            assert!(asked.busy.get_untracked());
            assert!(asked.end(second));
        });
    }

    #[wasm_bindgen_test::wasm_bindgen_test]
    fn the_answer_to_a_part_that_was_made_anew_still_counts() {
        Owner::new().with(|| {
            // The path signal is owned by the router and outlives every view.
            let path = Memo::new(|_| "/desk/calls".to_owned());
            let part = Owner::new();
            let asked = part.with(|| Asked::new(Some(path)));
            let question = asked.begin().unwrap();
            part.cleanup();
            assert!(asked.end(question));
        });
    }
}
