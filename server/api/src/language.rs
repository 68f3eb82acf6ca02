//! The language of the page: the cookie that stores it, and its choice from a language tag. Page and server call this.

use rules::{Coded, notice::Language};

/// Returns the name of the language cookie. The prefix `__Host-` binds it to this host and to https.
pub const fn cookie_name(https: bool) -> &'static str {
    if https { "__Host-language" } else { "language" }
}

/// Returns the `Set-Cookie` value for a language, valid for a year. Server and page write the same one.
pub fn cookie(language: Language, https: bool) -> String {
    let secure = if https { "; Secure" } else { "" };
    format!("{}={}; Path=/; SameSite=Lax; Max-Age=31536000{secure}", cookie_name(https), language.code())
}

/// Returns the language for a tag such as `nn-NO`; `None` if there is none. Scandinavian languages map to Bokmål.
pub fn of_tag(tag: &str) -> Option<Language> {
    match tag.split('-').next()?.to_ascii_lowercase().as_str() {
        "nb" | "nn" | "no" | "da" | "sv" => Some(Language::Nb),
        "en" => Some(Language::En),
        _ => None,
    }
}
