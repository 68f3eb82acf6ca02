//! Which fields of the page are at fault. The title says that some are, and the focus goes to the first when a form was sent.
//!
//! `TextField` takes part by itself. A field that is made by hand says what is wrong with it by `watch`; a form without a
//! submit event says by `sent` that it was sent.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use crate::ui::dynamic::effect;

#[derive(Clone, Copy)]
pub struct Faults {
    fields: RwSignal<Vec<String>>,
    any: Memo<bool>,
    /// Where the focus was when a form was sent, until something is typed or a fault has been pointed to.
    sent_from: StoredValue<Option<Element>, LocalStorage>,
}

impl Faults {
    pub fn provide() -> Faults {
        let fields = RwSignal::new(Vec::new());
        let any = Memo::new(move |_| !fields.with(Vec::is_empty));
        let faults = Faults { fields, any, sent_from: StoredValue::new_local(None) };
        provide_context(faults);
        faults
    }

    /// Whether any field is at fault.
    pub fn any(self) -> bool {
        self.any.get()
    }

    /// A form is sent: the first fault that is found, here now or by the server later, gets the focus.
    pub fn sent(self) {
        self.sent_from.set_value(document().active_element());
        self.point();
    }

    /// Something is typed: from now on nothing takes the focus away.
    pub fn typed(self) {
        self.sent_from.set_value(None);
    }

    /// Counts a field among those at fault as long as `problem` says something.
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

    /// Puts the focus on the first field at fault, unless the person has gone on to something else since the form was sent.
    fn point(self) {
        // Once the document shows what is wrong.
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
                    // A field that is gone already needs no focus.
                    field.focus().ok();
                }
            },
            Duration::ZERO,
        );
    }
}

pub fn use_faults() -> Faults {
    expect_context()
}
