//! `/desk/numbers`: statistics of the district. Every chart has a table with the same figures.

use ::api::numbers::{self, OfState, OfType, Week};
use leptos::prelude::*;
use rules::Coded;

use crate::{
    api, paths,
    state::remote::Remote,
    text::{
        dates,
        desk_texts::{Pick, use_words},
        language::use_speech,
    },
    ui::{
        dynamic::{part, text},
        failure::Fetched,
        page::Page,
    },
};

/// Renders the page.
#[component]
pub fn Numbers() -> impl IntoView {
    let words = use_words();
    let numbers = Remote::fetch(api::desk::numbers);
    view! {
        <Page title=words.signal(|t| t.numbers_title)>
            <div>
                <a class="ds-button" data-variant="secondary" href=paths::DESK_NUMBERS_CSV rel="external" download="">
                    {words.say(|t| t.numbers_csv)}
                </a>
            </div>
            <Fetched remote=numbers show=|numbers| view! { <Figures numbers /> }.into_any() />
        </Page>
    }
}

/// Renders the loaded figures.
#[component]
fn Figures(numbers: numbers::Numbers) -> impl IntoView {
    let words = use_words();
    let numbers::Numbers { types, weeks, messages, no_address, .. } = numbers;
    let series = |pick: fn(&Week) -> u64| weeks.iter().map(pick).collect::<Vec<_>>();
    let mondays: Vec<_> = weeks.iter().map(|week| week.monday).collect();
    let met = [series(|week| week.attended), series(|week| week.missed)];
    let cancelled = [series(|week| week.cancelled_by_applicant), series(|week| week.cancelled_by_office)];
    let feedback = [series(|week| week.found), series(|week| week.not_found)];
    view! {
        <div class="stack">
            <h2 id="numbers-now" class="ds-heading" data-size="sm">{words.say(|t| t.numbers_now)}</h2>
            <Now types />
        </div>
        <div class="stack">
            <h2 id="numbers-weeks" class="ds-heading" data-size="sm">{words.say(|t| t.numbers_weeks)}</h2>
            <div class="desk-charts">
                <Chart title=|t| t.numbers_met names=[|t| t.numbers_attended, |t| t.numbers_missed] mondays=mondays.clone() series=met />
                <Chart title=|t| t.numbers_cancelled names=[|t| t.numbers_by_applicant, |t| t.numbers_by_office]
                    mondays=mondays.clone() series=cancelled />
                <Chart title=|t| t.numbers_feedback names=[|t| t.numbers_found, |t| t.numbers_not_found] mondays series=feedback
                    hint=|t| t.numbers_feedback_text />
            </div>
        </div>
        <div class="stack">
            <h2 id="numbers-messages" class="ds-heading" data-size="sm">{words.say(|t| t.numbers_messages)}</h2>
            <Messages messages no_address />
        </div>
    }
}

/// Renders the present state: available, booked and waiting. The bars repeat the figures beside them.
#[component]
fn Now(types: Vec<OfType>) -> impl IntoView {
    let words = use_words();
    let speech = use_speech();
    if types.is_empty() {
        return view! { <p class="ds-paragraph">{words.say(|t| t.numbers_nothing)}</p> }.into_any();
    }
    let most = types.iter().flat_map(|of| [of.free, of.booked, of.waiting]).max().unwrap_or(0);
    view! {
        <p class="ds-paragraph quiet" data-size="sm">{words.say(|t| t.numbers_now_text)}</p>
        <div class="desk-scroll" tabindex="0" role="region" aria-labelledby="numbers-now">
            <table class="ds-table">
                <thead><tr>
                    <th scope="col">{words.say(|t| t.numbers_type)}</th>
                    <th scope="col">{words.say(|t| t.numbers_free)}</th>
                    <th scope="col">{words.say(|t| t.numbers_booked)}</th>
                    <th scope="col">{words.say(|t| t.numbers_waiting)}</th>
                </tr></thead>
                <tbody>{types.into_iter().map(|of| view! {
                    <tr>
                        <th scope="row">{text(move || speech.texts().kind.get(of.application_type.code()))}</th>
                        {[of.free, of.booked, of.waiting].map(|count| view! { <td><Bar count most /></td> }).collect_view()}
                    </tr>
                }).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// Renders the messages by delivery state.
#[component]
fn Messages(messages: Vec<OfState>, no_address: u64) -> impl IntoView {
    let words = use_words();
    let most = messages.iter().map(|of| of.count).chain([no_address]).max().unwrap_or(0);
    view! {
        <table class="ds-table desk-counts">
            <thead><tr>
                <th scope="col">{words.say(|t| t.numbers_state)}</th>
                <th scope="col">{words.say(|t| t.numbers_count)}</th>
            </tr></thead>
            <tbody>{messages.into_iter().map(|of| view! {
                <tr>
                    <th scope="row">{text(move || words.texts().state.get(of.state.code()))}</th>
                    <td><Bar count=of.count most /></td>
                </tr>
            }).collect_view()}
                <tr>
                    <th scope="row">{words.say(|t| t.numbers_no_address)}</th>
                    <td><Bar count=no_address most /></td>
                </tr>
            </tbody>
        </table>
    }
}

/// Renders a figure with a proportional bar.
#[component]
fn Bar(count: u64, most: u64) -> impl IntoView {
    view! {
        <span class="desk-bar-of">
            <span class="figure">{count}</span>
            <svg class="desk-bar-svg" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">
                <rect class="first" x="0" y="0" height="10" width=length(count, most, 100.0) />
            </svg>
        </span>
    }
}

/// The length of a bar: `count` of `most`, scaled to `whole`. Zero if `most` is zero.
fn length(count: u64, most: u64, whole: f64) -> f64 {
    if most > 0 { count as f64 / most as f64 * whole } else { 0.0 }
}

/// Renders two series by week as a stacked bar chart.
#[component]
fn Chart(
    title: Pick,
    names: [Pick; 2],
    mondays: Vec<chrono::NaiveDate>,
    series: [Vec<u64>; 2],
    #[prop(default = |_| "")] hint: Pick,
) -> impl IntoView {
    const HEIGHT: f64 = 100.0;
    const WIDTH: f64 = 30.0;
    let words = use_words();
    let [first, second] = series;
    let most = first.iter().zip(&second).map(|(a, b)| a + b).max().unwrap_or(0);
    let weeks: Vec<_> = mondays.into_iter().zip(first.into_iter().zip(second)).collect();
    let columns = weeks.iter().enumerate().map(|(place, (monday, (first, second)))| {
        let x = place as f64 * WIDTH + 4.0;
        let (lower, upper) = (length(*first, most, HEIGHT), length(*second, most, HEIGHT));
        let sum = first + second;
        view! {
            <rect class="first" x=x y=HEIGHT + 14.0 - lower width=WIDTH - 8.0 height=lower />
            <rect class="second" x=x y=HEIGHT + 14.0 - lower - upper width=WIDTH - 8.0 height=upper />
            {(sum > 0).then(|| view! { <text x=x + (WIDTH - 8.0) / 2.0 y=HEIGHT + 10.0 - lower - upper>{sum}</text> })}
            <text x=x + (WIDTH - 8.0) / 2.0 y=HEIGHT + 28.0>{dates::week(*monday)}</text>
        }
    });
    let columns = columns.collect_view();
    let rows = weeks.iter().map(|(monday, (first, second))| {
        let monday = *monday;
        view! {
            <tr>
                <th scope="row">{dates::week(monday)}" "<span class="quiet">{dates::typed(monday)}</span></th>
                <td class="figure">{*first}</td>
                <td class="figure">{*second}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    view! {
        <figure class="stack desk-chart">
            <figcaption class="ds-heading" data-size="2xs">{words.say(title)}</figcaption>
            <ul class="plain row desk-legend" aria-hidden="true">
                <li><svg viewBox="0 0 10 10"><rect class="first" width="10" height="10" /></svg>{words.say(names[0])}</li>
                <li><svg viewBox="0 0 10 10"><rect class="second" width="10" height="10" /></svg>{words.say(names[1])}</li>
            </ul>
            <svg class="desk-columns" viewBox="0 0 240 134" aria-hidden="true" focusable="false">
                <line x1="0" x2="240" y1="114" y2="114" />
                {columns}
            </svg>
            {part(move || Some(hint(words.texts())).filter(|hint| !hint.is_empty()).map(|hint| view! {
                <p class="ds-paragraph quiet" data-size="sm">{hint}</p>
            }))}
            <details class="ds-details">
                <summary>{words.say(|t| t.numbers_table)}<span class="visually-hidden">": "{words.say(title)}</span></summary>
                <div>
                    <table class="ds-table">
                        <caption class="visually-hidden">{words.say(title)}</caption>
                        <thead><tr>
                            <th scope="col">{words.say(|t| t.numbers_week)}</th>
                            <th scope="col" class="figure">{words.say(names[0])}</th>
                            <th scope="col" class="figure">{words.say(names[1])}</th>
                        </tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </details>
        </figure>
    }
}
