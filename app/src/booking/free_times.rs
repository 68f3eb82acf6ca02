//! List of available slots by week, by day, and within a day by office, morning and afternoon. Days without a slot are
//! left out. Used by applicants and at the desk.

use std::time::Duration;

use ::api::{
    cases::{Slot, Times},
    ids::{CaseId, SlotId},
    offices::Office,
};
use chrono::{NaiveDate, Timelike};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, ScrollIntoViewOptions, ScrollLogicalPosition};

use crate::{
    booking::family_row::in_a_row,
    text::{dates, language::use_speech},
    ui::dynamic::{press, text},
};

/// The id of the selected slot, on pages with a separate button for booking.
#[derive(Clone, Copy)]
struct Chosen(Signal<Option<SlotId>>);

/// Renders the slots. `choose` receives one slot for each of the `people`, one after another. `chosen` marks the button
/// of the selected slot as pressed.
#[component]
pub fn FreeTimes(
    times: Times,
    #[prop(default = 1)] people: usize,
    choose: Callback<Vec<Slot>>,
    #[prop(optional)] chosen: Option<Signal<Option<SlotId>>>,
) -> impl IntoView {
    let speech = use_speech();
    if let Some(chosen) = chosen {
        provide_context(Chosen(chosen));
    }
    let more = people == 1 && times.free > times.slots.len() as u64;
    let all = StoredValue::new(times.slots.clone());
    let row = move |slot: &Slot| all.with_value(|all| in_a_row(all, slot, people));
    let slots: Vec<Slot> = times.slots.into_iter().filter(|slot| row(slot).is_some()).collect();
    if slots.is_empty() && people > 1 {
        return view! { <p class="ds-paragraph">{speech.say(|t| t.times_not_in_a_row)}</p> }.into_any();
    }
    let choose = Callback::new(move |slot: Slot| {
        if let Some(row) = row(&slot) {
            choose.run(row);
        }
    });
    let offices = times.offices;
    let several = offices.len() > 1;
    let the_office = (!several).then(|| offices.first().map(|office| office.name.clone())).flatten();
    let weeks = grouped(slots, |slot| dates::week(rules::day::in_oslo(slot.starts)));
    view! {
        <div class="stack wide">
            {the_office.map(|name| view! { <p class="ds-paragraph">{name}</p> })}
            <div>
                {weeks.into_iter().enumerate().map(|(number, (week, slots))| {
                    view! { <Week week open={number < OPEN_WEEKS} slots offices=offices.clone() several choose /> }
                }).collect_view()}
            </div>
            {more.then(|| view! { <p class="ds-paragraph quiet">{speech.say(|t| t.times_many_free)}</p> })}
        </div>
    }
    .into_any()
}

/// The last chosen slot and its case: a person who comes back to the list finds the place again.
#[derive(Clone, Copy)]
pub struct LastChosen(StoredValue<Option<(CaseId, SlotId)>>);

impl LastChosen {
    /// Provides the empty value as a context.
    pub fn provide() {
        provide_context(LastChosen(StoredValue::new(None)));
    }

    /// Records the chosen slot of a case.
    pub fn note(self, case: &CaseId, slot: &SlotId) {
        self.0.set_value(Some((case.to_owned(), slot.to_owned())));
    }

    /// Focuses the last chosen slot of this case, once. Does nothing if the slot is gone.
    pub fn find_again(self, case: &CaseId) {
        let is_of = |(of, _): &mut (CaseId, SlotId)| of == case;
        let Some((_, slot)) = self.0.try_update_value(|last| last.take_if(is_of)).flatten() else { return };
        // A task later, when the list is rendered.
        set_timeout(
            move || {
                let Some(button) = document().get_element_by_id(&id_of(&slot)) else { return };
                // A focus that has moved elsewhere stays there.
                let is_elsewhere =
                    document().active_element().is_some_and(|now| !matches!(&*now.tag_name(), "BODY" | "H1"));
                if is_elsewhere {
                    return;
                }
                if let Ok(Some(week)) = button.closest("details") {
                    week.set_attribute("open", "").ok();
                }
                let options = ScrollIntoViewOptions::new();
                options.set_block(ScrollLogicalPosition::Center);
                button.scroll_into_view_with_scroll_into_view_options(&options);
                if let Ok(button) = button.dyn_into::<HtmlElement>() {
                    button.focus().ok();
                }
            },
            Duration::ZERO,
        );
    }
}

fn id_of(slot: &SlotId) -> String {
    format!("slot-{slot}")
}

/// The weeks that the person has opened or closed, so that a refresh keeps them.
#[derive(Clone, Copy, Default)]
pub struct Unfolded(StoredValue<Vec<(u32, bool)>>);

impl Unfolded {
    fn of(self, week: u32) -> Option<bool> {
        self.0.with_value(|known| known.iter().find(|(of, _)| *of == week).map(|(_, open)| *open))
    }

    fn note(self, week: u32, open: bool) {
        self.0.update_value(|known| {
            known.retain(|(of, _)| *of != week);
            known.push((week, open));
        });
    }
}

/// Number of weeks that are open at first. The others show their number of slots.
const OPEN_WEEKS: usize = 2;

/// Renders one week.
#[component]
fn Week(
    week: u32,
    open: bool,
    slots: Vec<Slot>,
    offices: Vec<Office>,
    several: bool,
    choose: Callback<Slot>,
) -> impl IntoView {
    let speech = use_speech();
    let first = slots.first().map(|slot| rules::day::in_oslo(slot.starts));
    let count = slots.len().to_string();
    let one = slots.len() == 1;
    let unfolded = use_context::<Unfolded>().unwrap_or_default();
    let open = unfolded.of(week).unwrap_or(open);
    let heading = move || {
        let day = first.map(|day| dates::short_day(day, speech.language())).unwrap_or_default();
        let week = week.to_string();
        if one { speech.texts().times_week_one(&day, &week) } else { speech.texts().times_week(&count, &day, &week) }
    };
    view! {
        <details class="ds-details" data-variant="tinted" open=open
            on:toggle:target=move |event| unfolded.note(week, event.target().has_attribute("open"))>
            <summary>{text(heading)}</summary>
            <div class="stack">
                {grouped(slots, |slot| rules::day::in_oslo(slot.starts)).into_iter().map(|(day, slots)| {
                    view! { <Day day slots offices=offices.clone() several choose /> }
                }).collect_view()}
            </div>
        </details>
    }
}

/// Renders one day.
#[component]
fn Day(day: NaiveDate, slots: Vec<Slot>, offices: Vec<Office>, several: bool, choose: Callback<Slot>) -> impl IntoView {
    let speech = use_speech();
    // The offices have the same order on every day.
    let columns = offices.into_iter().filter_map(|office| {
        let own: Vec<Slot> = slots.iter().filter(|slot| slot.office == office.id).cloned().collect();
        (!own.is_empty()).then(|| view! { <Column day office=office.name several slots=own choose /> })
    });
    view! {
        <div class="day">
            <h3 class="ds-heading" data-size="2xs">{text(move || dates::day(day, speech.language()))}</h3>
            <div class="columns">{columns.collect_view()}</div>
        </div>
    }
}

/// Renders the slots of one office on one day.
#[component]
fn Column(day: NaiveDate, office: String, several: bool, slots: Vec<Slot>, choose: Callback<Slot>) -> impl IntoView {
    let speech = use_speech();
    let chosen = use_context::<Chosen>();
    let halves = grouped(slots, |slot| rules::day::oslo_time(slot.starts).hour() >= 12);
    let name = office.clone();
    view! {
        <div class="column">
            {several.then(|| view! { <h4 class="ds-heading" data-size="2xs">{name}</h4> })}
            {halves.into_iter().map(|(afternoon, slots)| view! {
                <p class="ds-paragraph quiet" data-size="sm">
                    {text(move || if afternoon { speech.texts().times_afternoon } else { speech.texts().times_morning })}
                </p>
                <ul class="times">
                    {slots.into_iter().map(|slot| {
                        let (starts, office) = (slot.starts, office.clone());
                        let (id, button) = (slot.id.clone(), id_of(&slot.id));
                        let pressed = move || {
                            let Chosen(chosen) = chosen?;
                            Some(chosen.with(|chosen| chosen.as_ref() == Some(&id)).to_string())
                        };
                        // The accessible name includes day and office, because a screen reader may read the button
                        // alone.
                        let spoken = move || {
                            let language = speech.language();
                            let (day, time) = (dates::day(day, language), dates::time(starts, language));
                            if several { format!("{day}, {time} – {office}") } else { format!("{day}, {time}") }
                        };
                        view! {
                            <li>
                                <button type="button" id=button class="ds-button" data-variant="secondary" aria-label=text(spoken) aria-pressed=pressed
                                    on:click=press(move || choose.run(slot.clone()))>
                                    {text(move || dates::time(starts, speech.language()))}
                                </button>
                            </li>
                        }
                    }).collect_view()}
                </ul>
            }).collect_view()}
        </div>
    }
}

/// Groups adjacent slots with the same key.
fn grouped<K: PartialEq>(slots: Vec<Slot>, key: fn(&Slot) -> K) -> Vec<(K, Vec<Slot>)> {
    let mut groups: Vec<(K, Vec<Slot>)> = Vec::new();
    for slot in slots {
        let of = key(&slot);
        match groups.last_mut() {
            Some((last, group)) if *last == of => group.push(slot),
            _ => groups.push((of, vec![slot])),
        }
    }
    groups
}
