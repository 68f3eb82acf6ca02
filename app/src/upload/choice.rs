//! The choice of files and the camera. Used by the documents page.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use crate::{text::document_texts::use_words, ui::page::focus_heading, upload::sending::Sender};

/// File types of the file chooser. Phones convert other picture formats to JPEG.
const ACCEPTED: &str = ".pdf,.jpg,.jpeg,.png,.tif,.tiff,application/pdf,image/jpeg,image/png,image/tiff";

/// Renders the choice of files and the camera. The native inputs are hidden, because browsers write the number of files
/// into them in their own language.
#[component]
pub fn Choose(sender: Sender) -> impl IntoView {
    let words = use_words();
    let take = move |input: HtmlInputElement| {
        let files = input.files();
        for file in files.iter().flat_map(|files| (0..files.length()).filter_map(|at| files.get(at))) {
            sender.choose(file);
        }
        // The reset allows the same file to be chosen again.
        input.set_value("");
    };
    view! {
        <div class="stack">
            <p id="files-hint" class="ds-paragraph">{words.say(|t| t.page_choose_hint)}</p>
            <div class="row">
                <div class="chooser">
                    <input id="files" class="visually-hidden" type="file" multiple accept=ACCEPTED aria-describedby="files-hint"
                        on:change:target=move |event| take(event.target()) />
                    <label class="ds-button" data-variant="secondary" for="files">{words.say(|t| t.page_choose)}</label>
                </div>
                <div class="chooser camera">
                    <input id="camera" class="visually-hidden" type="file" accept="image/jpeg,image/png" capture="environment"
                        on:change:target=move |event| take(event.target()) />
                    <label class="ds-button" data-variant="secondary" for="camera">{words.say(|t| t.page_camera)}</label>
                </div>
            </div>
        </div>
    }
}

/// Focuses the choice of files after the pressed button has disappeared. Falls back to the heading.
pub fn focus_choosing() {
    let field = document().get_element_by_id("files");
    match field.and_then(|field| field.dyn_into::<HtmlInputElement>().ok()) {
        Some(field) => {
            field.focus().ok();
        }
        None => focus_heading(),
    }
}
