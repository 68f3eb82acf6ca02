//! The link that carries the answers of `/check` in its fragment.

use leptos::prelude::*;
use wasm_bindgen::JsValue;

use crate::{
    browser::{clipboard, event_loop::effect},
    check::questions::Answers,
    paths,
    text::language::use_speech,
    ui::dynamic::{press, text},
};

/// Renders the link that carries the answers, and the button to start again.
#[component]
pub fn Share(answers: RwSignal<Answers>) -> impl IntoView {
    let speech = use_speech();
    let copied = RwSignal::new(None::<bool>);
    let copy = move || {
        let link = window().location().href().unwrap_or_default();
        let of = link.clone();
        clipboard::copy(&link, move |is_done| {
            // The result is not shown if the answers have changed since.
            if window().location().href().is_ok_and(|now| now == of) {
                copied.try_set(Some(is_done));
            }
        });
    };
    effect(move || {
        answers.track();
        copied.set(None);
    });
    view! {
        <section class="stack no-print" aria-labelledby="share">
            <h2 id="share" class="ds-heading" data-size="2xs">{speech.say(|t| t.check_share)}</h2>
            <p class="ds-paragraph">{speech.say(|t| t.check_share_text)}</p>
            <div class="row">
                <button type="button" class="ds-button" data-variant="secondary" on:click=press(copy)>
                    {speech.say(|t| t.check_copy)}
                </button>
                <button type="button" class="ds-button" data-variant="tertiary" on:click=press(move || answers.set(Answers::default()))>
                    {speech.say(|t| t.check_anew)}
                </button>
                <span aria-live="polite">{text(move || match copied.get() {
                    Some(true) => speech.texts().check_copied,
                    Some(false) => speech.texts().check_not_copied,
                    None => "",
                })}</span>
            </div>
        </section>
    }
}

/// The answers in the fragment of the URL. Browsers do not send the fragment to the server.
pub fn read_link() -> Answers {
    let hash = window().location().hash().unwrap_or_default();
    let decoded = |text: &str| js_sys::decode_uri_component(text).ok().map(String::from);
    let pairs = hash.trim_start_matches('#').split('&').filter_map(|pair| {
        let (name, answer) = pair.split_once('=')?;
        Some((decoded(name)?, decoded(answer)?))
    });
    Answers::from_pairs(pairs)
}

/// Writes the answers into the fragment of the URL.
pub fn write_link(answers: &Answers) {
    let pairs: Vec<String> = answers
        .pairs()
        .map(|(name, answer)| format!("{name}={}", String::from(js_sys::encode_uri_component(answer))))
        .collect();
    let link = if pairs.is_empty() { paths::CHECK.to_owned() } else { format!("{}#{}", paths::CHECK, pairs.join("&")) };
    if let Ok(history) = window().history() {
        // A browser that rejects the new URL leaves the page usable.
        let state = history.state().unwrap_or(JsValue::NULL);
        history.replace_state_with_url(&state, "", Some(&link)).ok();
    }
}
