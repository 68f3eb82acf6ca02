//! Free times as ready-made choices, day by day.

use ::api::cases::{Slot, Times};
use leptos::prelude::*;

use crate::{
    dates,
    dynamic::{press, text},
    language::use_speech,
};

#[component]
pub fn FreeTimes(times: Times, choose: Callback<Slot>) -> impl IntoView {
    let speech = use_speech();
    let several_offices = times.offices.len() > 1;
    let more = times.free > times.slots.len() as u64;
    let offices = times.offices;
    let mut days: Vec<(chrono::NaiveDate, Vec<(Slot, String)>)> = Vec::new();
    for slot in times.slots {
        let office = offices.iter().find(|office| office.id == slot.office).map(|office| office.name.clone());
        let day = rules::day::in_oslo(slot.starts);
        let entry = (slot, office.unwrap_or_default());
        match days.last_mut() {
            Some((last, slots)) if *last == day => slots.push(entry),
            _ => days.push((day, vec![entry])),
        }
    }
    let the_office = (!several_offices).then(|| offices.first().map(|office| office.name.clone())).flatten();
    view! {
        <div class="stack">
            {the_office.map(|name| view! { <p class="ds-paragraph">{name}</p> })}
            {days.into_iter().map(|(day, slots)| view! {
                <div class="stack">
                    <h3 class="ds-heading" data-size="2xs">{text(move || dates::day(day, speech.language()))}</h3>
                    <ul class="times">
                        {slots.into_iter().map(|(slot, office)| {
                            let starts = slot.starts;
                            let label = move || {
                                let time = dates::time(starts, speech.language());
                                if several_offices { format!("{time} – {office}") } else { time }
                            };
                            // Read alone, a button that says only "09:00" would not tell the day.
                            let spoken = { let label = label.clone(); move || format!("{}, {}", dates::day(day, speech.language()), label()) };
                            view! {
                                <li>
                                    <button type="button" class="ds-button" data-variant="secondary" aria-label=spoken
                                        on:click=press(move || choose.run(slot.clone()))>
                                        {label}
                                    </button>
                                </li>
                            }
                        }).collect_view()}
                    </ul>
                </div>
            }).collect_view()}
            {more.then(|| view! {<p class="ds-paragraph quiet">{speech.say(|t| t.times_many_free)}</p>})}
        </div>
    }
}
