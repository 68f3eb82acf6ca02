//! What an applicant has to do with a case, the most urgent first: what the rules say is due, and what the case lacks.

use ::api::{cases::Case, situation::Situation};
use chrono::{DateTime, NaiveDate, Utc};
use rules::{
    Duty, Outcome, Policy, Reason,
    facts::{Availability, Standing},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// UDI has to know of the start of work by this day.
    TellUdi(NaiveDate),
    /// The police ask for documents by this day, and they can be sent here.
    SendDocuments(NaiveDate),
    /// The same, but the rules name another way to deliver them.
    DeliverDocuments(NaiveDate),
    /// The application has to be sent in before anything can be booked.
    Apply,
    Book,
    Come,
}

impl Task {
    /// A name for it in the document.
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

/// Every task of a case. Those with a day come first, by that day; then those that have none.
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
