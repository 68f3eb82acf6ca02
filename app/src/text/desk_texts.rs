//! Texts of the desk, generated from `locales/desk/`. Loaded with the desk.

use rules::notice::Language;

use crate::text::texts::ByCode;

include!(concat!(env!("OUT_DIR"), "/desk_texts.rs"));

/// A function that picks a text.
pub type Pick = fn(&Texts) -> &'static str;

pub type Words = crate::text::language::Words<Texts>;

/// The texts in the current language.
pub fn use_words() -> Words {
    Words::new(texts)
}

#[cfg(test)]
mod tests {
    use ::api::{
        appointments::CancelledBy,
        audit::{Action, Who},
        closures::NotGiven,
        documents::{Active, State as DocumentState},
        imports::{Encoding, Wrong},
        messages::{DeliveryFailure, State},
        officers::Role,
        policies::{DraftState, Origin, Person, Scope},
        publishing::SlotState,
    };
    use rules::{
        Coded, Outcome,
        closure::{Lot, Rounding},
    };

    use super::*;
    use crate::text::texts::check_codes;

    fn check<T: Coded>(table: fn(&Texts) -> &ByCode) {
        check_codes::<T>(|language| table(texts(language)));
    }

    #[wasm_bindgen_test::wasm_bindgen_test]
    fn every_code_has_its_texts() {
        check::<Role>(|texts| &texts.role);
        check::<Role>(|texts| &texts.role_may);
        check::<SlotState>(|texts| &texts.slot_state);
        check::<SlotState>(|texts| &texts.slot_states);
        check::<NotGiven>(|texts| &texts.not_given);
        check::<Lot>(|texts| &texts.lot);
        check::<Language>(|texts| &texts.tongue);
        check::<CancelledBy>(|texts| &texts.cancelled_by);
        check::<Outcome>(|texts| &texts.outcome);
        check::<DeliveryFailure>(|texts| &texts.fault);
        check::<Wrong>(|texts| &texts.wrong);
        check::<Encoding>(|texts| &texts.encoding);
        check::<Rounding>(|texts| &texts.rounding);
        check::<Action>(|texts| &texts.action);
        check::<Who>(|texts| &texts.who);
        check::<Active>(|texts| &texts.document_active);
        check::<DocumentState>(|texts| &texts.document_state);
        check::<State>(|texts| &texts.state);
        check::<DraftState>(|texts| &texts.draft_state);
        check::<Origin>(|texts| &texts.origin);
        check::<Person>(|texts| &texts.standard);
        check::<Scope>(|texts| &texts.scope);
    }
}
