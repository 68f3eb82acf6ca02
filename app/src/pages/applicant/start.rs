//! `/`: what applies today. The server writes it, for the first visit into the document itself.

use leptos::prelude::*;
use rules::{Coded, notice::Language};

use crate::{
    api::{self, Failure},
    state::remote::Remote,
    text::language::{Speech, use_speech},
    ui::{failure::Fetched, page::Page},
};

/// The text that came with the document, until it is shown.
#[derive(Clone, Copy)]
pub struct Served(StoredValue<Option<(Language, String)>>);

impl Served {
    /// Tells in which language it is.
    pub fn provide() -> Option<Language> {
        let served = document().get_element_by_id("start").and_then(|text| {
            let language = Language::from_code(&text.get_attribute("lang")?)?;
            Some((language, text.outer_html()))
        });
        let language = served.as_ref().map(|(language, _)| *language);
        provide_context(Served(StoredValue::new(served)));
        language
    }

    fn take(self, wanted: Language) -> Option<String> {
        let served = self.0.try_update_value(Option::take)??;
        (served.0 == wanted).then_some(served.1)
    }
}

async fn written(speech: Speech, served: Served) -> Result<String, Failure> {
    loop {
        let language = speech.language_now();
        let text = match served.take(language) {
            Some(text) => text,
            None => api::start(language).await?,
        };
        // Who has changed the language meanwhile does not want this text any more.
        if speech.language_now() == language {
            return Ok(text);
        }
    }
}

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
