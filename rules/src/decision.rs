//! The answer, and the one function that gives it.

use chrono::NaiveDate;

use crate::{
    Channel, Duty, Facts, Outcome, Policy, Question, Reason, attendance, booking, cancellation, day, duties,
    findings::Findings, upload,
};

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

/// The first day on which the answer is yes, if it becomes so by the policy known and all else unchanged. It can lie
/// later than a decision's `earliest`: when one reason ends, another may have begun.
pub fn first_day_allowed(policy: &Policy, facts: &Facts) -> Option<NaiveDate> {
    let mut facts = facts.clone();
    loop {
        let decision = decide(policy, &facts);
        if decision.outcome == Outcome::Allowed {
            return Some(facts.day());
        }
        // Each turn moves on by a day at least, to the end of a reason; a policy has only so many.
        facts.at = day::from_oslo(decision.earliest.filter(|earliest| *earliest > facts.day())?, 0, 0)?;
    }
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
