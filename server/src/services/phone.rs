//! Phone numbers, parsed into international format.

use api::ProblemCode;

use crate::error::{Error, Result};

/// Parses a phone number into its stored international format. Fails with `PhoneInvalid` without a country code.
pub fn parse(typed: &str) -> Result<String> {
    let typed = typed.strip_prefix("00").map_or_else(|| typed.to_owned(), |rest| format!("+{rest}"));
    let invalid = || Error::at(ProblemCode::PhoneInvalid, "phone");
    if !typed.starts_with('+') {
        return Err(invalid());
    }
    let number = phonenumber::parse(None, &typed).map_err(|_| invalid())?;
    // An SMS cannot dial an extension.
    if !phonenumber::is_valid(&number) || number.extension().is_some() {
        return Err(invalid());
    }
    Ok(number.format().mode(phonenumber::Mode::International).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_needs_its_country() {
        for (typed, expected) in [
            ("+47 22 34 21 00", Some("+47 22 34 21 00")),
            ("004722342100", Some("+47 22 34 21 00")),
            ("+4722342100", Some("+47 22 34 21 00")),
            ("+49 30 901820", Some("+49 30 901820")),
            ("+1 415-555-2671", Some("+1 415-555-2671")),
            ("+55 11 96123-4567", Some("+55 11 96123-4567")),
            ("+81 90-1234-5678", Some("+81 90-1234-5678")),
            ("+47 22 34 21 00 ext. 5", None),
            ("+47 22 34 21 00;ext=5", None),
            ("+1 415-555-2671 x12", None),
            ("22 34 21 00", None),
            ("+47 22", None),
            ("+999 123456789", None),
            ("+47 22 34 21 00\r\nBcc: x", None),
            ("hello", None),
        ] {
            assert_eq!(parse(typed).ok().as_deref(), expected, "{typed}");
        }
    }
}
