//! Something that is fetched: not there yet, there, or failed.

use std::{future::Future, sync::Arc, time::Duration};

use leptos::prelude::*;

use crate::{
    api::Failure,
    state::attention,
    ui::dynamic::{pause, spawn},
};

#[derive(Clone, Debug, PartialEq)]
pub enum Loadable<T> {
    Loading,
    Loaded(T),
    Failed(Failure),
}

/// Of answers to the same question one that comes after the answer to a later one is no news any more.
#[derive(Clone, Copy)]
pub struct Turns {
    begun: StoredValue<u64>,
    shown: StoredValue<u64>,
}

impl Turns {
    pub fn new() -> Turns {
        Turns { begun: StoredValue::new(0), shown: StoredValue::new(0) }
    }

    /// For a question that is asked now.
    pub fn begin(self) -> u64 {
        let turn = self.begun.try_get_value().unwrap_or_default() + 1;
        self.begun.try_set_value(turn);
        turn
    }

    /// Whether an answer is to be shown. No if the person has gone on to another page, too.
    pub fn is_news(self, turn: u64) -> bool {
        let is_news = self.shown.try_get_value().is_some_and(|shown| shown < turn);
        if is_news {
            self.shown.try_set_value(turn);
        }
        is_news
    }
}

pub struct Remote<T: Send + Sync + 'static> {
    pub state: RwSignal<Loadable<T>>,
    /// Why what is shown could not be fetched again, if that may pass.
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
    /// Begins to fetch. What is there stays on the screen while it is fetched again, also if that fails for want of a connection.
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
                // A breath between reading an answer and showing it: a slow phone is held up by neither for long.
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

    pub fn again(self) {
        // What belongs to a page that is gone is not fetched any more.
        self.load.try_with_value(|load| load());
    }

    /// Shows what an answer to something else has brought. What is still being fetched is older.
    pub fn put(self, value: T) {
        if self.turns.is_news(self.turns.begin()) {
            learn(self.state, self.outdated, Ok(value));
        }
    }

    /// The value, if it is there.
    pub fn loaded(self) -> Option<T> {
        self.state.with(|state| match state {
            Loadable::Loaded(value) => Some(value.clone()),
            _ => None,
        })
    }
}

/// What is shown already is not made anew for the same value, nor taken away by a failure that may pass.
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
