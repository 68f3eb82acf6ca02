//! Frame of a page's content: the document title, the heading, and the focus on it after navigation.

use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;

use crate::{
    browser::{attention, event_loop::effect},
    text::language::use_speech,
    ui::{dynamic::text, faults::use_faults},
};

/// Moves the focus to the heading after the page has changed its content. Does nothing if the person has moved the
/// focus since the request.
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

/// Moves the focus to the element with this id, if there is one.
pub fn focus_on(id: &str) {
    if let Some(element) = document().get_element_by_id(id)
        && let Ok(element) = element.dyn_into::<web_sys::HtmlElement>()
    {
        element.focus().ok();
    }
}

/// `true` once a page was shown. The first page takes no focus, all later ones do.
#[derive(Clone, Copy)]
pub struct Visited(pub StoredValue<bool>);

/// Renders a page with its heading. After navigation the heading takes the focus, so that a screen reader announces the
/// page.
#[component]
pub fn Page(
    #[prop(into)] title: Signal<&'static str>,
    /// The distinguishing part of the title, such as a person's name and reference. Empty until it is known.
    #[prop(into, default = Signal::stored(String::new()))]
    about: Signal<String>,
    children: Children,
) -> impl IntoView {
    let speech = use_speech();
    let heading = NodeRef::<html::H1>::new();
    let faults = use_faults();
    effect(move || {
        // The distinguishing part goes first, because a narrow tab shows only the first words.
        let about = about.with(|about| if about.is_empty() { String::new() } else { format!("{about} – ") });
        let title = format!("{about}{} – {}", title.get(), speech.texts().shell_name);
        // The prefix goes first, so that a screen reader announces the rejected form before the title.
        let title = if faults.any() { speech.texts().shell_error_title(&title) } else { title };
        document().set_title(&title);
    });
    let heading_text = move || {
        let title = title.get();
        about.with(|about| if about.is_empty() { title.to_owned() } else { format!("{title}: {about}") })
    };
    let visited = expect_context::<Visited>();
    heading.on_load(move |heading| {
        if visited.0.get_value() {
            // A heading that is already removed needs no focus.
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
