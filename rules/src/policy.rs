//! The numbers and lists of the law that change with time, each with its days and its source.

use chrono::NaiveDate;

use crate::{ApplicationType, Country, District, day::day};

/// Something that holds from a first to a last day, both included; `None` leaves that end open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated<T> {
    pub first: Option<NaiveDate>,
    pub last: Option<NaiveDate>,
    pub value: T,
    pub source: &'static str,
}

impl<T> Dated<T> {
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.first.is_none_or(|first| first <= day) && self.last.is_none_or(|last| day <= last)
    }
}

/// What holds when. Within one list no two entries for the same thing overlap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Whole days of quarantine after the day of entry. A day without an entry has no quarantine.
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

impl Policy {
    /// What the two notices and the regulations they rest on say.
    pub fn published() -> Policy {
        const UDI: &str = "UDI, word definitions, EU/EEA national";
        Policy {
            quarantine: vec![
                between(day(2020, 3, 12), day(2020, 5, 6), 14, "helse-mr.no; nome.kommune.no"),
                between(
                    day(2020, 5, 7),
                    day(2022, 1, 25),
                    10,
                    "sunnmoringen.no 08.05.2020; regjeringen.no id2702867; ended: mondaq 1156642",
                ),
            ],
            eea: EEA
                .iter()
                .map(|code| always(Country::literal(code), UDI))
                .chain([Dated {
                    first: None,
                    last: Some(day(2020, 12, 31)),
                    value: Country::literal(b"GB"),
                    source: "UDI, Brexit: the United Kingdom counted as an EU state until 31.12.2020",
                }])
                .collect(),
            reduced_passport_capacity: vec![between(
                day(2021, 3, 17),
                day(2021, 4, 9),
                District::Oslo,
                "oslo-2021-03-16#passport-window",
            )],
            digital: [
                ApplicationType::Work,
                ApplicationType::FamilyImmigration,
                ApplicationType::Study,
                ApplicationType::Protection,
                ApplicationType::PermanentResidence,
                ApplicationType::ResidencePermitRenewal,
                ApplicationType::TravelDocument,
            ]
            .map(|kind| always(kind, "oslo-2021-03-16#digital-types"))
            .to_vec(),
            information_lines: vec![Dated {
                first: Some(day(2021, 3, 16)),
                last: None,
                value: (District::Oslo, "22 34 21 00".to_owned()),
                source: "oslo-2021-03-16#technical-failure",
            }],
        }
    }

    /// The information line that a district has published for a day.
    pub fn information_line(&self, district: District, day: NaiveDate) -> Option<&str> {
        self.information_lines
            .iter()
            .find(|line| line.value.0 == district && line.holds_on(day))
            .map(|line| line.value.1.as_str())
    }

    /// Whether the police may ask for documents of this type electronically.
    pub fn is_digital(&self, kind: ApplicationType, day: NaiveDate) -> bool {
        self.digital.iter().any(|digital| digital.value == kind && digital.holds_on(day))
    }
}

/// EU 27, Iceland, Liechtenstein, Norway and Switzerland.
#[rustfmt::skip]
const EEA: &[&[u8; 2]] = &[
    b"AT", b"BE", b"BG", b"CY", b"CZ", b"DE", b"DK", b"EE", b"ES", b"FI", b"FR", b"GR", b"HR", b"HU", b"IE", b"IT",
    b"LT", b"LU", b"LV", b"MT", b"NL", b"PL", b"PT", b"RO", b"SE", b"SI", b"SK",
    b"IS", b"LI", b"NO", b"CH",
];

fn between<T>(first: NaiveDate, last: NaiveDate, value: T, source: &'static str) -> Dated<T> {
    Dated { first: Some(first), last: Some(last), value, source }
}

fn always<T>(value: T, source: &'static str) -> Dated<T> {
    Dated { first: None, last: None, value, source }
}
