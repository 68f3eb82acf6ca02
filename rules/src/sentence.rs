//! Attributes of a sentence besides its texts: what it does, its original language, and the languages themselves.

use crate::coded;

coded! {
    /// The effect of a sentence.
    Says {
        Demands = "demands",
        Forbids = "forbids",
        Permits = "permits",
        /// Information. No rule rests on it.
        Informs = "informs",
    }
}

coded! {
    /// The language in which the publisher wrote the text. The other one is our translation.
    Original { Nb = "nb", En = "en", Both = "both" }
}

impl Original {
    /// Returns `true` if the text in this language is our translation.
    pub const fn is_translated_in(self, language: Language) -> bool {
        matches!((self, language), (Original::Nb, Language::En) | (Original::En, Language::Nb))
    }
}

coded! {
    /// The languages of the service.
    Language { Nb = "nb", En = "en" }
}
