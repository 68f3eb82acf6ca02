//! Form state that survives a reload: the draft of a situation for each case, and single lines of text.
//!
//! `Draft` mirrors the fields on the screen and becomes a `Situation` when it is complete. Everything is kept in the
//! tab's session storage; nothing here talks to the server.

use std::hash::{DefaultHasher, Hash, Hasher};

use ::api::{
    facts::EntryFacts,
    ids::CaseId,
    situation::Situation,
    typed::{self, DateError},
};
use leptos::prelude::*;

use crate::{browser::event_loop::effect, text::dates};

/// The answers about a person's entry, as they stand in the form.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    /// `None` until it is answered.
    pub quarantine: Option<bool>,
    pub entry: String,
    pub told: bool,
    pub critical: bool,
    /// The cases of the other people to book for.
    pub along: Vec<CaseId>,
}

/// The reason why a draft is not a situation yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    QuarantineNotAnswered,
    Entry(DateError),
}

impl Draft {
    /// The situation that the answers make.
    ///
    /// # Errors
    ///
    /// A `Gap` if an answer is missing or the entry date is not a date.
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

/// Storage format: one letter for each of quarantine, told and critical, then the entry date as typed, then one line
/// for each case in `along`.
impl Draft {
    fn keep(&self, case: &CaseId) {
        let quarantine = self.quarantine.map_or('?', yes_no);
        let mut kept = format!("{quarantine}{}{}{}", yes_no(self.told), yes_no(self.critical), self.entry);
        for case in &self.along {
            kept.push('\n');
            kept.push_str(case);
        }
        if let Some(storage) = storage() {
            // A draft lasts as long as the page if there is no storage.
            storage.set_item(&key(case), &kept).ok();
        }
    }

    fn kept(case: &CaseId) -> Option<Draft> {
        let kept = storage()?.get_item(&key(case)).ok()??;
        let mut letters = kept.chars();
        let quarantine = letters.next().filter(|letter| *letter != '?').map(|letter| letter == 'y');
        let (told, critical) = (letters.next()? == 'y', letters.next()? == 'y');
        let mut lines = letters.as_str().split('\n');
        let entry = lines.next()?.to_owned();
        Some(Draft { quarantine, told, critical, entry, along: lines.map(CaseId::from).collect() })
    }
}

/// The kind of session that owns the drafts of this tab. Applicants and officers have separate sessions.
#[derive(Clone, Copy)]
pub enum Owner {
    Applicant,
    Officer,
}

/// Records the owner of the drafts, and deletes the drafts of a previous owner. Returns `true` if there was a different
/// owner before.
pub fn belong_to(owner: Owner, name: &str) -> bool {
    let Some(storage) = storage() else { return false };
    let key = match owner {
        Owner::Applicant => "owner",
        Owner::Officer => "officer",
    };
    // Hash of the name: it recognises the same person without storing a name.
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    let mark = format!("{:016x}", hasher.finish());
    let before = storage.get_item(key).ok().flatten();
    let is_somebody_else = before.as_ref().is_some_and(|before| *before != mark);
    if is_somebody_else {
        forget();
    }
    // Drafts cannot exist without storage.
    storage.set_item(key, &mark).ok();
    is_somebody_else
}

/// Deletes all drafts of this tab, so that sign-out leaves nothing for the next person at the same screen.
pub fn forget() {
    if let Some(storage) = storage() {
        storage.clear().ok();
    }
}

/// Replaces a line after it was sent, unless it was edited since. Returns `true` if it was not edited.
pub fn replace(line: RwSignal<String>, sent: &str, by: String) -> bool {
    let is_as_sent = line.try_with_untracked(|typed| typed == sent) != Some(false);
    if is_as_sent {
        line.try_set(by);
    }
    is_as_sent
}

/// Deletes the stored line of this name.
pub fn forget_line(name: &str) {
    if let Some(storage) = storage() {
        storage.remove_item(&line_key(name)).ok();
    }
}

fn line_key(name: &str) -> String {
    format!("line {name}")
}

fn yes_no(yes: bool) -> char {
    if yes { 'y' } else { 'n' }
}

fn key(case: &CaseId) -> String {
    format!("draft {case}")
}

fn storage() -> Option<web_sys::Storage> {
    window().session_storage().ok()?
}

impl From<&Situation> for Draft {
    fn from(situation: &Situation) -> Draft {
        Draft {
            quarantine: Some(situation.entry.is_some_and(|entry| entry.quarantine)),
            entry: situation.entry.map(|entry| dates::typed(entry.on)).unwrap_or_default(),
            told: situation.told_to_report_within_week,
            critical: situation.critical_travel,
            along: Vec::new(),
        }
    }
}

/// A form line that is stored under its name while it differs from its initial value.
pub fn line(name: String, at_first: String) -> RwSignal<String> {
    let key = line_key(&name);
    let kept = storage().and_then(|storage| storage.get_item(&key).ok()?);
    let line = RwSignal::new(kept.unwrap_or_else(|| at_first.clone()));
    effect(move || {
        let typed = line.get();
        if let Some(storage) = storage() {
            // The line lasts as long as the page if there is no storage.
            if typed == at_first {
                storage.remove_item(&key).ok()
            } else {
                storage.set_item(&key, &typed).ok()
            };
        }
    });
    line
}

/// The drafts of all cases, in memory. They outlive the pages, so that navigating away and back loses nothing.
#[derive(Clone, Copy)]
pub struct Drafts(StoredValue<Vec<(CaseId, ArcRwSignal<Draft>)>>);

impl Drafts {
    /// Provides the empty list as a context.
    pub fn provide() {
        provide_context(Drafts(StoredValue::new(Vec::new())));
    }

    /// Drops the drafts in memory. The storage is left to `forget`.
    pub fn clear(self) {
        self.0.update_value(Vec::clear);
    }

    /// The draft of a case: the one in memory, or the stored one, or one from the situation on record.
    pub fn of(self, case: &CaseId, on_record: Option<&Situation>) -> RwSignal<Draft> {
        let known =
            self.0.with_value(|drafts| drafts.iter().find(|(of, _)| of == case).map(|(_, draft)| draft.clone()));
        let draft = known.unwrap_or_else(|| {
            let kept = Draft::kept(case);
            let draft = ArcRwSignal::new(kept.unwrap_or_else(|| on_record.map(Draft::from).unwrap_or_default()));
            self.0.update_value(|drafts| drafts.push((case.clone(), draft.clone())));
            draft
        });
        // A page owns only its handle. The draft behind it stays when the page is disposed.
        let draft = RwSignal::from(draft);
        let case = case.clone();
        effect(move || draft.with(|draft| draft.keep(&case)));
        draft
    }
}

/// The drafts from the context.
pub fn use_drafts() -> Drafts {
    expect_context()
}
