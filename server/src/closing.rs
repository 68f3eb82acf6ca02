//! Closing an office for some days: its times are taken back, who has one loses it, and everybody is told, in one transaction.

use anyhow::{Context, ensure};
use api::{messages::Kind, offices::Office};
use chrono::{DateTime, NaiveDate, Utc};
use rules::{Channel, notice::Language};

use crate::{
    dates,
    message::{self, Facts, Recipient, SHORT_NOTICE, Subject, Templates},
    store::{
        Connection,
        appointments::{self, Booked},
        audit::{self, Action, Entry},
        bulk_actions,
        messages::{self, NewMessage},
        offices,
        slots::{self, Span},
    },
};

/// An office and the days on which it is closed, both included.
#[derive(Clone, Debug)]
pub struct Closing {
    pub office: Office,
    pub first: NaiveDate,
    pub last: NaiveDate,
}

/// How many lose their appointment, and how they are told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    pub people: usize,
    pub by_sms: usize,
    pub by_email: usize,
    /// Nobody knows where to reach them but by phone, if that.
    pub to_call: usize,
    pub at_short_notice: usize,
}

impl Closing {
    /// `office` is its name, whole or a part that only one has.
    pub async fn new(
        connection: &mut Connection,
        office: &str,
        first: NaiveDate,
        last: NaiveDate,
    ) -> anyhow::Result<Closing> {
        ensure!(first <= last, "the last day is before the first");
        let all = offices::list(connection).await?;
        let found: Vec<&Office> = match all.iter().filter(|one| one.name == office).collect::<Vec<_>>() {
            whole if whole.len() == 1 => whole,
            _ => all.iter().filter(|one| one.name.to_lowercase().contains(&office.to_lowercase())).collect(),
        };
        let names = |some: &[&Office]| some.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join("; ");
        let all: Vec<&Office> = all.iter().collect();
        ensure!(!found.is_empty(), "no office is called {office}; there are: {}", names(&all));
        ensure!(found.len() == 1, "{office} could be any of: {}", names(&found));
        Ok(Closing { office: found[0].clone(), first, last })
    }

    /// What has begun is over: it is neither cancelled nor taken back.
    fn span(&self, now: DateTime<Utc>) -> anyhow::Result<Span<'_>> {
        let midnight = |day| rules::day::from_oslo(day, 0, 0).context("there is no such day");
        let after = self.last.succ_opt().context("the last day is too far away")?;
        // A start is kept in whole seconds, so the next one that has not begun is at least one later.
        let next = now + chrono::TimeDelta::seconds(1);
        Ok(Span { office: &self.office.id, from: midnight(self.first)?.max(next), until: midnight(after)? })
    }

    pub fn words(&self) -> String {
        format!("{}, {}", self.office.name, dates::period(Some(self.first), Some(self.last), Language::En))
    }
}

/// What closing would do. Nothing is changed.
pub async fn preview(
    templates: &Templates,
    connection: &mut Connection,
    closing: &Closing,
    now: DateTime<Utc>,
) -> anyhow::Result<Extent> {
    let booked = appointments::booked_in(connection, closing.span(now)?).await?;
    let mut extent = Extent::default();
    for one in &booked {
        extent.count(&write(templates, &closing.office, one, "", now)?);
    }
    Ok(extent)
}

/// Closes the office. The caller commits. Returns the id of the bulk action, for its ledger.
pub async fn close(
    templates: &Templates,
    connection: &mut Connection,
    closing: &Closing,
    actor: &str,
    now: DateTime<Utc>,
) -> anyhow::Result<(String, Extent)> {
    let span = closing.span(now)?;
    // First: from now on nobody gets one of these times, so nobody is missed.
    slots::withdraw(connection, span).await?;
    let booked = appointments::booked_in(connection, span).await?;
    appointments::cancel_in(connection, span, now).await?;
    let id = bulk_actions::add(connection, bulk_actions::Kind::Close, &closing.words(), actor, now).await?;
    let mut extent = Extent::default();
    let mut written = Vec::with_capacity(booked.len());
    for one in &booked {
        let message = write(templates, &closing.office, one, &id, now)?;
        extent.count(&message);
        written.push(message);
    }
    messages::add_all(connection, &written, now).await?;
    let cases: Vec<&str> = booked.iter().map(|one| one.case.as_str()).collect();
    let district = Some(closing.office.district);
    let entry = Entry { actor, action: Action::Close, subject: &id, district, words: "", receipt: "" };
    audit::write(connection, &entry, now).await?;
    audit::add_all(connection, actor, Action::CancelByOffice, &cases, now).await?;
    Ok((id, extent))
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

impl Extent {
    fn count(&mut self, message: &NewMessage) {
        self.people += 1;
        match message.channel {
            _ if message.fault.is_some() => self.to_call += 1,
            Channel::Sms => self.by_sms += 1,
            Channel::Email => self.by_email += 1,
        }
        self.at_short_notice += usize::from(message.kind == Kind::CancelledAtShortNotice);
    }
}
