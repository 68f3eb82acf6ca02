//! The notices and their sentences. The texts are data, in `rules/notices/`, one file a notice.

use chrono::NaiveDate;

use crate::day::day;
pub use crate::sentence::{Language, Original, Says};

/// One public notice.
#[derive(Debug, PartialEq, Eq)]
pub struct Notice {
    /// For instance `udi-2020-10-26`: the publisher and the day of the last change.
    pub id: &'static str,
    /// Counts the corrections of this text of ours; what the publisher changes is another notice.
    pub version: u32,
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

/// The notices that read as they stand here by a day, the newest first.
pub fn published_by(day: NaiveDate) -> impl Iterator<Item = &'static Notice> {
    ALL.iter().copied().rev().filter(move |notice| notice.changed <= day)
}

/// The notice and the sentence that a reference names.
pub fn find(reference: &str) -> Option<(&'static Notice, &'static Sentence)> {
    ALL.iter().find_map(|notice| {
        notice.sentences.iter().find(|sentence| sentence.reference == reference).map(|sentence| (*notice, *sentence))
    })
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
