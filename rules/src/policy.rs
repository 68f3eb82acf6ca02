//! Policy: the values of the law that change over time, each with its days and its source. `document` builds it from files.

use std::borrow::Cow;

use chrono::NaiveDate;

use crate::{ApplicationType, Country, District};

/// A value that applies from a first to a last day, both included. `None` leaves that end open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated<T> {
    pub first: Option<NaiveDate>,
    pub last: Option<NaiveDate>,
    pub value: T,
    pub source: Source,
}

impl<T> Dated<T> {
    /// Returns `true` if the value applies on a day.
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.first.is_none_or(|first| first <= day) && self.last.is_none_or(|last| day <= last)
    }
}

/// The source of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The reference of a sentence, for instance `oslo-2021-03-16#passport-window`.
    Sentence(Cow<'static, str>),
    /// Another public source, as a citation that can be looked up.
    Elsewhere(Cow<'static, str>),
}

/// The values in force, with their days. Within a list, two entries about the same thing never overlap.
///
/// A policy is combined from policy documents: the notices in `rules/notices/` and the documents that offices add.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// The documents that it was combined from, in the order of their ids.
    pub documents: Vec<Version>,
    /// Length of the quarantine: whole days after the day of entry. On a day without an entry, or with 0, there is no
    /// quarantine.
    pub quarantine: Vec<Dated<u32>>,
    /// Members of the EU and the EEA, and Switzerland, which UDI counts among them.
    pub eea: Vec<Dated<Country>>,
    /// Districts whose passport offices work at reduced capacity: appointments only for critical travel, by phone.
    pub reduced_passport_capacity: Vec<Dated<District>>,
    /// Application types for which the police may ask for electronic delivery.
    pub digital: Vec<Dated<ApplicationType>>,
    /// Phone numbers of the information lines for documents that cannot be delivered electronically for technical reasons.
    pub information_lines: Vec<Dated<(District, String)>>,
}

/// A version of a policy document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    pub id: Cow<'static, str>,
    pub version: u32,
}

impl Policy {
    /// Returns the length of the quarantine in force on a day; `None` if there is no quarantine.
    pub fn quarantine_on(&self, day: NaiveDate) -> Option<&Dated<u32>> {
        self.quarantine.iter().find(|length| length.value > 0 && length.holds_on(day))
    }

    /// Returns the information line of a district on a day; `None` if it has published none.
    pub fn information_line(&self, district: District, day: NaiveDate) -> Option<&Dated<(District, String)>> {
        self.information_lines.iter().find(|line| line.value.0 == district && line.holds_on(day))
    }

    /// Returns `true` if the police may ask for documents of this type electronically on that day.
    pub fn is_digital(&self, kind: ApplicationType, day: NaiveDate) -> bool {
        self.digital.iter().any(|digital| digital.value == kind && digital.holds_on(day))
    }
}
