//! The single-page app, compiled to WebAssembly. `app` wires it together, `paths` has every URL, and `pages` has one file for
//! each URL. Modules that pages share are divided by subject.
//!
//! Order of the modules; none imports from one to its right:
//!
//! ```text
//! paths, browser < text < api < router < state < ui < booking, check, upload < pages < app < main
//! ```
//!
//! Modules between two `<` do not import each other. Contexts are provided by `app`, and a module of the order reads only
//! those of modules to its left.

// Dead code is allowed in tests only: the finished page is split by `.setup/page`, which tests do not use.
#![cfg_attr(test, allow(dead_code))]

mod api;
#[cfg(not(test))]
mod app;
mod booking;
mod browser;
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
