//! Tracking of presses and focus, so that a late answer neither swallows a click nor moves the focus.
//!
//! A click needs the same element under the pointer on press and on release. An answer that changed the page between
//! the two would swallow the click, or hand it to another element. Answers therefore wait until nothing is pressed.

use std::{cell::RefCell, time::Duration};

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement, HtmlTextAreaElement};

use crate::browser::{
    clock::ticks,
    event_loop::{pause, spawn},
};

/// Maximum press that answers wait for, in milliseconds. A release outside the window is never reported.
const LONGEST_MS: f64 = 2_000.0;
/// Maximum delay between the release and its click, in milliseconds. A release on another element causes no click.
const CLICK_MS: f64 = 50.0;
/// Poll interval of a waiting answer.
const GLANCE: Duration = Duration::from_millis(10);
const DIALOG_GLANCE: Duration = Duration::from_millis(100);

/// Times at which the last press began and ended, in milliseconds.
#[derive(Clone, Copy, Default)]
struct Press {
    down: Option<f64>,
    up: Option<f64>,
}

impl Press {
    fn begin(&mut self, now: f64) {
        *self = Press { down: Some(now), up: None };
    }

    fn release(&mut self, now: f64) {
        self.up = Some(now);
    }

    fn end(&mut self) {
        *self = Press::default();
    }

    fn is_on(self, now: f64) -> bool {
        let Some(down) = self.down else { return false };
        match self.up {
            None => now - down < LONGEST_MS,
            Some(up) => now - up < CLICK_MS,
        }
    }
}

thread_local! {
    static PRESS: RefCell<Press> = const { RefCell::new(Press { down: None, up: None }) };
    /// The element that had the focus at the last request.
    static ASKED_FROM: RefCell<Option<Element>> = const { RefCell::new(None) };
}

fn with_press<R>(what: impl FnOnce(&mut Press) -> R) -> R {
    PRESS.with_borrow_mut(what)
}

/// Installs the listeners for presses, for the lifetime of the page.
pub fn watch() {
    fn begin() {
        with_press(|press| press.begin(ticks()));
    }
    fn release() {
        with_press(|press| press.release(ticks()));
    }
    window_event_listener(ev::pointerdown, |_| begin());
    window_event_listener(ev::pointerup, |_| release());
    window_event_listener(ev::pointercancel, |_| with_press(Press::end));
    window_event_listener(ev::click, |_| with_press(Press::end));
    // The space bar presses a button on release.
    window_event_listener(ev::keydown, |event| {
        if event.key() == " " {
            begin();
        }
    });
    window_event_listener(ev::keyup, |event| {
        if event.key() == " " {
            release();
        }
    });
}

/// Resolves when nothing is pressed.
pub async fn free() {
    while with_press(|press| press.is_on(ticks())) {
        pause(GLANCE).await;
    }
}

/// Resolves when nothing is pressed and no dialog is open. New content behind a dialog would remove it.
pub async fn unasked() {
    loop {
        free().await;
        if !matches!(document().query_selector("dialog[open]"), Ok(Some(_))) {
            break;
        }
        pause(DIALOG_GLANCE).await;
    }
}

/// Runs `what` once nothing is pressed.
pub fn when_free(what: impl FnOnce() + 'static) {
    let what: Box<dyn FnOnce()> = Box::new(what);
    spawn(async move {
        free().await;
        what();
    });
}

fn active() -> Option<Element> {
    document().active_element()
}

/// Records the focused element at the start of a request.
pub fn ask() {
    ASKED_FROM.set(active());
}

/// The focused element, if the focus has moved since the last request.
fn gone_to() -> Option<Element> {
    let active = active().filter(|active| active.tag_name() != "BODY")?;
    ASKED_FROM.with_borrow(|from| from.as_ref() != Some(&active)).then_some(active)
}

/// Returns `true` if the focus has moved since the last request. The answer then leaves it alone.
pub fn has_gone_on() -> bool {
    gone_to().is_some()
}

/// Returns `true` if the focus has moved to a form field since the last request.
pub fn is_in_another_field() -> bool {
    gone_to().is_some_and(|element| matches!(&*element.tag_name(), "INPUT" | "TEXTAREA" | "SELECT"))
}

/// Focus, selection and open `<details>`, saved before a part of the page is rendered again.
pub struct Kept {
    focus: Option<Mark>,
    unfolded: Vec<(String, Element, bool)>,
}

/// The properties by which the focused element is found again.
struct Mark {
    was: Element,
    id: String,
    tag: String,
    label: String,
    selection: Option<(u32, u32)>,
}

fn label(element: &Element) -> String {
    element.get_attribute("aria-label").or_else(|| element.text_content()).unwrap_or_default().trim().to_owned()
}

fn all(selector: &str) -> Vec<Element> {
    let Ok(found) = document().query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|at| found.get(at)?.dyn_into().ok()).collect()
}

fn folds() -> impl Iterator<Item = (String, Element)> {
    all("main details").into_iter().filter_map(|details| {
        let summary = details.query_selector("summary").ok()??;
        Some((label(&summary), details))
    })
}

impl Kept {
    /// Saves the current state.
    pub fn now() -> Kept {
        let mark = |was: Element| {
            let selection = match (was.dyn_ref::<HtmlInputElement>(), was.dyn_ref::<HtmlTextAreaElement>()) {
                (Some(input), _) => input.selection_start().ok().flatten().zip(input.selection_end().ok().flatten()),
                (_, Some(area)) => area.selection_start().ok().flatten().zip(area.selection_end().ok().flatten()),
                _ => None,
            };
            Mark { id: was.id(), tag: was.tag_name(), label: label(&was), selection, was }
        };
        Kept {
            focus: active().filter(|active| active.tag_name() != "BODY").map(mark),
            unfolded: folds()
                .map(|(name, details)| {
                    let is_open = details.has_attribute("open");
                    (name, details, is_open)
                })
                .collect(),
        }
    }

    /// Saves the state now and restores it in a microtask, after the pending changes are rendered.
    pub fn over_the_change() {
        let kept = Kept::now();
        queue_microtask(move || kept.restore());
    }

    /// Restores the state after the new content is rendered.
    pub fn restore(self) {
        for (name, details) in folds().filter(|(_, details)| self.unfolded.iter().all(|(_, was, _)| was != details)) {
            // Two `<details>` with the same summary are ambiguous and keep their new state.
            let mut same = self.unfolded.iter().filter(|(of, was, _)| *of == name && !was.is_connected());
            match (same.next(), same.next()) {
                (Some((_, _, true)), None) => details.set_attribute("open", "").unwrap_or_default(),
                (Some((_, _, false)), None) => details.remove_attribute("open").unwrap_or_default(),
                _ => {}
            }
        }
        let Some(mark) = self.focus else { return };
        // The element is still focused, or the focus was moved on purpose.
        if active().is_some_and(|active| active.tag_name() != "BODY") {
            return;
        }
        let is_it = |other: &Element| {
            if mark.id.is_empty() {
                !mark.label.is_empty() && label(other) == mark.label
            } else {
                other.id() == mark.id
            }
        };
        // An element that was only moved in the document has lost the focus too.
        let found = if mark.was.is_connected() {
            Some(mark.was.clone())
        } else {
            all(&format!("main {}", mark.tag)).into_iter().find(is_it)
        };
        let Some(found) = found else { return };
        if let Some(element) = found.dyn_ref::<HtmlElement>() {
            // An element that has disappeared again needs no focus.
            element.focus().ok();
        }
        if let Some((start, end)) = mark.selection {
            // Fields without a selection, such as check boxes, reject this call.
            if let Some(input) = found.dyn_ref::<HtmlInputElement>() {
                input.set_selection_range(start, end).ok();
            } else if let Some(area) = found.dyn_ref::<HtmlTextAreaElement>() {
                area.set_selection_range(start, end).ok();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[wasm_bindgen_test::wasm_bindgen_test]
    fn a_press_lasts_from_down_to_the_click() {
        let mut press = Press::default();
        assert!(!press.is_on(0.0));
        press.begin(100.0);
        assert!(press.is_on(100.0));
        assert!(press.is_on(1_000.0));
        press.release(1_000.0);
        assert!(press.is_on(1_001.0));
        press.end();
        assert!(!press.is_on(1_002.0));
    }

    #[wasm_bindgen_test::wasm_bindgen_test]
    fn a_press_that_ends_without_a_click_or_is_never_released_holds_nothing_up() {
        let mut press = Press::default();
        press.begin(0.0);
        assert!(!press.is_on(LONGEST_MS));
        press.begin(0.0);
        press.release(10.0);
        assert!(!press.is_on(10.0 + CLICK_MS));
    }

    #[wasm_bindgen_test::wasm_bindgen_test]
    fn what_is_made_anew_gets_the_focus_and_its_unfolded_parts_back() {
        let main = document().create_element("main").unwrap();
        document().body().unwrap().append_child(&main).unwrap();
        let inside = "<details><summary>More</summary><input id='field' value='12345'></details><button>Go</button>";
        main.set_inner_html(inside);
        main.query_selector("details").unwrap().unwrap().set_attribute("open", "").unwrap();
        let field = || document().get_element_by_id("field").unwrap().unchecked_into::<HtmlInputElement>();
        field().focus().unwrap();
        field().set_selection_range(2, 3).unwrap();
        let kept = Kept::now();
        main.set_inner_html(inside);
        kept.restore();
        assert_eq!(active().map(|active| active.id()), Some("field".to_owned()));
        assert_eq!(field().selection_start().unwrap(), Some(2));

        // A button is found by its label. A focus that has moved elsewhere stays there.
        let button = || main.query_selector("button").unwrap().unwrap().unchecked_into::<HtmlElement>();
        for elsewhere in [false, true] {
            button().focus().unwrap();
            let kept = Kept::now();
            main.set_inner_html(inside);
            main.query_selector("details").unwrap().unwrap().set_attribute("open", "").unwrap();
            if elsewhere {
                field().focus().unwrap();
            }
            kept.restore();
            assert_eq!(
                active().map(|active| active.tag_name()),
                Some(if elsewhere { "INPUT" } else { "BUTTON" }.to_owned())
            );
        }
        main.remove();
    }
}
