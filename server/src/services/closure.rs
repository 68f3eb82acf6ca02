//! Closures of offices: planned day by day (`rules::closure`), previewed, applied and undone, each in one transaction. The undo
//! restores what the closure recorded, row by row.
//!
//! Locks are taken in one order, here and by bookings: all closures, then persons by id, their cases, and slots by id.

use std::collections::{BTreeSet, HashMap, HashSet};

use anyhow::{Context, ensure};
use api::{
    ProblemCode,
    closures::{Affected, Closure as Listed, DayOfClosure, Extent, Left, NotGiven, Seen, Undoing},
    ids::{AppointmentId, BulkActionId, ClosureId, PersonId, SlotId},
    messages::Kind,
    offices::Office,
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rules::{
    Channel, Coded, District,
    closure::{self, Lot, Share},
};
use sqlx::Connection as _;

use crate::{
    error::{Error, Result},
    messages::{self, Recipient, SHORT_NOTICE, Subject, TemplateValues, Templates},
    secrets,
    store::{
        Connection,
        appointments::{self, Booked},
        audit::{self, Action, Actor, Entry},
        bulk_actions,
        closures::{self, Lost},
        locks::{self, Lock},
        offices,
        outbox::{self, NewMessage},
        slots::{self, Seat, Span},
    },
    text::dates,
};

/// Maximum number of people shown by name.
const MOST_SHOWN: usize = 500;

/// A closure to preview or apply: an office, the first and the last day, and the share of its capacity that is left.
#[derive(Clone, Debug)]
pub struct Closure {
    pub office: Office,
    pub first: NaiveDate,
    pub last: NaiveDate,
    pub share: Share,
}

/// The outcome of a closure.
pub enum Outcome {
    Closed {
        id: ClosureId,
        extent: Box<Extent>,
    },
    /// Another closure of the office with a common day was applied since the preview.
    ClosedMeanwhile,
    /// No appointment to cancel and no slot to withdraw is left.
    NothingLeft,
}

impl Closure {
    /// Checks the days. Fails if they are reversed, over, or more than a year.
    pub fn new(
        office: Office,
        first: NaiveDate,
        last: NaiveDate,
        share: Share,
        now: DateTime<Utc>,
    ) -> anyhow::Result<Closure> {
        const LONGEST: TimeDelta = TimeDelta::days(366);
        ensure!(first <= last, "the last day is before the first");
        ensure!(last - first <= LONGEST, "more than a year is closed in several parts");
        let closure = Closure { office, first, last, share };
        ensure!(now < closure.midnights()?.1, "these days are over");
        Ok(closure)
    }

    fn midnights(&self) -> anyhow::Result<(DateTime<Utc>, DateTime<Utc>)> {
        let midnight = |day| rules::day::from_oslo(day, 0, 0).context("there is no such day");
        let after = self.last.succ_opt().context("the last day is too far away")?;
        Ok((midnight(self.first)?, midnight(after)?))
    }

    /// Returns the whole days of the closure.
    fn days(&self) -> anyhow::Result<Span<'_>> {
        let (from, until) = self.midnights()?;
        Ok(Span { office: &self.office.id, from, until })
    }

    /// Returns the part of the closure that has not begun. Earlier slots are neither cancelled nor withdrawn.
    fn to_come(&self, now: DateTime<Utc>) -> anyhow::Result<Span<'_>> {
        let (from, until) = self.midnights()?;
        // Starts are stored in whole seconds, so the next one is at least a second later.
        let from = from.max(now + TimeDelta::seconds(1));
        Ok(Span { office: &self.office.id, from, until: until.max(from) })
    }

    /// Returns the description of the closure, for the log and the command line.
    pub fn words(&self) -> String {
        let days = dates::span(self.first, self.last);
        match self.share.percent() {
            0 => format!("{}, {days}", self.office.name),
            percent => format!("{}, {days}, {percent} %", self.office.name),
        }
    }
}

/// Returns the office with this name, or the only one whose name contains it. Fails if there is none or several.
pub async fn office_named(connection: &mut Connection, name: &str) -> anyhow::Result<Office> {
    let all = offices::list(connection).await?;
    let found: Vec<&Office> = match all.iter().filter(|one| one.name == name).collect::<Vec<_>>() {
        whole if whole.len() == 1 => whole,
        _ => all.iter().filter(|one| one.name.to_lowercase().contains(&name.to_lowercase())).collect(),
    };
    let names = |some: &[&Office]| some.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join("; ");
    let all: Vec<&Office> = all.iter().collect();
    ensure!(!found.is_empty(), "no office is called {name}; there are: {}", names(&all));
    ensure!(found.len() == 1, "{name} could be any of: {}", names(&found));
    Ok(found[0].clone())
}

/// The effect on each appointment and each slot.
struct Plan {
    booked: Vec<(Booked, Lot)>,
    /// The free slots that are withdrawn.
    free_taken: Vec<SlotId>,
    free_left: usize,
    days: Vec<DayOfClosure>,
}

impl Plan {
    fn losing(&self) -> impl Iterator<Item = &Booked> {
        self.booked.iter().filter(|(_, lot)| !lot.keeps()).map(|(booked, _)| booked)
    }

    /// Returns a hash of the appointments that are cancelled.
    fn people(&self) -> String {
        let mut ids: Vec<&str> = self.losing().map(|booked| booked.id.as_str()).collect();
        ids.sort_unstable();
        secrets::hash(&ids)
    }
}

async fn plan(connection: &mut Connection, closure: &Closure, now: DateTime<Utc>) -> anyhow::Result<Plan> {
    let mut seats = slots::seats(connection, closure.days()?).await?.into_iter().peekable();
    let mut booked = appointments::booked_in(connection, closure.to_come(now)?).await?.into_iter().peekable();
    let mut plan = Plan { booked: Vec::new(), free_taken: Vec::new(), free_left: 0, days: Vec::new() };
    // Both lists are sorted by start and consumed day by day.
    while let Some(first) = seats.peek() {
        let today = rules::day::in_oslo(first.starts);
        let is_today = |starts| rules::day::in_oslo(starts) == today;
        let of_day: Vec<Seat> = std::iter::from_fn(|| seats.next_if(|seat| is_today(seat.starts))).collect();
        let of_today: Vec<Booked> = std::iter::from_fn(|| booked.next_if(|one| is_today(one.starts))).collect();
        // Appointments that have begun today count towards the day's capacity.
        let gone = of_day.iter().filter(|seat| seat.taken && seat.starts <= now).count();
        let (times, left_of_day) = (of_day.len(), closure.share.of(of_day.len()));
        let room = left_of_day.saturating_sub(gone);
        let waiting: Vec<closure::Booked> = of_today
            .iter()
            .map(|one| closure::Booked {
                starts: one.starts,
                waiting_since: one.waiting_since,
                critical_travel: one.critical_travel,
            })
            .collect();
        let lots = closure::lots(closure.share, room, &waiting);
        let keep = lots.iter().filter(|lot| lot.keeps()).count();
        // The earliest free slots of the day stay.
        let free = of_day.into_iter().filter(|seat| !seat.taken && !seat.withdrawn && seat.starts > now);
        let mut free: Vec<SlotId> = free.map(|seat| seat.slot).collect();
        let all_free = free.len();
        let free_left = all_free.min(room.saturating_sub(keep));
        plan.free_taken.extend(free.drain(free_left..));
        plan.free_left += free_left;
        plan.days.push(DayOfClosure {
            day: today,
            times,
            left: left_of_day,
            rounding: closure.share.rounding(times),
            booked: lots.len(),
            keep,
            free: all_free,
            free_left,
        });
        plan.booked.extend(of_today.into_iter().zip(lots));
    }
    Ok(plan)
}

/// Returns the effect that the closure would have now. Nothing is changed.
pub async fn preview(connection: &mut Connection, closure: &Closure, now: DateTime<Utc>) -> anyhow::Result<Extent> {
    let plan = plan(connection, closure, now).await?;
    let latest = closures::latest(connection, &closure.office.id, closure.first, closure.last).await?;
    Ok(extent(closure, &plan, latest, now))
}

/// Locks the persons with an appointment in a span, then its slots. If another person books meanwhile, the slots are released and
/// both steps repeated, because a booking takes the locks in the same order. Fails with `PoolTimedOut` after too many tries.
async fn lock(connection: &mut Connection, span: Span<'_>, now: DateTime<Utc>) -> sqlx::Result<()> {
    const TRIES: usize = 20;
    let mut known = BTreeSet::new();
    for _ in 0..TRIES {
        let people = appointments::people_in(connection, span).await?;
        let new: Vec<&PersonId> = people.iter().filter(|one| !known.contains(*one)).collect();
        locks::acquire_persons(connection, &new, now).await?;
        known.extend(people);
        let mut locking = connection.begin().await?;
        slots::lock_all(&mut locking, span).await?;
        if appointments::people_in(&mut locking, span).await?.iter().all(|one| known.contains(one)) {
            locking.commit().await?;
            return Ok(());
        }
        locking.rollback().await?;
    }
    Err(sqlx::Error::PoolTimedOut)
}

/// Applies a closure; the caller commits. `seen` is the state of the preview, if there was one. `wait` delays the first message.
pub async fn close(
    templates: &Templates,
    connection: &mut Connection,
    closure: &Closure,
    seen: Option<&Seen>,
    actor: Actor<'_>,
    wait: TimeDelta,
    now: DateTime<Utc>,
) -> anyhow::Result<Outcome> {
    locks::acquire(connection, Lock::Closures, now).await?;
    let latest = closures::latest(connection, &closure.office.id, closure.first, closure.last).await?;
    if seen.is_some_and(|seen| seen.closure != latest) {
        return Ok(Outcome::ClosedMeanwhile);
    }
    // After the locks nobody can book these slots, so the plan is complete.
    let span = closure.to_come(now)?;
    lock(connection, span, now).await?;
    let plan = plan(connection, closure, now).await?;
    if plan.free_taken.is_empty() && plan.losing().next().is_none() {
        return Ok(Outcome::NothingLeft);
    }
    let district = closure.office.district;
    let id =
        bulk_actions::add(connection, bulk_actions::Kind::Close, &closure.words(), actor, Some(district), now).await?;
    let closure_id = ClosureId::from(id.clone());
    let days = (closure.first, closure.last);
    closures::add(connection, &closure_id, &closure.office.id, days, closure.share).await?;
    if closure.share == Share::CLOSED {
        slots::withdraw(connection, span, &closure_id).await?;
    } else {
        let taken: Vec<&SlotId> = plan.losing().map(|booked| &booked.slot).chain(&plan.free_taken).collect();
        slots::withdraw_some(connection, &taken, &closure_id).await?;
    }
    closures::record(connection, &closure_id).await?;
    let withdrawn = appointments::cancel_of(connection, &closure_id, now).await?;
    closures::record_messages(connection, &closure_id, &withdrawn).await?;
    let mut written = Vec::with_capacity(plan.booked.len());
    for booked in plan.losing() {
        let message = write(templates, &closure.office, booked, &id, now)?;
        written.push(NewMessage { due: message.due + wait, expires: message.expires + wait, ..message });
    }
    outbox::add_all(connection, &written, now).await?;
    let cases: Vec<&str> = plan.losing().map(|booked| booked.case.as_str()).collect();
    let district = Some(closure.office.district);
    let entry = Entry { district, ..Entry::of(actor, Action::Close, &id) };
    audit::write(connection, &entry, now).await?;
    audit::add_all(connection, actor, Action::CancelByOffice, &cases, now).await?;
    Ok(Outcome::Closed { id: closure_id, extent: Box::new(extent(closure, &plan, latest, now)) })
}

/// Returns the reason why a closure cannot be undone; `None` if it can.
async fn refusal(
    connection: &mut Connection,
    closure: &Listed,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<ProblemCode>> {
    let over = closure.last.succ_opt().and_then(|day| rules::day::from_oslo(day, 0, 0));
    if closure.undone.is_some() || over.is_none_or(|over| over <= now) {
        return Ok(Some(ProblemCode::UndoTooLate));
    }
    if closures::recorded_slots(connection, &closure.id).await?.is_none() {
        return Ok(Some(ProblemCode::UndoUnknown));
    }
    // The slots of this closure are covered by the later one.
    let is_covered = closures::is_covered(connection, &closure.id).await?;
    Ok(is_covered.then_some(ProblemCode::ClosedSince))
}

/// Returns the effect that an undo would have now, or the effect that it had.
pub async fn undoing(connection: &mut Connection, closure: &Listed, now: DateTime<Utc>) -> sqlx::Result<Undoing> {
    let refusal = match closure.undone {
        Some(_) => None,
        None => refusal(connection, closure, now).await?,
    };
    let slots = closures::recorded_slots(connection, &closure.id).await?.unwrap_or_default();
    let lost = closures::lost(connection, &closure.id, now).await?;
    let of = |one: &Lost| match closure.undone {
        Some(_) => (NotGiven::from_code(&one.outcome), one.outcome == closures::TOLD),
        None => (one.hindrance, one.hindrance.is_none() && one.heard),
    };
    let left = |one: &Lost| {
        let (case, reference, applicant) = (one.case.clone(), one.reference.clone(), one.applicant.clone());
        Some(Left { case, reference, applicant, starts: one.starts, reason: of(one).0? })
    };
    let not_given = lost.iter().filter(|one| of(one).0.is_some()).count();
    let ledger = match closures::restoring(connection, &closure.id).await? {
        Some(action) => Some(bulk_actions::ledger_of(connection, &action).await?),
        None => None,
    };
    Ok(Undoing {
        refusal,
        slots: slots.saturating_sub(lost.len() - not_given),
        given: lost.len() - not_given,
        told: lost.iter().filter(|one| of(one).1).count(),
        not_given,
        people: lost.iter().filter_map(left).take(MOST_SHOWN).collect(),
        ledger,
    })
}

/// Undoes a closure: restores every recorded appointment that can be restored, with its pending messages. Applicants who may know
/// of the closure are told. The caller commits. Fails with the reason if the closure cannot be undone.
pub async fn undo(
    templates: &Templates,
    connection: &mut Connection,
    closure: &Listed,
    district: District,
    actor: Actor<'_>,
    now: DateTime<Utc>,
) -> Result<()> {
    locks::acquire(connection, Lock::Closures, now).await?;
    if let Some(refusal) = refusal(connection, closure, now).await? {
        return Err(Error::new(refusal));
    }
    let id = &closure.id;
    if !closures::undo(connection, id, now).await? {
        return Err(Error::new(ProblemCode::UndoTooLate));
    }
    // These locks prevent the affected persons from booking, cancelling, or changing or deleting their account.
    let mut known = BTreeSet::new();
    loop {
        let people = closures::people(connection, id).await?;
        let new: Vec<&PersonId> = people.iter().filter(|one| !known.contains(*one)).collect();
        if new.is_empty() {
            break;
        }
        locks::acquire_persons(connection, &new, now).await?;
        // Cases can move to another account until here, and not after it.
        closures::lock_cases(connection, id).await?;
        known.extend(people);
    }
    slots::lock_of(connection, id).await?;
    let lost = closures::lost(connection, id, now).await?;
    let not_given: Vec<(&AppointmentId, NotGiven)> =
        lost.iter().filter_map(|one| Some((&one.appointment, one.hindrance?))).collect();
    closures::set_outcomes(connection, id, &not_given).await?;
    // The withdrawal decides, because a message may have been sent since the lookup.
    let unheard: HashSet<String> = outbox::withdraw_of_closure(connection, id, now).await?.into_iter().collect();
    let given: HashMap<&str, &Lost> =
        lost.iter().filter(|one| one.hindrance.is_none()).map(|one| (one.appointment.as_str(), one)).collect();
    let told: Vec<&Lost> =
        lost.iter().filter(|one| one.hindrance.is_none() && !unheard.contains(one.appointment.as_str())).collect();
    let ids: Vec<&AppointmentId> = told.iter().map(|one| &one.appointment).collect();
    closures::set_outcome(connection, id, closures::TOLD, &ids).await?;
    appointments::give_back(connection, id).await?;
    slots::give_back(connection, id).await?;
    let (office, words) = closures::place(connection, id).await?;
    let office = offices::find(connection, district, &office).await?.ok_or(ProblemCode::NotFound)?;
    let mut written = Vec::new();
    if !told.is_empty() {
        let restore = bulk_actions::Kind::Restore;
        let action = bulk_actions::add(connection, restore, &words, actor, Some(district), now).await?;
        closures::set_restoring(connection, id, &action).await?;
        for one in &told {
            written.push(write_to_lost(templates, &office, one, Kind::Restored, None, Some(&action), now)?);
        }
    }
    // The messages are rendered again, because language and phone number may have changed.
    for unsaid in closures::unsaid(connection, id, now).await? {
        let Some(one) = given.get(unsaid.about.as_str()) else { continue };
        if unsaid.kind != Kind::Reminder && !unheard.contains(&unsaid.about) {
            // The message about the restoration replaces the confirmation.
            continue;
        }
        let before = match unsaid.kind {
            Kind::Moved => appointments::moved_from(connection, &one.appointment).await?,
            _ => None,
        };
        let action = unsaid.bulk_action.as_ref();
        written.push(write_to_lost(templates, &office, one, unsaid.kind, before, action, now)?);
    }
    // Similar messages are stored in one statement, so they are sorted together.
    written.sort_by_key(|message| (message.kind, message.due, message.expires));
    outbox::add_all(connection, &written, now).await?;
    let cases: Vec<&str> = lost.iter().filter(|one| one.hindrance.is_none()).map(|one| one.case.as_str()).collect();
    audit::add(connection, actor, Action::UndoClose, id, now).await?;
    audit::add_all(connection, actor, Action::GiveBack, &cases, now).await?;
    Ok(())
}

fn write_to_lost(
    templates: &Templates,
    office: &Office,
    lost: &Lost,
    kind: Kind,
    before: Option<DateTime<Utc>>,
    bulk_action: Option<&BulkActionId>,
    now: DateTime<Utc>,
) -> anyhow::Result<NewMessage> {
    let to = Recipient { language: lost.language, email: &lost.email, phone: lost.phone.as_deref() };
    let subject = Subject {
        case: Some(&lost.case),
        about: &lost.appointment,
        application_type: Some(lost.application_type),
        starts: Some(lost.starts),
        bulk_action,
    };
    let values = TemplateValues {
        applicant: &lost.applicant,
        number: &lost.number,
        starts: Some(lost.starts),
        before,
        office: Some(office),
        ..TemplateValues::default()
    };
    messages::write(templates, to, kind, subject, &values, now)
}

fn write(
    templates: &Templates,
    office: &Office,
    booked: &Booked,
    id: &BulkActionId,
    now: DateTime<Utc>,
) -> anyhow::Result<NewMessage> {
    let subject = Subject {
        case: Some(&booked.case),
        about: &booked.id,
        application_type: Some(booked.application_type),
        starts: Some(booked.starts),
        bulk_action: Some(id),
    };
    let values = TemplateValues {
        applicant: &booked.applicant,
        number: &booked.number,
        starts: Some(booked.starts),
        office: Some(office),
        ..TemplateValues::default()
    };
    messages::write(templates, recipient(booked), kind(booked, now), subject, &values, now)
}

/// Returns the kind of the message about a cancellation.
fn kind(booked: &Booked, now: DateTime<Utc>) -> Kind {
    let is_short = booked.starts - now < SHORT_NOTICE;
    if is_short { Kind::CancelledAtShortNotice } else { Kind::CancelledByOffice }
}

fn recipient(booked: &Booked) -> Recipient<'_> {
    Recipient { language: booked.language, email: &booked.email, phone: booked.phone.as_deref() }
}

/// Returns the effect of a plan. The channels follow from each person's addresses; no message is rendered.
fn extent(closure: &Closure, plan: &Plan, latest: Option<ClosureId>, now: DateTime<Utc>) -> Extent {
    let told = |booked: &Booked| {
        let kind = kind(booked, now);
        let channel = messages::reach(kind, Some(booked.application_type), recipient(booked));
        (channel, kind == Kind::CancelledAtShortNotice)
    };
    let all_told: Vec<(Option<Channel>, bool)> = plan.losing().map(told).collect();
    let by = |channel: Option<Channel>| all_told.iter().filter(|(by, _)| *by == channel).count();
    let losing = plan.booked.iter().filter(|(_, lot)| !lot.keeps()).zip(&all_told);
    let losing = losing.map(|((booked, lot), (channel, is_short))| affected(booked, *lot, *channel, *is_short));
    let keeping = plan.booked.iter().filter(|(_, lot)| lot.keeps());
    let keeping = keeping.map(|(booked, lot)| affected(booked, *lot, None, false));
    Extent {
        office: closure.office.clone(),
        first: closure.first,
        last: closure.last,
        share: closure.share.percent(),
        keep: plan.booked.len() - all_told.len(),
        critical: plan.booked.iter().filter(|(_, lot)| *lot == Lot::CriticalTravel).count(),
        lose: all_told.len(),
        by_sms: by(Some(Channel::Sms)),
        by_email: by(Some(Channel::Email)),
        to_call: by(None),
        at_short_notice: all_told.iter().filter(|(_, is_short)| *is_short).count(),
        free_taken: plan.free_taken.len(),
        free_left: plan.free_left,
        days: plan.days.clone(),
        people: losing.take(MOST_SHOWN).chain(keeping.take(MOST_SHOWN)).collect(),
        seen: Seen { people: plan.people(), closure: latest },
    }
}

fn affected(booked: &Booked, lot: Lot, channel: Option<Channel>, short_notice: bool) -> Affected {
    Affected {
        case: booked.case.clone(),
        reference: booked.reference.clone(),
        applicant: booked.applicant.clone(),
        starts: booked.starts,
        waiting_since: booked.waiting_since,
        lot,
        channel,
        short_notice,
    }
}
