//! An action: a request that a press starts, one at a time, with its failure.
//!
//! The answer may come late. It touches only what it was asked for: when the person has gone on to another page, or has asked for
//! something else in its place, nothing of it is done or said here. What holds wherever the person is, such as who is signed in,
//! belongs into the question and not into what is done with its answer.

use std::pin::Pin;

use leptos::prelude::*;

use crate::{
    api::Failure,
    router::{Router, use_router},
    state::{
        attention,
        remote::Turns,
        session::{Who, use_who},
    },
    ui::{dynamic::spawn, failure::to_sign_in},
};

/// The handler of an answer.
type Done = Box<dyn FnOnce()>;
/// The handler of a failure. It returns the failures that it does not deal with.
type Failed = Box<dyn FnOnce(Failure) -> Option<Failure>>;

#[derive(Clone, Copy)]
pub struct Action {
    /// It is on its way. Pressing again does nothing meanwhile.
    pub busy: RwSignal<bool>,
    /// Why it failed last.
    pub failure: RwSignal<Option<Failure>>,
    asked: Asked,
    router: Router,
    who: Who,
}

impl Action {
    pub fn new() -> Action {
        Action::saying(RwSignal::new(None))
    }

    /// Says failures where others on the page say theirs.
    pub fn saying(failure: RwSignal<Option<Failure>>) -> Action {
        let asked = Asked::new(Some(use_router().path));
        Action { asked, ..Action::anywhere(failure) }
    }

    /// For what stands on every page: the answer counts on whichever page it arrives.
    pub fn anywhere(failure: RwSignal<Option<Failure>>) -> Action {
        let (asked, router, who) = (Asked::new(None), use_router(), use_who());
        Action { busy: asked.busy, failure, asked, router, who }
    }

    /// Asks, unless the last question is still on its way. Whoever must sign in first is taken there.
    pub fn run<T: 'static>(
        self,
        ask: impl Future<Output = Result<T, Failure>> + 'static,
        done: impl FnOnce(T) + 'static,
    ) {
        self.run_or(ask, done, Some);
    }

    /// The same, with failures that `failed` deals with. It gives back those that it does not deal with.
    pub fn run_or<T: 'static>(
        self,
        ask: impl Future<Output = Result<T, Failure>> + 'static,
        done: impl FnOnce(T) + 'static,
        failed: impl FnOnce(Failure) -> Option<Failure> + 'static,
    ) {
        let ask = async move { ask.await.map(|answer| Box::new(move || done(answer)) as Done) };
        self.begin(Box::pin(ask), Box::new(failed));
    }

    /// Asks in place of the last question: an answer to that one is no news any more.
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
        attention::ask();
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

    /// Nothing fails in silence: where the part of the page that asked was made anew meanwhile, the page says it at its top.
    fn say(self, why: Failure) {
        if let Some(unsaid) = self.failure.try_set(Some(why)) {
            self.who.failure.set(unsaid);
        }
    }
}

/// Which question is still open, and where it was asked.
#[derive(Clone, Copy)]
struct Asked {
    busy: RwSignal<bool>,
    turns: Turns,
    /// The path of the page that is shown. `None` for what does not belong to one page.
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

    /// `None` while another question is on its way.
    fn begin(self) -> Option<Question> {
        if self.busy.try_get_untracked() != Some(false) {
            return None;
        }
        self.busy.set(true);
        Some(Question { turn: self.turns.begin(), path: self.path() })
    }

    /// Returns `true` if the answer to this question is still wanted.
    fn end(self, question: Question) -> bool {
        if self.path() != question.path {
            return false;
        }
        // The part of the page that asked may have been made anew by another answer. Its question still stands.
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
            // The address outlives every part of the page.
            let path = Memo::new(|_| "/desk/calls".to_owned());
            let part = Owner::new();
            let asked = part.with(|| Asked::new(Some(path)));
            let question = asked.begin().unwrap();
            part.cleanup();
            assert!(asked.end(question));
        });
    }
}
