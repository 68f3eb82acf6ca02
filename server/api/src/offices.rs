//! Offices: their address, opening hours and posting times.

use chrono::{DateTime, Datelike, Days, NaiveDate, Timelike, Utc, Weekday};
use rules::{ApplicationType, District, coded};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{fields, ids::OfficeId};

/// An office that receives applicants.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Office {
    #[schema(value_type = String)]
    pub id: OfficeId,
    #[schema(example = "Oslo immigration office")]
    pub name: String,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<OfficeKind>)]
    pub kind: OfficeKind,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<District>)]
    pub district: District,
    pub address: String,
    pub phone: String,
    /// The opening hours, in the order of the week. Days without an entry are closed.
    pub hours: Vec<Hours>,
    /// The things that applicants bring.
    #[serde(with = "fields::codes")]
    #[schema(schema_with = fields::codes::schema::<Bring>)]
    pub bring: Vec<Bring>,
    /// The weekly time at which new slots are posted; null if there is none.
    pub posts: Option<Posting>,
}

impl Office {
    /// Returns `true` if the office receives applicants of this type.
    pub fn receives(&self, kind: ApplicationType) -> bool {
        kind.belongs_to_passport_office() == (self.kind == OfficeKind::Passport)
    }
}

/// The opening state of an office.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// Open now, until this minute of the day.
    Until(Minute),
    /// Closed now, and open from that day and minute.
    From(NaiveDate, Minute),
}

impl Office {
    /// Returns the opening state by the hours; `None` if no hours are known. The office is closed on public holidays.
    pub fn opening(&self, now: DateTime<Utc>) -> Option<Opening> {
        /// Days to look ahead. No period without a working day is that long.
        const AHEAD: u64 = 14;
        let now = rules::day::oslo_time(now);
        let (today, minute) = (now.date_naive(), u16::try_from(now.hour() * 60 + now.minute()).ok()?);
        (0..AHEAD).find_map(|ahead| {
            let day = today.checked_add_days(Days::new(ahead))?;
            let is_open = |hours: &&Hours| hours.day == day.weekday() && !rules::holiday::is_holiday(day);
            let mut of_day: Vec<&Hours> = self.hours.iter().filter(is_open).collect();
            of_day.sort_by_key(|hours| hours.from);
            of_day.into_iter().find_map(|hours| match ahead {
                0 if hours.to <= minute => None,
                0 if hours.from <= minute => Some(Opening::Until(hours.to)),
                _ => Some(Opening::From(day, hours.from)),
            })
        })
    }
}

/// The opening hours of one weekday, in local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Hours {
    #[serde(with = "fields::weekday")]
    #[schema(schema_with = fields::weekday::schema)]
    pub day: Weekday,
    #[serde(with = "fields::minute")]
    #[schema(schema_with = fields::minute::schema)]
    pub from: Minute,
    #[serde(with = "fields::minute")]
    #[schema(schema_with = fields::minute::schema)]
    pub to: Minute,
}

/// The weekly time at which new slots are posted, in local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Posting {
    #[serde(with = "fields::weekday")]
    #[schema(schema_with = fields::weekday::schema)]
    pub day: Weekday,
    #[serde(with = "fields::minute")]
    #[schema(schema_with = fields::minute::schema)]
    pub at: Minute,
}

impl Posting {
    /// Returns the next day on which slots are posted: today, if the time has not passed.
    pub fn next(&self, now: DateTime<Utc>) -> NaiveDate {
        let now = rules::day::oslo_time(now);
        let minute = now.hour() * 60 + now.minute();
        let ahead = self.day.days_since(now.weekday());
        let is_over = ahead == 0 && minute >= u32::from(self.at);
        now.date_naive() + Days::new(if is_over { 7 } else { ahead.into() })
    }
}

/// A time of day, in minutes since midnight.
pub type Minute = u16;

coded! {
    /// A thing that applicants bring.
    Bring {
        Passport = "passport",
        /// The confirmation that the application was sent in.
        Confirmation = "confirmation",
        /// The originals of the documents sent in with the application.
        Originals = "originals",
        /// The booking number.
        Number = "number",
        /// An old passport or ID card.
        OldDocument = "old-document",
    }
}

coded! {
    /// The kind of an office.
    OfficeKind {
        Immigration = "immigration",
        /// Service centre for foreign workers.
        Sua = "sua",
        Passport = "passport",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_office_says_when_it_opens_and_closes() {
        let hours = |day, from: Minute, to: Minute| Hours { day, from: from * 60, to: to * 60 };
        let mut office = Office {
            id: "o".into(),
            name: "Oslo".to_owned(),
            kind: OfficeKind::Immigration,
            district: District::Oslo,
            address: String::new(),
            phone: String::new(),
            hours: vec![hours(Weekday::Mon, 12, 15), hours(Weekday::Mon, 9, 11), hours(Weekday::Thu, 9, 15)],
            bring: Vec::new(),
            posts: None,
        };
        let from = |day: &str, hour: Minute| Some(Opening::From(day.parse().unwrap(), hour * 60));
        for (now, opening) in [
            ("2021-03-22T08:59:00+01:00", from("2021-03-22", 9)),
            ("2021-03-22T09:00:00+01:00", Some(Opening::Until(11 * 60))),
            ("2021-03-22T11:00:00+01:00", from("2021-03-22", 12)),
            ("2021-03-22T14:59:59+01:00", Some(Opening::Until(15 * 60))),
            ("2021-03-22T15:00:00+01:00", from("2021-03-25", 9)),
            // Maundy Thursday and Easter Monday are holidays, and summer time has begun.
            ("2021-03-29T16:00:00+02:00", from("2021-04-08", 9)),
        ] {
            assert_eq!(office.opening(now.parse().unwrap()), opening, "{now}");
        }
        office.hours.clear();
        assert_eq!(office.opening("2021-03-22T10:00:00+01:00".parse().unwrap()), None);
    }

    #[test]
    fn times_are_posted_on_the_next_such_day() {
        let mondays = Posting { day: Weekday::Mon, at: 8 * 60 };
        for (now, next) in [
            ("2021-03-22T07:59:00+01:00", "2021-03-22"),
            ("2021-03-22T08:00:00+01:00", "2021-03-29"),
            ("2021-03-23T00:30:00+01:00", "2021-03-29"),
            ("2021-03-28T23:59:00+02:00", "2021-03-29"),
        ] {
            let now: DateTime<Utc> = now.parse().unwrap();
            assert_eq!(mondays.next(now).to_string(), next, "{now}");
        }
    }
}
