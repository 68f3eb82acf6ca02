//! One sent document as its sender sees it: its state, and the reason if it was returned. Used by the documents page.

use ::api::{
    documents::{Document, State},
    ids::DocumentId,
    invitations::Instructions,
};
use leptos::prelude::*;
use rules::{Coded, notice::Language};

use crate::{
    text::{
        dates,
        document_texts::{Words, use_words},
        file_size,
    },
    ui::dynamic::text,
};

/// Renders a list item. `remove` deletes an incomplete upload; without `may_send` the item does not offer to resume it.
#[component]
pub fn DocumentItem(document: Document, may_send: Memo<bool>, remove: Callback<DocumentId>) -> impl IntoView {
    let words = use_words();
    let Document { id, name, size, state, kept_until, .. } = document.clone();
    let spoken = name.clone();
    let color = match state {
        State::Arriving | State::Deleted => "neutral",
        State::Received | State::Checked => "info",
        State::Returned => "warning",
        State::Accepted => "success",
    };
    let kept = kept_until.filter(|_| matches!(state, State::Checked | State::Accepted));
    view! {
        <li class="upload">
            <div class="row">
                <strong class="name">{name}</strong>
                <span class="quiet">{text(move || file_size::of(size, words.language()))}</span>
                <span class="ds-tag" data-color=color>{text(move || words.texts().state.get(state.code()))}</span>
            </div>
            <p class="ds-paragraph as-typed">{text(move || what_it_means(&document, may_send.get(), words))}</p>
            {kept.map(|day| view! {
                <p class="ds-paragraph quiet" data-size="sm">{text(move || words.texts().page_kept(&dates::short_day(day, words.language())))}</p>
            })}
            {(state == State::Arriving).then(|| view! {
                <div><button type="button" class="ds-button" data-variant="secondary" data-size="sm"
                    aria-label=text(move || format!("{}: {spoken}", words.texts().page_remove))
                    on:click=move |_| remove.run(id.clone())>{words.say(|t| t.page_remove)}</button></div>
            })}
        </li>
    }
}

fn what_it_means(document: &Document, may_send: bool, words: Words) -> String {
    if let Some(fault) = document.fault {
        return words.texts().fault.get(fault.code()).to_owned();
    }
    if let Some(Instructions { nb, en }) = &document.reason {
        return match words.language() {
            Language::Nb => nb.clone(),
            Language::En => en.clone(),
        };
    }
    let percent = (document.received * 100).checked_div(document.size).unwrap_or_default().to_string();
    match document.state {
        State::Arriving if !may_send => words.texts().page_cut_short(&percent),
        state => words.texts().meaning.fill(state.code(), &[("percent", &percent)]),
    }
}
