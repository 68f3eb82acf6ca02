//! What changes in a view, in one type each.
//!
//! Every closure in a view has a type of its own, and leptos brings its machinery into the page once for each. Behind
//! these it comes once: that made the page a fifth smaller.

use std::{pin::Pin, time::Duration};

use js_sys::Promise;
use leptos::{ev::MouseEvent, prelude::*};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};

/// A text that changes.
pub fn text<T: Into<String> + 'static>(text: impl Fn() -> T + Send + Sync + 'static) -> Signal<String> {
    Signal::derive(move || text().into())
}

/// A part of the page that changes.
pub fn part<V: IntoView + 'static>(part: impl Fn() -> V + Send + 'static) -> Box<dyn FnMut() -> AnyView + Send> {
    Box::new(move || part().into_any())
}

/// For an attribute that says yes or no, such as `aria-disabled`: a button that is really disabled loses the focus.
pub fn is(so: RwSignal<bool>) -> Signal<String> {
    text(move || so.get().to_string())
}

/// What happens when a button is pressed.
pub fn press(press: impl Fn() + 'static) -> Box<dyn FnMut(MouseEvent)> {
    Box::new(move |_| press())
}

/// What is done now, and again whenever something it looked at has changed.
pub fn effect(effect: impl Fn() + 'static) {
    let effect: Box<dyn Fn()> = Box::new(effect);
    Effect::new(effect);
}

/// What is done whenever something happens to the document, for as long as it is there.
pub fn document_event_listener(event: &str, listen: impl Fn() + 'static) {
    let listen = Closure::<dyn Fn()>::new(listen);
    // The document refuses no listener.
    document().add_event_listener_with_callback(event, listen.as_ref().unchecked_ref()).ok();
    listen.forget();
}

/// What is done while the page goes on.
pub fn spawn(future: impl Future<Output = ()> + 'static) {
    let future: Pin<Box<dyn Future<Output = ()>>> = Box::pin(future);
    spawn_local(future);
}

/// Lets some time go by.
pub async fn pause(time: Duration) {
    let promise = Promise::new(&mut |done, _| {
        set_timeout(
            move || {
                // What a promise does with its end cannot fail.
                done.call0(&JsValue::NULL).ok();
            },
            time,
        );
    });
    JsFuture::from(promise).await.ok();
}
