//! Registry of the fields with an error. The document title announces that there are errors, and after a submit the
//! focus goes to the first.
//!
//! `TextField` registers itself. Other fields register by `watch`; forms without a submit event call `sent`.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use crate::browser::event_loop::effect;

/// The fields with an error on the current page.
#[derive(Clone, Copy)]
pub struct Faults {
    fields: RwSignal<Vec<String>>,
    any: Memo<bool>,
    /// The focused element at the submit. `None` once the person types or an error has got the focus.
    sent_from: StoredValue<Option<Element>, LocalStorage>,
}

impl Faults {
    /// Provides the empty registry as a context.
    pub fn provide() -> Faults {
        let fields = RwSignal::new(Vec::new());
        let any = Memo::new(move |_| !fields.with(Vec::is_empty));
        let faults = Faults { fields, any, sent_from: StoredValue::new_local(None) };
        provide_context(faults);
        faults
    }

    /// Returns `true` if any field has an error. Tracks changes.
    pub fn any(self) -> bool {
        self.any.get()
    }

    /// Records a submit: the first error, found now or reported by the server later, gets the focus.
    pub fn sent(self) {
        self.sent_from.set_value(document().active_element());
        self.point();
    }

    /// Records input: from now on no error takes the focus.
    pub fn typed(self) {
        self.sent_from.set_value(None);
    }

    /// Registers a field while `problem` is not empty.
    pub fn watch(self, id: String, problem: Signal<String>) {
        let field = id.clone();
        effect(move || {
            let is_wrong = problem.with(|problem| !problem.is_empty());
            let is_known = self.fields.with_untracked(|fields| fields.contains(&field));
            if is_wrong != is_known {
                self.fields.update(|fields| {
                    fields.retain(|other| *other != field);
                    if is_wrong {
                        fields.push(field.clone());
                    }
                });
            }
            if is_wrong {
                self.point();
            }
        });
        on_cleanup(move || {
            if self.fields.try_with_untracked(|fields| fields.contains(&id)) == Some(true) {
                self.fields.try_update(|fields| fields.retain(|other| *other != id));
            }
        });
    }

    /// Focuses the first field with an error, unless the person has moved the focus since the submit.
    fn point(self) {
        // A task later, when the errors are rendered.
        set_timeout(
            move || {
                let Some(from) = self.sent_from.try_get_value().flatten() else { return };
                let now = document().active_element();
                let is_elsewhere = now.is_some_and(|now| now != from && now.tag_name() != "BODY");
                let wrong = document().query_selector("main [aria-invalid=true]").ok().flatten();
                if let Some(field) = wrong.and_then(|field| field.dyn_into::<HtmlElement>().ok())
                    && !is_elsewhere
                {
                    self.sent_from.try_set_value(None);
                    // A field that is already removed needs no focus.
                    field.focus().ok();
                }
            },
            Duration::ZERO,
        );
    }
}

/// The registry from the context.
pub fn use_faults() -> Faults {
    expect_context()
}
