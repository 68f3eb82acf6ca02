//! Feedback form below every applicant page: "Did you find what you were looking for?"

use ::api::feedback::{Feedback, MOST_CHARACTERS, Page};
use leptos::prelude::*;

use crate::{
    api,
    paths::Place,
    router::use_router,
    state::action::Action,
    text::language::use_speech,
    ui::{
        dynamic::{part, press, text},
        failure::FailureAlert,
    },
};

/// The step of the form.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Question,
    /// The answer, and the field for a comment.
    Words(bool),
    Thanks,
}

/// Renders the form for the current page.
#[component]
pub fn AskForFeedback() -> impl IntoView {
    let speech = use_speech();
    let router = use_router();
    let page = Memo::new(move |_| page_of(&router.place()));
    let state = RwSignal::new(Asked::Question);
    let words = RwSignal::new(String::new());
    let action = Action::anywhere(RwSignal::new(None));
    let failure = action.failure;
    // A new page starts with the question.
    Effect::new(move || {
        page.get();
        action.forget();
        state.set(Asked::Question);
        words.set(String::new());
    });
    // Idempotency key: the comment replaces the answer that was sent before it.
    let id = StoredValue::new(String::new());
    let send = move |said: Asked| {
        let Asked::Words(found) = state.get_untracked() else { return };
        let (page, language) = (page.get_untracked(), speech.language_now());
        let given = Feedback { page, found, language, words: words.get_untracked().trim().to_owned() };
        let id = id.get_value();
        // The answer may still be open when the comment is sent. The view follows the later request.
        action.renew(async move { api::give_feedback(&given, &id).await }, move |()| {
            // Rendering the field again would interrupt the person who is typing in it.
            if state.get_untracked() != said {
                state.set(said);
            }
        });
    };
    // The answer is sent at once and counts without a comment.
    let answer = move |found: bool| {
        id.set_value(api::new_key());
        state.set(Asked::Words(found));
        send(Asked::Words(found));
    };
    let say_more = move || send(Asked::Thanks);
    view! {
        <aside class="feedback no-print" aria-labelledby="feedback">
            <h2 id="feedback" class="ds-heading" data-size="2xs">{speech.say(|t| t.feedback_question)}</h2>
            {part(move || failure.get().map(|said| view! { <FailureAlert failure=said again=say_more /> }))}
            {part(move || match state.get() {
                Asked::Question => view! {
                    <div class="row">
                        <button type="button" class="ds-button" data-variant="secondary" data-size="sm" on:click=press(move || answer(true))>
                            {speech.say(|t| t.times_yes)}
                        </button>
                        <button type="button" class="ds-button" data-variant="secondary" data-size="sm" on:click=press(move || answer(false))>
                            {speech.say(|t| t.times_no)}
                        </button>
                    </div>
                }.into_any(),
                Asked::Words(found) => view! {
                    <div class="stack">
                        <div class="ds-field">
                            <label class="ds-label" for="words">
                                {text(move || if found { speech.texts().feedback_more } else { speech.texts().feedback_words })}
                            </label>
                            <div data-field="description" id="words-hint">{speech.say(|t| t.feedback_hint)}</div>
                            <textarea id="words" class="ds-input" rows="3" maxlength=MOST_CHARACTERS.to_string()
                                aria-describedby="words-hint" autofocus prop:value=move || words.get()
                                on:input:target=move |event| words.set(event.target().value())></textarea>
                        </div>
                        <div>
                            <button type="button" class="ds-button" data-size="sm" on:click=press(say_more)>
                                {speech.say(|t| t.feedback_send)}
                            </button>
                        </div>
                    </div>
                }.into_any(),
                Asked::Thanks => view! {
                    <p class="ds-paragraph" role="status">{text(speech.say(|t| t.feedback_thanks))}</p>
                }.into_any(),
            })}
        </aside>
    }
}

/// The kind of page without its parameters.
fn page_of(place: &Place) -> Page {
    match place {
        Place::Start => Page::Start,
        Place::Check => Page::Check,
        Place::SignIn => Page::SignIn,
        Place::Profile => Page::Profile,
        Place::Cases => Page::Cases,
        Place::Case { .. } => Page::Case,
        Place::Documents { .. } => Page::Documents,
        Place::Times { .. } => Page::Times,
        Place::Confirm { .. } => Page::Confirm,
        Place::Receipt { .. } => Page::Receipt,
        // Officers are not asked for feedback.
        Place::Desk(_) | Place::Nowhere => Page::Unknown,
    }
}
