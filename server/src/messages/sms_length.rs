//! How long an SMS is. What is in the GSM alphabet (3GPP TS 23.038) goes 160 characters to a message; one letter that is not,
//! and it is 70.

/// The basic table, without the characters that nobody means in a text.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿\
                     abcdefghijklmnopqrstuvwxyzäöñüà";

/// These take the room of two.
const EXTENDED: &str = "^{}\\[~]|€";

/// How many messages a text takes.
pub fn messages(text: &str) -> usize {
    match septets(text) {
        Some(length) => parts(length, 160, 153),
        None => parts(text.encode_utf16().count(), 70, 67),
    }
}

/// The length of a text in the GSM alphabet, if all of it is in there.
pub fn septets(text: &str) -> Option<usize> {
    text.chars()
        .map(|letter| match letter {
            _ if BASIC.contains(letter) => Some(1),
            _ if EXTENDED.contains(letter) => Some(2),
            _ => None,
        })
        .sum()
}

/// A text that does not fit into one is cut into parts that each lose some room to their number.
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
