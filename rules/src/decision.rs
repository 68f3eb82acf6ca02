//! Decisions: the answer as a type, and the functions that compute it. Browser, server and command line call them.

use chrono::NaiveDate;

use crate::{
    Channel, Duty, Facts, Ground, Outcome, Policy, Question, Reason, attendance, booking, cancellation, day, duties,
    findings::Findings,
    trace::{Rule, Saw, Step},
    upload,
};

/// Answers a question. The function is pure: the same policy and facts always give the same decision.
pub fn decide(policy: &Policy, facts: &Facts) -> Decision {
    look(policy, facts, Findings::default()).0
}

/// Returns the same decision as [`decide`], with each rule that was checked, in order.
pub fn explain(policy: &Policy, facts: &Facts) -> (Decision, Vec<Step>) {
    let (decision, steps) = look(policy, facts, Findings { steps: Some(Vec::new()), ..Findings::default() });
    (decision, steps.unwrap_or_default())
}

/// Answers a question and records the steps if `found` has a list for them.
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
        // An officer asks these two questions about an application, so the person's duties are not part of the answer.
        Question::Invite(_) | Question::Cancel(_) => {}
        _ => duties::look(policy, facts, day, &mut found),
    }
    let Findings { reasons, duties, earliest, contact, channel, steps } = found;
    (Decision { outcome, earliest, reasons, duties, contact, channel }, steps)
}

/// Returns the first day on which the answer is [`Outcome::Allowed`], if only the date changes. Returns `None` if the known
/// policy never allows it. The day can be later than [`Decision::earliest`], because one reason can begin when
/// another ends.
pub fn first_day_allowed(policy: &Policy, facts: &Facts) -> Option<NaiveDate> {
    let mut facts = facts.clone();
    loop {
        let decision = decide(policy, &facts);
        if decision.outcome == Outcome::Allowed {
            return Some(facts.day());
        }
        // Each pass moves at least one day ahead, to the end of a reason. A policy has finitely many, so the loop ends.
        facts.at = day::from_oslo(decision.earliest.filter(|earliest| *earliest > facts.day())?, 0, 0)?;
    }
}

/// The answer as data. Its texts are looked up by code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub outcome: Outcome,
    /// The latest known end of a reason, as the first day without it. `None` if no reason has a known end.
    pub earliest: Option<NaiveDate>,
    /// All reasons, in the order of the rules.
    pub reasons: Vec<Ground>,
    pub duties: Vec<Duty>,
    /// The phone number to call, as the policy writes it.
    pub contact: Option<String>,
    /// The channel for news of a cancellation.
    pub channel: Option<Channel>,
}

impl Decision {
    /// Returns the codes of the reasons, in the order of the rules.
    pub fn codes(&self) -> impl Iterator<Item = Reason> + '_ {
        self.reasons.iter().map(|ground| ground.reason)
    }
}
