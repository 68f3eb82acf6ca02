//! Type-erased wrappers for the changing parts of a view.
//!
//! Every closure has a type of its own, and leptos is instantiated once for each. With these wrappers it is
//! instantiated once, which makes the WebAssembly a fifth smaller.

use std::{pin::Pin, time::Duration};

use js_sys::Promise;
use leptos::{ev::MouseEvent, prelude::*};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};

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

/// An effect: runs now, and again when a signal it has read changes.
pub fn effect(effect: impl Fn() + 'static) {
    let effect: Box<dyn Fn()> = Box::new(effect);
    Effect::new(effect);
}

/// A listener for an event of the document, for the lifetime of the page.
pub fn document_event_listener(event: &str, listen: impl Fn() + 'static) {
    let listen = Closure::<dyn Fn()>::new(listen);
    // The document never rejects a listener.
    document().add_event_listener_with_callback(event, listen.as_ref().unchecked_ref()).ok();
    listen.forget();
}

/// Spawns a future on the browser's event loop.
pub fn spawn(future: impl Future<Output = ()> + 'static) {
    let future: Pin<Box<dyn Future<Output = ()>>> = Box::pin(future);
    spawn_local(future);
}

/// Resolves after a time.
pub async fn pause(time: Duration) {
    let promise = Promise::new(&mut |done, _| {
        set_timeout(
            move || {
                // The resolve function of a promise does not throw.
                done.call0(&JsValue::NULL).ok();
            },
            time,
        );
    });
    JsFuture::from(promise).await.ok();
}
