//! The tasks of an applicant in a case, the most urgent first. What is due comes from `rules::decide`; this file adds
//! what the case lacks, and the order. Used by the pages of cases.

use ::api::{cases::Case, situation::Situation};
use chrono::{DateTime, NaiveDate, Utc};
use rules::{
    Duty, Outcome, Policy, Reason,
    facts::{Availability, Standing},
};

/// One task. A day is the deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Telling UDI about the start of work.
    TellUdi(NaiveDate),
    /// Sending the requested documents on this site.
    SendDocuments(NaiveDate),
    /// Delivering the requested documents in the way that the rules name, because they cannot be sent here.
    DeliverDocuments(NaiveDate),
    /// Submitting the application, without which nothing can be booked.
    Apply,
    Book,
    Come,
}

impl Task {
    /// The task's name in element ids.
    pub fn code(self) -> &'static str {
        match self {
            Task::TellUdi(_) => "udi",
            Task::SendDocuments(_) | Task::DeliverDocuments(_) => "documents",
            Task::Apply => "apply",
            Task::Book => "book",
            Task::Come => "come",
        }
    }

    fn by(self) -> Option<NaiveDate> {
        match self {
            Task::TellUdi(day) | Task::SendDocuments(day) | Task::DeliverDocuments(day) => Some(day),
            Task::Apply | Task::Book | Task::Come => None,
        }
    }
}

/// Every task of a case: those with a deadline first, by deadline, then the others.
pub fn tasks(case: &Case, now: DateTime<Utc>, policy: &Policy) -> Vec<Task> {
    let mut tasks = Vec::new();
    if let Some(work) = case.work
        && rules::decide(policy, &case.facts_of_duties(now)).duties.contains(&Duty::ReportWorkStartToUdi)
    {
        tasks.push(Task::TellUdi(work.starts));
    }
    if let Some(invitation) = &case.invitation
        && invitation.standing(rules::day::in_oslo(now)) == Standing::Live
    {
        tasks.push(match rules::decide(policy, &case.facts_to_upload(now)).outcome {
            Outcome::Allowed => Task::SendDocuments(invitation.last),
            _ => Task::DeliverDocuments(invitation.last),
        });
    }
    tasks.sort_by_key(|task| task.by());
    if case.appointment.is_some() {
        tasks.push(Task::Come);
        return tasks;
    }
    let booking = case.facts_to_book(now, &Situation::default(), Availability::default());
    if rules::decide(policy, &booking).codes().any(|code| code == Reason::NotApplied) {
        tasks.push(Task::Apply);
    }
    tasks.push(Task::Book);
    tasks
}
