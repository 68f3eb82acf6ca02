//! Writing to the clipboard.

use leptos::prelude::window;
use wasm_bindgen_futures::JsFuture;

use crate::browser::event_loop::spawn;

/// Copies a text. `done` receives `false` if the browser has refused. Must be called by the handler of a press, outside
/// of which browsers refuse.
pub fn copy(text: &str, done: impl FnOnce(bool) + 'static) {
    let written = window().navigator().clipboard().write_text(text);
    spawn(async move { done(JsFuture::from(written).await.is_ok()) });
}
