//! Every slot of a day: withdrawing it, moving it, and whether its applicant came.

use ::api::publishing::{DeskSlot, MoveSlot, SlotState};
use chrono::NaiveDate;
use leptos::prelude::*;
use rules::Coded;

use crate::{
    api::{self, Failure},
    browser::{
        attention::{self, Kept},
        clock::use_clock,
    },
    pages::desk::{
        frame::use_officer,
        offices::slots::Looked,
        parts::{
            confirm_button::Confirm,
            fields::{Detail, day, time as time_of},
        },
    },
    paths,
    state::{action::Action, remote::Remote},
    text::{
        dates,
        desk_texts::{Pick, use_words},
        language::use_speech,
    },
    ui::{
        dynamic::{is, part, press, text},
        failure::{FailureAlert, Followed},
    },
};

/// Renders every slot of a day, with the person who has it.
#[component]
pub fn Day(day: NaiveDate) -> impl IntoView {
    let words = use_words();
    let looked: Looked = expect_context();
    let slots = Remote::fetch(move || {
        let office = looked.office.get_untracked().into();
        async move { api::desk::day(&office, day).await }
    });
    let failure = RwSignal::new(None::<Failure>);
    let said = RwSignal::new(None::<Pick>);
    let heading = leptos::prelude::NodeRef::<leptos::html::H2>::new();
    heading.on_load(|heading| {
        // A heading that is already removed needs no focus.
        heading.focus().ok();
    });
    let learn = Callback::new(move |done: Pick| {
        said.set(Some(done));
        slots.again();
        // The pressed button disappears with its row, which is rendered again.
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

/// Context for actions on the slots of a day. It outlives the rows, which are rendered again after a change.
#[derive(Clone, Copy)]
struct Doing {
    said: RwSignal<Option<Pick>>,
    failure: RwSignal<Option<Failure>>,
    learn: Callback<Pick>,
}

/// Context for actions on one slot.
#[derive(Clone, Copy)]
struct OneDoing {
    of: Doing,
    action: Action,
    looked: Looked,
}

impl OneDoing {
    fn act(self, done: Pick, answer: impl Future<Output = Result<(), Failure>> + 'static) {
        // A screen reader announces an identical text again only if it was removed in between.
        self.of.said.set(None);
        self.action.run(answer, move |()| {
            self.looked.changes.try_update(|changes| *changes += 1);
            // The day may have been closed during the request.
            self.of.learn.try_run(done);
        });
    }
}

/// Renders the slots. Unchanged rows stay during a refresh, with the input in them.
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

/// Renders one slot.
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
    // A slot for all types would otherwise take ten lines.
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
                        question=text(move || words.texts().times_withdraw_ask(&dates::day_and_time(starts, words.language())))
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
