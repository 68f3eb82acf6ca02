//! The page. `app` holds it together; `pages` has one file a URL; `components` are what several pages show.

// A part that is loaded later is taken out of the finished page (`.setup/page`); out of tests nothing is.
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
    // The start page takes over what the server has written into the document; only then may it go.
    let waiting = leptos::prelude::document().get_element_by_id("waiting");
    leptos::mount::mount_to_body(app::App);
    if let Some(waiting) = waiting {
        waiting.remove();
    }
}

#[cfg(not(test))]
fn main() {
    // A breath after the start, so that whoever is scrolling or typing already is not held up by both at once.
    leptos::prelude::set_timeout(open, std::time::Duration::ZERO);
}
