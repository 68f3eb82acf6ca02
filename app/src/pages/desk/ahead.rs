//! What would come of something, seen before it is done.

use leptos::prelude::*;

use crate::{
    api::{self, Failure},
    components::failure::use_fail,
    dynamic::{effect, spawn},
};

/// Somebody fills something in, looks at what would come of it, and does it. When something else is filled in, the preview is gone,
/// and an answer that is still on its way is to nothing: what is done is always what was looked at.
pub struct Ahead<A: 'static, P: 'static> {
    asked: StoredValue<Option<A>>,
    pub preview: RwSignal<Option<P>>,
    pub busy: RwSignal<bool>,
    failure: RwSignal<Option<Failure>>,
    fail: Callback<Failure>,
    /// By it the server knows again what it has done already.
    key: StoredValue<String>,
}

impl<A, P> Clone for Ahead<A, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A, P> Copy for Ahead<A, P> {}

impl<A, P> Ahead<A, P>
where
    A: Clone + PartialEq + Send + Sync + 'static,
    P: Clone + Send + Sync + 'static,
{
    /// `filled_in` reads everything that is filled in; `failure` is where it is said when something did not work.
    pub fn new(failure: RwSignal<Option<Failure>>, filled_in: impl Fn() + 'static) -> Self {
        let ahead = Ahead {
            asked: StoredValue::new(None),
            preview: RwSignal::new(None),
            busy: RwSignal::new(false),
            failure,
            fail: Callback::new(use_fail(failure)),
            key: StoredValue::new(String::new()),
        };
        effect(move || {
            filled_in();
            ahead.forget();
        });
        ahead
    }

    /// Asks what would come of it.
    pub fn look<F>(self, asked: A, ask: impl FnOnce(A) -> F)
    where
        F: Future<Output = Result<P, Failure>> + 'static,
    {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.failure.set(None);
        self.asked.set_value(Some(asked.clone()));
        let answer = ask(asked.clone());
        spawn(async move {
            let answer = answer.await;
            self.busy.try_set(false);
            if self.asked.try_get_value().flatten() != Some(asked) {
                return;
            }
            match answer {
                Ok(preview) => {
                    self.key.try_set_value(api::new_key());
                    self.preview.try_set(Some(preview));
                }
                Err(why) => self.fail(why),
            }
        });
    }

    /// Does what was looked at. `act` gets what was asked, the preview, and the key by which it is done once only; `done` what was
    /// asked, and what came of it.
    pub fn act<T, F>(self, act: impl FnOnce(A, P, String) -> F, done: impl FnOnce(A, T) + 'static)
    where
        T: 'static,
        F: Future<Output = Result<T, Failure>> + 'static,
    {
        let (Some(asked), Some(preview)) = (self.asked.get_value(), self.preview.get_untracked()) else { return };
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.failure.set(None);
        let answer = act(asked.clone(), preview, self.key.get_value());
        spawn(async move {
            let answer = answer.await;
            self.busy.try_set(false);
            match answer {
                Ok(answer) => done(asked, answer),
                Err(why) => {
                    // Things are no longer as they were looked at.
                    if why.is_conflict() {
                        self.forget();
                    }
                    self.fail(why);
                }
            }
        });
    }

    /// What the preview is of.
    pub fn looked_at(self) -> Option<A> {
        self.asked.try_get_value().flatten()
    }

    /// What was looked at is done, or is not to be done.
    pub fn forget(self) {
        self.asked.try_set_value(None);
        self.preview.try_set(None);
    }

    fn fail(self, why: Failure) {
        // The person may have gone on to another page meanwhile.
        self.fail.try_run(why);
    }
}
