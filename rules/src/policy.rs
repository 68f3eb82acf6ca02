//! The numbers and lists of the law that change with time, each with its days and its source.

use std::borrow::Cow;

use chrono::NaiveDate;

use crate::{ApplicationType, Country, District};

/// Something that holds from a first to a last day, both included; `None` leaves that end open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated<T> {
    pub first: Option<NaiveDate>,
    pub last: Option<NaiveDate>,
    pub value: T,
    pub source: Source,
}

impl<T> Dated<T> {
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.first.is_none_or(|first| first <= day) && self.last.is_none_or(|last| day <= last)
    }
}

/// Where a number or a date comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The reference of a sentence, for instance `oslo-2021-03-16#passport-window`.
    Sentence(Cow<'static, str>),
    /// Another public source, as one would look it up.
    Elsewhere(Cow<'static, str>),
}

/// What holds when. It comes from documents (`rules/notices/`, and what an office adds). Within one list no two entries for
/// the same thing overlap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// The documents it was made of, by id.
    pub documents: Vec<Version>,
    /// Whole days of quarantine after the day of entry. On a day without an entry, or with 0, there is no quarantine.
    pub quarantine: Vec<Dated<u32>>,
    /// Members of the EU and the EEA, and Switzerland, which UDI counts among them.
    pub eea: Vec<Dated<Country>>,
    /// Districts whose passport offices work at reduced capacity: appointments for critical travel only, by phone.
    pub reduced_passport_capacity: Vec<Dated<District>>,
    /// Types that the police may ask to be delivered electronically.
    pub digital: Vec<Dated<ApplicationType>>,
    /// Information lines for those whose documents cannot be delivered electronically for technical reasons.
    pub information_lines: Vec<Dated<(District, String)>>,
}

/// A document in one of its versions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    pub id: Cow<'static, str>,
    pub version: u32,
}

impl Policy {
    /// How long the quarantine is by what is in force on a day; none on a day without one.
    pub fn quarantine_on(&self, day: NaiveDate) -> Option<&Dated<u32>> {
        self.quarantine.iter().find(|length| length.value > 0 && length.holds_on(day))
    }

    /// The information line that a district has published for a day.
    pub fn information_line(&self, district: District, day: NaiveDate) -> Option<&Dated<(District, String)>> {
        self.information_lines.iter().find(|line| line.value.0 == district && line.holds_on(day))
    }

    /// Whether the police may ask for documents of this type electronically.
    pub fn is_digital(&self, kind: ApplicationType, day: NaiveDate) -> bool {
        self.digital.iter().any(|digital| digital.value == kind && digital.holds_on(day))
    }
}
