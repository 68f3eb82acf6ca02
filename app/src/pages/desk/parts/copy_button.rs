//! Button that copies a text to the clipboard.

use leptos::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::text::desk_texts::use_words;
use crate::ui::dynamic::{press, spawn, text};

/// Renders the button.
#[component]
pub fn CopyButton(value: String) -> impl IntoView {
    let words = use_words();
    // `None` before the first press, `Some(false)` if the browser has refused.
    let outcome = RwSignal::new(None::<bool>);
    let copy = move || {
        outcome.set(None);
        let written = window().navigator().clipboard().write_text(&value);
        spawn(async move {
            outcome.try_set(Some(JsFuture::from(written).await.is_ok()));
        });
    };
    view! {
        <div class="row">
            <button type="button" class="ds-button" data-variant="secondary" data-size="sm" on:click=press(copy)>
                {words.say(|t| t.copy_do)}
            </button>
            <span role="status">{text(move || match outcome.get() {
                None => "",
                Some(true) => words.texts().copy_done,
                Some(false) => words.texts().copy_failed,
            })}</span>
        </div>
    }
}
