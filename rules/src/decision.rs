//! The answer, and the functions that give it.

use chrono::NaiveDate;

use crate::{
    Channel, Duty, Facts, Ground, Outcome, Policy, Question, Reason, attendance, booking, cancellation, day, duties,
    findings::Findings,
    trace::{Rule, Saw, Step},
    upload,
};

/// Answers a question. The same policy and facts give the same decision everywhere and always.
pub fn decide(policy: &Policy, facts: &Facts) -> Decision {
    look(policy, facts, Findings::default()).0
}

/// The same answer, with each rule that was looked at on the way to it.
pub fn explain(policy: &Policy, facts: &Facts) -> (Decision, Vec<Step>) {
    let (decision, steps) = look(policy, facts, Findings { steps: Some(Vec::new()), ..Findings::default() });
    (decision, steps.unwrap_or_default())
}

fn look(policy: &Policy, facts: &Facts, mut found: Findings) -> (Decision, Option<Vec<Step>>) {
    let day = facts.day();
    let outcome = match &facts.question {
        Question::Book(booking) => booking::decide(policy, facts, booking, day, &mut found),
        Question::Attend => attendance::decide(policy, facts, day, &mut found),
        Question::Upload(delivery) => upload::decide(policy, delivery, day, &mut found),
        Question::Invite(application) => upload::decide_invitation(policy, application.kind, day, &mut found),
        Question::Cancel(application) => {
            cancellation::inform(application.kind, &mut found);
            Outcome::Informed
        }
        Question::Duties => Outcome::Informed,
        Question::AskUdiForAppointment => {
            found.reason(Rule::UdiDoesNotBook, Reason::UdiCannotBook, || Saw::AsksUdi);
            Outcome::Refused
        }
        Question::AskToUpload => {
            found.reason(Rule::OnlyWhenAsked, Reason::DigitalNotOnRequest, || Saw::AsksToUpload);
            Outcome::Refused
        }
    };
    match facts.question {
        // An officer asks these; what the person owes is not what they ask about.
        Question::Invite(_) | Question::Cancel(_) => {}
        _ => duties::look(policy, facts, day, &mut found),
    }
    let Findings { reasons, duties, earliest, contact, channel, steps } = found;
    (Decision { outcome, earliest, reasons, duties, contact, channel }, steps)
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
    pub reasons: Vec<Ground>,
    pub duties: Vec<Duty>,
    /// A phone number to ring.
    pub contact: Option<String>,
    /// How word of a cancellation is sent.
    pub channel: Option<Channel>,
}

impl Decision {
    /// The codes of the reasons, in the order of the rules.
    pub fn codes(&self) -> impl Iterator<Item = Reason> + '_ {
        self.reasons.iter().map(|ground| ground.reason)
    }
}
