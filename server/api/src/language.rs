//! Which of the counter's languages somebody reads.

use rules::{Coded, notice::Language};

/// The name of the cookie in which a choice is kept. `__Host-` binds it to this host and to https.
pub const fn cookie_name(https: bool) -> &'static str {
    if https { "__Host-language" } else { "language" }
}

/// The cookie that keeps a choice for a year, as server and page both write it.
pub fn cookie(language: Language, https: bool) -> String {
    let secure = if https { "; Secure" } else { "" };
    format!("{}={}; Path=/; SameSite=Lax; Max-Age=31536000{secure}", cookie_name(https), language.code())
}

/// The language of ours that a language tag such as `nn-NO` asks for. Who reads a Scandinavian language reads Bokmål.
pub fn of_tag(tag: &str) -> Option<Language> {
    match tag.split('-').next()?.to_ascii_lowercase().as_str() {
        "nb" | "nn" | "no" | "da" | "sv" => Some(Language::Nb),
        "en" => Some(Language::En),
        _ => None,
    }
}
