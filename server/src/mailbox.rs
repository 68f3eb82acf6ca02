//! The demo's mailbox: a page with every e-mail that was sent. It exists in the demo only.

use std::sync::Arc;

use axum::{Router, extract::State, http::header, response::IntoResponse, routing::get};
use chrono::DateTime;
use maud::{DOCTYPE, Markup, html};

use crate::{
    counter::Counter,
    error::{Error, Result},
};

pub fn router(counter: &Counter) -> Router {
    Router::new().route("/demo/mail", get(mailbox)).with_state(counter.clone())
}

async fn mailbox(State(counter): State<Counter>) -> Result<impl IntoResponse> {
    let mails = counter.mailer.read_all().map_err(Error::internal)?;
    let styles: Arc<str> = counter.stylesheet.clone();
    let page: Markup = html! {
        (DOCTYPE)
        html lang="en" data-color-scheme="light" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Demo mailbox – Skranke" }
                link rel="stylesheet" href=(styles);
            }
            body {
                main class="page" {
                    h1 class="ds-heading" data-size="lg" { "Demo mailbox" }
                    p class="ds-paragraph" { "Every e-mail that the counter has sent, the newest first. This page exists in the demo only. " a class="ds-link" href="/" { "To the counter" } }
                    @if mails.is_empty() { p class="ds-paragraph" { "No e-mail yet." } }
                    @for mail in &mails {
                        article class="ds-card mail" data-variant="default" {
                            h2 class="ds-heading" data-size="xs" { (mail.subject) }
                            p class="ds-paragraph" data-size="sm" { "To " (mail.to) ", " (sent(mail.sent)) }
                            pre { (mail.body) }
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
