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
        audit::{Action, Who},
        imports::Wrong,
        messages::State,
        officers::Role,
    };
    use rules::Coded;

    use super::*;

    fn check<T: Coded>(table: fn(&Texts) -> &ByCode) {
        for language in Language::ALL {
            let table = table(texts(*language));
            for value in T::ALL {
                assert_ne!(table.get(value.code()), "", "{} in {}", value.code(), language.code());
            }
            assert_eq!(table.0.len(), T::ALL.len(), "a text without a code");
        }
    }

    #[wasm_bindgen_test::wasm_bindgen_test]
    fn every_code_has_its_texts() {
        check::<Role>(|texts| &texts.role);
        check::<Role>(|texts| &texts.role_may);
        check::<Wrong>(|texts| &texts.wrong);
        check::<Action>(|texts| &texts.action);
        check::<Who>(|texts| &texts.who);
        check::<State>(|texts| &texts.state);
    }
}
