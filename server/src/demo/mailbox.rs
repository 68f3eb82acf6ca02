//! The mailbox of the demo: a page with every e-mail and SMS that was sent. Its routes exist in the demo only.

use axum::{
    Router,
    extract::State,
    http::header,
    response::IntoResponse,
    routing::{get, put},
};
use chrono::DateTime;
use maud::{DOCTYPE, Markup, html};

use crate::{
    error::{Error, Result},
    http::desk,
    messages::{mail, sms},
    state::AppState,
};

/// Returns the routes that exist in the demo only.
pub fn router(state: &AppState) -> Router {
    Router::new()
        .route("/demo/mail", get(mailbox))
        // Officers of the demo sign in without a passkey.
        .route("/demo/desk", put(desk::session::begin_demo))
        .with_state(state.clone())
}

/// A message on the mailbox page.
struct Shown {
    title: String,
    to: String,
    sent: i64,
    body: String,
}

async fn mailbox(State(state): State<AppState>) -> Result<impl IntoResponse> {
    let mails = mail::read_all(&state.data_dir).map_err(Error::internal)?;
    let mails =
        mails.into_iter().map(|mail| Shown { title: mail.subject, to: mail.to, sent: mail.sent, body: mail.body });
    let texts = sms::read_all(&state.data_dir).map_err(Error::internal)?;
    let texts =
        texts.into_iter().map(|sms| Shown { title: "SMS".to_owned(), to: sms.to, sent: sms.sent, body: sms.text });
    let mut all: Vec<Shown> = mails.chain(texts).collect();
    // A stable sort keeps the newer of two messages of the same second first.
    all.sort_by_key(|shown| std::cmp::Reverse(shown.sent));
    let page: Markup = html! {
        (DOCTYPE)
        html lang="en" data-color-scheme="light" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Demo mailbox – Skranke" }
                link rel="stylesheet" href=(state.stylesheet);
            }
            body {
                main class="page" {
                    h1 class="ds-heading" data-size="lg" { "Demo mailbox" }
                    p class="ds-paragraph" { "Every e-mail and SMS that the counter has sent, the newest first. This page exists in the demo only. " a class="ds-link" href="/" { "To the counter" } }
                    @if all.is_empty() { p class="ds-paragraph" { "Nothing yet." } }
                    @for shown in &all {
                        article class="ds-card mail" data-variant="default" {
                            h2 class="ds-heading" data-size="xs" { (shown.title) }
                            p class="ds-paragraph" data-size="sm" { "To " (shown.to) ", " (sent(shown.sent)) }
                            pre { (shown.body) }
                        }
                    }
                }
            }
        }
    };
    Ok(([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page.into_string()))
}

fn sent(seconds: i64) -> String {
    DateTime::from_timestamp(seconds, 0)
        .map(|at| rules::day::oslo_time(at).format("%-d %B %Y, %H:%M:%S").to_string())
        .unwrap_or_default()
}
