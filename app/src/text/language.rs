//! Which language the person reads. It can change at any time; what was typed stays.

use ::api::language;
use leptos::prelude::*;
use rules::{Coded, notice::Language};
use wasm_bindgen::JsCast;
use web_sys::HtmlDocument;

use crate::{
    text::texts::{Texts, fill, texts},
    ui::dynamic::effect,
};

#[derive(Clone, Copy)]
pub struct Speech(RwSignal<Language>);

impl Speech {
    /// The language that the server has written in, or chosen before, or the browser's: Bokmål for Scandinavian ones,
    /// else English.
    pub fn provide(served: Option<Language>) -> Speech {
        let speech = Speech(RwSignal::new(served.or_else(chosen_before).unwrap_or_else(of_browser)));
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

    /// The same without following it.
    pub fn language_now(self) -> Language {
        self.0.get_untracked()
    }

    /// The choice is kept in a cookie, so that the server writes the start page in this language too.
    pub fn choose(self, language: Language) {
        self.0.set(language);
        let cookie = language::cookie(language, is_https());
        // Where nothing may be stored, the choice lasts as long as the page.
        document().unchecked_into::<HtmlDocument>().set_cookie(&cookie).ok();
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

/// What `Speech` is for texts that are loaded with a part of the page.
pub struct Words<T: 'static> {
    speech: Speech,
    of: fn(Language) -> &'static T,
}

impl<T> Clone for Words<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Words<T> {}

impl<T> Words<T> {
    pub fn new(of: fn(Language) -> &'static T) -> Words<T> {
        Words { speech: use_speech(), of }
    }

    pub fn texts(self) -> &'static T {
        (self.of)(self.language())
    }

    pub fn language(self) -> Language {
        self.speech.language()
    }

    /// A text that follows the language.
    pub fn say(self, pick: fn(&T) -> &'static str) -> impl Fn() -> &'static str + Copy + Send + 'static {
        move || pick(self.texts())
    }

    /// The same as a signal, for a page's title or a field's label.
    pub fn signal(self, pick: fn(&T) -> &'static str) -> Signal<&'static str> {
        Signal::derive(self.say(pick))
    }

    /// The same with values in its places.
    pub fn fill(self, pick: fn(&T) -> &'static str, values: &[(&str, &str)]) -> String {
        fill(pick(self.texts()), values)
    }
}

fn chosen_before() -> Option<Language> {
    let cookies = document().unchecked_into::<HtmlDocument>().cookie().ok()?;
    let value = |cookie: &str| {
        let (name, value) = cookie.split_once('=')?;
        (name == language::cookie_name(is_https())).then(|| Language::from_code(value))
    };
    cookies.split("; ").find_map(value)?
}

fn is_https() -> bool {
    window().location().protocol().is_ok_and(|protocol| protocol == "https:")
}

fn of_browser() -> Language {
    let tags = window().navigator().languages();
    tags.iter().find_map(|tag| language::of_tag(&tag.as_string()?)).unwrap_or(Language::En)
}
