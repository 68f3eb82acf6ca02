//! Which of the counter's languages somebody reads.

use rules::notice::Language;

/// The language of ours that a language tag such as `nn-NO` asks for. Who reads a Scandinavian language reads Bokmål.
pub fn of_tag(tag: &str) -> Option<Language> {
    match tag.split('-').next()?.to_ascii_lowercase().as_str() {
        "nb" | "nn" | "no" | "da" | "sv" => Some(Language::Nb),
        "en" => Some(Language::En),
        _ => None,
    }
}
