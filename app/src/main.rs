//! The page. `app` holds it together, `paths` has every URL, and `pages` one file a URL. What pages share stands by subject: `state`
//! (session, policy, clock, what is fetched), `api` (requests), `ui` (parts of pages), `text` (languages, dates), `upload`, `booking`
//! and `check`.

// A part that is loaded later is taken out of the finished page (`.setup/page`); out of tests nothing is.
#![cfg_attr(test, allow(dead_code))]

mod api;
#[cfg(not(test))]
mod app;
mod booking;
mod check;
mod pages;
mod paths;
mod router;
mod state;
mod text;
mod ui;
mod upload;

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
