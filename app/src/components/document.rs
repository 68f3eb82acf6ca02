//! A document that was sent, as its sender sees it: how far it has come, and why it was returned.

use ::api::{
    documents::{Document, State},
    invitations::Instructions,
};
use leptos::prelude::*;
use rules::{Coded, notice::Language};

use crate::{
    dates,
    dynamic::text,
    language::{Speech, use_speech},
    size,
};

/// `remove` is how it is given up while it is arriving.
#[component]
pub fn DocumentItem(document: Document, remove: Callback<String>) -> impl IntoView {
    let speech = use_speech();
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
        <li class="parcel">
            <div class="row">
                <strong class="name">{name}</strong>
                <span class="quiet">{text(move || size::of(size, speech.language()))}</span>
                <span class="ds-tag" data-color=color>{text(move || speech.texts().document_state.get(state.code()))}</span>
            </div>
            <p class="ds-paragraph as-typed">{text(move || what_it_means(&document, speech))}</p>
            {kept.map(|day| view! {
                <p class="ds-paragraph quiet" data-size="sm">{text(move || speech.fill(
                    |t| t.documents_kept,
                    &[("day", &dates::short_day(day, speech.language()))],
                ))}</p>
            })}
            {(state == State::Arriving).then(|| view! {
                <div><button type="button" class="ds-button" data-variant="secondary" data-size="sm"
                    aria-label=text(move || format!("{}: {spoken}", speech.texts().documents_remove))
                    on:click=move |_| remove.run(id.clone())>{speech.say(|t| t.documents_remove)}</button></div>
            })}
        </li>
    }
}

fn what_it_means(document: &Document, speech: Speech) -> String {
    if let Some(fault) = document.fault {
        return speech.texts().document_fault.get(fault.code()).to_owned();
    }
    if let Some(Instructions { nb, en }) = &document.reason {
        return match speech.language() {
            Language::Nb => nb.clone(),
            Language::En => en.clone(),
        };
    }
    let meaning = speech.texts().document_meaning.get(document.state.code());
    let percent = (document.received * 100).checked_div(document.size).unwrap_or_default();
    crate::texts::fill(meaning, &[("percent", &percent.to_string())])
}
