//! What the rules find while they look.

use chrono::NaiveDate;

use crate::{Reason, coded};

coded! {
    /// The answer in one word.
    Outcome {
        Allowed = "allowed",
        Refused = "refused",
        ByPhone = "by-phone",
        Informed = "informed",
    }
}

/// The reasons in the order of the rules, and the last of their known ends.
#[derive(Default)]
pub(crate) struct Findings {
    pub(crate) reasons: Vec<Reason>,
    pub(crate) earliest: Option<NaiveDate>,
    pub(crate) contact: Option<String>,
}

impl Findings {
    pub(crate) fn reason(&mut self, reason: Reason) {
        self.reasons.push(reason);
    }

    /// A reason that ends: `free_from` is the first day on which it no longer stands.
    pub(crate) fn reason_until(&mut self, reason: Reason, free_from: NaiveDate) {
        self.reasons.push(reason);
        self.earliest = self.earliest.max(Some(free_from));
    }

    pub(crate) fn reasons(&self) -> &[Reason] {
        &self.reasons
    }

    pub(crate) fn refused_if_any(&self) -> Outcome {
        if self.reasons.is_empty() { Outcome::Allowed } else { Outcome::Refused }
    }
}
