//! The notices and their sentences. The texts are data, in `rules/notices/`, one file a notice.

use chrono::NaiveDate;

use crate::day::day;

/// One public notice.
#[derive(Debug, PartialEq, Eq)]
pub struct Notice {
    /// For instance `udi-2020-10-26`: the publisher and the day of the last change.
    pub id: &'static str,
    pub publisher: &'static str,
    pub published: NaiveDate,
    /// The day of the last change, from which the notice reads as it stands here.
    pub changed: NaiveDate,
    pub title: Text,
    pub sentences: &'static [&'static Sentence],
}

/// One sentence of a notice.
#[derive(Debug, PartialEq, Eq)]
pub struct Sentence {
    /// Its name within the notice.
    pub id: &'static str,
    /// Notice and sentence, for instance `udi-2020-10-26#quarantine-booking`.
    pub reference: &'static str,
    pub says: Says,
    pub original: Original,
    pub text: Text,
}

/// What a sentence does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    Demands,
    Forbids,
    Permits,
    /// Information, on which no rule rests.
    Informs,
}

/// Which of the two texts the publisher wrote; the other is our translation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Original {
    Nb,
    En,
    Both,
}

impl Original {
    pub const fn is_translated_in(self, language: Language) -> bool {
        matches!((self, language), (Original::Nb, Language::En) | (Original::En, Language::Nb))
    }
}

/// The same in Bokmål and English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    pub nb: &'static str,
    pub en: &'static str,
}

impl Text {
    pub const fn in_language(&self, language: Language) -> &'static str {
        match language {
            Language::Nb => self.nb,
            Language::En => self.en,
        }
    }
}

crate::coded! {
    /// The languages of the counter.
    Language { Nb = "nb", En = "en" }
}

/// The notices that read as they stand here by a day, the newest first.
pub fn published_by(day: NaiveDate) -> impl Iterator<Item = &'static Notice> {
    ALL.iter().copied().rev().filter(move |notice| notice.changed <= day)
}

/// The notice with this id.
pub fn find(id: &str) -> Option<&'static Notice> {
    ALL.iter().copied().find(|notice| notice.id == id)
}

include!(concat!(env!("OUT_DIR"), "/notices.rs"));

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Coded;
    use crate::reason::{Duty, Reason};

    /// A rule without a code would be a rule that nobody applies.
    #[test]
    fn every_sentence_that_rules_has_a_code() {
        let mut used: Vec<&str> = Vec::new();
        used.extend(Reason::ALL.iter().flat_map(|reason| reason.sentences()).map(|s| s.reference));
        used.extend(Duty::ALL.iter().map(|duty| duty.sentence().reference));
        used.extend(crate::Channel::ALL.iter().map(|channel| channel.sentence().reference));
        let without_code: Vec<_> = ALL
            .iter()
            .flat_map(|notice| notice.sentences)
            .filter(|sentence| sentence.says != Says::Informs)
            .map(|sentence| sentence.reference)
            .filter(|reference| !used.contains(reference))
            .collect();
        assert_eq!(without_code, Vec::<&str>::new());
    }
}
