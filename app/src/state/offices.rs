//! The offices of the land, for whoever has to call one. Fetched when they are first needed, and kept.

use ::api::offices::Office;
use leptos::prelude::*;
use rules::{ApplicationType, District};

use crate::{api, ui::dynamic::spawn};

#[derive(Clone, Copy)]
pub struct Places {
    offices: RwSignal<Option<Vec<Office>>>,
    is_asked: StoredValue<bool>,
}

impl Places {
    pub fn provide() {
        provide_context(Places { offices: RwSignal::new(None), is_asked: StoredValue::new(false) });
    }

    /// A district's offices that receive people for a type, or for any type. Empty until they are here; where they cannot be fetched
    /// now, the next refusal asks again.
    pub fn of(self, district: District, kind: Option<ApplicationType>) -> Vec<Office> {
        self.ask();
        let fits = |office: &&Office| office.district == district && kind.is_none_or(|kind| office.receives(kind));
        self.offices.with(|all| all.iter().flatten().filter(fits).cloned().collect())
    }

    /// Fetches them, once.
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

pub fn use_places() -> Places {
    expect_context()
}
