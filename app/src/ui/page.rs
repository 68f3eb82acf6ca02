//! The frame of a page: its title in the tab, its heading, and the focus on it.

use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;

use crate::ui::faults::use_faults;
use crate::{
    state::attention,
    text::language::use_speech,
    ui::dynamic::{effect, text},
};

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

/// Puts the focus on what has this id, if it is there.
pub fn focus_on(id: &str) {
    if let Some(element) = document().get_element_by_id(id)
        && let Ok(element) = element.dyn_into::<web_sys::HtmlElement>()
    {
        element.focus().ok();
    }
}

/// Set once the first page has been shown: only after that does a new page take the focus.
#[derive(Clone, Copy)]
pub struct Visited(pub StoredValue<bool>);

/// A page. When one comes here from another page, the heading gets the focus, so that a screen reader says where one is.
#[component]
pub fn Page(
    #[prop(into)] title: Signal<&'static str>,
    /// Tells this page from others of its kind, such as by a person's name and reference. Empty until it is known.
    #[prop(into, default = Signal::stored(String::new()))]
    about: Signal<String>,
    children: Children,
) -> impl IntoView {
    let speech = use_speech();
    let heading = NodeRef::<html::H1>::new();
    let faults = use_faults();
    effect(move || {
        // The first words are all that a narrow tab shows.
        let about = about.with(|about| if about.is_empty() { String::new() } else { format!("{about} – ") });
        let title = format!("{about}{} – {}", title.get(), speech.texts().shell_name);
        // Heard first by whoever is told the title after a form was not taken.
        let title = if faults.any() { speech.fill(|t| t.shell_error_title, &[("title", &title)]) } else { title };
        document().set_title(&title);
    });
    let heading_text = move || {
        let title = title.get();
        about.with(|about| if about.is_empty() { title.to_owned() } else { format!("{title}: {about}") })
    };
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
            {text(heading_text)}
        </h1>
        {children()}
    }
}
