//! Findings: the accumulator that the rules write reasons, duties and steps to. The rule modules call it.

use std::borrow::Cow;

use chrono::NaiveDate;

use crate::{
    Channel, Duty, Reason, coded,
    policy::Source,
    trace::{Conclusion, Rule, Saw, Step},
};

coded! {
    /// The answer in one word.
    Outcome {
        Allowed = "allowed",
        Refused = "refused",
        ByPhone = "by-phone",
        Informed = "informed",
    }
}

/// A reason and its source: a sentence of the notices, or of the office whose decision applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ground {
    pub reason: Reason,
    /// The reference of the sentence, for instance `udi-2020-10-26#quarantine-booking`.
    pub source: Cow<'static, str>,
}

impl From<Reason> for Ground {
    fn from(reason: Reason) -> Ground {
        Ground { reason, source: Cow::Borrowed(reason.sentence().reference) }
    }
}

/// The accumulated result: reasons in the order of the rules, duties, and the latest known end of a reason.
#[derive(Default)]
pub(crate) struct Findings {
    pub(crate) reasons: Vec<Ground>,
    pub(crate) duties: Vec<Duty>,
    pub(crate) earliest: Option<NaiveDate>,
    pub(crate) contact: Option<String>,
    pub(crate) channel: Option<Channel>,
    /// The rules that were checked. `None` if no trace was asked for; what a rule saw is then never built.
    pub(crate) steps: Option<Vec<Step>>,
}

impl Findings {
    /// Records a rule that has no effect on the answer.
    pub(crate) fn nothing(&mut self, rule: Rule, saw: impl FnOnce() -> Saw) {
        self.step(rule, Conclusion::Nothing, || Cow::Borrowed(rule.sentence().reference), saw);
    }

    /// Records a reason without a known end.
    pub(crate) fn reason(&mut self, rule: Rule, reason: Reason, saw: impl FnOnce() -> Saw) {
        self.ground(rule, reason.into(), saw);
    }

    /// Records a reason with a known end. `free_from` is the first day without it.
    pub(crate) fn reason_until(&mut self, rule: Rule, reason: Reason, free_from: NaiveDate, saw: impl FnOnce() -> Saw) {
        self.earliest = self.earliest.max(Some(free_from));
        self.ground(rule, reason.into(), saw);
    }

    /// Records a reason that comes from a policy entry. If the entry belongs to another notice than the reason's own
    /// sentence, the source is the sentence of the entry: a refusal in Bergen must not quote a sentence about Oslo.
    pub(crate) fn reason_by(&mut self, rule: Rule, reason: Reason, source: &Source, saw: impl FnOnce() -> Saw) {
        let own = Ground::from(reason);
        let ground = match source {
            Source::Sentence(reference) if notice_of(reference) != notice_of(&own.source) => {
                Ground { reason, source: reference.clone() }
            }
            _ => own,
        };
        self.ground(rule, ground, saw);
    }

    /// Records a duty.
    pub(crate) fn due(&mut self, rule: Rule, duty: Duty, saw: impl FnOnce() -> Saw) {
        self.duties.push(duty);
        self.step(rule, Conclusion::Due(duty), || Cow::Borrowed(duty.sentence().reference), saw);
    }

    /// Records the channel for news of a cancellation.
    pub(crate) fn sent_by(&mut self, channel: Channel, saw: impl FnOnce() -> Saw) {
        self.channel = Some(channel);
        let source = || Cow::Borrowed(channel.sentence().reference);
        self.step(Rule::Channel, Conclusion::Channel(channel), source, saw);
    }

    /// Returns `true` if there is at least one reason.
    pub(crate) fn any_reason(&self) -> bool {
        !self.reasons.is_empty()
    }

    /// Returns `Refused` if there is a reason, otherwise `Allowed`.
    pub(crate) fn refused_if_any(&self) -> Outcome {
        if self.any_reason() { Outcome::Refused } else { Outcome::Allowed }
    }

    fn ground(&mut self, rule: Rule, ground: Ground, saw: impl FnOnce() -> Saw) {
        self.step(rule, Conclusion::Reason(ground.reason), || ground.source.clone(), saw);
        self.reasons.push(ground);
    }

    fn step(
        &mut self,
        rule: Rule,
        concluded: Conclusion,
        source: impl FnOnce() -> Cow<'static, str>,
        saw: impl FnOnce() -> Saw,
    ) {
        if let Some(steps) = &mut self.steps {
            steps.push(Step { rule, saw: saw(), concluded, source: source() });
        }
    }
}

/// Returns the notice's id from a reference, the part before `#`.
fn notice_of(reference: &str) -> &str {
    reference.split_once('#').map_or(reference, |(notice, _)| notice)
}
