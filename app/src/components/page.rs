//! The frame of a page: its title in the tab, its heading, and the focus on it.

use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;

use crate::{attention, dynamic::effect, language::use_speech};

/// Puts the focus on the page's heading, when what it says has changed under the person. Whoever has gone on to something else since
/// stays there.
pub fn focus_heading() {
    if attention::has_gone_on() {
        return;
    }
    if let Ok(Some(heading)) = document().query_selector("h1")
        && let Ok(heading) = heading.dyn_into::<web_sys::HtmlElement>()
    {
        heading.focus().ok();
    }
}

/// Set once the first page has been shown: only after that does a new page take the focus.
#[derive(Clone, Copy)]
pub struct Visited(pub StoredValue<bool>);

/// A page. When one comes here from another page, the heading gets the focus, so that a screen reader says where one is.
#[component]
pub fn Page(#[prop(into)] title: Signal<&'static str>, children: Children) -> impl IntoView {
    let speech = use_speech();
    let heading = NodeRef::<html::H1>::new();
    effect(move || document().set_title(&format!("{} – {}", title.get(), speech.texts().shell_name)));
    let visited = expect_context::<Visited>();
    heading.on_load(move |heading| {
        if visited.0.get_value() {
            // A heading that is gone already needs no focus.
            heading.focus().ok();
        }
        visited.0.set_value(true);
    });
    view! {
        <h1 node_ref=heading tabindex="-1" class="ds-heading" data-size="md">
            {title}
        </h1>
        {children()}
    }
}
