//! `/desk/times`: the slots of an office. This file has the choice of an office and a week; what it leads to has a file each.

mod add_slot;
mod day;
mod publish;
mod week;

use ::api::{offices::Office, typed};
use chrono::{Datelike, Days, NaiveDate};
use leptos::prelude::*;

use crate::{
    api,
    browser::{clock::use_clock, event_loop::effect},
    pages::desk::{
        frame::use_officer,
        parts::fields::{DayField, OfficeField},
    },
    state::{drafts, remote::Remote},
    text::{dates, desk_texts::use_words},
    ui::{
        dynamic::{part, press, text},
        failure::Fetched,
        page::Page,
    },
};

/// Renders the page.
#[component]
pub fn Times() -> impl IntoView {
    let words = use_words();
    let offices = Remote::fetch(api::desk::offices);
    view! {
        <Page title=words.signal(|t| t.times_title)>
            <Fetched remote=offices show=|offices| view! { <Calendar offices /> }.into_any() />
        </Page>
    }
}

/// The selection: an office, a week, and optionally a day.
#[derive(Clone, Copy)]
struct Looked {
    offices: StoredValue<Vec<Office>>,
    /// The office's id; empty before the choice.
    office: RwSignal<String>,
    monday: RwSignal<NaiveDate>,
    day: RwSignal<Option<NaiveDate>>,
    /// Counter of changes, which triggers a refresh.
    changes: RwSignal<u32>,
}

impl Looked {
    fn office(self) -> Option<Office> {
        let id = self.office.get();
        self.offices.with_value(|offices| offices.iter().find(|office| office.id == *id).cloned())
    }

    /// Selects the week of a day and closes the open day.
    fn go_to(self, day: NaiveDate) {
        self.day.set(None);
        self.monday.set(monday_of(day));
    }
}

/// Renders the selection and everything below it.
#[component]
fn Calendar(offices: Vec<Office>) -> impl IntoView {
    let words = use_words();
    let clock = use_clock();
    let today = clock.now_untracked().map(rules::day::in_oslo).unwrap_or_default();
    let looked = Looked {
        offices: StoredValue::new(offices.clone()),
        // Kept in this tab, so that a reload cannot move a publication to another office.
        office: drafts::line("times office".to_owned(), String::new()),
        monday: RwSignal::new(monday_of(today)),
        day: RwSignal::new(None),
        changes: RwSignal::new(0),
    };
    provide_context(looked);
    let may_publish = use_officer().role >= ::api::officers::Role::Planner;
    let week = Remote::fetch(move || {
        let (office, monday) = (looked.office.get_untracked(), looked.monday.get_untracked());
        async move { if office.is_empty() { Ok(Vec::new()) } else { api::desk::week(&office.into(), monday).await } }
    });
    effect(move || {
        looked.office.track();
        looked.monday.track();
        looked.changes.track();
        week.again();
    });
    Effect::new(move |before: Option<String>| {
        let office = looked.office.get();
        // The open day belongs to the previous office.
        if before.is_some_and(|before| before != office) {
            looked.day.set(None);
        }
        office
    });
    let wanted = RwSignal::new(String::new());
    effect(move || {
        if let Ok(day) = wanted.with(|typed| typed::date(typed)) {
            looked.go_to(day);
        }
    });
    let heading = move || {
        let monday = looked.monday.get();
        let (number, day) = (dates::week(monday).to_string(), dates::short_day(monday, words.language()));
        words.texts().times_week(&day, &number)
    };
    let is_chosen = Memo::new(move |_| !looked.office.with(String::is_empty));
    let turn = move |days: i64| move || looked.go_to(looked.monday.get_untracked() + chrono::TimeDelta::days(days));
    view! {
        <div class="columns">
            <OfficeField offices chosen=looked.office />
            <DayField id="go-to" label=words.signal(|t| t.times_go_to) value=wanted asked=Signal::stored(false) />
        </div>
        {part(move || {
            if !is_chosen.get() {
                return view! { <p class="ds-paragraph">{words.say(|t| t.times_choose_office)}</p> }.into_any();
            }
            view! {
                <section class="stack" aria-labelledby="week">
                    <h2 id="week" class="ds-heading" data-size="sm" aria-live="polite">{text(heading)}</h2>
                    <div class="row">
                        <button type="button" class="ds-button" data-variant="secondary" data-size="sm" on:click=press(turn(-7))>{words.say(|t| t.times_before)}</button>
                        <button type="button" class="ds-button" data-variant="secondary" data-size="sm" on:click=press(turn(7))>{words.say(|t| t.times_after)}</button>
                    </div>
                    <Fetched remote=week show=|tallies| view! { <week::Week tallies /> }.into_any() />
                </section>
                {part(move || looked.day.get().map(|day| view! { <day::Day day /> }))}
                {may_publish.then(|| view! { <publish::Publish /> })}
            }
            .into_any()
        })}
    }
}

pub fn monday_of(day: NaiveDate) -> NaiveDate {
    day - Days::new(day.weekday().num_days_from_monday().into())
}
