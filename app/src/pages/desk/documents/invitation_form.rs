//! Form fields of a request for documents: the deadline, and the instructions in both languages.

use ::api::invitations::{Instructions, Invite};
use leptos::prelude::*;

use crate::{
    pages::desk::parts::fields::{AreaField, DayField, day},
    state::drafts,
    text::desk_texts::use_words,
    ui::dynamic::text,
};

/// The values, stored in this tab.
#[derive(Clone, Copy)]
pub struct InviteDraft {
    name: StoredValue<String>,
    last: RwSignal<String>,
    nb: RwSignal<String>,
    en: RwSignal<String>,
    asked: RwSignal<bool>,
}

impl InviteDraft {
    /// The values stored under a name.
    pub fn new(name: &str) -> InviteDraft {
        let line = |field: &str| drafts::line(format!("{name} {field}"), String::new());
        InviteDraft {
            last: line("last"),
            nb: line("nb"),
            en: line("en"),
            asked: RwSignal::new(false),
            name: StoredValue::new(name.to_owned()),
        }
    }

    /// Subscribes the caller to all values.
    pub fn track(self) {
        for field in [self.last, self.nb, self.en] {
            field.track();
        }
    }

    /// The request; `None` if a value is missing. From then on, the fields show what is missing.
    pub fn invite(self) -> Option<Invite> {
        self.asked.set(true);
        let [nb, en] = [self.nb, self.en].map(|text| text.with_untracked(|text| text.trim().to_owned()));
        let last_day = day(self.last)?;
        (!nb.is_empty() && !en.is_empty()).then_some(Invite { last_day, instructions: Instructions { nb, en } })
    }

    /// Deletes the stored values.
    pub fn forget(self) {
        let Some(name) = self.name.try_get_value() else { return };
        for field in ["last", "nb", "en"] {
            drafts::forget_line(&format!("{name} {field}"));
        }
    }
}

/// Renders the fields.
#[component]
pub fn InviteFields(draft: InviteDraft) -> impl IntoView {
    let words = use_words();
    let InviteDraft { last, nb, en, asked, .. } = draft;
    let missing =
        move |value: RwSignal<String>| {
            text(move || {
                if asked.get() && value.with(|text| text.trim().is_empty()) {
                    words.texts().invite_say_what
                } else {
                    ""
                }
            })
        };
    let (nb_missing, en_missing) = (missing(nb), missing(en));
    view! {
        <div class="columns">
            <DayField id="last-day" label=words.signal(|t| t.invite_last) value=last asked />
        </div>
        <AreaField id="instructions-nb" label=words.signal(|t| t.invite_nb) value=nb problem=nb_missing />
        <AreaField id="instructions-en" label=words.signal(|t| t.invite_en) value=en problem=en_missing />
    }
}
