//! Button that copies a text to the clipboard.

use leptos::prelude::*;

use crate::{
    browser::clipboard,
    text::desk_texts::use_words,
    ui::dynamic::{press, text},
};

/// Renders the button.
#[component]
pub fn CopyButton(value: String) -> impl IntoView {
    let words = use_words();
    // `None` before the first press, `Some(false)` if the browser has refused.
    let outcome = RwSignal::new(None::<bool>);
    let copy = move || {
        outcome.set(None);
        clipboard::copy(&value, move |is_done| {
            outcome.try_set(Some(is_done));
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
