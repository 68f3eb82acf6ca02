//! Preview, then apply: an action is previewed first, and exactly the previewed action is applied. Used by closures,
//! requests for documents, policy documents and publications.

use leptos::prelude::*;

use crate::{
    api::{self, Failure},
    browser::event_loop::effect,
    state::action::Action,
};

/// The state of a form with a preview. A change of the form discards the preview and its open request, so that the
/// applied action is always the previewed one.
pub struct PreviewThenApply<A: 'static, P: 'static> {
    asked: StoredValue<Option<A>>,
    pub preview: RwSignal<Option<P>>,
    pub busy: RwSignal<bool>,
    action: Action,
    /// `true` if the open request is a preview.
    is_preview: StoredValue<bool>,
    /// Idempotency key of the previewed action.
    key: StoredValue<String>,
}

impl<A, P> Clone for PreviewThenApply<A, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A, P> Copy for PreviewThenApply<A, P> {}

impl<A, P> PreviewThenApply<A, P>
where
    A: Clone + PartialEq + Send + Sync + 'static,
    P: Clone + Send + Sync + 'static,
{
    /// The state without a preview. `filled_in` reads every field of the form; failures are reported in `failure`.
    pub fn new(failure: RwSignal<Option<Failure>>, filled_in: impl Fn() + 'static) -> Self {
        let action = Action::saying(failure);
        let planned = PreviewThenApply {
            asked: StoredValue::new(None),
            preview: RwSignal::new(None),
            busy: action.busy,
            action,
            is_preview: StoredValue::new(false),
            key: StoredValue::new(String::new()),
        };
        effect(move || {
            filled_in();
            planned.forget();
            // The answer would be stale, and the next press must not wait for it.
            if planned.is_preview.get_value() && planned.busy.get_untracked() {
                planned.action.forget();
            }
        });
        planned
    }

    /// Requests a preview. Does nothing while a request is open.
    pub fn ask_preview<F>(self, asked: A, ask: impl FnOnce(A) -> F)
    where
        F: Future<Output = Result<P, Failure>> + 'static,
    {
        if self.busy.get_untracked() {
            return;
        }
        self.asked.set_value(Some(asked.clone()));
        self.is_preview.set_value(true);
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

    /// Applies the previewed action. `act` receives the form, the preview and the idempotency key; `done` the form and
    /// the answer. Does nothing without a preview.
    pub fn apply<T, F>(self, act: impl FnOnce(A, P, String) -> F, done: impl FnOnce(A, T) + 'static)
    where
        T: 'static,
        F: Future<Output = Result<T, Failure>> + 'static,
    {
        let (Some(asked), Some(preview)) = (self.asked.get_value(), self.preview.get_untracked()) else { return };
        if self.busy.get_untracked() {
            return;
        }
        self.is_preview.set_value(false);
        let answer = act(asked.clone(), preview, self.key.get_value());
        let failed = move |why: Failure| {
            // The preview is outdated.
            if why.is_conflict() {
                self.forget();
            }
            Some(why)
        };
        self.action.run_or(answer, move |answer| done(asked, answer), failed);
    }

    /// The form of the current preview; `None` without one.
    pub fn asked(self) -> Option<A> {
        self.asked.try_get_value().flatten()
    }

    /// Discards the preview, after it was applied or when it is not wanted.
    pub fn forget(self) {
        self.asked.try_set_value(None);
        self.preview.try_set(None);
    }
}
