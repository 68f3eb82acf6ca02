//! Connection state, as reported by the browser's `online` and `offline` events.

use leptos::{ev, prelude::*};

/// The connection state.
#[derive(Clone, Copy)]
pub struct Line {
    pub is_cut: RwSignal<bool>,
    /// The number of reconnections.
    pub came_back: RwSignal<u32>,
}

impl Line {
    /// Installs the listeners and provides the state as a context.
    pub fn provide() {
        let line = Line { is_cut: RwSignal::new(!window().navigator().on_line()), came_back: RwSignal::new(0) };
        provide_context(line);
        window_event_listener(ev::offline, move |_| line.is_cut.set(true));
        window_event_listener(ev::online, move |_| {
            line.is_cut.set(false);
            line.came_back.update(|times| *times += 1);
        });
    }
}

/// The connection state from the context.
pub fn use_line() -> Line {
    expect_context()
}
