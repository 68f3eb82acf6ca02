//! Where to meet, and when.

use chrono::{DateTime, Datelike, Days, NaiveDate, Timelike, Utc, Weekday};
use rules::{ApplicationType, District, coded};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::fields;

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Office {
    pub id: String,
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
    /// When it is open, in the order of the week. A day that is not there is closed.
    pub hours: Vec<Hours>,
    /// What to bring.
    #[serde(with = "fields::codes")]
    #[schema(schema_with = fields::codes::schema::<Bring>)]
    pub bring: Vec<Bring>,
    /// When it posts new times each week, if it does so at a set time.
    pub posts: Option<Posting>,
}

impl Office {
    /// Whether it receives people for a type of application.
    pub fn receives(&self, kind: ApplicationType) -> bool {
        kind.belongs_to_passport_office() == (self.kind == OfficeKind::Passport)
    }
}

/// Whether an office is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// Open now, until this minute of the day.
    Until(Minute),
    /// Closed now, and open from then on.
    From(NaiveDate, Minute),
}

impl Office {
    /// Whether it is open by its hours, and when that changes. On a public holiday it is closed. `None` if no hours are known.
    pub fn opening(&self, now: DateTime<Utc>) -> Option<Opening> {
        /// No row of days without a working day is as long.
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

/// Opening hours of one day of the week, in local time.
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

/// When new times are posted, in local time.
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
    /// The next day on which times are posted: today, as long as it is too early for that.
    pub fn next(&self, now: DateTime<Utc>) -> NaiveDate {
        let now = rules::day::oslo_time(now);
        let minute = now.hour() * 60 + now.minute();
        let ahead = self.day.days_since(now.weekday());
        let is_over = ahead == 0 && minute >= u32::from(self.at);
        now.date_naive() + Days::new(if is_over { 7 } else { ahead.into() })
    }
}

/// Minutes since midnight.
pub type Minute = u16;

coded! {
    Bring {
        Passport = "passport",
        /// The confirmation that the application was sent in.
        Confirmation = "confirmation",
        /// The originals of what was sent in with the application.
        Originals = "originals",
        /// The booking number.
        Number = "number",
        /// An old passport or ID card.
        OldDocument = "old-document",
    }
}

coded! {
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
            id: "o".to_owned(),
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
            // Maundy Thursday and Easter Monday are holidays, and the clock has changed.
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
