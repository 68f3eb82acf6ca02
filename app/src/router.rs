//! Which page the address shows, and how one gets from one to another: leptos_router's links and history, with `Place` as
//! the table of addresses.
//!
//! Not its `<Routes>`: they match paths to types of views, of which this page has one, and are 20 KB.

use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate, use_query_map},
    location::{BrowserUrl, LocationProvider},
    params::ParamsMap,
};

use crate::paths::Place;

type Navigate = Box<dyn Fn(&str, NavigateOptions)>;

#[derive(Clone, Copy)]
pub struct Router {
    /// Where one is, as it stands in the address.
    pub path: Memo<String>,
    query: Memo<ParamsMap>,
    navigate: StoredValue<Navigate, LocalStorage>,
}

impl Router {
    /// Below leptos_router's own `<Router>`.
    pub fn provide() -> Router {
        let navigate: Navigate = Box::new(use_navigate());
        let path = use_location().pathname;
        let router = Router { path, query: use_query_map(), navigate: StoredValue::new_local(navigate) };
        // A link that was followed stands in the address bar once this is said.
        let address = expect_context::<BrowserUrl>();
        Effect::new(move || {
            path.track();
            address.ready_to_complete();
        });
        provide_context(router);
        router
    }

    /// Where one is.
    pub fn place(self) -> Place {
        self.path.with(|path| Place::of(path))
    }

    /// The same without following it.
    pub fn place_now(self) -> Place {
        self.path.with_untracked(|path| Place::of(path))
    }

    /// The same as it stands in the address.
    pub fn path(self) -> String {
        self.path.get_untracked()
    }

    /// What the address says behind its `?` under a name.
    pub fn query(self, name: &str) -> Option<String> {
        self.query.with(|query| query.get(name))
    }

    pub fn go(self, to: &str) {
        self.navigate(to, NavigateOptions { resolve: false, ..NavigateOptions::default() });
    }

    /// The same in place of the page one is on, so that the way back does not lead to it.
    pub fn go_instead(self, to: &str) {
        self.navigate(to, NavigateOptions { resolve: false, replace: true, ..NavigateOptions::default() });
    }

    fn navigate(self, to: &str, options: NavigateOptions) {
        self.navigate.with_value(|navigate| navigate(to, options));
    }
}

pub fn use_router() -> Router {
    expect_context()
}
