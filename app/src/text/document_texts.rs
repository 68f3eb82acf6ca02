//! Texts of the documents page, generated from `locales/documents/`. Used by the documents page only, and loaded with
//! it.

use rules::notice::Language;

use crate::text::texts::ByCode;

include!(concat!(env!("OUT_DIR"), "/documents_texts.rs"));

pub type Words = crate::text::language::Words<Texts>;

/// The texts in the current language.
pub fn use_words() -> Words {
    Words::new(texts)
}

#[cfg(test)]
mod tests {
    use ::api::documents::{FileFault, State};
    use rules::Coded;

    use super::*;
    use crate::text::texts::check_codes;

    fn check<T: Coded>(table: fn(&Texts) -> &ByCode) {
        check_codes::<T>(|language| table(texts(language)));
    }

    #[wasm_bindgen_test::wasm_bindgen_test]
    fn every_code_has_its_texts() {
        check::<State>(|texts| &texts.state);
        check::<State>(|texts| &texts.meaning);
        check::<FileFault>(|texts| &texts.fault);
    }
}
