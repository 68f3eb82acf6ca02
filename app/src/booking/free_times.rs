//! Free times as ready-made choices: by week, by day, and within the day by office and by its two halves. Days without a
//! free time are not shown.

use std::time::Duration;

use ::api::{
    cases::{Slot, Times},
    offices::Office,
};
use chrono::{NaiveDate, Timelike};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, ScrollIntoViewOptions, ScrollLogicalPosition};

use crate::{
    booking::family_row::in_a_row,
    text::{dates, language::use_speech, texts::Texts},
    ui::dynamic::{press, text},
};

/// The id of the slot that is chosen, where one chooses first and books then.
#[derive(Clone, Copy)]
struct Chosen(Signal<Option<String>>);

/// `choose` gets one slot for each of so many `people`, one after another. With `chosen`, the slot's button says that it is pressed.
#[component]
pub fn FreeTimes(
    times: Times,
    #[prop(default = 1)] people: usize,
    choose: Callback<Vec<Slot>>,
    #[prop(optional)] chosen: Option<Signal<Option<String>>>,
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

/// The time that was chosen last, and its case: whoever comes back to the free times finds the place again.
#[derive(Clone, Copy)]
pub struct LastChosen(StoredValue<Option<(String, String)>>);

impl LastChosen {
    pub fn provide() {
        provide_context(LastChosen(StoredValue::new(None)));
    }

    pub fn note(self, case: &str, slot: &str) {
        self.0.set_value(Some((case.to_owned(), slot.to_owned())));
    }

    /// Puts the focus on the time that was chosen for this case, once; a time that is gone has no place any more.
    pub fn find_again(self, case: &str) {
        let is_of = |(of, _): &mut (String, String)| of.as_str() == case;
        let Some((_, slot)) = self.0.try_update_value(|last| last.take_if(is_of)).flatten() else { return };
        // Once the times are shown.
        set_timeout(
            move || {
                let Some(button) = document().get_element_by_id(&id_of(&slot)) else { return };
                // Somebody who has gone on to something else is left there.
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

fn id_of(slot: &str) -> String {
    format!("slot-{slot}")
}

/// Which weeks somebody has opened or closed, so that looking again does not lose their place.
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

/// So many weeks are open at first; the others say how much is in them.
const OPEN_WEEKS: usize = 2;

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
        let text = if one { |t: &Texts| t.times_week_one } else { |t: &Texts| t.times_week };
        speech.fill(text, &[("week", &week.to_string()), ("day", &day), ("count", &count)])
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

#[component]
fn Day(day: NaiveDate, slots: Vec<Slot>, offices: Vec<Office>, several: bool, choose: Callback<Slot>) -> impl IntoView {
    let speech = use_speech();
    // Side by side in one order on every day, so that the eye finds an office again.
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
                        // Read alone, a button that says only "09:00" would tell neither the day nor the place.
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

/// Neighbours with the same key, together.
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
