//! The days of a week with their number of slots by state.

use ::api::publishing::{SlotState, Tally};
use chrono::NaiveDate;
use leptos::prelude::*;
use rules::Coded;

use crate::{
    pages::desk::offices::slots::Looked,
    text::{dates, desk_texts::use_words},
    ui::dynamic::{press, text},
};

/// Renders the days of a week that have slots.
#[component]
pub fn Week(tallies: Vec<Tally>) -> impl IntoView {
    let words = use_words();
    let looked: Looked = expect_context();
    let monday = looked.monday.get_untracked();
    let days = monday.iter_days().take(7).filter_map(move |day| {
        let of_day: Vec<Tally> =
            tallies.iter().filter(|tally| rules::day::in_oslo(tally.starts) == day).copied().collect();
        (!of_day.is_empty()).then_some((day, of_day))
    });
    let days: Vec<_> = days.collect();
    if days.is_empty() {
        return view! { <p class="ds-paragraph">{words.say(|t| t.times_none)}</p> }.into_any();
    }
    view! {
        <ul class="plain desk-week">
            {days.into_iter().map(|(day, tallies)| view! { <li><DayOfWeek day tallies /></li> }).collect_view()}
        </ul>
    }
    .into_any()
}

/// Renders one day with its number of slots by state.
#[component]
fn DayOfWeek(day: NaiveDate, tallies: Vec<Tally>) -> impl IntoView {
    let words = use_words();
    let looked: Looked = expect_context();
    let sum =
        |state: SlotState| tallies.iter().filter(|tally| tally.state == state).map(|tally| tally.count).sum::<u64>();
    let sums: Vec<(SlotState, u64)> =
        SlotState::ALL.iter().map(|state| (*state, sum(*state))).filter(|(_, count)| *count > 0).collect();
    let name = move || dates::day(day, words.language());
    view! {
        <div class="ds-card desk-day" data-variant="default">
            <h3 class="ds-heading" data-size="2xs">{text(name)}</h3>
            <ul class="plain">
                {sums.into_iter().map(|(state, count)| view! {
                    <li class="desk-tally" data-state=state.code()>
                        <strong>{count}</strong> " " {text(move || {
                            let texts = words.texts();
                            if count == 1 { texts.slot_state.get(state.code()) } else { texts.slot_states.get(state.code()) }
                        })}
                    </li>
                }).collect_view()}
            </ul>
            <button type="button" class="ds-button" data-variant="tertiary" data-size="sm"
                aria-label=text(move || format!("{}: {}", words.texts().times_look, name()))
                on:click=press(move || looked.day.set(Some(day)))>{words.say(|t| t.times_look)}</button>
        </div>
    }
}
