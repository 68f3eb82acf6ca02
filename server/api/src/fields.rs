//! Wire formats of single fields: codes by name, dates as `2020-10-26`, instants by RFC 3339.
//!
//! The modules here are for `#[serde(with = "…")]`; their `schema` functions describe the field in the OpenAPI document. Their
//! `deserialize` functions fail with a message that quotes the value and names the expected format.

use std::{
    borrow::Cow,
    fmt::{self, Display},
};

use chrono::{DateTime, NaiveDate, Utc, Weekday};
use rules::{Coded, Country};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::{
    KnownFormat, Object, ObjectBuilder, SchemaFormat,
    schema::{Array, ArrayBuilder, SchemaType, Type},
};

/// Reads a date of exactly ten characters, such as `2020-10-26`. Returns `None` for any other spelling, so that each day has only
/// one.
pub fn parse_date(text: &str) -> Option<NaiveDate> {
    let bytes = text.as_bytes();
    let well_formed = bytes.len() == 10
        && bytes
            .iter()
            .enumerate()
            .all(|(i, byte)| if i == 4 || i == 7 { *byte == b'-' } else { byte.is_ascii_digit() });
    if !well_formed {
        return None;
    }
    let number = |range: std::ops::Range<usize>| bytes[range].iter().fold(0, |n, byte| n * 10 + u32::from(byte - b'0'));
    NaiveDate::from_ymd_opt(number(0..4) as i32, number(5..7), number(8..10))
}

/// Reads an instant in UTC as the server writes it; `None` for any other format. chrono's parser accepts many more formats and
/// would make the page larger.
pub fn parse_instant(text: &str) -> Option<DateTime<Utc>> {
    let (day, time) = text.strip_suffix('Z')?.split_once('T')?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let mut parts = time.splitn(3, ':');
    let mut number = || parts.next().filter(|part| is_number(part, 2..=2))?.parse::<u32>().ok();
    let (hour, minute, second) = (number()?, number()?, number()?);
    if !is_number(fraction, 1..=9) {
        return None;
    }
    let nanoseconds = fraction.bytes().chain(std::iter::repeat(b'0')).take(9);
    let nanoseconds = nanoseconds.fold(0, |n, byte| n * 10 + u32::from(byte - b'0'));
    Some(parse_date(day)?.and_hms_nano_opt(hour, minute, second, nanoseconds)?.and_utc())
}

/// Returns `true` if the text is ASCII digits only and has one of these lengths.
fn is_number(text: &str, lengths: std::ops::RangeInclusive<usize>) -> bool {
    lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Quotes a text for an error message, escaped and cut to 40 characters. It is formatted lazily, because the page never shows it.
pub(crate) fn quoted(text: &str) -> impl Display {
    fmt::from_fn(move |f| {
        let short: String = text.chars().take(40).collect();
        let dots = if short.len() < text.len() { "…" } else { "" };
        write!(f, "“{}{dots}”", short.escape_debug())
    })
}

/// Returns the schema type of this kind or null.
fn nullable(kind: Type) -> SchemaType {
    SchemaType::Array(vec![kind, Type::Null])
}

/// Returns the schema of a date. Years have four digits, as in `parse_date`.
fn day(kind: SchemaType) -> Object {
    let format = SchemaFormat::KnownFormat(KnownFormat::Date);
    ObjectBuilder::new().schema_type(kind).format(Some(format)).build()
}

/// Returns the schema of an instant in the format of `parse_instant`.
fn moment(kind: SchemaType) -> Object {
    let pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?Z$";
    let format = SchemaFormat::KnownFormat(KnownFormat::DateTime);
    ObjectBuilder::new().schema_type(kind).format(Some(format)).pattern(Some(pattern)).build()
}

/// A code: `#[serde(with = "fields::coded")]` for enums declared with `coded!`.
pub mod coded {
    use super::*;

    /// Returns the schema: one of the codes.
    pub fn schema<T: Coded>() -> Object {
        let codes = T::ALL.iter().map(|value| value.code());
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(codes)).build()
    }

    pub fn serialize<T: Coded, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(value.code())
    }

    pub fn deserialize<'de, T: Coded, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        let code = Cow::<str>::deserialize(deserializer)?;
        T::from_code(&code).ok_or_else(|| {
            de::Error::custom(fmt::from_fn(|f| {
                let expected: Vec<&str> = T::ALL.iter().map(|value| value.code()).collect();
                write!(f, "{} is unknown; expected one of: {}", quoted(&code), expected.join(" "))
            }))
        })
    }
}

/// An optional code; null and absent are the same.
pub mod coded_option {
    use super::*;

    /// Returns the schema: one of the codes, or null.
    pub fn schema<T: Coded>() -> Object {
        let codes = T::ALL.iter().map(|value| Some(value.code())).chain([None]);
        ObjectBuilder::new().schema_type(nullable(Type::String)).enum_values(Some(codes)).build()
    }

    pub fn serialize<T: Coded, S: Serializer>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.serialize_str(value.code()),
            None => serializer.serialize_none(),
        }
    }

    pub fn deserialize<'de, T: Coded, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
        #[derive(Deserialize)]
        #[serde(bound = "T: Coded")]
        struct Wrapped<T>(#[serde(with = "coded")] T);
        Ok(Option::<Wrapped<T>>::deserialize(deserializer)?.map(|wrapped| wrapped.0))
    }
}

/// A date: `#[serde(with = "fields::date")]`.
pub mod date {
    use super::*;

    /// Returns the schema: a date such as `2020-10-26`.
    pub fn schema() -> Object {
        super::day(SchemaType::Type(Type::String))
    }

    pub fn serialize<S: Serializer>(value: &NaiveDate, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = NaiveDate;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a date written as 2020-10-26")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<NaiveDate, E> {
                parse_date(text).ok_or_else(|| {
                    E::custom(format_args!("{} is not a date; write a day that exists as 2020-10-26", quoted(text)))
                })
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

/// A list of dates: `#[serde(with = "fields::dates")]`.
pub mod dates {
    use super::*;

    /// Returns the schema: a list of dates.
    pub fn schema() -> Array {
        ArrayBuilder::new().items(date::schema()).build()
    }

    pub fn serialize<S: Serializer>(values: &[NaiveDate], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(values.iter().map(NaiveDate::to_string))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<NaiveDate>, D::Error> {
        #[derive(Deserialize)]
        struct Wrapped(#[serde(with = "date")] NaiveDate);
        Ok(Vec::<Wrapped>::deserialize(deserializer)?.into_iter().map(|wrapped| wrapped.0).collect())
    }
}

/// An instant from the server: `#[serde(with = "fields::instant")]`.
pub mod instant {
    use super::*;

    /// Returns the schema: an instant in UTC.
    pub fn schema() -> Object {
        super::moment(SchemaType::Type(Type::String))
    }

    pub fn serialize<S: Serializer>(value: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
        value.serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        parse_instant(&text).ok_or_else(|| {
            de::Error::custom(format_args!("{} is not an instant; write one as 2020-11-02T08:00:00Z", quoted(&text)))
        })
    }
}

/// An optional instant.
pub mod instant_option {
    use super::*;

    /// Returns the schema: an instant in UTC, or null.
    pub fn schema() -> Object {
        super::moment(nullable(Type::String))
    }

    pub fn serialize<S: Serializer>(value: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
        value.serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
        #[derive(Deserialize)]
        struct Wrapped(#[serde(with = "instant")] DateTime<Utc>);
        Ok(Option::<Wrapped>::deserialize(deserializer)?.map(|wrapped| wrapped.0))
    }
}

/// An optional date; null and absent are the same.
pub mod date_option {
    use super::*;

    /// Returns the schema: a date, or null.
    pub fn schema() -> Object {
        super::day(nullable(Type::String))
    }

    pub fn serialize<S: Serializer>(value: &Option<NaiveDate>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.collect_str(value),
            None => serializer.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
        #[derive(Deserialize)]
        struct Wrapped(#[serde(with = "date")] NaiveDate);
        Ok(Option::<Wrapped>::deserialize(deserializer)?.map(|wrapped| wrapped.0))
    }
}

/// A list of countries by code; null means an empty list.
pub mod countries {
    use super::*;

    /// Returns the schema: a list of countries, or null.
    pub fn schema() -> Array {
        let codes = Country::all().map(|country| country.code().to_owned());
        let country = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(codes)).build();
        ArrayBuilder::new().schema_type(nullable(Type::Array)).items(country).build()
    }

    pub fn serialize<S: Serializer>(value: &[Country], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(value.iter().map(Country::code))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Country>, D::Error> {
        struct One(Country);
        impl<'de> Deserialize<'de> for One {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<One, D::Error> {
                struct Visitor;
                impl de::Visitor<'_> for Visitor {
                    type Value = One;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a country code of two capital letters (ISO 3166-1)")
                    }
                    fn visit_str<E: de::Error>(self, text: &str) -> Result<One, E> {
                        Country::from_code(text).map(One).ok_or_else(|| {
                            E::custom(format_args!(
                                "{} is not a country; write its two capital letters (ISO 3166-1)",
                                quoted(text)
                            ))
                        })
                    }
                }
                deserializer.deserialize_str(Visitor)
            }
        }
        let all = Option::<Vec<One>>::deserialize(deserializer)?;
        Ok(all.unwrap_or_default().into_iter().map(|one| one.0).collect())
    }
}

/// A value that must be a JSON object; null is `None`. serde's derived structs would also accept an array of the fields' values.
pub mod object {
    use super::*;

    pub fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
        struct Visitor<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> de::Visitor<'de> for Visitor<T> {
            type Value = Option<T>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_unit<E: de::Error>(self) -> Result<Option<T>, E> {
                Ok(None)
            }
            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Option<T>, A::Error> {
                T::deserialize(de::value::MapAccessDeserializer::new(map)).map(Some)
            }
        }
        deserializer.deserialize_any(Visitor(std::marker::PhantomData))
    }
}

/// A boolean; null and absent mean `false`.
pub mod truth {
    use super::*;

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
        Ok(Option::<bool>::deserialize(deserializer)?.unwrap_or_default())
    }
}

/// A list of codes of one enum.
pub mod codes {
    use super::*;

    /// Returns the schema: a list of codes.
    pub fn schema<T: Coded>() -> Array {
        ArrayBuilder::new().items(coded::schema::<T>()).build()
    }

    pub fn serialize<T: Coded, S: Serializer>(values: &[T], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(values.iter().map(|value| value.code()))
    }

    pub fn deserialize<'de, T: Coded, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
        #[derive(Deserialize)]
        #[serde(bound = "T: Coded")]
        struct Wrapped<T>(#[serde(with = "coded")] T);
        Ok(Vec::<Wrapped<T>>::deserialize(deserializer)?.into_iter().map(|wrapped| wrapped.0).collect())
    }
}

const WEEKDAYS: [(Weekday, &str); 7] = [
    (Weekday::Mon, "mon"),
    (Weekday::Tue, "tue"),
    (Weekday::Wed, "wed"),
    (Weekday::Thu, "thu"),
    (Weekday::Fri, "fri"),
    (Weekday::Sat, "sat"),
    (Weekday::Sun, "sun"),
];

/// Returns the code of a weekday, for instance `mon`.
pub fn weekday_code(day: Weekday) -> &'static str {
    WEEKDAYS.iter().find(|(known, _)| *known == day).map_or("", |(_, code)| code)
}

/// Returns the weekday with this code; `None` if there is none.
pub fn parse_weekday(text: &str) -> Option<Weekday> {
    WEEKDAYS.iter().find(|(_, code)| *code == text).map(|(day, _)| *day)
}

/// A weekday: `#[serde(with = "fields::weekday")]`.
pub mod weekday {
    use super::*;

    /// Returns the schema: a weekday by its code.
    pub fn schema() -> Object {
        let codes = WEEKDAYS.iter().map(|(_, code)| *code);
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(codes)).build()
    }

    pub fn serialize<S: Serializer>(day: &Weekday, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(weekday_code(*day))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Weekday, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        parse_weekday(&text).ok_or_else(|| de::Error::custom("a day of the week is written as mon"))
    }
}

/// Formats minutes since midnight as a time of day, for instance `09:00`.
pub fn minute_text(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// Reads a time of day as minutes since midnight; `None` unless it is `HH:MM` from 00:00 to 23:59.
pub fn parse_minute(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':').filter(|_| text.len() == 5)?;
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

/// A time of day: `#[serde(with = "fields::minute")]`.
pub mod minute {
    use super::*;

    /// Returns the schema: a time of day.
    pub fn schema() -> Object {
        let pattern = Some("^([01][0-9]|2[0-3]):[0-5][0-9]$");
        ObjectBuilder::new().schema_type(Type::String).pattern(pattern).build()
    }

    pub fn serialize<S: Serializer>(minute: &u16, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&minute_text(*minute))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        parse_minute(&text).ok_or_else(|| de::Error::custom("a time of the day is written as 09:00"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_read_as_chrono_reads_them() {
        for text in ["2021-03-22T08:00:00Z", "2020-02-29T23:59:59.5Z", "1999-12-31T00:00:00.123456789Z"] {
            assert_eq!(parse_instant(text), text.parse().ok(), "{text}");
        }
        for text in [
            "",
            "2021-03-22",
            "2021-03-22T08:00Z",
            "2021-03-22T24:00:00Z",
            "2021-02-29T08:00:00Z",
            "2021-03-22T08:00:00",
        ] {
            assert_eq!(parse_instant(text), None, "{text}");
        }
    }
}
