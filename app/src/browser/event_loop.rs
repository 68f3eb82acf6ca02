//! Tasks, effects and listeners, each type-erased: leptos and the browser's bindings are instantiated once for all of them.

use std::{pin::Pin, time::Duration};

use js_sys::Promise;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};

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
