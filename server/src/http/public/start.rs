//! The start page, rendered by the server in both languages.

use api::language;
use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, header},
    response::{Html, IntoResponse},
};
use axum_extra::extract::CookieJar;
use maud::Markup;
use rules::{Coded, notice::Language};

use crate::{
    error::Result,
    state::AppState,
    store::offices,
    text::start_page::{self, Start},
};

/// Serves the page with the start page's text in it, which can be read before the app has loaded and without scripts.
pub async fn page(
    State(state): State<AppState>,
    RawQuery(query): RawQuery,
    jar: CookieJar,
    headers: HeaderMap,
) -> impl IntoResponse {
    let asked = asked_for(query.as_deref());
    let language = asked.unwrap_or_else(|| wanted(&state, &jar, &headers));
    let html = match written(&state, language).await {
        Ok(content) => state.index.with(language, start_page::title(language), start_page::frame(language, &content)),
        Err(error) => {
            // The app fetches the text again and shows the error.
            tracing::warn!(cause = error.cause.as_deref().unwrap_or_default(), "the start page without its text");
            state.index.plain()
        }
    };
    let headers = [(header::CACHE_CONTROL, "no-cache"), (header::VARY, "Accept-Language, Cookie")];
    // A language chosen by a link is stored in the cookie, also without scripts.
    let chosen = asked.map(|asked| [(header::SET_COOKIE, language::cookie(asked, state.https))]);
    (headers, chosen, Html(html))
}

/// Returns the text of the start page.
#[utoipa::path(
    get,
    path = "/api/start",
    params(("lang" = Option<String>, Query, example = "en")),
    responses((status = 200, body = String, content_type = "text/html"))
)]
pub async fn content(
    State(state): State<AppState>,
    RawQuery(query): RawQuery,
    jar: CookieJar,
    headers: HeaderMap,
) -> Result<Html<String>> {
    let language = language_of(&state, query.as_deref(), &jar, &headers);
    Ok(Html(written(&state, language).await?.into_string()))
}

async fn written(state: &AppState, language: Language) -> Result<Markup> {
    let mut connection = state.store.read().await?;
    let offices = offices::list(&mut connection).await?;
    let today = rules::day::in_oslo(state.clock.now());
    let policy = state.policy.on(today);
    Ok(Start { policy: &policy, offices: &offices, today, language }.content())
}

/// Returns the language of an anonymous request: from the URL, the cookie, or the browser.
pub(super) fn language_of(state: &AppState, query: Option<&str>, jar: &CookieJar, headers: &HeaderMap) -> Language {
    asked_for(query).unwrap_or_else(|| wanted(state, jar, headers))
}

/// Returns the language in the URL; `None` if there is none or it is unknown.
fn asked_for(query: Option<&str>) -> Option<Language> {
    let (_, code) = url::form_urlencoded::parse(query?.as_bytes()).find(|(name, _)| name == "lang")?;
    Language::from_code(&code)
}

/// Returns the language of the cookie, or the browser's.
fn wanted(state: &AppState, jar: &CookieJar, headers: &HeaderMap) -> Language {
    let chosen = jar.get(language::cookie_name(state.https)).and_then(|cookie| Language::from_code(cookie.value()));
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    chosen.unwrap_or_else(|| accepted.map_or(Language::Nb, of_browser))
}

/// Returns the first known language of `Accept-Language`: English if all are unknown, Bokmål if there is none.
fn of_browser(accepted: &str) -> Language {
    let mut tags: Vec<(&str, f32)> = accepted
        .split(',')
        .map(|part| {
            let (tag, parameter) = part.split_once(';').unwrap_or((part, ""));
            let weight = parameter.trim().strip_prefix("q=").and_then(|weight| weight.parse().ok());
            (tag.trim(), weight.unwrap_or(1.0))
        })
        .filter(|(tag, weight)| *weight > 0.0 && tag.starts_with(|first: char| first.is_ascii_alphabetic()))
        .collect();
    tags.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    let other = if tags.is_empty() { Language::Nb } else { Language::En };
    tags.iter().find_map(|(tag, _)| language::of_tag(tag)).unwrap_or(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_the_accepted_languages_the_first_of_ours() {
        for (accepted, language) in [
            ("nb-NO,nb;q=0.9,en;q=0.8", Language::Nb),
            ("en-GB", Language::En),
            ("sv", Language::Nb),
            ("en;q=0.2, nn;q=0.7", Language::Nb),
            ("uk, en;q=0.8, nb;q=0.5", Language::En),
            ("ar", Language::En),
            ("nb;q=0, en", Language::En),
            ("*", Language::Nb),
            ("", Language::Nb),
            (";;,=,q", Language::En),
            ("en;q=nonsense", Language::En),
            ("EN-us", Language::En),
        ] {
            assert_eq!(of_browser(accepted), language, "{accepted}");
        }
    }

    #[test]
    fn a_strange_language_in_the_address_is_none() {
        for (query, language) in [
            ("lang=en", Some(Language::En)),
            ("a=b&lang=nb", Some(Language::Nb)),
            ("lang=en&lang=nb", Some(Language::En)),
            ("lang=", None),
            ("lang=EN", None),
            ("lang=%00%ff", None),
            ("lang=../../etc", None),
        ] {
            assert_eq!(asked_for(Some(query)), language, "{query}");
        }
    }
}
