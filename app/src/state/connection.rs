//! Whether there is a connection, as far as the browser knows.

use leptos::{ev, prelude::*};

#[derive(Clone, Copy)]
pub struct Line {
    pub is_cut: RwSignal<bool>,
    /// How often it came back.
    pub came_back: RwSignal<u32>,
}

impl Line {
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

pub fn use_line() -> Line {
    expect_context()
}
