//! Cache of all offices, for their telephone numbers. Fetched on first use and kept for the lifetime of the page.

use ::api::offices::Office;
use leptos::prelude::*;
use rules::{ApplicationType, District};

use crate::{api, browser::event_loop::spawn};

/// The offices from `GET /api/offices`.
#[derive(Clone, Copy)]
pub struct Places {
    offices: RwSignal<Option<Vec<Office>>>,
    is_asked: StoredValue<bool>,
}

impl Places {
    /// Provides the empty cache as a context.
    pub fn provide() {
        provide_context(Places { offices: RwSignal::new(None), is_asked: StoredValue::new(false) });
    }

    /// The offices of a district that receive people for a type, or for any type with `None`. Empty until they are
    /// loaded. A failed fetch is repeated by the next call.
    pub fn of(self, district: District, kind: Option<ApplicationType>) -> Vec<Office> {
        self.ask();
        let fits = |office: &&Office| office.district == district && kind.is_none_or(|kind| office.receives(kind));
        self.offices.with(|all| all.iter().flatten().filter(fits).cloned().collect())
    }

    /// Fetches the offices once.
    pub fn ask(self) {
        if self.is_asked.get_value() {
            return;
        }
        self.is_asked.set_value(true);
        spawn(async move {
            match api::offices().await {
                Ok(all) => self.offices.set(Some(all)),
                Err(_) => self.is_asked.set_value(false),
            }
        });
    }
}

/// The cache from the context.
pub fn use_places() -> Places {
    expect_context()
}
