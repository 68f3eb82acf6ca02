//! `/cases/:case/times` and `/cases/:case/change`: the situation, the decision, and the available slots.

use ::api::{
    cases::{Case, Slot, Times as FreeTimesOfCase},
    ids::CaseId,
};
use chrono::NaiveDate;
use leptos::{html, prelude::*};
use rules::{Coded, Decision, Outcome, trace};

use crate::{
    api,
    booking::{
        free_times::{FreeTimes, LastChosen, Unfolded},
        situation_form::SituationForm,
        step::Step,
    },
    browser::{attention, clock::use_clock, event_loop::effect},
    check::trace::Trace,
    pages::applicant::confirm_booking::HasOne,
    paths::{self, Purpose},
    router::use_router,
    state::{
        action::Action,
        drafts::{Draft, use_drafts},
        policy::use_law,
        remote::Remote,
    },
    text::{
        dates,
        language::{Speech, use_speech},
    },
    ui::{
        dynamic::{part, press, text},
        failure::{FailureAlert, Followed},
        in_short::InShort,
        next_steps::Around,
        page::Page,
        refusal::Refusal,
    },
};

/// Renders the page.
#[component]
pub fn Times(case: CaseId, purpose: Purpose) -> impl IntoView {
    let speech = use_speech();
    let times = Remote::fetch(move || {
        let case = case.clone();
        async move { api::times(&case).await }
    });
    provide_context(times);
    provide_context(purpose);
    provide_context(LookedAgain(StoredValue::new(false)));
    provide_context(Unfolded::default());
    let title = move || match purpose {
        Purpose::Book => speech.texts().times_title,
        Purpose::Change => speech.texts().times_change_title,
    };
    view! {
        <Page title=Signal::derive(title)>
            <Followed remote=times show=|times| {
                // Renders again only when the appointment changes, for instance by a booking in another tab. The form
                // stays for all other changes.
                let appointment = Memo::new(move |_| times.loaded().and_then(|times| times.case.appointment));
                part(move || {
                    appointment.track();
                    view! { <Counter /> }
                })
                .into_any()
            } />
        </Page>
    }
}

/// Renders the form and the answer.
#[component]
fn Counter() -> impl IntoView {
    let speech = use_speech();
    let clock = use_clock();
    // The form stays during a refresh.
    let remote = expect_context::<Remote<FreeTimesOfCase>>();
    let times = Memo::new(move |_| remote.loaded());
    let Some(case) = times.get_untracked().map(|times| times.case) else { return ().into_any() };
    let draft = use_drafts().of(&case.id, case.situation.as_ref());
    let law = use_law();
    let kind = case.application_type;
    let heading = move || format!("{} – {}", speech.texts().kind.get(kind.code()), case.applicant);
    let purpose = expect_context::<Purpose>();
    if let Some(appointment) = case.appointment.clone().filter(|_| purpose == Purpose::Book) {
        return view! {
            <p class="ds-paragraph">{heading}</p>
            <HasOne appointment />
        }
        .into_any();
    }
    let booked = case.appointment.as_ref().filter(|_| purpose == Purpose::Change).map(|appointment| appointment.starts);

    // The rules and facts are the server's, evaluated on each input.
    let decision = Memo::new(move |_| {
        let situation = draft.with(Draft::situation).ok()?;
        let (now, policy) = (clock.now()?, law.policy()?);
        let facts = times.with(|times| {
            let times = times.as_ref()?;
            let availability = times.availability();
            Some(match purpose {
                Purpose::Change => times.case.facts_to_move(now, &situation, availability),
                Purpose::Book => times.case.facts_to_book(now, &situation, availability),
            })
        })?;
        let (decision, steps) = rules::explain(&policy, &facts);
        Some((decision, rules::first_day_allowed(&policy, &facts), steps))
    });
    view! {
        <Step number=1 />
        <p class="ds-paragraph">{heading}</p>
        {booked.map(|starts| view! {
            <p class="ds-paragraph">
                {text(move || speech.texts().times_instead_of(&dates::day_and_time(starts, speech.language())))}
            </p>
        })}
        <div>
            <div class="stack">
                <h2 class="ds-heading" data-size="sm">{speech.say(|t| t.step_situation)}</h2>
                <SituationForm draft at_passport_office=kind.belongs_to_passport_office() />
            </div>
            <InShort answer="answer" says=text(move || decision.with(|decision| match decision {
                None => String::new(),
                Some((decision, first_day, _)) => match decision.outcome {
                    Outcome::Allowed => {
                        let count = times.with(|times| times.as_ref().map_or(0, |times| times.slots.len()));
                        speech.texts().times_count(&count.to_string())
                    }
                    Outcome::ByPhone => speech.texts().refusal_by_phone.to_owned(),
                    _ => refused(*first_day, speech),
                },
            })) />
        </div>
        <div id="answer" tabindex="-1" class="stack">
            {part(move || match decision.get().zip(times.get()) {
                None => view! { <p class="ds-paragraph quiet">{speech.say(|t| t.times_answer_first)}</p> }.into_any(),
                Some(((decision, ..), times)) if decision.outcome == Outcome::Allowed => {
                    view! { <Choices times draft /> }.into_any()
                }
                Some(((decision, first_day, steps), times)) => {
                    view! { <Refused decision first_day steps times /> }.into_any()
                }
            })}
        </div>
    }
    .into_any()
}

/// Sentence for a refusal, with the first possible day if it is known.
fn refused(first_day: Option<NaiveDate>, speech: Speech) -> String {
    let title = speech.texts().refusal_title;
    match first_day {
        Some(day) => {
            let from = speech.texts().times_from(&dates::day(day, speech.language()));
            format!("{title}. {from}")
        }
        None => title.to_owned(),
    }
}

/// Renders a refusal with its explanation.
#[component]
fn Refused(
    decision: Decision,
    first_day: Option<NaiveDate>,
    steps: Vec<trace::Step>,
    times: FreeTimesOfCase,
) -> impl IntoView {
    let around = Around { open: Some(times.offices), ..Around::case(&times.case) };
    view! {
        <Refusal decision first_day around />
        <Trace steps />
        <Checked times_checked_at=times.checked_at />
    }
}

/// `true` after a press on refresh. The answer renders the button again, which then takes the focus.
#[derive(Clone, Copy)]
struct LookedAgain(StoredValue<bool>);

/// Renders the time of the last fetch and a button to refresh.
#[component]
fn Checked(times_checked_at: chrono::DateTime<chrono::Utc>) -> impl IntoView {
    let speech = use_speech();
    let times = expect_context::<Remote<FreeTimesOfCase>>();
    let LookedAgain(looked_again) = expect_context();
    let button = NodeRef::<html::Button>::new();
    button.on_load(move |button| {
        if looked_again.get_value() && !attention::has_gone_on() {
            // A button that is already removed needs no focus.
            button.focus().ok();
        }
        looked_again.set_value(false);
    });
    let look_again = move || {
        attention::ask();
        looked_again.set_value(true);
        times.again();
    };
    view! {
        <div class="row">
            <span class="quiet" role="status">
                {text(move || speech.texts().times_checked(&dates::time(times_checked_at, speech.language())))}
            </span>
            <button node_ref=button type="button" class="ds-button" data-variant="tertiary" data-size="sm" on:click=press(look_again)>
                {speech.say(|t| t.times_refresh)}
            </button>
        </div>
    }
}

/// Renders the slots and saves the situation when one is chosen.
#[component]
fn Choices(times: FreeTimesOfCase, draft: RwSignal<Draft>) -> impl IntoView {
    let speech = use_speech();
    let router = use_router();
    let purpose = expect_context::<Purpose>();
    let action = Action::new();
    let failure = action.failure;
    let case = times.case.id.clone();
    let chosen = StoredValue::new(Vec::<Slot>::new());
    let last_chosen: LastChosen = expect_context();
    last_chosen.find_again(&case);
    // The situation is saved before the booking, because the server decides by its record.
    let choose = Callback::new(move |row: Vec<Slot>| {
        let Ok(situation) = draft.with_untracked(Draft::situation) else { return };
        let others = draft.with_untracked(|draft| draft.along.clone());
        let Some(slot) = row.first().cloned() else { return };
        last_chosen.note(&case, &slot.id);
        chosen.set_value(row.clone());
        let case = case.clone();
        let tell = async move {
            for case in std::iter::once(&case).chain(&others) {
                api::tell(case, &situation).await?;
            }
            let others: Vec<_> = others.into_iter().zip(row.into_iter().skip(1).map(|slot| slot.id)).collect();
            Ok(match &others[..] {
                [] => paths::confirm(&case, purpose, &slot.id),
                others => paths::confirm_together(&case, &slot.id, others),
            })
        };
        // The last of two presses counts.
        action.renew(tell, move |path: String| router.go(&path));
    });
    let checked_at = times.checked_at;
    let people =
        Memo::new(move |_| if purpose == Purpose::Book { draft.with(|draft| draft.along.len()) + 1 } else { 1 });
    let own = times.case.clone();
    view! {
        <h2 class="ds-heading" data-size="sm">{speech.say(|t| t.times_free)}</h2>
        <p class="ds-paragraph">{speech.say(|t| t.times_choose)}</p>
        <Checked times_checked_at=checked_at />
        {(purpose == Purpose::Book).then(|| view! { <Along own=own.clone() draft /> })}
        {part(move || failure.get().map(|said| view! { <FailureAlert failure=said again=move || choose.run(chosen.get_value()) /> }))}
        {part(move || {
            view! { <FreeTimes times=times.clone() people=people.get() choose /> }
        })}
    }
}

/// Renders the choice of people to book for together: cases of the same type, in the same district, without an
/// appointment.
#[component]
fn Along(own: Case, draft: RwSignal<Draft>) -> impl IntoView {
    let speech = use_speech();
    let cases = Remote::fetch(api::cases);
    let others = move || -> Vec<Case> {
        let alike = |case: &Case| {
            case.id != own.id
                && case.application_type == own.application_type
                && case.district == own.district
                && case.submitted == own.submitted
                && case.appointment.is_none()
        };
        cases.loaded().unwrap_or_default().into_iter().filter(alike).collect()
    };
    // Cases with an appointment are removed from the choice.
    let still = others.clone();
    effect(move || {
        if cases.loaded().is_some() {
            let still = still();
            let gone = |case: &CaseId| still.iter().all(|other| other.id != *case);
            if draft.with_untracked(|draft| draft.along.iter().any(gone)) {
                draft.update(|draft| draft.along.retain(|case| !gone(case)));
            }
        }
    });
    part(move || {
        let others = others();
        (!others.is_empty()).then(|| view! {
            <fieldset class="ds-fieldset" aria-describedby="along-hint">
                <legend class="ds-label" data-weight="medium">{speech.say(|t| t.times_along)}</legend>
                <p id="along-hint" class="ds-paragraph">{speech.say(|t| t.times_along_hint)}</p>
                {others.into_iter().map(|case| {
                    let id = format!("along-{}", case.id);
                    let label_for = id.clone();
                    let of = case.id.clone();
                    let comes = Memo::new(move |_| draft.with(|draft| draft.along.contains(&of)));
                    view! {
                        <div class="ds-field">
                            <input type="checkbox" class="ds-input" id=id prop:checked=comes on:change:target=move |event| draft.update(|draft| {
                                draft.along.retain(|other| *other != case.id);
                                if event.target().checked() {
                                    draft.along.push(case.id.clone());
                                }
                            }) />
                            <label class="ds-label" for=label_for>{case.applicant}</label>
                        </div>
                    }
                }).collect_view()}
            </fieldset>
        })
    })
}
