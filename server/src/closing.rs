//! An office closes for some days, or works at a share of its capacity: who loses their time and who keeps it (`rules::closure`),
//! how they are told, and all of it in one transaction.

use anyhow::{Context, ensure};
use api::{
    closings::{Affected, DayOfClosing, Extent, Seen},
    messages::Kind,
    offices::Office,
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rules::{
    Channel,
    closure::{self, Lot, Share},
};

use crate::{
    dates,
    message::{self, Facts, Recipient, SHORT_NOTICE, Subject, Templates},
    secrets,
    store::{
        Connection,
        appointments::{self, Booked},
        audit::{self, Action, Entry},
        bulk_actions, closures,
        messages::{self, NewMessage},
        offices,
        slots::{self, Seat, Span},
        uses,
    },
};

/// How many are shown by name.
const MOST_SHOWN: usize = 500;

/// An office, the days, both included, and the share of its capacity that is left on them.
#[derive(Clone, Debug)]
pub struct Closing {
    pub office: Office,
    pub first: NaiveDate,
    pub last: NaiveDate,
    pub share: Share,
}

/// How a closing ended.
pub enum Outcome {
    Closed {
        id: String,
        extent: Box<Extent>,
    },
    /// Another closing of the office that shares a day with this one came between the preview and now.
    ClosedMeanwhile,
    /// Nobody loses a time, and there is none left to take back.
    NothingLeft,
}

impl Closing {
    /// `now` is when it is closed: days that are over are nobody's any more.
    pub fn new(
        office: Office,
        first: NaiveDate,
        last: NaiveDate,
        share: Share,
        now: DateTime<Utc>,
    ) -> anyhow::Result<Closing> {
        const LONGEST: TimeDelta = TimeDelta::days(366);
        ensure!(first <= last, "the last day is before the first");
        ensure!(last - first <= LONGEST, "more than a year is closed in several parts");
        let closing = Closing { office, first, last, share };
        ensure!(now < closing.midnights()?.1, "these days are over");
        Ok(closing)
    }

    fn midnights(&self) -> anyhow::Result<(DateTime<Utc>, DateTime<Utc>)> {
        let midnight = |day| rules::day::from_oslo(day, 0, 0).context("there is no such day");
        let after = self.last.succ_opt().context("the last day is too far away")?;
        Ok((midnight(self.first)?, midnight(after)?))
    }

    /// Its days whole.
    fn days(&self) -> anyhow::Result<Span<'_>> {
        let (from, until) = self.midnights()?;
        Ok(Span { office: &self.office.id, from, until })
    }

    /// What has begun is over: it is neither cancelled nor taken back.
    fn to_come(&self, now: DateTime<Utc>) -> anyhow::Result<Span<'_>> {
        let (from, until) = self.midnights()?;
        // A start is kept in whole seconds, so the next one that has not begun is at least one later.
        let from = from.max(now + TimeDelta::seconds(1));
        Ok(Span { office: &self.office.id, from, until: until.max(from) })
    }

    pub fn words(&self) -> String {
        let days = dates::span(self.first, self.last);
        match self.share.percent() {
            0 => format!("{}, {days}", self.office.name),
            percent => format!("{}, {days}, {percent} %", self.office.name),
        }
    }
}

/// The office that a name means, whole or a part that only one has.
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

/// What becomes of everybody, and of every time.
struct Plan {
    booked: Vec<(Booked, Lot)>,
    /// The slots that are taken back though nobody has them.
    free_taken: Vec<String>,
    free_left: usize,
    days: Vec<DayOfClosing>,
}

impl Plan {
    fn losing(&self) -> impl Iterator<Item = &Booked> {
        self.booked.iter().filter(|(_, lot)| !lot.keeps()).map(|(booked, _)| booked)
    }

    /// A hash over who loses their time.
    fn people(&self) -> String {
        let mut ids: Vec<&str> = self.losing().map(|booked| booked.id.as_str()).collect();
        ids.sort_unstable();
        secrets::hash(&ids)
    }
}

async fn plan(connection: &mut Connection, closing: &Closing, now: DateTime<Utc>) -> anyhow::Result<Plan> {
    let mut seats = slots::seats(connection, closing.days()?).await?.into_iter().peekable();
    let mut booked = appointments::booked_in(connection, closing.to_come(now)?).await?.into_iter().peekable();
    let mut plan = Plan { booked: Vec::new(), free_taken: Vec::new(), free_left: 0, days: Vec::new() };
    // Day by day; both come in the order of their start.
    while let Some(first) = seats.peek() {
        let today = rules::day::in_oslo(first.starts);
        let is_today = |starts| rules::day::in_oslo(starts) == today;
        let of_day: Vec<Seat> = std::iter::from_fn(|| seats.next_if(|seat| is_today(seat.starts))).collect();
        let of_today: Vec<Booked> = std::iter::from_fn(|| booked.next_if(|one| is_today(one.starts))).collect();
        // Whoever came already today has used some of the day's capacity.
        let gone = of_day.iter().filter(|seat| seat.taken && seat.starts <= now).count();
        let (times, left_of_day) = (of_day.len(), closing.share.of(of_day.len()));
        let room = left_of_day.saturating_sub(gone);
        let waiting: Vec<closure::Booked> = of_today
            .iter()
            .map(|one| closure::Booked {
                starts: one.starts,
                waiting_since: one.waiting_since,
                critical_travel: one.critical_travel,
            })
            .collect();
        let lots = closure::lots(closing.share, room, &waiting);
        let keep = lots.iter().filter(|lot| lot.keeps()).count();
        // Of the free ones those that come first on the day stay.
        let free = of_day.into_iter().filter(|seat| !seat.taken && !seat.withdrawn && seat.starts > now);
        let mut free: Vec<String> = free.map(|seat| seat.slot).collect();
        let all_free = free.len();
        let free_left = all_free.min(room.saturating_sub(keep));
        plan.free_taken.extend(free.drain(free_left..));
        plan.free_left += free_left;
        plan.days.push(DayOfClosing {
            day: today,
            times,
            left: left_of_day,
            rounding: closing.share.rounding(times),
            booked: lots.len(),
            keep,
            free: all_free,
            free_left,
        });
        plan.booked.extend(of_today.into_iter().zip(lots));
    }
    Ok(plan)
}

/// What closing would do. Nothing is changed.
pub async fn preview(
    templates: &Templates,
    connection: &mut Connection,
    closing: &Closing,
    now: DateTime<Utc>,
) -> anyhow::Result<Extent> {
    let plan = plan(connection, closing, now).await?;
    let latest = closures::latest(connection, &closing.office.id, closing.first, closing.last).await?;
    let mut told = Vec::with_capacity(plan.booked.len());
    for booked in plan.losing() {
        told.push(write(templates, &closing.office, booked, "", now)?);
    }
    Ok(extent(closing, &plan, &told, latest))
}

/// Closes the office. The caller commits. `seen` is what the preview was made of, if there was one; `wait` is how long the first
/// message waits.
pub async fn close(
    templates: &Templates,
    connection: &mut Connection,
    closing: &Closing,
    seen: Option<&Seen>,
    actor: &str,
    wait: TimeDelta,
    now: DateTime<Utc>,
) -> anyhow::Result<Outcome> {
    // Two who close the same office come one after another.
    uses::count(connection, &closing.office.id, "closing", now).await?;
    let latest = closures::latest(connection, &closing.office.id, closing.first, closing.last).await?;
    if seen.is_some_and(|seen| seen.closing != latest) {
        return Ok(Outcome::ClosedMeanwhile);
    }
    // From now on nobody gets one of these times, so nobody is missed.
    let span = closing.to_come(now)?;
    slots::lock_all(connection, span).await?;
    let plan = plan(connection, closing, now).await?;
    if plan.free_taken.is_empty() && plan.losing().next().is_none() {
        return Ok(Outcome::NothingLeft);
    }
    let district = closing.office.district;
    let id =
        bulk_actions::add(connection, bulk_actions::Kind::Close, &closing.words(), actor, Some(district), now).await?;
    let days = (closing.first, closing.last);
    closures::add(connection, &id, &closing.office.id, days, closing.share).await?;
    if closing.share == Share::CLOSED {
        slots::withdraw(connection, span, &id).await?;
    } else {
        let free = plan.free_taken.iter().map(String::as_str);
        let taken: Vec<&str> = plan.losing().map(|booked| booked.slot.as_str()).chain(free).collect();
        slots::withdraw_some(connection, &taken, &id).await?;
    }
    appointments::cancel_of(connection, &id, now).await?;
    let mut written = Vec::with_capacity(plan.booked.len());
    for booked in plan.losing() {
        let message = write(templates, &closing.office, booked, &id, now)?;
        written.push(NewMessage { due: message.due + wait, expires: message.expires + wait, ..message });
    }
    messages::add_all(connection, &written, now).await?;
    let cases: Vec<&str> = plan.losing().map(|booked| booked.case.as_str()).collect();
    let district = Some(closing.office.district);
    let entry = Entry { district, ..Entry::of(actor, Action::Close, &id) };
    audit::write(connection, &entry, now).await?;
    audit::add_all(connection, actor, Action::CancelByOffice, &cases, now).await?;
    Ok(Outcome::Closed { id, extent: Box::new(extent(closing, &plan, &written, latest)) })
}

/// Undoes a closing of which no message has left yet: whoever has lost a time has it again, unless they have booked another since.
/// Says whether it could; the caller commits only then.
pub async fn undo(
    connection: &mut Connection,
    id: &str,
    made: DateTime<Utc>,
    actor: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    if !closures::undo(connection, id, now).await? || !messages::withdraw_unsent(connection, id, now).await? {
        return Ok(false);
    }
    appointments::give_back(connection, id, made, now).await?;
    slots::give_back(connection, id).await?;
    audit::add(connection, actor, Action::UndoClose, id, now).await?;
    Ok(true)
}

fn write(
    templates: &Templates,
    office: &Office,
    booked: &Booked,
    id: &str,
    now: DateTime<Utc>,
) -> anyhow::Result<NewMessage> {
    let short = booked.starts - now < SHORT_NOTICE;
    let kind = if short { Kind::CancelledAtShortNotice } else { Kind::CancelledByOffice };
    let to = Recipient { language: booked.language, email: &booked.email, phone: booked.phone.as_deref() };
    let subject = Subject {
        case: Some(&booked.case),
        about: &booked.id,
        application_type: Some(booked.application_type),
        starts: Some(booked.starts),
        bulk_action: Some(id),
    };
    let facts = Facts {
        applicant: &booked.applicant,
        number: &booked.number,
        starts: Some(booked.starts),
        office: Some(office),
        ..Facts::default()
    };
    message::write(templates, to, kind, subject, &facts, now)
}

/// `told` are the messages to those who lose their time, in their order.
fn extent(closing: &Closing, plan: &Plan, told: &[NewMessage], latest: Option<String>) -> Extent {
    let count = |so: &dyn Fn(&NewMessage) -> bool| told.iter().filter(|message| so(message)).count();
    let keep = plan.booked.len() - told.len();
    let is_short = |message: &NewMessage| message.kind == Kind::CancelledAtShortNotice;
    let losing = plan.booked.iter().filter(|(_, lot)| !lot.keeps()).zip(told).map(|((booked, lot), message)| {
        let channel = message.fault.is_none().then_some(message.channel);
        affected(booked, *lot, channel, is_short(message))
    });
    let keeping = plan.booked.iter().filter(|(_, lot)| lot.keeps());
    let keeping = keeping.map(|(booked, lot)| affected(booked, *lot, None, false));
    Extent {
        office: closing.office.clone(),
        first: closing.first,
        last: closing.last,
        share: closing.share.percent(),
        keep,
        critical: plan.booked.iter().filter(|(_, lot)| *lot == Lot::CriticalTravel).count(),
        lose: told.len(),
        by_sms: count(&|message| message.fault.is_none() && message.channel == Channel::Sms),
        by_email: count(&|message| message.fault.is_none() && message.channel == Channel::Email),
        to_call: count(&|message| message.fault.is_some()),
        at_short_notice: count(&is_short),
        free_taken: plan.free_taken.len(),
        free_left: plan.free_left,
        days: plan.days.clone(),
        people: losing.take(MOST_SHOWN).chain(keeping.take(MOST_SHOWN)).collect(),
        seen: Seen { people: plan.people(), closing: latest },
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
