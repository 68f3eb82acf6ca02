//! Texts of the app, generated from `locales/` by the build script. The texts of the desk and of the documents page are
//! elsewhere, and are loaded with those pages.

use rules::notice::Language;

include!(concat!(env!("OUT_DIR"), "/texts.rs"));

/// A table of texts by code.
pub struct ByCode(pub(in crate::text) &'static [(&'static str, &'static str)]);

impl ByCode {
    /// The text of a code; empty for a code that is newer than this build.
    pub fn get(&self, code: &str) -> &'static str {
        self.0.iter().find(|(known, _)| *known == code).map_or("", |(_, text)| text)
    }

    /// Like `get`, with the placeholders replaced. Only tables take their values by name, because the texts of one
    /// table have different placeholders.
    pub fn fill(&self, code: &str, values: &[(&str, &str)]) -> String {
        fill(self.get(code), values)
    }
}

/// Replaces the placeholders of a text: `fill("valid for {minutes} minutes", &[("minutes", "10")])`.
pub(in crate::text) fn fill(text: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

/// Asserts that every value of a coded type has a text in each language, and that no text lacks a value.
#[cfg(test)]
pub fn check_codes<T: rules::Coded>(table: impl Fn(Language) -> &'static ByCode) {
    use rules::Coded;

    for language in Language::ALL {
        let table = table(*language);
        for value in T::ALL {
            assert_ne!(table.get(value.code()), "", "{} in {}", value.code(), language.code());
        }
        assert_eq!(table.0.len(), T::ALL.len(), "a text without a code");
    }
}

#[cfg(test)]
mod tests {
    use ::api::{
        ProblemCode,
        messages::{Kind, State},
    };
    use rules::{ApplicationType, Channel, Coded, District, Duty, Reason, trace::Saw};

    use super::*;

    fn check<T: Coded>(table: fn(&Texts) -> &ByCode) {
        check_codes::<T>(|language| table(texts(language)));
    }

    #[wasm_bindgen_test::wasm_bindgen_test]
    fn every_code_has_its_texts() {
        check::<Reason>(|texts| &texts.reason_title);
        check::<Reason>(|texts| &texts.reason_next);
        check::<ProblemCode>(|texts| &texts.problem);
        check::<ApplicationType>(|texts| &texts.kind);
        check::<District>(|texts| &texts.district);
        check::<Duty>(|texts| &texts.duty_title);
        check::<Duty>(|texts| &texts.duty_next);
        check::<Channel>(|texts| &texts.channel);
        check::<Channel>(|texts| &texts.message_by);
        check::<Kind>(|texts| &texts.message);
        check::<State>(|texts| &texts.message_state);
        for language in Language::ALL {
            let table = &texts(*language).saw;
            for code in Saw::CODES {
                assert_ne!(table.get(code), "", "{code} in {}", language.code());
            }
            assert_eq!(table.0.len(), Saw::CODES.len(), "a text without a code");
        }
    }
}
