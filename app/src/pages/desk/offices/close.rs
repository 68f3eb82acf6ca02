//! `/desk/close`: closure of an office, or reduction of its capacity, after a preview.

use ::api::{
    closures::{Affected, Close, Closure, DayOfClosure, Extent},
    offices::Office,
};
use chrono::NaiveDate;
use leptos::prelude::*;
use rules::Coded;

use crate::{
    api::{self, Failure},
    browser::event_loop::effect,
    pages::desk::parts::{
        fields::{DayField, Detail, OfficeField, day},
        preview_then_apply::PreviewThenApply,
    },
    paths,
    router::use_router,
    state::{drafts, remote::Remote},
    text::{
        dates,
        desk_texts::{Words, use_words},
        language::use_speech,
    },
    ui::{
        dynamic::{is, part, press, text},
        failure::{FailureAlert, Fetched},
        field::TextField,
        page::Page,
    },
};

/// Renders the page.
#[component]
pub fn ClosePage() -> impl IntoView {
    let words = use_words();
    let offices = Remote::fetch(api::desk::offices);
    let closures = Remote::fetch(api::desk::closures);
    provide_context(closures);
    view! {
        <Page title=words.signal(|t| t.close_title)>
            <p class="ds-paragraph">{words.say(|t| t.close_rule)}</p>
            <Fetched remote=offices show=|offices| view! { <Form offices /> }.into_any() />
            <Fetched remote=closures show=|closures| view! { <Closures closures /> }.into_any() />
        </Page>
    }
}

/// Renders the form and the preview.
#[component]
fn Form(offices: Vec<Office>) -> impl IntoView {
    let words = use_words();
    let router = use_router();
    let [office, first, last, share] = [("office", ""), ("first", ""), ("last", ""), ("share", "0")]
        .map(|(field, at_first)| drafts::line(format!("close {field}"), at_first.to_owned()));
    let asked = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    let closures = expect_context::<Remote<Vec<Closure>>>();
    effect(move || {
        // The other officer's closure is in the list after a conflict.
        if failure.with(|failure| failure.as_ref().is_some_and(Failure::is_conflict)) {
            closures.again();
        }
    });
    let planned = PreviewThenApply::new(failure, move || {
        for field in [office, first, last, share] {
            field.track();
        }
    });
    let percent = move || share.with(|text| text.trim().parse::<u8>().ok().filter(|share| *share <= 100));
    let look = move || {
        asked.set(true);
        let (Some(first), Some(last), Some(share)) = (day(first), day(last), untrack(percent)) else { return };
        let office = office.get_untracked();
        if office.is_empty() {
            return;
        }
        let close = Close { office: office.into(), first, last, share, seen: None };
        planned.ask_preview(close, async |close| api::desk::preview_closure(&close).await);
    };
    let close = move || {
        planned.apply(
            async |close, extent: Extent, key| {
                let closed = api::desk::close(&Close { seen: Some(extent.seen), ..close }, &key).await?;
                for field in ["office", "first", "last", "share"] {
                    drafts::forget_line(&format!("close {field}"));
                }
                Ok(closed)
            },
            move |_, closed| {
                let path = paths::desk_closure(&closed.id);
                // The page of the closure reports a difference between the preview and the result.
                router.go(&if closed.changed { format!("{path}?changed=yes") } else { path });
            },
        );
    };
    let office_problem =
        move || if asked.get() && office.with(String::is_empty) { words.texts().form_office_missing } else { "" };
    let share_problem = move || if percent().is_none() { words.texts().close_share_wrong } else { "" };
    view! {
        <form class="stack" novalidate on:submit=move |event| { event.prevent_default(); look(); }>
            <OfficeField offices chosen=office problem=text(office_problem) />
            <div class="columns">
                <DayField id="first" label=words.signal(|t| t.form_first) value=first asked />
                <DayField id="last" label=words.signal(|t| t.form_last) value=last asked />
                <TextField id="share" value=share inputmode="numeric" label=words.signal(|t| t.close_share)
                    hint=text(words.say(|t| t.close_share_hint)) problem=text(share_problem) />
            </div>
            <div><button type="submit" class="ds-button" data-variant="secondary" aria-disabled=is(planned.busy)>{words.say(|t| t.close_preview)}</button></div>
        </form>
        {part(move || failure.get().map(|said| view! { <Detail failure=said.clone() /> <FailureAlert failure=said again=look /> }))}
        {part(move || planned.preview.get().map(|extent| view! { <Preview extent busy=planned.busy close=Callback::new(move |()| close()) /> }))}
    }
}

/// Renders the effect of the closure, and the button that applies it.
#[component]
fn Preview(extent: Extent, busy: RwSignal<bool>, close: Callback<()>) -> impl IntoView {
    let words = use_words();
    let heading = NodeRef::<leptos::html::H2>::new();
    heading.on_load(|heading| {
        // A heading that is already removed needs no focus.
        heading.focus().ok();
    });
    let Extent {
        keep,
        critical,
        lose,
        by_sms,
        by_email,
        to_call,
        at_short_notice,
        free_taken,
        free_left,
        days,
        people,
        share,
        ..
    } = extent;
    let figure = move |name: fn(&crate::text::desk_texts::Texts) -> &'static str, count: usize, tone: &'static str| {
        view! { <li data-tone=tone><strong>{count}</strong> " " {words.say(name)}</li> }
    };
    let row = move |name: fn(&crate::text::desk_texts::Texts) -> &'static str, count: usize| {
        view! {
            <dt>{words.say(name)}</dt><dd>{count}</dd>
        }
    };
    let name = move || words.texts().close_would(&lose.to_string());
    view! {
        <section class="stack" aria-labelledby="preview">
            <h2 id="preview" node_ref=heading tabindex="-1" class="ds-heading" data-size="sm">{text(name)}</h2>
            <p class="ds-paragraph">{words.say(|t| t.close_nothing_yet)}</p>
            <ul class="plain desk-figures">
                {figure(|t| t.close_keep, keep, "keep")}
                {figure(|t| t.close_lose, lose, "lose")}
                {figure(|t| t.close_free_taken, free_taken, "free")}
            </ul>
            <dl class="facts desk-small">
                {row(|t| t.close_critical, critical)}
                {row(|t| t.close_short, at_short_notice)}
                {row(|t| t.close_by_email, by_email)}
                {row(|t| t.close_by_sms, by_sms)}
                {row(|t| t.close_to_call, to_call)}
                {row(|t| t.close_free_left, free_left)}
            </dl>
            {(!days.is_empty()).then(|| view! { <Days days share /> })}
            {if lose + free_taken == 0 {
                view! { <p class="ds-paragraph">{words.say(|t| t.close_nothing)}</p> }.into_any()
            } else {
                view! {
                    <div><button type="button" class="ds-button" data-color="danger" aria-disabled=is(busy) on:click=press(move || close.run(()))>
                        {text(move || if lose > 0 {
                            words.texts().close_do(&lose.to_string())
                        } else {
                            words.texts().close_do_nobody.to_owned()
                        })}
                    </button></div>
                }.into_any()
            }}
            {(!people.is_empty()).then(|| view! { <People people all={keep + lose} /> })}
        </section>
    }
}

/// Renders the slots and appointments of each day, before and after, with the rounding of the share.
#[component]
fn Days(days: Vec<DayOfClosure>, share: u8) -> impl IntoView {
    let words = use_words();
    view! {
        <div class="desk-scroll" tabindex="0" role="group" aria-labelledby="day-by-day">
            <table class="ds-table desk-days">
                <caption id="day-by-day">{words.say(|t| t.close_by_day)}</caption>
                <thead>
                    <tr>
                        <th scope="col" rowspan="2">{words.say(|t| t.times_day)}</th>
                        <th scope="colgroup" colspan="2">{words.say(|t| t.close_appointments)}</th>
                        <th scope="colgroup" colspan="2">{words.say(|t| t.close_free)}</th>
                        <th scope="col" rowspan="2">{words.say(|t| t.close_left)}</th>
                    </tr>
                    <tr>
                        {(0..2).map(|_| view! {
                            <th scope="col" class="figure">{words.say(|t| t.close_now)}</th>
                            <th scope="col" class="figure">{words.say(|t| t.close_after)}</th>
                        }).collect_view()}
                    </tr>
                </thead>
                <tbody>{days.into_iter().map(|of| {
                    let DayOfClosure { day, times, left, rounding, booked, keep, free, free_left } = of;
                    let (times, left, percent) = (times.to_string(), left.to_string(), share.to_string());
                    let share = move || {
                        let values = [("times", &*times), ("share", &percent), ("left", &left)];
                        words.texts().rounding.fill(rounding.code(), &values)
                    };
                    view! {
                        <tr>
                            <th scope="row">{text(move || dates::day(day, words.language()))}</th>
                            <td class="figure">{booked}</td>
                            <td class="figure" class:desk-less={keep < booked}>{keep}</td>
                            <td class="figure">{free}</td>
                            <td class="figure" class:desk-less={free_left < free}>{free_left}</td>
                            <td class="desk-whole">{text(share)}</td>
                        </tr>
                    }
                }).collect_view()}</tbody>
            </table>
        </div>
    }
}

/// Renders the affected people.
#[component]
fn People(people: Vec<Affected>, all: usize) -> impl IntoView {
    let words = use_words();
    let shown = people.len();
    view! {
        <details class="ds-details">
            <summary>{text(move || words.texts().close_people(&all.to_string(), &shown.to_string()))}</summary>
            <div class="desk-scroll" tabindex="0" role="group" aria-label=words.say(|t| t.close_who)>
                <table class="ds-table">
                    <thead><tr>
                        <th scope="col">{words.say(|t| t.close_who)}</th>
                        <th scope="col">{words.say(|t| t.close_when)}</th>
                        <th scope="col">{words.say(|t| t.close_since)}</th>
                        <th scope="col">{words.say(|t| t.close_lot)}</th>
                        <th scope="col">{words.say(|t| t.close_told)}</th>
                    </tr></thead>
                    <tbody>{people.into_iter().map(|one| view! { <Person one /> }).collect_view()}</tbody>
                </table>
            </div>
        </details>
    }
}

/// Renders one affected person.
#[component]
fn Person(one: Affected) -> impl IntoView {
    let words = use_words();
    let speech = use_speech();
    let Affected { case, reference, applicant, starts, waiting_since, lot, channel, short_notice } = one;
    let told = move || match channel {
        None if lot.keeps() => "",
        None => words.texts().close_by_nothing,
        Some(channel) => speech.texts().message_by.get(channel.code()),
    };
    view! {
        <tr>
            <th scope="row"><a class="ds-link" href=paths::desk_case(&case)>{applicant}</a> <br /> <span class="quiet">{reference}</span></th>
            <td>{text(move || dates::day_and_time(starts, words.language()))}
                {short_notice.then(|| view! { " " <span class="ds-tag" data-color="warning">{words.say(|t| t.close_is_short)}</span> })}</td>
            <td>{text(move || dates::short_day(rules::day::in_oslo(waiting_since), words.language()))}</td>
            <td>{text(move || words.texts().lot.get(lot.code()))}</td>
            <td>{text(told)}</td>
        </tr>
    }
}

/// Description of a closure: its days, and the share that is left.
pub fn days_closed(words: Words, first: NaiveDate, last: NaiveDate, share: u8) -> String {
    let day = |day| dates::short_day(day, words.language());
    let (texts, share) = (words.texts(), share.to_string());
    if first == last {
        texts.close_one_day(&day(first), &share)
    } else {
        texts.close_days(&day(first), &day(last), &share)
    }
}

/// Renders the earlier closures.
#[component]
fn Closures(closures: Vec<Closure>) -> impl IntoView {
    let words = use_words();
    (!closures.is_empty()).then(|| view! {
        <section class="stack" aria-labelledby="closures">
            <h2 id="closures" class="ds-heading" data-size="sm">{words.say(|t| t.close_earlier)}</h2>
            <ul class="plain stack">{closures.into_iter().map(|closure| {
                let (first, last, share, undone) = (closure.first, closure.last, closure.share, closure.undone.is_some());
                let days = move || days_closed(words, first, last, share);
                view! {
                    <li>
                        <a class="ds-link" href=paths::desk_closure(&closure.id)>{closure.office} ", " {text(days)}</a>
                        {undone.then(|| view! { " " <span class="ds-tag" data-color="neutral">{words.say(|t| t.closure_undone)}</span> })}
                    </li>
                }
            }).collect_view()}</ul>
        </section>
    })
}
