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
