//! Something that is fetched: not there yet, there, or failed.

use std::{future::Future, sync::Arc, time::Duration};

use leptos::prelude::*;

use crate::{api::Failure, dynamic::spawn};

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
    turns: Turns,
    load: StoredValue<Arc<dyn Fn() + Send + Sync>>,
}

impl<T: Send + Sync + 'static> Clone for Remote<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Remote<T> {}

impl<T: Clone + Send + Sync + 'static> Remote<T> {
    /// Begins to fetch. What is there stays on the screen while it is fetched again.
    pub fn fetch<F>(fetch: impl Fn() -> F + Send + Sync + 'static) -> Remote<T>
    where
        F: Future<Output = Result<T, Failure>> + 'static,
    {
        let state = RwSignal::new(Loadable::Loading);
        let turns = Turns::new();
        let load = move || {
            let (turn, answer) = (turns.begin(), fetch());
            spawn(async move {
                let answer = match answer.await {
                    Ok(value) => Loadable::Loaded(value),
                    Err(failure) => Loadable::Failed(failure),
                };
                // A breath between reading an answer and showing it: a slow phone is held up by neither for long.
                set_timeout(
                    move || {
                        if turns.is_news(turn) {
                            state.try_set(answer);
                        }
                    },
                    Duration::ZERO,
                );
            });
        };
        load();
        Remote { state, turns, load: StoredValue::new(Arc::new(load)) }
    }

    pub fn again(self) {
        self.load.with_value(|load| load());
    }

    /// Shows what an answer to something else has brought. What is still being fetched is older.
    pub fn put(self, value: T) {
        if self.turns.is_news(self.turns.begin()) {
            self.state.try_set(Loadable::Loaded(value));
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

#[cfg(test)]
mod tests {
    use super::*;

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
