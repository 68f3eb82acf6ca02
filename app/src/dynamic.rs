//! What changes in a view, in one type each.
//!
//! Every closure in a view has a type of its own, and leptos brings its machinery into the page once for each. Behind
//! these it comes once: that made the page a fifth smaller.

use leptos::{ev::MouseEvent, prelude::*};

/// A text that changes.
pub fn text<T: Into<String> + 'static>(text: impl Fn() -> T + Send + Sync + 'static) -> Signal<String> {
    Signal::derive(move || text().into())
}

/// A part of the page that changes.
pub fn part<V: IntoView + 'static>(part: impl Fn() -> V + Send + 'static) -> Box<dyn FnMut() -> AnyView + Send> {
    Box::new(move || part().into_any())
}

/// What happens when a button is pressed.
pub fn press(press: impl Fn() + 'static) -> Box<dyn FnMut(MouseEvent)> {
    Box::new(move |_| press())
}
