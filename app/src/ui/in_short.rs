//! One-sentence answer below the questions. It is announced when it changes, and visible until the full answer is on
//! the screen.

use leptos::{html, prelude::*};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, HtmlElement, IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit};

use crate::{
    text::language::use_speech,
    ui::dynamic::{part, press, text},
};

/// Margin of the viewport: 96 pixels of the answer must be visible for it to count as seen.
const MARGIN: &str = "0px 0px -96px 0px";

/// Renders the sentence; `says` is empty without an answer. It must share a container with the questions, because it is
/// sticky within that container. `answer` is the id of the full answer.
#[component]
pub fn InShort(says: Signal<String>, answer: &'static str) -> impl IntoView {
    let speech = use_speech();
    let is_seen = RwSignal::new(true);
    // A button that vanished under the focus would take it away.
    let has_focus = RwSignal::new(false);
    let node = NodeRef::<html::Div>::new();
    node.on_load(move |_| observe(answer, is_seen));
    let is_shown = Memo::new(move |_| (!is_seen.get() || has_focus.get()) && says.with(|says| !says.is_empty()));
    let go = move || {
        if let Some(answer) = find(answer).and_then(|answer| answer.dyn_into::<HtmlElement>().ok()) {
            answer.scroll_into_view();
            // An answer that is already removed needs no focus.
            answer.focus().ok();
        }
    };
    view! {
        <div node_ref=node class=text(move || if is_shown.get() { "in-short no-print" } else { "visually-hidden" })>
            <p class="ds-paragraph" role="status">{says}</p>
            {part(move || is_shown.get().then(|| view! {
                <button type="button" class="ds-button" data-variant="secondary" data-size="sm"
                    on:focus=move |_| has_focus.set(true) on:blur=move |_| has_focus.set(false) on:click=press(go)>
                    {speech.say(|t| t.times_to_answer)}
                </button>
            }))}
        </div>
    }
}

fn find(id: &str) -> Option<Element> {
    document().get_element_by_id(id)
}

/// Tracks whether the answer is in the viewport.
fn observe(answer: &str, is_seen: RwSignal<bool>) {
    let Some(answer) = find(answer) else { return };
    let look = Closure::<dyn Fn(js_sys::Array)>::new(move |entries: js_sys::Array| {
        if let Ok(entry) = entries.pop().dyn_into::<IntersectionObserverEntry>() {
            is_seen.try_set(entry.is_intersecting());
        }
    });
    let options = IntersectionObserverInit::new();
    options.set_root_margin(MARGIN);
    // The sentence stays hidden without `IntersectionObserver`, and the answer is found by scrolling.
    let Ok(observer) = IntersectionObserver::new_with_options(look.as_ref().unchecked_ref(), &options) else { return };
    observer.observe(&answer);
    let kept = StoredValue::new_local((observer, look));
    on_cleanup(move || {
        kept.try_with_value(|(observer, _)| observer.disconnect());
    });
}
