//! Which page the address shows, and how one gets from one to another without loading the site anew.
//!
//! By hand and not by leptos_router: of a library for nested, lazy and server-rendered routes the page would use little
//! and load a lot.

use leptos::{ev, prelude::*};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlAnchorElement, MouseEvent, UrlSearchParams};

use crate::paths::Place;

#[derive(Clone, Copy)]
pub struct Router {
    path: RwSignal<String>,
    search: RwSignal<String>,
}

impl Router {
    /// Listens to links, and to the browser's way back and forward.
    pub fn provide() -> Router {
        let router = Router { path: RwSignal::new(String::new()), search: RwSignal::new(String::new()) };
        router.look();
        provide_context(router);
        let clicks = window_event_listener(ev::click, move |event| {
            router.follow(&event);
        });
        let back_and_forward = window_event_listener(ev::popstate, move |_| router.look());
        on_cleanup(move || {
            clicks.remove();
            back_and_forward.remove();
        });
        router
    }

    /// Where one is.
    pub fn place(self) -> Place {
        self.path.with(|path| Place::of(path))
    }

    /// What the address says behind its `?` under a name.
    pub fn query(self, name: &str) -> Option<String> {
        self.search.with(|search| UrlSearchParams::new_with_str(search).ok()?.get(name))
    }

    pub fn go(self, to: &str) {
        if let Ok(history) = window().history() {
            // An address of this site is never refused.
            history.push_state_with_url(&JsValue::NULL, "", Some(to)).ok();
        }
        self.arrive();
    }

    /// The same in place of the page one is on, so that the way back does not lead to it.
    pub fn go_instead(self, to: &str) {
        if let Ok(history) = window().history() {
            history.replace_state_with_url(&JsValue::NULL, "", Some(to)).ok();
        }
        self.arrive();
    }

    fn arrive(self) {
        self.look();
        let hash = window().location().hash().unwrap_or_default();
        match hash.strip_prefix('#').and_then(|id| document().get_element_by_id(id)) {
            Some(element) => element.scroll_into_view(),
            None => window().scroll_to_with_x_and_y(0.0, 0.0),
        }
    }

    /// Takes over what the address says now.
    fn look(self) {
        let location = window().location();
        self.search.set(location.search().unwrap_or_default());
        self.path.set(location.pathname().unwrap_or_default());
    }

    /// A plain click on a link that stays on this page is ours; everything else is the browser's.
    fn follow(self, event: &MouseEvent) -> Option<()> {
        let plain = event.button() == 0
            && !(event.default_prevented()
                || event.ctrl_key()
                || event.shift_key()
                || event.alt_key()
                || event.meta_key());
        let link = event.target()?.dyn_into::<Element>().ok()?.closest("a[href]").ok()??;
        let link: HtmlAnchorElement = link.dyn_into().ok()?;
        let leaves = !link.target().is_empty()
            || link.rel() == "external"
            || link.has_attribute("download")
            || window().location().origin().ok()? != link.origin();
        if !plain || leaves {
            return None;
        }
        event.prevent_default();
        // A link to where one is already leaves no second step on the way back.
        if link.href() == window().location().href().ok()? {
            self.arrive();
        } else {
            self.go(&link.href());
        }
        Some(())
    }
}

pub fn use_router() -> Router {
    expect_context()
}
