//! The length of an SMS in parts. A text in the GSM alphabet (3GPP TS 23.038) has 160 characters a part; one other letter makes it
//! UCS-2, with 70. `templates` warns by it.

/// The basic table of the GSM alphabet, without control characters.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿\
                     abcdefghijklmnopqrstuvwxyzäöñüà";

/// The extension table, whose characters take two septets.
const EXTENDED: &str = "^{}\\[~]|€";

/// Returns the number of parts that a text takes.
pub fn messages(text: &str) -> usize {
    match septets(text) {
        Some(length) => parts(length, 160, 153),
        None => parts(text.encode_utf16().count(), 70, 67),
    }
}

/// Returns the length of a text in septets, or `None` if a character is not in the GSM alphabet.
pub fn septets(text: &str) -> Option<usize> {
    text.chars()
        .map(|letter| match letter {
            _ if BASIC.contains(letter) => Some(1),
            _ if EXTENDED.contains(letter) => Some(2),
            _ => None,
        })
        .sum()
}

/// Returns the number of parts. In a text of several parts each loses some room to its number.
fn parts(length: usize, one: usize, each: usize) -> usize {
    if length <= one { 1 } else { length.div_ceil(each) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_takes_as_many_messages_as_it_takes() {
        for (text, count) in [
            ("å".repeat(160), 1),
            ("å".repeat(161), 2),
            ("€".repeat(80), 1),
            ("€".repeat(81), 2),
            ("š".repeat(70), 1),
            (format!("{}š", "a".repeat(70)), 2),
            ("a".repeat(307), 3),
        ] {
            assert_eq!(messages(&text), count, "{text}");
        }
    }
}
