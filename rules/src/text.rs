//! Marks that change the direction of writing (Unicode Bidirectional Algorithm, UAX #9).
//!
//! In the middle of other words they turn what stands around them: a name with U+202E makes the rest of its line read backwards.
//! Texts with them are refused where they are typed or imported, and what is on record already is written without them.

/// Whether a character embeds, overrides or isolates a direction of writing.
pub fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a text of one line must not hold a character: it ends the line, or turns it.
pub fn is_no_text(c: char) -> bool {
    c.is_control() || is_direction_mark(c)
}

/// A text without those marks.
pub fn without_direction_marks(text: &str) -> String {
    text.replace(is_direction_mark, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_go_and_letters_stay() {
        for (text, left) in [
            ("\u{202e}oaR ahsA\u{202c}", "oaR ahsA"),
            ("\u{2066}أحمد\u{2069} Haddad", "أحمد Haddad"),
            ("\u{202a}\u{202b}\u{202d}\u{2067}\u{2068}", ""),
            ("Tor-Åge\u{200d}", "Tor-Åge\u{200d}"),
        ] {
            assert_eq!(without_direction_marks(text), left);
            assert_eq!(text.contains(is_direction_mark), text != left, "{text:?}");
        }
        assert!(is_no_text('\n') && is_no_text('\u{202e}') && !is_no_text('أ'));
    }
}
