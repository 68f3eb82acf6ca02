//! The router: the current page by the URL, and navigation between pages. It uses leptos_router's links and history,
//! with `Place` as the route table.
//!
//! leptos_router's `<Routes>` is not used. It matches paths to view types, of which this app has one, and costs 20 KB.

use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate, use_query_map},
    location::{BrowserUrl, LocationProvider},
    params::ParamsMap,
};

use crate::paths::Place;

type Navigate = Box<dyn Fn(&str, NavigateOptions)>;

/// The current location and client-side navigation.
#[derive(Clone, Copy)]
pub struct Router {
    /// The path of the current page, as in the URL.
    pub path: Memo<String>,
    query: Memo<ParamsMap>,
    navigate: StoredValue<Navigate, LocalStorage>,
}

impl Router {
    /// Creates the router and provides it as a context. Must be called below leptos_router's `<Router>`.
    pub fn provide() -> Router {
        let navigate: Navigate = Box::new(use_navigate());
        let path = use_location().pathname;
        let router = Router { path, query: use_query_map(), navigate: StoredValue::new_local(navigate) };
        // leptos_router updates the address bar only after this call.
        let address = expect_context::<BrowserUrl>();
        Effect::new(move || {
            path.track();
            address.ready_to_complete();
        });
        provide_context(router);
        router
    }

    /// The current page. Tracks changes.
    pub fn place(self) -> Place {
        self.path.with(|path| Place::of(path))
    }

    /// Like `place`, without tracking.
    pub fn place_now(self) -> Place {
        self.path.with_untracked(|path| Place::of(path))
    }

    /// The current path. Not tracked.
    pub fn path(self) -> String {
        self.path.get_untracked()
    }

    /// The value of a query parameter; `None` if the URL has none of this name.
    pub fn query(self, name: &str) -> Option<String> {
        self.query.with(|query| query.get(name))
    }

    /// Navigates to a path of this app.
    pub fn go(self, to: &str) {
        self.navigate(to, NavigateOptions { resolve: false, ..NavigateOptions::default() });
    }

    /// Navigates and replaces the current history entry, so that the back button skips it.
    pub fn go_instead(self, to: &str) {
        self.navigate(to, NavigateOptions { resolve: false, replace: true, ..NavigateOptions::default() });
    }

    fn navigate(self, to: &str, options: NavigateOptions) {
        self.navigate.with_value(|navigate| navigate(to, options));
    }
}

/// The router from the context.
pub fn use_router() -> Router {
    expect_context()
}
