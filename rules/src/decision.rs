//! The answer, and the one function that gives it.

use chrono::NaiveDate;

use crate::{Duty, Facts, Policy, Question, Reason, attendance, booking, cancellation, coded, duties, upload};

pub use crate::cancellation::Channel;

/// Answers a question. The same policy and facts give the same decision everywhere and always.
pub fn decide(policy: &Policy, facts: &Facts) -> Decision {
    let day = facts.day();
    let mut found = Findings::default();
    let mut channel = None;
    let outcome = match &facts.question {
        Question::Book(booking) => booking::decide(policy, facts, booking, day, &mut found),
        Question::Attend => attendance::decide(policy, facts, day, &mut found),
        Question::Upload(delivery) => upload::decide(policy, delivery, day, &mut found),
        Question::Invite(kind) => upload::decide_invitation(policy, *kind, day, &mut found),
        Question::Cancel(application) => {
            channel = Some(cancellation::channel(application.kind));
            Outcome::Informed
        }
        Question::Duties => Outcome::Informed,
        Question::AskUdiForAppointment => {
            found.reason(Reason::UdiCannotBook);
            Outcome::Refused
        }
        Question::AskToUpload => {
            found.reason(Reason::DigitalNotOnRequest);
            Outcome::Refused
        }
    };
    let duties = match facts.question {
        // An officer asks these; what the person owes is not what they ask about.
        Question::Invite(_) | Question::Cancel(_) => Vec::new(),
        _ => duties::due(policy, facts, day),
    };
    Decision { outcome, earliest: found.earliest, reasons: found.reasons, duties, contact: found.contact, channel }
}

/// The answer as data. Its texts are looked up by code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub outcome: Outcome,
    /// The last of the known ends of the reasons: the first day on which a reason no longer stands by the policy known.
    pub earliest: Option<NaiveDate>,
    /// Every reason that holds.
    pub reasons: Vec<Reason>,
    pub duties: Vec<Duty>,
    /// A phone number to ring.
    pub contact: Option<String>,
    /// How word of a cancellation is sent.
    pub channel: Option<Channel>,
}

coded! {
    Outcome {
        Allowed = "allowed",
        Refused = "refused",
        ByPhone = "by-phone",
        Informed = "informed",
    }
}

/// What the rules find while they look, in their order.
#[derive(Default)]
pub(crate) struct Findings {
    reasons: Vec<Reason>,
    earliest: Option<NaiveDate>,
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
