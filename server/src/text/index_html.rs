//! The built `index.html`, and the places where the server writes into it: language, title and content of the start page.

use std::path::Path;

use anyhow::Context;
use maud::{Markup, html};
use rules::{Coded, notice::Language};

/// The built `index.html`, divided where the server fills in the start page.
#[derive(Debug)]
pub struct Index {
    before_language: String,
    before_title: String,
    before_content: String,
    waiting: String,
    after: String,
}

impl Index {
    /// Reads and divides the built `index.html`. Fails if the page is not built, or has no marks for the content.
    pub fn open(dist: &Path) -> anyhow::Result<Index> {
        let html = read(dist)?;
        Index::cut(&html).context("index.html has no marks for what the server writes into it; run `make build`")
    }

    fn cut(html: &str) -> Option<Index> {
        let (before_language, rest) = html.split_once(LANGUAGE)?;
        let (before_title, rest) = rest.split_once(TITLE)?;
        let (before_content, rest) = rest.split_once("<!-- waiting -->")?;
        let (waiting, after) = rest.split_once("<!-- /waiting -->")?;
        let [before_language, before_title, before_content, waiting, after] =
            [before_language, before_title, before_content, waiting, after].map(str::to_owned);
        Some(Index { before_language, before_title, before_content, waiting, after })
    }

    /// Returns the page as it was built.
    pub fn plain(&self) -> String {
        let Index { before_language, before_title, before_content, waiting, after } = self;
        format!("{before_language}{LANGUAGE}{before_title}{TITLE}{before_content}{waiting}{after}")
    }

    /// Returns the page with the content instead of the loading text.
    pub fn with(&self, language: Language, title: &str, content: Markup) -> String {
        let Index { before_language, before_title, before_content, after, .. } = self;
        let code = language.code();
        let title = html! { title { (title) " – Skranke" } }.into_string();
        let content = content.into_string();
        format!("{before_language}<html lang=\"{code}\"{before_title}{title}{before_content}{content}{after}")
    }
}

/// The start of the built page's language attribute.
const LANGUAGE: &str = "<html lang=\"nb\"";
const TITLE: &str = "<title>Skranke</title>";

/// Returns the URL of the stylesheet in `index.html`; empty if there is none.
pub fn stylesheet(dist: &Path) -> anyhow::Result<String> {
    let html = read(dist)?;
    let link = html.split("<link").find(|link| link.contains("rel=\"stylesheet\"")).unwrap_or_default();
    let href = link.split("href=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
    Ok(href.to_owned())
}

/// Returns the built `index.html`. Fails if the page is not built.
pub(crate) fn read(dist: &Path) -> anyhow::Result<String> {
    let path = dist.join("index.html");
    std::fs::read_to_string(&path)
        .with_context(|| format!("the page is not built: cannot read {}; run `make build`", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_takes_the_place_of_the_waiting() {
        let built = "<html lang=\"nb\" a><title>Skranke</title><p><!-- waiting -->…<!-- /waiting --></p>";
        let index = Index::cut(built).unwrap();
        assert_eq!(index.plain(), "<html lang=\"nb\" a><title>Skranke</title><p>…</p>");
        let filled = index.with(Language::En, "Hello", html! { "now" });
        assert_eq!(filled, "<html lang=\"en\" a><title>Hello – Skranke</title><p>now</p>");
        assert!(Index::cut("<html lang=\"nb\"><title>Skranke</title>").is_none());
    }
}
