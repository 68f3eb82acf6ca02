//! The single-page app, compiled to WebAssembly. `app` wires it together, `pages` has one file for each URL, and
//! `components` has the views that several pages share.

// Dead code is allowed in tests only: the finished page is split by `.setup/page`, which tests do not use.
#![cfg_attr(test, allow(dead_code))]

mod action;
mod api;
#[cfg(not(test))]
mod app;
mod attention;
mod check;
mod clock;
mod components;
mod dates;
mod document_texts;
mod draft;
mod dynamic;
mod json;
mod language;
mod law;
mod line;
mod pages;
mod parcel;
mod passkey;
mod paths;
mod picture;
mod places;
mod remote;
mod router;
mod row;
mod sending;
mod session;
mod size;
mod tabs;
mod tasks;
mod texts;
mod udi;

#[cfg(test)]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

#[cfg(not(test))]
fn open() {
    // The server-rendered start page stays until `Start` has adopted its elements. Removing it earlier would lose them.
    let waiting = leptos::prelude::document().get_element_by_id("waiting");
    leptos::mount::mount_to_body(app::App);
    if let Some(waiting) = waiting {
        waiting.remove();
    }
}

#[cfg(not(test))]
fn main() {
    // A separate task for the mount: the browser can handle scrolling and typing between the start of the module and
    // the mount.
    leptos::prelude::set_timeout(open, std::time::Duration::ZERO);
}
