//! Which language the person reads. It can change at any time; what was typed stays.

use leptos::prelude::*;
use rules::{Coded, notice::Language};

use crate::{
    dynamic::effect,
    texts::{Texts, fill, texts},
};

const STORAGE_KEY: &str = "language";

#[derive(Clone, Copy)]
pub struct Speech(RwSignal<Language>);

impl Speech {
    /// The language chosen before, or the browser's: Bokmål for Scandinavian ones, else English.
    pub fn provide() -> Speech {
        let speech = Speech(RwSignal::new(chosen_before().unwrap_or_else(of_browser)));
        provide_context(speech);
        effect(move || {
            if let Some(html) = document().document_element() {
                // Only a document that is being torn down refuses this.
                html.set_attribute("lang", speech.language().code()).ok();
            }
        });
        speech
    }

    pub fn language(self) -> Language {
        self.0.get()
    }

    pub fn choose(self, language: Language) {
        self.0.set(language);
        if let Some(storage) = storage() {
            // Where nothing may be stored, the choice lasts as long as the page.
            storage.set_item(STORAGE_KEY, language.code()).ok();
        }
    }

    pub fn texts(self) -> &'static Texts {
        texts(self.language())
    }

    /// A text that follows the language.
    pub fn say(self, pick: fn(&Texts) -> &'static str) -> impl Fn() -> &'static str + Copy + Send + 'static {
        move || pick(self.texts())
    }

    /// The same with values in its places.
    pub fn fill(self, pick: fn(&Texts) -> &'static str, values: &[(&str, &str)]) -> String {
        fill(pick(self.texts()), values)
    }
}

pub fn use_speech() -> Speech {
    expect_context()
}

fn chosen_before() -> Option<Language> {
    Language::from_code(&storage()?.get_item(STORAGE_KEY).ok()??)
}

fn of_browser() -> Language {
    match window().navigator().language().as_deref().and_then(|tag| tag.get(..2)) {
        Some("nb" | "nn" | "no" | "da" | "sv") => Language::Nb,
        _ => Language::En,
    }
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok()?
}
