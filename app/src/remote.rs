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

pub struct Remote<T: Send + Sync + 'static> {
    pub state: RwSignal<Loadable<T>>,
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
        let load = move || {
            let answer = fetch();
            spawn(async move {
                let answer = match answer.await {
                    Ok(value) => Loadable::Loaded(value),
                    Err(failure) => Loadable::Failed(failure),
                };
                // A breath between reading an answer and showing it: a slow phone is held up by neither for long.
                set_timeout(
                    move || {
                        // The person may have gone on to another page meanwhile.
                        state.try_set(answer);
                    },
                    Duration::ZERO,
                );
            });
        };
        load();
        Remote { state, load: StoredValue::new(Arc::new(load)) }
    }

    pub fn again(self) {
        self.load.with_value(|load| load());
    }

    /// The value, if it is there.
    pub fn loaded(self) -> Option<T> {
        self.state.with(|state| match state {
            Loadable::Loaded(value) => Some(value.clone()),
            _ => None,
        })
    }
}
