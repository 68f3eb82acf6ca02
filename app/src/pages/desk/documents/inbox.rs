//! `/desk/documents`: documents to review, and cases whose sending has failed.

use ::api::documents::{Inbox, ToReview};
use leptos::prelude::*;
use rules::Coded;

use crate::{
    api,
    pages::desk::documents::failed_uploads::FailureCard,
    paths,
    state::remote::Remote,
    text::{dates, desk_texts::use_words, file_size, language::use_speech},
    ui::{dynamic::text, failure::Fetched, page::Page},
};

/// Renders the page.
#[component]
pub fn InboxPage() -> impl IntoView {
    let words = use_words();
    let inbox = Remote::fetch(api::desk::inbox);
    provide_context(inbox);
    view! {
        <Page title=words.signal(|t| t.inbox_title)>
            <Fetched remote=inbox show=|inbox| view! { <Whole inbox /> }.into_any() />
        </Page>
    }
}

/// Renders the loaded lists.
#[component]
fn Whole(inbox: Inbox) -> impl IntoView {
    let words = use_words();
    let remote = expect_context::<Remote<Inbox>>();
    let Inbox { documents, failures, more } = inbox;
    let done = Callback::new(move |()| remote.again());
    let count = documents.len().to_string();
    view! {
        {(!failures.is_empty()).then(|| view! {
            <section class="stack" aria-labelledby="failures">
                <h2 id="failures" class="ds-heading" data-size="sm">{words.say(|t| t.failures_title)}</h2>
                <p class="ds-paragraph">{words.say(|t| t.failures_lead)}</p>
                <ul class="plain stack">{failures.into_iter().map(|failure| view! { <li><FailureCard failure done /></li> }).collect_view()}</ul>
            </section>
        })}
        <div class="stack">
            <h2 id="inbox" class="ds-heading" data-size="sm">{text(move || words.texts().inbox_count(&count))}</h2>
            {if documents.is_empty() {
                view! { <p class="ds-paragraph">{words.say(|t| t.inbox_none)}</p> }.into_any()
            } else {
                view! { <Table documents /> }.into_any()
            }}
            {more.then(|| view! { <p class="ds-paragraph">{words.say(|t| t.inbox_more)}</p> })}
        </div>
    }
}

/// Renders the documents.
#[component]
fn Table(documents: Vec<ToReview>) -> impl IntoView {
    let words = use_words();
    view! {
        <div class="desk-scroll" tabindex="0" role="region" aria-labelledby="inbox">
            <table class="ds-table">
                <thead><tr>
                    <th scope="col">{words.say(|t| t.inbox_document)}</th>
                    <th scope="col">{words.say(|t| t.close_who)}</th>
                    <th scope="col">{words.say(|t| t.inbox_since)}</th>
                    <th scope="col" class="figure">{words.say(|t| t.inbox_size)}</th>
                </tr></thead>
                <tbody>{documents.into_iter().map(|one| view! { <Row one /> }).collect_view()}</tbody>
            </table>
        </div>
    }
}

/// Renders one document.
#[component]
fn Row(one: ToReview) -> impl IntoView {
    let words = use_words();
    let speech = use_speech();
    let ToReview { document, reference, applicant, application_type: kind, .. } = one;
    let (since, bytes) = (document.since, document.size);
    view! {
        <tr>
            <th scope="row" class="desk-about">
                <a class="ds-link" href=paths::desk_document(&document.id)>{document.name}</a>
                {(!document.scanned).then(|| view! {
                    <br /> <span class="ds-tag" data-color="warning">{words.say(|t| t.inbox_unscanned)}</span>
                })}
            </th>
            <td>{applicant} <br /> <span class="quiet">{reference} ", " {text(move || speech.texts().kind.get(kind.code()))}</span></td>
            <td>{text(move || dates::day_and_time(since, words.language()))}</td>
            <td class="desk-whole figure">{text(move || file_size::of(bytes, words.language()))}</td>
        </tr>
    }
}
