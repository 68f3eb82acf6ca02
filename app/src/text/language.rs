//! The language of the interface. It can change at any time; form input stays.

use ::api::language;
use leptos::prelude::*;
use rules::{Coded, notice::Language};
use wasm_bindgen::JsCast;
use web_sys::HtmlDocument;

use crate::{
    browser::event_loop::effect,
    text::texts::{Texts, texts},
};

/// The current language and the texts that are loaded at once.
#[derive(Clone, Copy)]
pub struct Speech(RwSignal<Language>);

impl Speech {
    /// Provides the language as a context. The first known of: the server-rendered page's, the cookie's, the browser's.
    /// Scandinavian browsers get Bokmål, all others English.
    pub fn provide(served: Option<Language>) -> Speech {
        let speech = Speech(RwSignal::new(served.or_else(chosen_before).unwrap_or_else(of_browser)));
        provide_context(speech);
        effect(move || {
            if let Some(html) = document().document_element() {
                // The attribute is rejected only by a document that is being destroyed.
                html.set_attribute("lang", speech.language().code()).ok();
            }
        });
        speech
    }

    /// The current language. Tracks changes.
    pub fn language(self) -> Language {
        self.0.get()
    }

    /// The current language, without tracking.
    pub fn language_now(self) -> Language {
        self.0.get_untracked()
    }

    /// Changes the language, and stores it in a cookie that the server reads when it renders the start page.
    pub fn choose(self, language: Language) {
        self.0.set(language);
        let cookie = language::cookie(language, is_https());
        // The choice lasts as long as the page if cookies are disabled.
        document().unchecked_into::<HtmlDocument>().set_cookie(&cookie).ok();
    }

    /// All texts in the current language.
    pub fn texts(self) -> &'static Texts {
        texts(self.language())
    }

    /// A text that follows the language.
    pub fn say(self, pick: fn(&Texts) -> &'static str) -> impl Fn() -> &'static str + Copy + Send + 'static {
        move || pick(self.texts())
    }
}

/// The language from the context.
pub fn use_speech() -> Speech {
    expect_context()
}

/// `Speech` for texts that are loaded with a lazy module.
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
    /// The texts behind `of`, in the language of the context.
    pub fn new(of: fn(Language) -> &'static T) -> Words<T> {
        Words { speech: use_speech(), of }
    }

    /// All texts in the current language.
    pub fn texts(self) -> &'static T {
        (self.of)(self.language())
    }

    /// The current language. Tracks changes.
    pub fn language(self) -> Language {
        self.speech.language()
    }

    /// A text that follows the language.
    pub fn say(self, pick: fn(&T) -> &'static str) -> impl Fn() -> &'static str + Copy + Send + 'static {
        move || pick(self.texts())
    }

    /// A text as a signal, for the title of a page or the label of a field.
    pub fn signal(self, pick: fn(&T) -> &'static str) -> Signal<&'static str> {
        Signal::derive(self.say(pick))
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
