//! Dates as people type them into a field. The page calls this before it sends a request.

use chrono::NaiveDate;

/// The reason why a typed text is not a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateError {
    /// The field is empty.
    Empty,
    /// Not a day, a month and a year in numbers.
    NotUnderstood,
    /// The format is right, but the calendar has no such day, for instance 32.13.2020.
    DoesNotExist,
}

/// Reads a date in Norwegian format, `26.10.2020`, also with spaces, slashes or hyphens as separators, or `2020-10-26`. The year
/// must have four digits, so that the century is never guessed.
///
/// # Errors
///
/// A [`DateError`] if the field is empty, the format is not understood, or the day does not exist.
pub fn date(text: &str) -> Result<NaiveDate, DateError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(DateError::Empty);
    }
    let parts: Vec<&str> = text.split(['.', '/', '-', ' ']).filter(|part| !part.is_empty()).collect();
    let [first, month, last] = parts[..] else {
        return Err(DateError::NotUnderstood);
    };
    let (year, day) = if first.len() == 4 { (first, last) } else { (last, first) };
    let number = |part: &str, lengths: std::ops::RangeInclusive<usize>| {
        (lengths.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse::<u32>().ok())
            .flatten()
            .ok_or(DateError::NotUnderstood)
    };
    let (year, month, day) = (number(year, 4..=4)?, number(month, 1..=2)?, number(day, 1..=2)?);
    NaiveDate::from_ymd_opt(year as i32, month, day).ok_or(DateError::DoesNotExist)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, Result<&str, DateError>)]) {
        for (text, expected) in cases {
            let got = date(text).map(|day| day.to_string());
            assert_eq!(got, expected.map(str::to_owned), "{text:?}");
        }
    }

    #[test]
    fn dates_as_people_type_them() {
        check(&[
            ("26.10.2020", Ok("2020-10-26")),
            (" 26. 10. 2020 ", Ok("2020-10-26")),
            ("6/1/2021", Ok("2021-01-06")),
            ("26 10 2020", Ok("2020-10-26")),
            ("2020-10-26", Ok("2020-10-26")),
            ("29.2.2020", Ok("2020-02-29")),
            ("", Err(DateError::Empty)),
            ("  ", Err(DateError::Empty)),
            ("32.13.2020", Err(DateError::DoesNotExist)),
            ("29.2.2021", Err(DateError::DoesNotExist)),
            ("0.1.2021", Err(DateError::DoesNotExist)),
            ("26.10.20", Err(DateError::NotUnderstood)),
            ("26.10", Err(DateError::NotUnderstood)),
            ("26. oktober 2020", Err(DateError::NotUnderstood)),
            ("+6.10.2020", Err(DateError::NotUnderstood)),
            ("２６.10.2020", Err(DateError::NotUnderstood)),
        ]);
    }
}
