//! The officers' texts, from `app/locales/desk/`.

use leptos::prelude::*;
use rules::notice::Language;

use crate::{
    language::{Speech, use_speech},
    texts::{ByCode, fill},
};

include!(concat!(env!("OUT_DIR"), "/desk_texts.rs"));

pub fn texts(language: Language) -> &'static Texts {
    match language {
        Language::Nb => &NB,
        Language::En => &EN,
    }
}

/// What `Speech` is for the texts that everybody sees.
#[derive(Clone, Copy)]
pub struct Words(Speech);

impl Words {
    pub fn texts(self) -> &'static Texts {
        texts(self.0.language())
    }

    pub fn language(self) -> Language {
        self.0.language()
    }

    /// A text that follows the language.
    pub fn say(self, pick: fn(&Texts) -> &'static str) -> impl Fn() -> &'static str + Copy + Send + 'static {
        move || pick(self.texts())
    }

    /// The same as a signal, for a page's title or a field's label.
    pub fn signal(self, pick: fn(&Texts) -> &'static str) -> Signal<&'static str> {
        Signal::derive(self.say(pick))
    }

    /// The same with values in its places.
    pub fn fill(self, pick: fn(&Texts) -> &'static str, values: &[(&str, &str)]) -> String {
        fill(pick(self.texts()), values)
    }
}

pub fn use_words() -> Words {
    Words(use_speech())
}

#[cfg(test)]
mod tests {
    use ::api::{
        appointments::CancelledBy,
        audit::{Action, Who},
        documents::State as DocumentState,
        imports::Wrong,
        messages::{Fault, State},
        officers::Role,
        policies::{DraftState, Origin, Person, Scope},
        publishing::SlotState,
    };
    use rules::{Coded, Outcome, closure::Lot};

    use super::*;
    use crate::texts::check_codes;

    fn check<T: Coded>(table: fn(&Texts) -> &ByCode) {
        check_codes::<T>(|language| table(texts(language)));
    }

    #[wasm_bindgen_test::wasm_bindgen_test]
    fn every_code_has_its_texts() {
        check::<Role>(|texts| &texts.role);
        check::<Role>(|texts| &texts.role_may);
        check::<SlotState>(|texts| &texts.slot_state);
        check::<Lot>(|texts| &texts.lot);
        check::<Language>(|texts| &texts.tongue);
        check::<CancelledBy>(|texts| &texts.cancelled_by);
        check::<Outcome>(|texts| &texts.outcome);
        check::<Fault>(|texts| &texts.fault);
        check::<Wrong>(|texts| &texts.wrong);
        check::<Action>(|texts| &texts.action);
        check::<Who>(|texts| &texts.who);
        check::<DocumentState>(|texts| &texts.document_state);
        check::<State>(|texts| &texts.state);
        check::<DraftState>(|texts| &texts.draft_state);
        check::<Origin>(|texts| &texts.origin);
        check::<Person>(|texts| &texts.standard);
        check::<Scope>(|texts| &texts.scope);
    }
}
