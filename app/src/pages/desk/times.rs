//! `/desk/times`: a week of an office, its single times, and new ones from a weekly pattern.

use ::api::{
    fields::minute_text,
    offices::{Minute, Office},
    publishing::{AddSlot, DeskSlot, MoveSlot, Pattern, Publication, SlotState, Tally, Window},
    typed,
};
use chrono::{DateTime, Datelike, Days, NaiveDate, Utc, Weekday};
use leptos::prelude::*;
use rules::{ApplicationType, Coded};

use super::{
    ahead::Ahead,
    confirm::Confirm,
    form::{DayField, Detail, OfficeField, TypesField, day, hours, time as time_of},
    frame::use_officer,
    texts::{Texts, use_words},
};
use crate::{
    action::Action,
    api::{self, Failure},
    attention::{self, Kept},
    clock::use_clock,
    components::{
        failure::{FailureAlert, Fetched, Followed},
        field::TextField,
        page::Page,
    },
    dates, draft,
    dynamic::{effect, is, part, press, text},
    language::use_speech,
    paths,
    remote::Remote,
};

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

/// What is looked at: an office, a day's week, and perhaps the day itself.
#[derive(Clone, Copy)]
struct Looked {
    offices: StoredValue<Vec<Office>>,
    /// Its id.
    office: RwSignal<String>,
    monday: RwSignal<NaiveDate>,
    day: RwSignal<Option<NaiveDate>>,
    /// Counted up when something has changed.
    changes: RwSignal<u32>,
}

impl Looked {
    fn office(self) -> Option<Office> {
        let id = self.office.get();
        self.offices.with_value(|offices| offices.iter().find(|office| office.id == id).cloned())
    }

    /// Another day is not that of the one that was open.
    fn go_to(self, day: NaiveDate) {
        self.day.set(None);
        self.monday.set(monday_of(day));
    }
}

#[component]
fn Calendar(offices: Vec<Office>) -> impl IntoView {
    let words = use_words();
    let clock = use_clock();
    let today = clock.now_untracked().map(rules::day::in_oslo).unwrap_or_default();
    let looked = Looked {
        offices: StoredValue::new(offices.clone()),
        // Kept in this tab: what is published must not land at another office after a reload.
        office: draft::line("times office".to_owned(), String::new()),
        monday: RwSignal::new(monday_of(today)),
        day: RwSignal::new(None),
        changes: RwSignal::new(0),
    };
    provide_context(looked);
    let may_publish = use_officer().role >= ::api::officers::Role::Planner;
    let week = Remote::fetch(move || {
        let (office, monday) = (looked.office.get_untracked(), looked.monday.get_untracked());
        async move { if office.is_empty() { Ok(Vec::new()) } else { api::desk::week(&office, monday).await } }
    });
    effect(move || {
        looked.office.track();
        looked.monday.track();
        looked.changes.track();
        week.again();
    });
    Effect::new(move |before: Option<String>| {
        let office = looked.office.get();
        // What is open is another office's day.
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
        words.fill(|t| t.times_week, &[("week", &number), ("day", &day)])
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
                    <Fetched remote=week show=|tallies| view! { <Week tallies /> }.into_any() />
                </section>
                {part(move || looked.day.get().map(|day| view! { <Day day /> }))}
                {may_publish.then(|| view! { <Publish /> })}
            }
            .into_any()
        })}
    }
}

fn monday_of(day: NaiveDate) -> NaiveDate {
    day - Days::new(day.weekday().num_days_from_monday().into())
}

#[component]
fn Week(tallies: Vec<Tally>) -> impl IntoView {
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

/// Every time of a day, with who has it.
#[component]
fn Day(day: NaiveDate) -> impl IntoView {
    let words = use_words();
    let looked: Looked = expect_context();
    let slots = Remote::fetch(move || {
        let office = looked.office.get_untracked();
        async move { api::desk::day(&office, day).await }
    });
    let failure = RwSignal::new(None::<Failure>);
    let said = RwSignal::new(None::<Done>);
    let heading = leptos::prelude::NodeRef::<leptos::html::H2>::new();
    heading.on_load(|heading| {
        // A heading that is gone already needs no focus.
        heading.focus().ok();
    });
    let learn = Callback::new(move |done: Done| {
        said.set(Some(done));
        slots.again();
        // What was pressed goes with its row, which is made anew.
        if let Some(heading) = heading.get_untracked().filter(|_| !attention::has_gone_on()) {
            heading.focus().ok();
        }
    });
    provide_context(Doing { said, failure, learn });
    let again = move || {
        failure.set(None);
        slots.again();
    };
    view! {
        <section class="stack" aria-labelledby="day">
            <h2 id="day" node_ref=heading tabindex="-1" class="ds-heading" data-size="sm">
                {text(move || format!("{}, {}", dates::day(day, words.language()), looked.office().map(|office| office.name).unwrap_or_default()))}
            </h2>
            <p role="status">{text(move || said.get().map_or("", |done| done(words.texts())))}</p>
            {part(move || failure.get().map(|said| view! { <Detail failure=said.clone() /> <FailureAlert failure=said again /> }))}
            <Followed remote=slots show=|slots| view! { <Slots slots /> }.into_any() />
        </section>
    }
}

/// What is said when something was done.
type Done = fn(&Texts) -> &'static str;

/// What is done to the times of a day. It outlives their rows, each of which is made anew when it has changed.
#[derive(Clone, Copy)]
struct Doing {
    said: RwSignal<Option<Done>>,
    failure: RwSignal<Option<Failure>>,
    learn: Callback<Done>,
}

/// What is done to one time.
#[derive(Clone, Copy)]
struct OneDoing {
    of: Doing,
    action: Action,
    looked: Looked,
}

impl OneDoing {
    fn act(self, done: Done, answer: impl Future<Output = Result<(), Failure>> + 'static) {
        // The same sentence twice is read out twice only if it was gone between.
        self.of.said.set(None);
        self.action.run(answer, move |()| {
            self.looked.changes.try_update(|changes| *changes += 1);
            // The day may have been closed meanwhile.
            self.of.learn.try_run(done);
        });
    }
}

/// The rows that have not changed stay when the day is fetched again, with what is being typed into them.
#[component]
fn Slots(slots: Remote<Vec<DeskSlot>>) -> impl IntoView {
    let words = use_words();
    let all = move || {
        Kept::over_the_change();
        slots.loaded().unwrap_or_default()
    };
    let key = |slot: &DeskSlot| {
        let appointment = slot.taken.as_ref().map(|taken| taken.appointment.clone());
        (slot.id.clone(), slot.starts, slot.state.code(), appointment)
    };
    view! {
        <div class="desk-scroll" tabindex="0" role="group" aria-label=words.say(|t| t.times_title)>
            <table class="ds-table">
                <thead><tr>
                    <th scope="col">{words.say(|t| t.times_time)}</th>
                    <th scope="col">{words.say(|t| t.times_state)}</th>
                    <th scope="col">{words.say(|t| t.times_for)}</th>
                    <th scope="col"><span class="visually-hidden">{words.say(|t| t.officers_do)}</span></th>
                </tr></thead>
                <tbody><For each=all key children=|slot| view! { <OneTime one=slot /> } /></tbody>
            </table>
        </div>
    }
}

#[component]
fn OneTime(one: DeskSlot) -> impl IntoView {
    let words = use_words();
    let of: Doing = expect_context();
    let action = Action::saying(of.failure);
    let doing = OneDoing { of, action, looked: expect_context() };
    let busy = action.busy;
    let speech = use_speech();
    let clock = use_clock();
    let DeskSlot { id, starts, minutes, state, types, taken } = one;
    let may_plan = use_officer().role >= ::api::officers::Role::Planner;
    let time = move || dates::time(starts, words.language());
    let is_free = matches!(state, SlotState::Free | SlotState::Planned);
    let own_day = rules::day::in_oslo(starts);
    let now = clock.now_untracked();
    let is_day = now.is_some_and(|now| rules::day::in_oslo(now) >= own_day);
    let has_begun = now.is_some_and(|now| now >= starts);
    let moving = RwSignal::new(false);
    let to_day = RwSignal::new(dates::typed(own_day));
    let to = RwSignal::new(String::new());
    let wrong = RwSignal::new(false);
    let (to_withdraw, to_move) = (id.clone(), id);
    let withdraw = move || {
        let id = to_withdraw.clone();
        doing.act(|t| t.times_withdrawn, async move { api::desk::withdraw_slot(&id).await });
    };
    let change = move || {
        let when = day(to_day).zip(to.with_untracked(|typed| time_of(typed)));
        wrong.set(when.is_none());
        let Some((day, time)) = when else { return };
        let (id, asked) = (to_move.clone(), MoveSlot { day, time });
        doing.act(|t| t.times_moved, async move {
            api::desk::move_slot(&id, &asked).await?;
            // The row stays until the day is fetched again, and its form would move the slot once more.
            moving.try_set(false);
            Ok(())
        });
    };
    let change = StoredValue::new_local(change);
    let appointment = taken.as_ref().map(|taken| taken.appointment.clone()).unwrap_or_default();
    let mark = move |attended: bool| {
        let appointment = appointment.clone();
        move || {
            let appointment = appointment.clone();
            doing.act(|t| t.times_noted, async move { api::desk::attend(&appointment, attended).await });
        }
    };
    let is_somebodys = matches!(state, SlotState::Booked | SlotState::Missed | SlotState::Attended);
    // A time that is open to everything would else be ten lines high.
    let types = move || {
        const MOST: usize = 2;
        let named =
            types.iter().take(MOST).map(|kind| speech.texts().kind.get(kind.code())).collect::<Vec<_>>().join(", ");
        match types.len().saturating_sub(MOST) {
            0 => named,
            more => format!("{named} + {more}"),
        }
    };
    view! {
        <tr>
            <th scope="row">{text(time)} <span class="quiet">" (" {minutes} " min)"</span></th>
            <td><span class="desk-tally" data-state=state.code()>{text(move || words.texts().slot_state.get(state.code()))}</span></td>
            <td>{match taken {
                Some(taken) => view! {
                    <a class="ds-link" href=paths::desk_case(&taken.case)>{taken.applicant}</a> ", " {taken.number}
                    {taken.critical_travel.then(|| view! { " " <span class="ds-tag" data-color="info">{words.say(|t| t.times_critical)}</span> })}
                }.into_any(),
                None => view! { <span class="quiet">{text(types)}</span> }.into_any(),
            }}</td>
            <td><div class="row">
                {(may_plan && is_free).then(|| view! {
                    <Confirm variant="tertiary" size="sm" is_danger=true name=text(words.say(|t| t.times_withdraw))
                        spoken=text(move || format!("{} {}", words.texts().times_withdraw, time()))
                        question=text(move || words.fill(|t| t.times_withdraw_ask, &[("time", &dates::day_and_time(starts, words.language()))]))
                        consequence=text(words.say(|t| t.times_withdraw_text)) yes=text(words.say(|t| t.times_withdraw_do)) act=withdraw />
                    <button type="button" class="ds-button" data-variant="tertiary" data-size="sm" aria-expanded=is(moving)
                        aria-label=text(move || format!("{} {}", words.texts().times_move, time()))
                        on:click=press(move || moving.update(|moving| *moving = !*moving))>{words.say(|t| t.times_move)}</button>
                })}
                {part(move || moving.get().then(|| view! {
                    <label class="ds-label">{words.say(|t| t.times_day)} " "
                        <input class="ds-input desk-date" inputmode="text" aria-invalid=is(wrong)
                            prop:value=move || to_day.get() on:input:target=move |event| to_day.set(event.target().value()) /></label>
                    <label class="ds-label">{words.say(|t| t.times_move_to)} " "
                        <input class="ds-input desk-short" inputmode="text" aria-invalid=is(wrong)
                            prop:value=move || to.get() on:input:target=move |event| to.set(event.target().value()) /></label>
                    <span role="alert">{part(move || wrong.get().then(|| view! {
                        <span class="ds-validation-message" data-color="danger">{words.say(|t| t.times_move_wrong)}</span>
                    }))}</span>
                    <button type="button" class="ds-button" data-size="sm" aria-disabled=is(busy) on:click=press(move || change.with_value(|change| change()))>
                        {words.say(|t| t.times_move_do)}
                    </button>
                }))}
                {(is_somebodys && is_day).then(|| view! {
                    <button type="button" class="ds-button" data-variant="tertiary" data-size="sm" aria-pressed=(state == SlotState::Attended).to_string()
                        aria-label=text(move || format!("{} {}", words.texts().times_came, time()))
                        aria-disabled=is(busy) on:click=press(mark(true))>{words.say(|t| t.times_came)}</button>
                })}
                {(is_somebodys && has_begun).then(|| view! {
                    <button type="button" class="ds-button" data-variant="tertiary" data-size="sm" aria-pressed=(state == SlotState::Missed).to_string()
                        aria-label=text(move || format!("{} {}", words.texts().times_missed, time()))
                        aria-disabled=is(busy) on:click=press(mark(false))>{words.say(|t| t.times_missed)}</button>
                })}
            </div></td>
        </tr>
    }
}

/// None in the hour that the clock skips in spring.
fn at_clock(day: NaiveDate, minute: Minute) -> Option<DateTime<Utc>> {
    rules::day::at_clock(day, u32::from(minute) / 60, u32::from(minute) % 60)
}

const WEEKDAYS: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

/// What is kept of a pattern that is being typed, and what each is at first.
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

/// What a kept line lists.
fn listed<T>(line: RwSignal<String>, parse: fn(&str) -> Option<T>) -> Vec<T> {
    line.with_untracked(|line| line.split_whitespace().filter_map(parse).collect())
}

/// New times: a weekly pattern, or a single one.
#[component]
fn Publish() -> impl IntoView {
    let words = use_words();
    let looked: Looked = expect_context();
    // Kept in this tab, so that a reload loses nothing: the days of the week and the types as their codes.
    let [first, last, typed_hours, minutes, counters, at_day, at_time, kept_days, kept_types] =
        KEPT.map(|(field, at_first)| draft::line(format!("publish {field}"), at_first.to_owned()));
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
    // How many, and when, if that is later.
    let published = RwSignal::new(None::<(u64, Option<DateTime<Utc>>)>);
    let failure = RwSignal::new(None::<Failure>);
    let ahead = Ahead::new(failure, move || {
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
            office: looked.office.get_untracked(),
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
        ahead.look(pattern, async |pattern| api::desk::preview_times(&pattern).await);
    };
    let publish = move || {
        let from = looked.monday.get_untracked();
        ahead.act(
            async |pattern, _, key| {
                let done = api::desk::publish(&pattern, &key).await?;
                for (field, _) in KEPT {
                    draft::forget_line(&format!("publish {field}"));
                }
                Ok(done)
            },
            move |pattern: Pattern, done: Publication| {
                ahead.forget();
                // Whoever has gone on to another week meanwhile stays there.
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
                <div><button type="submit" class="ds-button" data-variant="secondary" aria-disabled=is(ahead.busy)>{words.say(|t| t.times_preview)}</button></div>
            </form>
            {part(move || failure.get().map(|said| view! { <Detail failure=said.clone() /> <FailureAlert failure=said again=look /> }))}
            <div class="stack" role="status">
                {part(move || ahead.preview.get().map(|would| {
                    let (times, days) = (would.times.to_string(), would.days.to_string());
                    let question = move || words.fill(|t| t.times_publish_ask, &[("count", &times), ("days", &days)]);
                    view! {
                        <div class="ds-alert" data-color="info"><div class="stack">
                            <What would pattern=ahead.looked_at() />
                            <div><Confirm busy=ahead.busy name=text(words.say(|t| t.times_publish_do)) question=text(question)
                                consequence=text(words.say(|t| t.times_publish_text)) yes=text(words.say(|t| t.times_publish_yes)) act=publish /></div>
                        </div></div>
                    }
                }))}
                {part(move || published.get().map(|(count, at)| view! {
                    <p class="ds-alert" data-color="success">
                        {text(move || {
                            let count = count.to_string();
                            match at.map(|at| dates::day_and_time(at, words.language())) {
                                Some(time) => words.fill(|t| t.times_published_later, &[("count", &count), ("time", &time)]),
                                None => words.fill(|t| t.times_published, &[("count", &count)]),
                            }
                        })}
                    </p>
                }))}
            </div>
        </details>
        <AddOne types asked_for_types=asked />
    }
}

/// What would be published: how many times, where, for what, and when one sees them.
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
            let values = [("office", &*office), ("first", &day(first)), ("last", &day(last)), ("types", &kinds)];
            let when = match publish_at.map(|at| dates::day_and_time(at, words.language())) {
                Some(time) => words.fill(|t| t.times_later, &[("time", &time)]),
                None => words.texts().times_now.to_owned(),
            };
            let what = if first == last {
                words.fill(|t| t.times_what_for_one_day, &values)
            } else {
                words.fill(|t| t.times_what_for, &values)
            };
            format!("{what} {when}")
        })
    });
    let Publication { times, days, holidays, already, .. } = would;
    let holidays = move || {
        let days: Vec<String> = holidays.iter().map(|day| dates::short_day(*day, words.language())).collect();
        if days.is_empty() { String::new() } else { words.fill(|t| t.times_holidays, &[("days", &days.join(", "))]) }
    };
    view! {
        <p class="ds-paragraph"><strong>
            {text(move || words.fill(|t| t.times_would, &[("count", &times.to_string()), ("days", &days.to_string())]))}
        </strong></p>
        <p class="ds-paragraph">{what}</p>
        <p class="ds-paragraph">{text(holidays)}</p>
        {(already > 0).then(|| view! {
            <p class="ds-paragraph">{text(move || words.fill(|t| t.times_already, &[("count", &already.to_string())]))}</p>
        })}
    }
}

/// One more time by itself.
#[component]
fn AddOne(types: RwSignal<Vec<ApplicationType>>, asked_for_types: RwSignal<bool>) -> impl IntoView {
    let words = use_words();
    let looked: Looked = expect_context();
    let [on, at, minutes] = [("day", ""), ("time", ""), ("minutes", "30")]
        .map(|(field, at_first)| draft::line(format!("add {field}"), at_first.to_owned()));
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
        let (office, types) = (looked.office.get_untracked(), types.get_untracked());
        asked_for_types.set(true);
        if types.is_empty() {
            return;
        }
        let asked = AddSlot { office, day, time, minutes, types };
        let from = looked.monday.get_untracked();
        let add = async move {
            api::desk::add_slot(&asked).await?;
            for field in ["day", "time", "minutes"] {
                draft::forget_line(&format!("add {field}"));
            }
            Ok(())
        };
        action.run(add, move |()| {
            added.try_set(true);
            // Whoever has gone on to another week meanwhile stays there.
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
