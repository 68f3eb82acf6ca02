//! The policy in its wire format: the server sends it to the page and stores it with receipts.

use std::borrow::Cow;

use chrono::NaiveDate;
use rules::{ApplicationType, Coded, Country, District, notice::Says, policy, sentence::Original};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::fields;

/// The values in force, with their days.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The documents that it was combined from.
    pub documents: Vec<Version>,
    /// Whole days of quarantine after the day of entry.
    pub quarantine: Vec<Dated<u32>>,
    /// Country codes.
    pub eea: Vec<Dated<String>>,
    /// Codes of police districts.
    pub reduced_passport_capacity: Vec<Dated<String>>,
    /// Codes of application types.
    pub digital: Vec<Dated<String>>,
    pub information_lines: Vec<Dated<Line>>,
}

/// A version of a policy document.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Version {
    #[schema(example = "udi-2020-10-26")]
    pub id: String,
    pub version: u32,
}

/// A value that applies from a first to a last day, both included. Null leaves that end open.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Dated<T> {
    #[serde(with = "fields::date_option")]
    #[schema(schema_with = fields::date_option::schema)]
    pub first: Option<NaiveDate>,
    #[serde(with = "fields::date_option")]
    #[schema(schema_with = fields::date_option::schema)]
    pub last: Option<NaiveDate>,
    pub value: T,
    /// The reference of a sentence, or another public source.
    pub source: String,
    /// `true` if the source is a sentence.
    pub sentence: bool,
}

/// The information line of a district.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Line {
    #[schema(example = "oslo")]
    pub district: String,
    #[schema(example = "22 34 21 00")]
    pub phone: String,
}

/// The policy in force, with the notices that offices have added to those in `rules`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct InForce {
    pub policy: Policy,
    pub notices: Vec<Notice>,
}

/// A notice that an office has added.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Notice {
    pub id: String,
    pub version: u32,
    pub publisher: String,
    #[serde(with = "fields::date")]
    #[schema(schema_with = fields::date::schema)]
    pub published: NaiveDate,
    #[serde(with = "fields::date")]
    #[schema(schema_with = fields::date::schema)]
    pub changed: NaiveDate,
    pub title: Texts,
    pub sentences: Vec<Sentence>,
}

/// A sentence of a notice.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Sentence {
    pub id: String,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Says>)]
    pub says: Says,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Original>)]
    pub original: Original,
    pub text: Texts,
}

/// A text in Bokmål and English.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Texts {
    pub nb: String,
    pub en: String,
}

impl From<&policy::Policy> for Policy {
    fn from(policy: &policy::Policy) -> Policy {
        Policy {
            documents: policy
                .documents
                .iter()
                .map(|document| Version { id: document.id.clone().into_owned(), version: document.version })
                .collect(),
            quarantine: written(&policy.quarantine, |days| *days),
            eea: written(&policy.eea, |country| country.code().to_owned()),
            reduced_passport_capacity: written(&policy.reduced_passport_capacity, |one| one.code().to_owned()),
            digital: written(&policy.digital, |kind| kind.code().to_owned()),
            information_lines: written(&policy.information_lines, |(district, phone)| Line {
                district: district.code().to_owned(),
                phone: phone.clone(),
            }),
        }
    }
}

/// Converts a list to the wire format.
fn written<T, W>(list: &[policy::Dated<T>], value: impl Fn(&T) -> W) -> Vec<Dated<W>> {
    let dated = |entry: &policy::Dated<T>| {
        let (source, sentence) = match &entry.source {
            policy::Source::Sentence(reference) => (reference, true),
            policy::Source::Elsewhere(source) => (source, false),
        };
        let source = source.clone().into_owned();
        Dated { first: entry.first, last: entry.last, value: value(&entry.value), source, sentence }
    };
    list.iter().map(dated).collect()
}

/// A code in a policy that this build does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownCode(pub String);

impl TryFrom<Policy> for policy::Policy {
    type Error = UnknownCode;

    /// Converts a policy from the wire format.
    ///
    /// # Errors
    ///
    /// The first unknown code.
    fn try_from(policy: Policy) -> Result<policy::Policy, UnknownCode> {
        Ok(policy::Policy {
            documents: policy
                .documents
                .into_iter()
                .map(|document| policy::Version { id: document.id.into(), version: document.version })
                .collect(),
            quarantine: read(policy.quarantine, Ok)?,
            eea: read(policy.eea, |code| Country::from_code(&code).ok_or(UnknownCode(code)))?,
            reduced_passport_capacity: read(policy.reduced_passport_capacity, known::<District>)?,
            digital: read(policy.digital, known::<ApplicationType>)?,
            information_lines: read(policy.information_lines, |line| Ok((known(line.district)?, line.phone)))?,
        })
    }
}

/// Converts a list from the wire format; fails on the first unknown code.
fn read<W, T>(
    list: Vec<Dated<W>>,
    value: impl Fn(W) -> Result<T, UnknownCode>,
) -> Result<Vec<policy::Dated<T>>, UnknownCode> {
    let dated = |entry: Dated<W>| {
        let source = Cow::Owned(entry.source);
        let source = if entry.sentence { policy::Source::Sentence(source) } else { policy::Source::Elsewhere(source) };
        Ok(policy::Dated { first: entry.first, last: entry.last, value: value(entry.value)?, source })
    };
    list.into_iter().map(dated).collect()
}

/// Returns the value with this code; fails if there is none.
fn known<C: Coded>(code: String) -> Result<C, UnknownCode> {
    C::from_code(&code).ok_or(UnknownCode(code))
}
