//! Unicode marks that change the direction of writing (Unicode Bidirectional Algorithm, UAX #9).
//!
//! Such a mark reverses the text around it: a name with U+202E makes the rest of its line read backwards. Texts with these
//! marks are refused when they are typed or imported. Texts already stored are written out without them. The server and
//! `document` call this.

/// Returns `true` if a character embeds, overrides or isolates a direction of writing.
pub fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Returns `true` if a one-line text must not contain the character: a control character, a line break or a direction mark.
pub fn is_no_text(c: char) -> bool {
    c.is_control() || is_direction_mark(c)
}

/// Returns the text without direction marks.
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
