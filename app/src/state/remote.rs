//! `Remote`: data that a page fetches by itself, with its states loading, loaded and failed. Requests that a press
//! starts are `Action`s.

use std::{future::Future, sync::Arc, time::Duration};

use leptos::prelude::*;

use crate::{
    api::Failure,
    browser::{
        attention,
        event_loop::{pause, spawn},
    },
};

/// The state of fetched data.
#[derive(Clone, Debug, PartialEq)]
pub enum Loadable<T> {
    Loading,
    Loaded(T),
    Failed(Failure),
}

/// Sequence numbers for repeated requests. An answer is stale once the answer to a later request was shown.
#[derive(Clone, Copy)]
pub struct Turns {
    begun: StoredValue<u64>,
    shown: StoredValue<u64>,
}

impl Turns {
    /// A sequence without requests.
    pub fn new() -> Turns {
        Turns { begun: StoredValue::new(0), shown: StoredValue::new(0) }
    }

    /// The number of a request that starts now.
    pub fn begin(self) -> u64 {
        let turn = self.begun.try_get_value().unwrap_or_default() + 1;
        self.begun.try_set_value(turn);
        turn
    }

    /// Returns `true` if this answer is to be shown, and records that. `false` if it is stale or its page is gone.
    pub fn is_news(self, turn: u64) -> bool {
        let is_news = self.shown.try_get_value().is_some_and(|shown| shown < turn);
        if is_news {
            self.shown.try_set_value(turn);
        }
        is_news
    }
}

/// Data that is fetched once, and again on demand. Copies share the same state.
pub struct Remote<T: Send + Sync + 'static> {
    pub state: RwSignal<Loadable<T>>,
    /// The failure of the last refresh, if the loaded value is still shown and a retry may succeed.
    pub outdated: RwSignal<Option<Failure>>,
    turns: Turns,
    load: StoredValue<Arc<dyn Fn() + Send + Sync>>,
}

impl<T: Send + Sync + 'static> Clone for Remote<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Remote<T> {}

impl<T: Clone + PartialEq + Send + Sync + 'static> Remote<T> {
    /// Starts to fetch. A loaded value stays on the screen during a refresh, and also after one that failed
    /// temporarily.
    pub fn fetch<F>(fetch: impl Fn() -> F + Send + Sync + 'static) -> Remote<T>
    where
        F: Future<Output = Result<T, Failure>> + 'static,
    {
        let (state, outdated) = (RwSignal::new(Loadable::Loading), RwSignal::new(None));
        let turns = Turns::new();
        let load = move || {
            let (turn, answer) = (turns.begin(), fetch());
            spawn(async move {
                let answer = answer.await;
                // A separate task for the rendering: on a slow phone, parsing and rendering in one task would block
                // input for too long.
                pause(Duration::ZERO).await;
                attention::unasked().await;
                if turns.is_news(turn) {
                    learn(state, outdated, answer);
                }
            });
        };
        load();
        Remote { state, outdated, turns, load: StoredValue::new(Arc::new(load)) }
    }

    /// Fetches again.
    pub fn again(self) {
        // A disposed page fetches nothing.
        self.load.try_with_value(|load| load());
    }

    /// Shows a value that another request has returned. Open fetches are older and become stale.
    pub fn put(self, value: T) {
        if self.turns.is_news(self.turns.begin()) {
            learn(self.state, self.outdated, Ok(value));
        }
    }

    /// The value, if it is loaded.
    pub fn loaded(self) -> Option<T> {
        self.state.with(|state| match state {
            Loadable::Loaded(value) => Some(value.clone()),
            _ => None,
        })
    }
}

/// Applies an answer. An equal value causes no new rendering, and a temporary failure keeps the shown value.
fn learn<T: PartialEq + Send + Sync + 'static>(
    state: RwSignal<Loadable<T>>,
    outdated: RwSignal<Option<Failure>>,
    answer: Result<T, Failure>,
) {
    let (next, why) = match answer {
        Ok(value) => (Some(Loadable::Loaded(value)), None),
        Err(why) => {
            let is_shown = state.try_with_untracked(|state| matches!(state, Loadable::Loaded(_))) == Some(true);
            if is_shown && why.may_pass() { (None, Some(why)) } else { (Some(Loadable::Failed(why)), None) }
        }
    };
    if outdated.try_with_untracked(|last| *last != why) == Some(true) {
        outdated.try_set(why);
    }
    if let Some(next) = next
        && state.try_with_untracked(|last| *last != next) == Some(true)
    {
        state.try_set(next);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[wasm_bindgen_test::wasm_bindgen_test]
    fn what_is_shown_is_not_made_anew_for_nothing() {
        Owner::new().with(|| {
            let (state, outdated) = (RwSignal::new(Loadable::Loading), RwSignal::new(None));
            learn(state, outdated, Err(Failure::NoAnswer));
            assert_eq!(state.get_untracked(), Loadable::Failed(Failure::NoAnswer));
            learn(state, outdated, Ok(1));
            assert_eq!(state.get_untracked(), Loadable::Loaded(1));

            let times = StoredValue::new(0);
            let made = Memo::new(move |_| {
                state.track();
                times.update_value(|times| *times += 1);
                times.get_value()
            });
            assert_eq!(made.get_untracked(), 1);
            learn(state, outdated, Ok(1));
            assert_eq!(made.get_untracked(), 1);
            learn(state, outdated, Err(Failure::NoAnswer));
            assert_eq!((made.get_untracked(), outdated.get_untracked()), (1, Some(Failure::NoAnswer)));
            learn(state, outdated, Ok(2));
            assert_eq!((made.get_untracked(), outdated.get_untracked()), (2, None));
        });
    }

    #[wasm_bindgen_test::wasm_bindgen_test]
    fn an_answer_that_was_overtaken_is_no_news() {
        Owner::new().with(|| {
            let turns = Turns::new();
            let (first, second) = (turns.begin(), turns.begin());
            assert!(turns.is_news(second));
            assert!(!turns.is_news(first));
            assert!(turns.is_news(turns.begin()));
        });
    }
}
