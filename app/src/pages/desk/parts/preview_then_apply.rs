//! What would come of something, seen before it is done.

use leptos::prelude::*;

use crate::{
    api::{self, Failure},
    state::action::Action,
    ui::dynamic::effect,
};

/// Somebody fills something in, looks at what would come of it, and does it. When something else is filled in, the preview is gone,
/// and an answer that is still on its way is to nothing: what is done is always what was looked at.
pub struct Ahead<A: 'static, P: 'static> {
    asked: StoredValue<Option<A>>,
    pub preview: RwSignal<Option<P>>,
    pub busy: RwSignal<bool>,
    action: Action,
    /// What is on its way is a preview.
    is_looking: StoredValue<bool>,
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
        let action = Action::saying(failure);
        let ahead = Ahead {
            asked: StoredValue::new(None),
            preview: RwSignal::new(None),
            busy: action.busy,
            action,
            is_looking: StoredValue::new(false),
            key: StoredValue::new(String::new()),
        };
        effect(move || {
            filled_in();
            ahead.forget();
            // Its answer would be to nothing, and the next press must not wait for it.
            if ahead.is_looking.get_value() && ahead.busy.get_untracked() {
                ahead.action.forget();
            }
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
        self.asked.set_value(Some(asked.clone()));
        self.is_looking.set_value(true);
        let answer = ask(asked.clone());
        let is_wanted = move || self.asked.try_get_value().flatten().as_ref() == Some(&asked);
        let still = is_wanted.clone();
        let done = move |preview| {
            if is_wanted() {
                self.key.try_set_value(api::new_key());
                self.preview.try_set(Some(preview));
            }
        };
        self.action.run_or(answer, done, move |why| still().then_some(why));
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
        self.is_looking.set_value(false);
        let answer = act(asked.clone(), preview, self.key.get_value());
        let failed = move |why: Failure| {
            // Things are no longer as they were looked at.
            if why.is_conflict() {
                self.forget();
            }
            Some(why)
        };
        self.action.run_or(answer, move |answer| done(asked, answer), failed);
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
}
