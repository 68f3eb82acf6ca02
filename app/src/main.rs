//! The page. `app` holds it together; `pages` has one file a URL; `components` are what several pages show.

mod api;
mod app;
mod check;
mod clock;
mod components;
mod dates;
mod draft;
mod dynamic;
mod json;
mod language;
mod law;
mod line;
mod pages;
mod paths;
mod remote;
mod router;
mod row;
mod session;
mod texts;
mod udi;

#[cfg(test)]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

fn main() {
    // The start page takes over what the server has written into the document; only then may it go.
    let waiting = leptos::prelude::document().get_element_by_id("waiting");
    leptos::mount::mount_to_body(app::App);
    if let Some(waiting) = waiting {
        waiting.remove();
    }
}
