//! What somebody is filling in about their entry. It mirrors the screen, and becomes a `Situation` when it is whole.

use std::hash::{DefaultHasher, Hash, Hasher};

use ::api::{
    facts::EntryFacts,
    situation::Situation,
    typed::{self, DateError},
};
use leptos::prelude::*;

use crate::{text::dates, ui::dynamic::effect};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    /// Yes, no, or not answered yet.
    pub quarantine: Option<bool>,
    pub entry: String,
    pub told: bool,
    pub critical: bool,
    /// Who else is booked for, by their cases.
    pub along: Vec<String>,
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

/// In the browser's storage of this tab, so that a reload loses nothing. What is kept is told by one letter each, with
/// what was typed behind them, and a line for each who comes along.
impl Draft {
    fn keep(&self, case: &str) {
        let quarantine = self.quarantine.map_or('?', yes_no);
        let mut kept = format!("{quarantine}{}{}{}", yes_no(self.told), yes_no(self.critical), self.entry);
        for case in &self.along {
            kept.push('\n');
            kept.push_str(case);
        }
        if let Some(storage) = storage() {
            // Where nothing may be stored, a draft lasts as long as the page.
            storage.set_item(&key(case), &kept).ok();
        }
    }

    fn kept(case: &str) -> Option<Draft> {
        let kept = storage()?.get_item(&key(case)).ok()??;
        let mut letters = kept.chars();
        let quarantine = letters.next().filter(|letter| *letter != '?').map(|letter| letter == 'y');
        let (told, critical) = (letters.next()? == 'y', letters.next()? == 'y');
        let mut lines = letters.as_str().split('\n').map(str::to_owned);
        Some(Draft { quarantine, told, critical, entry: lines.next()?, along: lines.collect() })
    }
}

/// Whose drafts are kept in this tab. Applicants and officers have sessions of their own.
#[derive(Clone, Copy)]
pub enum Owner {
    Applicant,
    Officer,
}

/// Says whose the drafts are from now on. Those of somebody else are forgotten; returns whether there was somebody else.
pub fn belong_to(owner: Owner, name: &str) -> bool {
    let Some(storage) = storage() else { return false };
    let key = match owner {
        Owner::Applicant => "owner",
        Owner::Officer => "officer",
    };
    // A mark by which the same person is known again, not a name for others to read.
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    let mark = format!("{:016x}", hasher.finish());
    let before = storage.get_item(key).ok().flatten();
    let is_somebody_else = before.as_ref().is_some_and(|before| *before != mark);
    if is_somebody_else {
        forget();
    }
    // Where nothing may be stored, there are no drafts either.
    storage.set_item(key, &mark).ok();
    is_somebody_else
}

/// Forgets what was kept: who signs out leaves nothing for the next person at the same screen.
pub fn forget() {
    if let Some(storage) = storage() {
        storage.clear().ok();
    }
}

/// Puts something else in place of what was sent, unless something else was typed since. Tells whether nothing was.
pub fn replace(line: RwSignal<String>, sent: &str, by: String) -> bool {
    let is_as_sent = line.try_with_untracked(|typed| typed == sent) != Some(false);
    if is_as_sent {
        line.try_set(by);
    }
    is_as_sent
}

/// Forgets a line that has served its purpose.
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

fn key(case: &str) -> String {
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

/// A line that is typed into a form, kept in this tab as long as it is another than at first.
pub fn line(name: String, at_first: String) -> RwSignal<String> {
    let key = line_key(&name);
    let kept = storage().and_then(|storage| storage.get_item(&key).ok()?);
    let line = RwSignal::new(kept.unwrap_or_else(|| at_first.clone()));
    effect(move || {
        let typed = line.get();
        if let Some(storage) = storage() {
            // Where nothing may be stored, it lasts as long as the page.
            if typed == at_first {
                storage.remove_item(&key).ok()
            } else {
                storage.set_item(&key, &typed).ok()
            };
        }
    });
    line
}

/// The drafts of all cases. They live above the pages, so that going away and coming back loses nothing.
#[derive(Clone, Copy)]
pub struct Drafts(StoredValue<Vec<(String, ArcRwSignal<Draft>)>>);

impl Drafts {
    pub fn provide() {
        provide_context(Drafts(StoredValue::new(Vec::new())));
    }

    /// Forgets the drafts in memory.
    pub fn clear(self) {
        self.0.update_value(Vec::clear);
    }

    /// The draft of a case: what was typed before, or else what the office has on record.
    pub fn of(self, case: &str, on_record: Option<&Situation>) -> RwSignal<Draft> {
        let known =
            self.0.with_value(|drafts| drafts.iter().find(|(of, _)| of == case).map(|(_, draft)| draft.clone()));
        let draft = known.unwrap_or_else(|| {
            let kept = Draft::kept(case);
            let draft = ArcRwSignal::new(kept.unwrap_or_else(|| on_record.map(Draft::from).unwrap_or_default()));
            self.0.update_value(|drafts| drafts.push((case.to_owned(), draft.clone())));
            draft
        });
        // A page's own handle goes away with the page; the draft behind it stays.
        let draft = RwSignal::from(draft);
        let case = case.to_owned();
        effect(move || draft.with(|draft| draft.keep(&case)));
        draft
    }
}

pub fn use_drafts() -> Drafts {
    expect_context()
}
