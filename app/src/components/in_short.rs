//! The answer in one sentence, below the questions: heard when it changes, and in sight until the answer itself is.

use leptos::{html, prelude::*};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, HtmlElement, IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit};

use crate::{
    dynamic::{part, press, text},
    language::use_speech,
};

/// So much of the answer has to be on the screen for it to count as seen.
const MARGIN: &str = "0px 0px -96px 0px";

/// `says` is empty as long as there is no answer. It stands in a box with the questions, so that it can stick to the end of
/// the screen as long as they fill it. `answer` is the id of what it leads to.
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
            // An answer that is gone already needs no focus.
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

/// Follows whether the answer is in sight.
fn observe(answer: &str, is_seen: RwSignal<bool>) {
    let Some(answer) = find(answer) else { return };
    let look = Closure::<dyn Fn(js_sys::Array)>::new(move |entries: js_sys::Array| {
        if let Ok(entry) = entries.pop().dyn_into::<IntersectionObserverEntry>() {
            is_seen.try_set(entry.is_intersecting());
        }
    });
    let options = IntersectionObserverInit::new();
    options.set_root_margin(MARGIN);
    // Where a browser has none, the answer is seen by who scrolls.
    let Ok(observer) = IntersectionObserver::new_with_options(look.as_ref().unchecked_ref(), &options) else { return };
    observer.observe(&answer);
    let kept = StoredValue::new_local((observer, look));
    on_cleanup(move || {
        kept.try_with_value(|(observer, _)| observer.disconnect());
    });
}
