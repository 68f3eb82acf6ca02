//! Quarantine as a row of days: the day of entry, the days that follow, and the first free day.

use chrono::{Datelike, NaiveDate};
use leptos::prelude::*;

use crate::{
    text::{dates, language::use_speech},
    ui::dynamic::text,
};

/// Renders the days from `entry` to `free`, both included, and marks `today` if it is among them.
#[component]
pub fn Timeline(entry: NaiveDate, free: NaiveDate, today: NaiveDate) -> impl IntoView {
    let speech = use_speech();
    let days = entry.iter_days().take_while(move |day| *day <= free).enumerate().map(move |(number, day)| {
        let name = move || {
            let language = speech.language();
            let what = if day == entry {
                speech.texts().timeline_entry.to_owned()
            } else if day == free {
                speech.texts().timeline_free.to_owned()
            } else {
                speech.texts().timeline_day(&number.to_string())
            };
            let mark = if day == today { format!(", {}", speech.texts().timeline_today) } else { String::new() };
            format!("{}: {what}{mark}", dates::short_day(day, language))
        };
        // The month's name stands on the first day shown and on the first of each month.
        let month = day == entry || day.day() == 1;
        let kind = if day == entry {
            "entry"
        } else if day == free {
            "free"
        } else {
            "inside"
        };
        view! {
            <li class=kind class:today=move || day == today>
                <span class="visually-hidden">{text(name)}</span>
                <span aria-hidden="true">
                    <span class="month">{text(move || if month { dates::month(day, speech.language()) } else { String::new() })}</span>
                    <span class="number">{day.day()}</span>
                    <span class="what">{text(move || match kind {
                        "entry" => speech.texts().timeline_entry_short.to_owned(),
                        "free" => speech.texts().timeline_free_short.to_owned(),
                        _ => number.to_string(),
                    })}</span>
                </span>
            </li>
        }
    });
    view! {
        <figure>
            <figcaption class="ds-paragraph" id="timeline">{speech.say(|t| t.timeline_title)}</figcaption>
            <ol class="timeline" aria-labelledby="timeline">{days.collect_view()}</ol>
        </figure>
    }
}
