//! What can be said about a sentence of a notice besides its texts.

use crate::coded;

coded! {
    /// What a sentence does.
    Says {
        Demands = "demands",
        Forbids = "forbids",
        Permits = "permits",
        /// Information, on which no rule rests.
        Informs = "informs",
    }
}

coded! {
    /// Which of the two texts the publisher wrote; the other is our translation.
    Original { Nb = "nb", En = "en", Both = "both" }
}

impl Original {
    pub const fn is_translated_in(self, language: Language) -> bool {
        matches!((self, language), (Original::Nb, Language::En) | (Original::En, Language::Nb))
    }
}

coded! {
    /// The languages of the counter.
    Language { Nb = "nb", En = "en" }
}
