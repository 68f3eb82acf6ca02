//! `/desk/documents/:id`: review of one document: its pages, and buttons to accept or return it.

use ::api::{
    ProblemCode,
    documents::{Document, State, ToReview},
    ids::DocumentId,
    invitations::Instructions,
};
use leptos::prelude::*;
use rules::Coded;

use crate::{
    api,
    pages::desk::parts::{
        confirm_button::Confirm,
        fields::{AreaField, Detail},
    },
    paths,
    state::{action::Action, drafts, remote::Remote},
    text::{dates, desk_texts::use_words, document_texts, file_size, language::use_speech},
    ui::{
        dynamic::{is, part, press, text},
        failure::{FailureAlert, Fetched},
        page::{Page, focus_heading},
    },
};

/// Renders the page.
#[component]
pub fn DocumentPage(document: DocumentId) -> impl IntoView {
    let words = use_words();
    let remote = Remote::fetch(move || {
        let document = document.clone();
        async move { api::desk::document(&document).await }
    });
    provide_context(remote);
    let about = text(move || {
        let found = remote.loaded();
        found.map(|found| format!("{}, {}", found.document.name, found.applicant)).unwrap_or_default()
    });
    view! {
        <Page title=words.signal(|t| t.document_title) about>
            <Fetched remote show=|found| view! { <Whole found /> }.into_any() />
            <p><a class="ds-link" href=paths::DESK_DOCUMENTS>{words.say(|t| t.document_back)}</a></p>
        </Page>
    }
}

/// Renders the loaded document.
#[component]
fn Whole(found: ToReview) -> impl IntoView {
    let words = use_words();
    let speech = use_speech();
    let ToReview { document, case, reference, applicant, application_type: kind } = found;
    let Document { id, name, size, state, since, scanned, fault, pages, active, .. } = document.clone();
    let to_case = paths::desk_case(&case);
    // Documents that the virus and format check has returned are deleted.
    let is_there = fault.is_none() && matches!(state, State::Checked | State::Returned | State::Accepted);
    let original = paths::desk_original(&id);
    view! {
        <dl class="facts">
            <dt>{words.say(|t| t.officers_name)}</dt><dd>{name.clone()}</dd>
            <dt>{words.say(|t| t.close_who)}</dt><dd><a class="ds-link" href=to_case>{applicant}</a></dd>
            <dt>{speech.say(|t| t.cases_reference)}</dt><dd>{reference}</dd>
            <dt>{words.say(|t| t.case_type)}</dt><dd>{text(move || speech.texts().kind.get(kind.code()))}</dd>
            <dt>{words.say(|t| t.times_state)}</dt>
            <dd>{text(move || format!(
                "{}, {}",
                words.texts().document_state.get(state.code()),
                dates::day_and_time(since, words.language()),
            ))}</dd>
            <dt>{words.say(|t| t.inbox_size)}</dt><dd>{text(move || file_size::of(size, words.language()))}</dd>
        </dl>
        <Answer document />
        {is_there.then(|| view! {
            {(!active.is_empty()).then(|| view! {
                <div class="ds-alert" data-color="warning"><div class="stack">
                    <p class="ds-paragraph">{words.say(|t| t.document_opens)}</p>
                    <ul>{active.into_iter().map(|one| view! {
                        <li>{text(move || words.texts().document_active.get(one.code()))}</li>
                    }).collect_view()}</ul>
                </div></div>
            })}
            {if scanned {
                view! {
                    <div><a class="ds-button" data-variant="secondary" href=original rel="external" download>
                        {words.say(|t| t.document_original)}
                    </a></div>
                }.into_any()
            } else {
                view! { <p class="ds-alert" data-color="warning">{words.say(|t| t.document_unscanned)}</p> }.into_any()
            }}
            <div class="desk-review">
                <Pages id name pages />
                {(state == State::Checked).then(|| view! { <Review /> })}
            </div>
        })}
    }
}

/// Renders the result of the check or the review, with its reason.
#[component]
fn Answer(document: Document) -> impl IntoView {
    let words = use_words();
    let of_documents = document_texts::use_words();
    let Document { state, fault, reason, .. } = document;
    let said = match state {
        State::Accepted => {
            Some(("success", view! { <p class="ds-paragraph">{words.say(|t| t.document_accepted)}</p> }.into_any()))
        }
        State::Returned => Some((
            "info",
            match (fault, reason) {
                (Some(fault), _) => view! {
                    <p class="ds-paragraph">{words.say(|t| t.document_returned_by_check)}</p>
                    <p class="ds-paragraph">{text(move || of_documents.texts().fault.get(fault.code()))}</p>
                }
                .into_any(),
                (None, Some(Instructions { nb, en })) => view! {
                    <p class="ds-paragraph">{words.say(|t| t.document_returned)}</p>
                    <p class="ds-paragraph as-typed" lang="nb">{nb}</p>
                    <p class="ds-paragraph as-typed" lang="en">{en}</p>
                }
                .into_any(),
                (None, None) => ().into_any(),
            },
        )),
        State::Deleted => {
            Some(("info", view! { <p class="ds-paragraph">{words.say(|t| t.document_deleted)}</p> }.into_any()))
        }
        State::Arriving | State::Received | State::Checked => None,
    };
    view! {
        <div role="status">
            {said.map(|(color, said)| view! { <div class="ds-alert" data-color=color><div class="stack">{said}</div></div> })}
        </div>
    }
}

/// Renders the pages as images, one at a time.
#[component]
fn Pages(id: DocumentId, name: String, pages: u64) -> impl IntoView {
    let words = use_words();
    let speech = use_speech();
    let page = RwSignal::new(1);
    let has_failed = RwSignal::new(false);
    let is_there = RwSignal::new(false);
    let turn = move |to: u64| {
        if (1..=pages).contains(&to) {
            has_failed.set(false);
            is_there.set(false);
            page.set(to);
        }
    };
    let which = move || words.texts().document_page(&page.get().to_string(), &pages.to_string());
    let turned = move |by: fn(u64) -> u64| press(move || turn(by(page.get_untracked())));
    let is_at = move |end: u64| text(move || (page.get() == end).to_string());
    view! {
        <section class="stack" aria-labelledby="pages">
            <h2 id="pages" class="ds-heading" data-size="sm">{words.say(|t| t.document_pages)}</h2>
            {(pages > 1).then(|| view! {
                <div class="row">
                    <button type="button" class="ds-button" data-variant="secondary" data-size="sm" aria-disabled=is_at(1)
                        on:click=turned(|page| page.saturating_sub(1))>{words.say(|t| t.document_before)}</button>
                    <span role="status">{text(which)}</span>
                    <button type="button" class="ds-button" data-variant="secondary" data-size="sm" aria-disabled=is_at(pages)
                        on:click=turned(|page| page + 1)>{words.say(|t| t.document_after)}</button>
                </div>
            })}
            {part(move || {
                if has_failed.get() {
                    let failed = move || speech.texts().problem.get(ProblemCode::PictureFailed.code());
                    return view! { <p class="ds-alert" data-color="warning" role="alert">{text(failed)}</p> }.into_any();
                }
                let (source, name) = (paths::desk_page(&id, page.get()), name.clone());
                let alone = source.clone();
                view! {
                    <p><a class="ds-link" href=alone rel="external" target="_blank">{words.say(|t| t.document_alone)}</a></p>
                    // An image that is still loading reserves the space of a usual page, so that the buttons below do
                    // not move.
                    <img class="desk-page" class:coming=move || !is_there.get() src=source
                        alt=text(move || format!("{name}: {}", which()))
                        on:load=move |_| is_there.set(true) on:error=move |_| has_failed.set(true) />
                }.into_any()
            })}
        </section>
    }
}

/// Renders the buttons to accept, or to return with a reason.
#[component]
fn Review() -> impl IntoView {
    let words = use_words();
    let remote = expect_context::<Remote<ToReview>>();
    let (id, named) = remote.loaded().map(|found| (found.document.id, found.document.name)).unwrap_or_default();
    let id = StoredValue::new(id);
    let name = move |language: &str| id.with_value(|id| format!("return {id} {language}"));
    let [nb, en] = ["nb", "en"].map(|language| drafts::line(name(language), String::new()));
    let begun = nb.with_untracked(|nb| !nb.is_empty()) || en.with_untracked(|en| !en.is_empty());
    let asked = RwSignal::new(false);
    let action = Action::new();
    let Action { busy, failure, .. } = action;
    let settle = move |reason: Option<Instructions>| {
        let document = id.get_value();
        let lines = ["nb", "en"].map(name);
        let settle = async move {
            let found = match reason {
                Some(reason) => api::desk::return_document(&document, reason).await?,
                None => api::desk::accept_document(&document).await?,
            };
            for line in lines {
                drafts::forget_line(&line);
            }
            Ok(found)
        };
        action.run(settle, move |found| {
            remote.put(found);
            // The pressed button is gone.
            focus_heading();
        });
    };
    let send_back = move || {
        asked.set(true);
        let [nb, en] = [nb, en].map(|text| text.with_untracked(|text| text.trim().to_owned()));
        if !nb.is_empty() && !en.is_empty() {
            settle(Some(Instructions { nb, en }));
        }
    };
    let missing = move |value: RwSignal<String>| {
        text(move || {
            let is_missing = asked.get() && value.with(|text| text.trim().is_empty());
            if is_missing { words.texts().document_reason_missing } else { "" }
        })
    };
    view! {
        <section class="stack" aria-labelledby="review">
            <h2 id="review" class="ds-heading" data-size="sm">{words.say(|t| t.document_review)}</h2>
            {part(move || failure.get().map(|said| view! { <Detail failure=said.clone() /> <FailureAlert failure=said again=move || remote.again() /> }))}
            <div><Confirm busy name=text(words.say(|t| t.document_accept))
                question=text(move || words.texts().document_accept_ask(&named))
                consequence=text(words.say(|t| t.document_accept_text)) yes=text(words.say(|t| t.document_accept_do)) act=move || settle(None) /></div>
            <details class="ds-details" open=begun>
                <summary>{words.say(|t| t.document_return)}</summary>
                <form class="stack" novalidate on:submit=move |event| { event.prevent_default(); send_back(); }>
                    <p class="ds-paragraph">{words.say(|t| t.document_return_text)}</p>
                    <AreaField id="reason-nb" label=words.signal(|t| t.document_reason_nb) value=nb problem=missing(nb) />
                    <AreaField id="reason-en" label=words.signal(|t| t.document_reason_en) value=en problem=missing(en) />
                    <div><button type="submit" class="ds-button" data-color="danger" aria-disabled=is(busy)>{words.say(|t| t.document_return_do)}</button></div>
                </form>
            </details>
        </section>
    }
}
