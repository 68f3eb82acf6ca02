//! Publication by a weekly pattern, previewed first.

use ::api::{
    offices::Minute,
    publishing::{Pattern, Publication, Window},
    typed,
};
use chrono::{DateTime, NaiveDate, Utc, Weekday};
use leptos::prelude::*;
use rules::{ApplicationType, Coded};

use crate::{
    api::{self, Failure},
    browser::event_loop::effect,
    pages::desk::{
        offices::slots::{Looked, add_slot::AddOne, monday_of},
        parts::{
            confirm_button::Confirm,
            fields::{DayField, Detail, TypesField, day, hours, time as time_of},
            preview_then_apply::PreviewThenApply,
        },
    },
    state::drafts,
    text::{dates, desk_texts::use_words, language::use_speech},
    ui::{
        dynamic::{is, part, text},
        failure::FailureAlert,
        field::TextField,
    },
};

/// The instant of a local time; `None` in the hour that is skipped in spring.
fn at_clock(day: NaiveDate, minute: Minute) -> Option<DateTime<Utc>> {
    rules::day::at_clock(day, u32::from(minute) / 60, u32::from(minute) % 60)
}

const WEEKDAYS: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

/// The stored fields of the pattern with their initial values.
const KEPT: [(&str, &str); 9] = [
    ("first", ""),
    ("last", ""),
    ("hours", "09:00-15:00"),
    ("minutes", "30"),
    ("counters", "1"),
    ("at day", ""),
    ("at time", ""),
    ("weekdays", "Mon Tue Wed Thu Fri"),
    ("types", ""),
];

/// The values of a stored list.
fn listed<T>(line: RwSignal<String>, parse: fn(&str) -> Option<T>) -> Vec<T> {
    line.with_untracked(|line| line.split_whitespace().filter_map(parse).collect())
}

/// Renders the form for a weekly pattern, its preview, and the form for a single slot.
#[component]
pub fn Publish() -> impl IntoView {
    let words = use_words();
    let looked: Looked = expect_context();
    // Stored in this tab. Weekdays and types are stored as their codes.
    let [first, last, typed_hours, minutes, counters, at_day, at_time, kept_days, kept_types] =
        KEPT.map(|(field, at_first)| drafts::line(format!("publish {field}"), at_first.to_owned()));
    let weekdays = RwSignal::new(listed(kept_days, |code| code.parse::<Weekday>().ok()));
    let types = RwSignal::new(listed(kept_types, ApplicationType::from_code));
    effect(move || {
        kept_days.set(weekdays.with(|days| days.iter().map(Weekday::to_string).collect::<Vec<_>>().join(" ")))
    });
    effect(move || {
        kept_types.set(types.with(|types| types.iter().map(|kind| kind.code()).collect::<Vec<_>>().join(" ")))
    });
    let offered = Memo::new(move |_| {
        let office = looked.office();
        let receives = |kind: &ApplicationType| office.as_ref().is_some_and(|office| office.receives(*kind));
        ApplicationType::ALL.iter().copied().filter(receives).collect::<Vec<_>>()
    });
    effect(move || {
        let offered = offered.get();
        if types.with_untracked(|types| types.iter().any(|kind| !offered.contains(kind))) {
            types.update(|types| types.retain(|kind| offered.contains(kind)));
        }
    });
    let asked = RwSignal::new(false);
    // The number of slots, and the time of publication if it is in the future.
    let published = RwSignal::new(None::<(u64, Option<DateTime<Utc>>)>);
    let failure = RwSignal::new(None::<Failure>);
    let planned = PreviewThenApply::new(failure, move || {
        for field in [first, last, typed_hours, minutes, counters, at_day, at_time] {
            field.track();
        }
        weekdays.track();
        types.track();
        looked.office.track();
    });
    let number = |text: RwSignal<String>| text.with_untracked(|text| text.trim().parse::<u32>().ok());
    let publish_at = move || {
        if [at_day, at_time].iter().all(|field| field.with_untracked(|typed| typed.trim().is_empty())) {
            return Some(None);
        }
        at_clock(day(at_day)?, at_time.with_untracked(|typed| time_of(typed))?).map(Some)
    };
    let pattern = move || {
        let hours = typed_hours.with_untracked(|typed| hours(typed))?;
        let chosen = weekdays.get_untracked();
        let window = |day: &Weekday| {
            hours.iter().map(|(from, to)| Window { day: *day, from: *from, to: *to }).collect::<Vec<_>>()
        };
        Some(Pattern {
            office: looked.office.get_untracked().into(),
            first: day(first)?,
            last: day(last)?,
            week: chosen.iter().flat_map(window).collect(),
            minutes: number(minutes)?,
            counters: number(counters)?,
            types: types.get_untracked(),
            publish_at: publish_at()?,
        })
    };
    let look = move || {
        asked.set(true);
        published.set(None);
        let Some(pattern) = pattern().filter(|pattern| !pattern.types.is_empty()) else { return };
        planned.ask_preview(pattern, async |pattern| api::desk::preview_times(&pattern).await);
    };
    let publish = move || {
        let from = looked.monday.get_untracked();
        planned.apply(
            async |pattern, _, key| {
                let done = api::desk::publish(&pattern, &key).await?;
                for (field, _) in KEPT {
                    drafts::forget_line(&format!("publish {field}"));
                }
                Ok(done)
            },
            move |pattern: Pattern, done: Publication| {
                planned.forget();
                // An officer who has gone to another week stays there.
                if looked.monday.try_get_untracked() == Some(from) {
                    looked.monday.try_set(monday_of(pattern.first));
                }
                published.try_set(Some((done.times, pattern.publish_at)));
                looked.changes.try_update(|changes| *changes += 1);
            },
        );
    };
    let hours_problem = move || {
        if asked.get() && typed_hours.with(|typed| hours(typed).is_none()) {
            words.texts().times_hours_wrong
        } else {
            ""
        }
    };
    let number_problem = move |field: RwSignal<String>| {
        move || {
            if field.with(|text| text.trim().parse::<u32>().is_err()) { words.texts().times_number_wrong } else { "" }
        }
    };
    let is_for_later =
        move || at_day.with(|day| !day.trim().is_empty()) || at_time.with(|time| !time.trim().is_empty());
    let asked_for_at = Signal::derive(move || asked.get() && is_for_later());
    let at_time_problem = move || {
        if !asked_for_at.get() {
            return "";
        }
        let Some(minute) = at_time.with(|typed| time_of(typed)) else { return words.texts().times_time_wrong };
        let day = at_day.with(|typed| typed::date(typed).ok());
        let is_skipped = day.is_some_and(|day| at_clock(day, minute).is_none());
        if is_skipped { words.texts().field_wrong.get("time") } else { "" }
    };
    let types_problem =
        text(move || if asked.get() && types.with(Vec::is_empty) { words.texts().times_types_missing } else { "" });
    view! {
        <h2 class="ds-heading" data-size="sm">{words.say(|t| t.times_new)}</h2>
        <TypesField chosen=types offered problem=types_problem />
        <details class="ds-details">
            <summary>{words.say(|t| t.times_publish)}</summary>
            <form class="stack desk-form" novalidate on:submit=move |event| { event.prevent_default(); look(); }>
                <div class="columns">
                    <DayField id="first" label=words.signal(|t| t.form_first) value=first asked />
                    <DayField id="last" label=words.signal(|t| t.form_last) value=last asked />
                </div>
                <fieldset class="ds-fieldset">
                    <legend class="ds-label" data-weight="medium">{words.say(|t| t.times_weekdays)}</legend>
                    <div class="row">{WEEKDAYS.into_iter().map(|day| {
                        let id = format!("weekday-{}", day.num_days_from_monday());
                        let label_for = id.clone();
                        view! {
                            <div class="ds-field">
                                <input type="checkbox" class="ds-input" id=id prop:checked=move || weekdays.with(|all| all.contains(&day))
                                    on:change:target=move |event| weekdays.update(|all| {
                                        all.retain(|other| *other != day);
                                        if event.target().checked() {
                                            all.push(day);
                                        }
                                    }) />
                                <label class="ds-label" for=label_for>
                                    {text(move || words.texts().weekday.get(&day.to_string().to_lowercase()))}
                                </label>
                            </div>
                        }
                    }).collect_view()}</div>
                </fieldset>
                <div class="columns">
                    <TextField id="hours" value=typed_hours label=words.signal(|t| t.times_hours) hint=text(words.say(|t| t.times_hours_hint)) problem=text(hours_problem) />
                    <TextField id="minutes" value=minutes inputmode="numeric" label=words.signal(|t| t.times_minutes) problem=text(number_problem(minutes)) />
                    <TextField id="counters" value=counters inputmode="numeric" label=words.signal(|t| t.times_counters) problem=text(number_problem(counters)) />
                </div>
                <div class="columns">
                    <DayField id="at-day" label=words.signal(|t| t.times_at_day) value=at_day asked=asked_for_at hint=words.signal(|t| t.times_at_hint) />
                    <TextField id="at-time" value=at_time label=words.signal(|t| t.times_at_time) problem=text(at_time_problem) />
                </div>
                <div><button type="submit" class="ds-button" data-variant="secondary" aria-disabled=is(planned.busy)>{words.say(|t| t.times_preview)}</button></div>
            </form>
            {part(move || failure.get().map(|said| view! { <Detail failure=said.clone() /> <FailureAlert failure=said again=look /> }))}
            <div class="stack" role="status">
                {part(move || planned.preview.get().map(|would| {
                    let (times, days) = (would.times.to_string(), would.days.to_string());
                    let question = move || words.texts().times_publish_ask(&times, &days);
                    view! {
                        <div class="ds-alert" data-color="info"><div class="stack">
                            <What would pattern=planned.asked() />
                            <div><Confirm busy=planned.busy name=text(words.say(|t| t.times_publish_do)) question=text(question)
                                consequence=text(words.say(|t| t.times_publish_text)) yes=text(words.say(|t| t.times_publish_yes)) act=publish /></div>
                        </div></div>
                    }
                }))}
                {part(move || published.get().map(|(count, at)| view! {
                    <p class="ds-alert" data-color="success">
                        {text(move || {
                            let count = count.to_string();
                            match at.map(|at| dates::day_and_time(at, words.language())) {
                                Some(time) => words.texts().times_published_later(&count, &time),
                                None => words.texts().times_published(&count),
                            }
                        })}
                    </p>
                }))}
            </div>
        </details>
        <AddOne types asked_for_types=asked />
    }
}

/// Renders the preview of a publication: number of slots, office, types and time of publication.
#[component]
fn What(would: Publication, pattern: Option<Pattern>) -> impl IntoView {
    let words = use_words();
    let speech = use_speech();
    let looked: Looked = expect_context();
    let office = untrack(|| looked.office()).map(|office| office.name).unwrap_or_default();
    let what = pattern.map(|Pattern { first, last, types, publish_at, .. }| {
        text(move || {
            let day = |day| dates::short_day(day, words.language());
            let kinds = types.iter().map(|kind| speech.texts().kind.get(kind.code())).collect::<Vec<_>>().join(", ");
            let when = match publish_at.map(|at| dates::day_and_time(at, words.language())) {
                Some(time) => words.texts().times_later(&time),
                None => words.texts().times_now.to_owned(),
            };
            let what = if first == last {
                words.texts().times_what_for_one_day(&day(first), &office, &kinds)
            } else {
                words.texts().times_what_for(&day(first), &day(last), &office, &kinds)
            };
            format!("{what} {when}")
        })
    });
    let Publication { times, days, holidays, already, .. } = would;
    let holidays = move || {
        let days: Vec<String> = holidays.iter().map(|day| dates::short_day(*day, words.language())).collect();
        if days.is_empty() { String::new() } else { words.texts().times_holidays(&days.join(", ")) }
    };
    view! {
        <p class="ds-paragraph"><strong>
            {text(move || words.texts().times_would(&times.to_string(), &days.to_string()))}
        </strong></p>
        <p class="ds-paragraph">{what}</p>
        <p class="ds-paragraph">{text(holidays)}</p>
        {(already > 0).then(|| view! {
            <p class="ds-paragraph">{text(move || words.texts().times_already(&already.to_string()))}</p>
        })}
    }
}
