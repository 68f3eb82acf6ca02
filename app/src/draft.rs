//! What somebody is filling in about their entry. It mirrors the screen, and becomes a `Situation` when it is whole.

use ::api::{
    facts::EntryFacts,
    situation::Situation,
    typed::{self, DateError},
};
use leptos::prelude::*;

use crate::dates;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    /// Yes, no, or not answered yet.
    pub quarantine: Option<bool>,
    pub entry: String,
    pub told: bool,
    pub critical: bool,
}

/// Why a draft is no situation yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    QuarantineNotAnswered,
    Entry(DateError),
}

impl Draft {
    pub fn situation(&self) -> Result<Situation, Gap> {
        let entry = match self.quarantine.ok_or(Gap::QuarantineNotAnswered)? {
            false => None,
            true => Some(EntryFacts { on: typed::date(&self.entry).map_err(Gap::Entry)?, quarantine: true }),
        };
        Ok(Situation {
            entry,
            told_to_report_within_week: self.told && entry.is_some(),
            critical_travel: self.critical,
        })
    }
}

impl From<&Situation> for Draft {
    fn from(situation: &Situation) -> Draft {
        Draft {
            quarantine: Some(situation.entry.is_some_and(|entry| entry.quarantine)),
            entry: situation.entry.map(|entry| dates::typed(entry.on)).unwrap_or_default(),
            told: situation.told_to_report_within_week,
            critical: situation.critical_travel,
        }
    }
}

/// The drafts of all cases. They live above the pages, so that going away and coming back loses nothing.
#[derive(Clone, Copy)]
pub struct Drafts(StoredValue<Vec<(String, ArcRwSignal<Draft>)>>);

impl Drafts {
    pub fn provide() {
        provide_context(Drafts(StoredValue::new(Vec::new())));
    }

    /// The draft of a case: what was typed before, or else what the office has on record.
    pub fn of(self, case: &str, on_record: Option<&Situation>) -> RwSignal<Draft> {
        let known =
            self.0.with_value(|drafts| drafts.iter().find(|(of, _)| of == case).map(|(_, draft)| draft.clone()));
        let draft = known.unwrap_or_else(|| {
            let draft = ArcRwSignal::new(on_record.map(Draft::from).unwrap_or_default());
            self.0.update_value(|drafts| drafts.push((case.to_owned(), draft.clone())));
            draft
        });
        // A page's own handle goes away with the page; the draft behind it stays.
        RwSignal::from(draft)
    }
}

pub fn use_drafts() -> Drafts {
    expect_context()
}
