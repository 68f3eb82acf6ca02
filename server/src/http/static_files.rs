//! The built page: its files and its Content-Security-Policy. `text::index_html` fills in the start page.

use std::path::Path;

use api::pages::is_page;
use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    response::IntoResponse,
};
use base64::Engine;
use sha2::{Digest, Sha256};
use tower::ServiceExt;
use tower_http::services::{ServeDir, ServeFile};

use crate::text::index_html;

/// Serves the precompressed files. A path whose last segment has a dot is a file. Every other path gets `index.html`, with the
/// status 404 unless it is a route of the page.
pub fn router(dist: &Path) -> Router {
    let index = ServeFile::new(dist.join("index.html")).precompressed_br().precompressed_gzip();
    let files = ServeDir::new(dist).precompressed_br().precompressed_gzip();
    Router::new().fallback(async move |request: Request| {
        let name = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
        if name.len() > LONGEST_NAME {
            return StatusCode::NOT_FOUND.into_response();
        }
        let is_file = name.contains('.');
        let is_unknown = !is_file && !is_page(request.uri().path());
        let answer = if is_file { files.oneshot(request).await } else { index.oneshot(request).await };
        let mut response = answer.into_response();
        if is_unknown && response.status().is_success() {
            *response.status_mut() = StatusCode::NOT_FOUND;
        }
        let cached = if response.status().is_success() && is_hashed(&name) { FOREVER } else { ASK_AGAIN };
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(cached));
        if let Some(named) = response.headers().get(header::CONTENT_TYPE).and_then(with_charset) {
            response.headers_mut().insert(header::CONTENT_TYPE, named);
        }
        response
    })
}

/// Returns the content type of a text with its charset; `None` if it has one or is not a text.
fn with_charset(media_type: &HeaderValue) -> Option<HeaderValue> {
    let text = media_type.to_str().ok().filter(|text| text.starts_with("text/") && !text.contains("charset"))?;
    HeaderValue::try_from(format!("{text}; charset=utf-8")).ok()
}

/// Maximum length of a file name; file systems allow no more than about this.
const LONGEST_NAME: usize = 200;
const FOREVER: &str = "public, max-age=31536000, immutable";
const ASK_AGAIN: &str = "no-cache";

/// Number of hexadecimal digits of a hash; leading zeros are omitted.
const HASH: std::ops::RangeInclusive<usize> = 12..=16;

/// Returns `true` if a file name contains a hash, so that the file never changes.
fn is_hashed(name: &str) -> bool {
    name.split(['-', '.', '_'])
        .any(|part| HASH.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Returns the Content-Security-Policy of this build: only this host, and only the inline scripts of `index.html`, by hash.
pub fn content_security_policy(dist: &Path) -> anyhow::Result<HeaderValue> {
    let html = index_html::read(dist)?;
    let hashes: String = inline_scripts(&html)
        .map(|script| format!(" 'sha256-{}'", base64::engine::general_purpose::STANDARD.encode(Sha256::digest(script))))
        .collect();
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{hashes}; style-src 'self'; img-src 'self' data:; \
         font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'"
    );
    Ok(HeaderValue::from_str(&policy)?)
}

fn inline_scripts(html: &str) -> impl Iterator<Item = &str> {
    html.split("<script").skip(1).filter_map(|rest| {
        let (attributes, rest) = rest.split_once('>')?;
        let (script, _) = rest.split_once("</script>")?;
        (!attributes.contains("src=") && !script.is_empty()).then_some(script)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_inline_scripts_are_found() {
        let html = r#"<script src="/a.js"></script><script type="module">start()</script><p>"#;
        assert_eq!(inline_scripts(html).collect::<Vec<_>>(), ["start()"]);
    }
}
