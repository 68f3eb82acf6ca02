//! The policy in force, from `GET /api/policy`. The app decides by it and quotes from its notices.

use std::sync::Arc;

use ::api::policy::{InForce, Notice as AddedNotice};
use chrono::NaiveDate;
use leptos::prelude::*;
use rules::{
    Policy,
    notice::{self, Notice, Sentence, Text},
};

use crate::api::{self, Failure};

/// Cache of the policy, empty until it is fetched.
#[derive(Clone, Copy)]
pub struct Law(RwSignal<Option<InUse>>);

#[derive(Clone)]
struct InUse {
    policy: Arc<Policy>,
    /// The notices of `rules`, and those that an office has added.
    notices: Vec<&'static Notice>,
}

impl Law {
    /// Provides the empty cache as a context.
    pub fn provide() -> Law {
        let law = Law(RwSignal::new(None));
        provide_context(law);
        law
    }

    /// Fetches the policy once. `Err` if the request fails or the policy is invalid.
    pub async fn ask(self) -> Result<(), Failure> {
        if self.0.with_untracked(Option::is_some) {
            return Ok(());
        }
        let InForce { policy, notices } = api::policy().await?;
        let policy = Policy::try_from(policy).map_err(|_| Failure::Unreadable)?;
        // A notice of `rules` is replaced by a newer version with the same id.
        let is_newest = |ours: &&'static Notice| notices.iter().all(|added| added.id != ours.id);
        let mut all: Vec<&'static Notice> = notice::ALL.iter().copied().filter(is_newest).collect();
        all.extend(notices.into_iter().map(lasting_notice));
        all.sort_by_key(|notice| notice.changed);
        self.0.set(Some(InUse { policy: Arc::new(policy), notices: all }));
        Ok(())
    }

    /// The policy; `None` until it is fetched.
    pub fn policy(self) -> Option<Arc<Policy>> {
        self.0.with(|law| law.as_ref().map(|law| law.policy.clone()))
    }

    /// The notice and the sentence of a reference; `None` for an unknown one.
    pub fn find(self, reference: &str) -> Option<(&'static Notice, &'static Sentence)> {
        let in_use = self.0.with(|law| {
            law.as_ref()?.notices.iter().find_map(|notice| {
                let sentence = notice.sentences.iter().find(|sentence| sentence.reference == reference)?;
                Some((*notice, *sentence))
            })
        });
        // Fallback to `rules`: the policy is not loaded yet, or a newer version has dropped the sentence.
        in_use.or_else(|| notice::find(reference))
    }

    /// The range of days in which something changes, with 14 days on both sides, and its landmarks. `None` until the
    /// policy is fetched.
    pub fn history(self) -> Option<History> {
        self.0.with(|law| {
            let law = law.as_ref()?;
            let policy = &law.policy;
            let mut ends: Vec<NaiveDate> = Vec::new();
            ends.extend(policy.quarantine.iter().flat_map(|entry| [entry.first, entry.last]).flatten());
            let windows = &policy.reduced_passport_capacity;
            ends.extend(windows.iter().flat_map(|entry| [entry.first, entry.last]).flatten());
            let mut landmarks: Vec<NaiveDate> =
                law.notices.iter().flat_map(|notice| [notice.published, notice.changed]).collect();
            landmarks.extend(windows.iter().filter_map(|window| window.first));
            landmarks.sort();
            landmarks.dedup();
            let around = chrono::Days::new(14);
            let all = || ends.iter().chain(&landmarks);
            Some(History { first: *all().min()? - around, last: *all().max()? + around, landmarks })
        })
    }
}

/// Days for moving the date on `/check`. Landmarks are the days on which a notice appeared or a reduced window began.
#[derive(Clone, PartialEq)]
pub struct History {
    pub first: NaiveDate,
    pub last: NaiveDate,
    pub landmarks: Vec<NaiveDate>,
}

/// The policy cache from the context.
pub fn use_law() -> Law {
    expect_context()
}

/// Leaks a notice, so that it is `'static` as those of `rules` are. The policy is fetched once, so the leak is bounded.
fn lasting_notice(added: AddedNotice) -> &'static Notice {
    let sentences = added.sentences.into_iter().map(|sentence| {
        let reference = lasting(format!("{}#{}", added.id, sentence.id));
        &*Box::leak(Box::new(Sentence {
            id: &reference[added.id.len() + 1..],
            reference,
            says: sentence.says,
            original: sentence.original,
            text: Text { nb: lasting(sentence.text.nb), en: lasting(sentence.text.en) },
        }))
    });
    Box::leak(Box::new(Notice {
        sentences: Box::leak(sentences.collect()),
        id: lasting(added.id),
        version: added.version,
        publisher: lasting(added.publisher),
        published: added.published,
        changed: added.changed,
        title: Text { nb: lasting(added.title.nb), en: lasting(added.title.en) },
    }))
}

fn lasting(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}
