//! Publication of a single slot.

use ::api::{fields::minute_text, publishing::AddSlot};
use leptos::prelude::*;
use rules::ApplicationType;

use crate::{
    api,
    pages::desk::{
        offices::slots::Looked,
        parts::fields::{DayField, Detail, day, time as time_of},
    },
    state::{action::Action, drafts},
    text::desk_texts::use_words,
    ui::{
        dynamic::{is, part, text},
        failure::FailureAlert,
        field::TextField,
    },
};

/// Renders the form for a single slot.
#[component]
pub fn AddOne(types: RwSignal<Vec<ApplicationType>>, asked_for_types: RwSignal<bool>) -> impl IntoView {
    let words = use_words();
    let looked: Looked = expect_context();
    let [on, at, minutes] = [("day", ""), ("time", ""), ("minutes", "30")]
        .map(|(field, at_first)| drafts::line(format!("add {field}"), at_first.to_owned()));
    let asked = RwSignal::new(false);
    let action = Action::new();
    let failure = action.failure;
    let added = RwSignal::new(false);
    let time = move || at.with(|typed| time_of(typed));
    let add = move || {
        if action.busy.get_untracked() {
            return;
        }
        asked.set(true);
        added.set(false);
        failure.set(None);
        let minutes = minutes.with_untracked(|text| text.trim().parse().ok());
        let (Some(day), Some(time), Some(minutes)) = (day(on), untrack(time), minutes) else { return };
        let (office, types) = (looked.office.get_untracked().into(), types.get_untracked());
        asked_for_types.set(true);
        if types.is_empty() {
            return;
        }
        let asked = AddSlot { office, day, time, minutes, types };
        let from = looked.monday.get_untracked();
        let add = async move {
            api::desk::add_slot(&asked).await?;
            for field in ["day", "time", "minutes"] {
                drafts::forget_line(&format!("add {field}"));
            }
            Ok(())
        };
        action.run(add, move |()| {
            added.try_set(true);
            // An officer who has gone to another week stays there.
            if looked.monday.try_get_untracked() == Some(from) {
                looked.go_to(day);
            }
            looked.changes.try_update(|changes| *changes += 1);
        });
    };
    let time_problem = move || if asked.get() && time().is_none() { words.texts().times_time_wrong } else { "" };
    let minutes_problem = move || {
        if minutes.with(|text| text.trim().parse::<u32>().is_err()) { words.texts().times_number_wrong } else { "" }
    };
    let what = move || time().map(minute_text).unwrap_or_default();
    view! {
        <details class="ds-details">
            <summary>{words.say(|t| t.times_add)}</summary>
            <form class="stack desk-form" novalidate on:submit=move |event| { event.prevent_default(); add(); }>
                <div class="columns">
                    <DayField id="add-day" label=words.signal(|t| t.times_day) value=on asked />
                    <TextField id="add-time" value=at label=words.signal(|t| t.times_time) hint=text(what) problem=text(time_problem) />
                    <TextField id="add-minutes" value=minutes inputmode="numeric" label=words.signal(|t| t.times_minutes) problem=text(minutes_problem) />
                </div>
                {part(move || failure.get().map(|said| view! { <Detail failure=said.clone() /> <FailureAlert failure=said again=add /> }))}
                <div class="row">
                    <button type="submit" class="ds-button" data-variant="secondary" aria-disabled=is(action.busy)>{words.say(|t| t.times_add)}</button>
                    <span role="status">{text(move || if added.get() { words.texts().times_added } else { "" })}</span>
                </div>
            </form>
        </details>
    }
}
