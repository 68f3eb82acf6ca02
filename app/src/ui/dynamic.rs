//! Type-erased wrappers for the changing parts of a view.
//!
//! Every closure has a type of its own, and leptos is instantiated once for each. With these wrappers it is
//! instantiated once, which makes the WebAssembly a fifth smaller.

use leptos::{ev::MouseEvent, prelude::*};

/// A text as a signal.
pub fn text<T: Into<String> + 'static>(text: impl Fn() -> T + Send + Sync + 'static) -> Signal<String> {
    Signal::derive(move || text().into())
}

/// A view that is rendered again when its signals change.
pub fn part<V: IntoView + 'static>(part: impl Fn() -> V + Send + 'static) -> Box<dyn FnMut() -> AnyView + Send> {
    Box::new(move || part().into_any())
}

/// The value of a yes/no attribute such as `aria-disabled`. A button with `disabled` itself would lose the focus.
pub fn is(so: RwSignal<bool>) -> Signal<String> {
    text(move || so.get().to_string())
}

/// The handler of a click.
pub fn press(press: impl Fn() + 'static) -> Box<dyn FnMut(MouseEvent)> {
    Box::new(move |_| press())
}
