//! `/`: the rules that apply today. The server renders the content; for the first visit it is part of the document.

use leptos::prelude::*;
use rules::{Coded, notice::Language};

use crate::{
    api::{self, Failure},
    state::remote::Remote,
    text::language::{Speech, use_speech},
    ui::{failure::Fetched, page::Page},
};

/// The content that came with the document, until it is shown.
#[derive(Clone, Copy)]
pub struct Served(StoredValue<Option<(Language, String)>>);

impl Served {
    /// Takes the content out of the document and provides it as a context. Returns its language; `None` if there is
    /// none.
    pub fn provide() -> Option<Language> {
        let served = document().get_element_by_id("start").and_then(|text| {
            let language = Language::from_code(&text.get_attribute("lang")?)?;
            Some((language, text.outer_html()))
        });
        let language = served.as_ref().map(|(language, _)| *language);
        provide_context(Served(StoredValue::new(served)));
        language
    }

    /// The content, once, and only in the wanted language.
    fn take(self, wanted: Language) -> Option<String> {
        let served = self.0.try_update_value(Option::take)??;
        (served.0 == wanted).then_some(served.1)
    }
}

/// The content in the current language: from the document, or from the server.
async fn written(speech: Speech, served: Served) -> Result<String, Failure> {
    loop {
        let language = speech.language_now();
        let text = match served.take(language) {
            Some(text) => text,
            None => api::start(language).await?,
        };
        // The language may have changed during the request. Then the content is fetched again.
        if speech.language_now() == language {
            return Ok(text);
        }
    }
}

/// Renders the start page, and again after a change of the language.
#[component]
pub fn Start() -> impl IntoView {
    let speech = use_speech();
    let served: Served = expect_context();
    let text = Remote::fetch(move || written(speech, served));
    Effect::new(move |before: Option<Language>| {
        let language = speech.language();
        if before.is_some_and(|before| before != language) {
            text.again();
        }
        language
    });
    view! {
        <Page title=Signal::derive(speech.say(|t| t.start_title))>
            <Fetched remote=text show=|text| view! { <div inner_html=text></div> }.into_any() />
        </Page>
    }
}
