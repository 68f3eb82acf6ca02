//! `/cases/:case/times`: the question about the entry, and the free times.

use ::api::{
    cases::{Slot, Times as FreeTimesOfCase},
    typed::DateError,
};
use chrono::NaiveDate;
use leptos::prelude::*;
use rules::{Coded, Decision, Outcome, Reason, trace::Step};

use crate::{
    api::{self, Failure},
    clock::use_clock,
    components::{
        failure::{FailureAlert, Fetched, use_to_sign_in},
        field::TextField,
        free_times::FreeTimes,
        page::Page,
        refusal::Refusal,
        trace::Trace,
    },
    dates,
    draft::{Draft, Gap, use_drafts},
    dynamic::{effect, part, press, spawn, text},
    language::use_speech,
    law::use_law,
    paths,
    remote::Remote,
    router::use_router,
};

#[component]
pub fn Times(case: String) -> impl IntoView {
    let speech = use_speech();
    let times = Remote::fetch(move || {
        let case = case.clone();
        async move { api::times(&case).await }
    });
    provide_context(times);
    view! {
        <Page title=Signal::derive(speech.say(|t| t.times_title))>
            <Fetched remote=times show=|times| view! { <Counter times /> }.into_any() />
        </Page>
    }
}

#[component]
fn Counter(times: FreeTimesOfCase) -> impl IntoView {
    let speech = use_speech();
    let clock = use_clock();
    let case = times.case.clone();
    let draft = use_drafts().of(&case.id, case.situation.as_ref());
    let law = use_law();
    let times = StoredValue::new(times);
    let kind = case.application_type;
    let heading = move || format!("{} – {}", speech.texts().kind.get(kind.code()), case.applicant);

    // The same rules on the same facts as the server's, while the person types.
    let decision = Memo::new(move |_| {
        let situation = draft.with(Draft::situation).ok()?;
        let (now, policy) = (clock.now()?, law.policy()?);
        let facts = times.with_value(|times| times.case.facts_to_book(now, &situation, times.availability()));
        let (decision, steps) = rules::explain(&policy, &facts);
        Some((decision, rules::first_day_allowed(&policy, &facts), steps))
    });
    view! {
        <p class="ds-paragraph">{heading}</p>
        <Situation draft at_passport_office=kind.belongs_to_passport_office() />
        <div class="stack" aria-live="polite">
            {part(move || match decision.get() {
                None => view! { <p class="ds-paragraph quiet">{speech.say(|t| t.times_answer_first)}</p> }.into_any(),
                Some((decision, ..)) if decision.outcome == Outcome::Allowed => {
                    view! { <Choices times=times.get_value() draft /> }.into_any()
                }
                Some((decision, first_day, steps)) => {
                    view! { <Refused decision first_day steps times=times.get_value() /> }.into_any()
                }
            })}
        </div>
    }
}

#[component]
fn Refused(
    decision: Decision,
    first_day: Option<NaiveDate>,
    steps: Vec<Step>,
    times: FreeTimesOfCase,
) -> impl IntoView {
    let speech = use_speech();
    let appointment = times.case.appointment.filter(|_| decision.codes().any(|code| code == Reason::AlreadyBooked));
    let by_phone = decision.outcome == Outcome::ByPhone;
    let offices = times.offices.into_iter().filter(|_| by_phone);
    view! {
        <Refusal decision first_day />
        <Trace steps />
        {offices.map(|office| view! {
            <p class="ds-paragraph">
                <strong>{office.name}</strong> <br />
                {text(move || speech.fill(|t| t.refusal_phone, &[("phone", &office.phone)]))}
            </p>
        }).collect_view()}
        {appointment.map(|appointment| view! {
            <div><a class="ds-button" href=paths::receipt(&appointment.id)>{speech.say(|t| t.times_see_appointment)}</a></div>
        })}
        <Checked times_checked_at=times.checked_at />
    }
}

/// When the times were looked at, and a way to look again.
#[component]
fn Checked(times_checked_at: chrono::DateTime<chrono::Utc>) -> impl IntoView {
    let speech = use_speech();
    let times = expect_context::<Remote<FreeTimesOfCase>>();
    view! {
        <div class="row">
            <span class="quiet">
                {text(move || speech.fill(|t| t.times_checked, &[("time", &dates::time(times_checked_at, speech.language()))]))}
            </span>
            <button type="button" class="ds-button" data-variant="tertiary" data-size="sm" on:click=press(move || times.again())>
                {speech.say(|t| t.times_refresh)}
            </button>
        </div>
    }
}

#[component]
fn Choices(times: FreeTimesOfCase, draft: RwSignal<Draft>) -> impl IntoView {
    let speech = use_speech();
    let router = use_router();
    let to_sign_in = use_to_sign_in();
    let failure = RwSignal::new(None::<Failure>);
    let case = times.case.id.clone();
    // What was told goes on record before the time is chosen: by the record the server decides.
    let choose = Callback::new(move |slot: Slot| {
        let Ok(situation) = draft.with_untracked(Draft::situation) else { return };
        let case = case.clone();
        spawn(async move {
            match api::tell(&case, &situation).await {
                Ok(_) => router.go(&paths::confirm(&case, &slot.id)),
                Err(said) if said.needs_sign_in() => to_sign_in(said),
                Err(said) => {
                    failure.try_set(Some(said));
                }
            }
        });
    });
    let checked_at = times.checked_at;
    view! {
        <h2 class="ds-heading" data-size="sm">{speech.say(|t| t.times_free)}</h2>
        <p class="ds-paragraph">{speech.say(|t| t.times_choose)}</p>
        <Checked times_checked_at=checked_at />
        {part(move || failure.get().map(|said| view! { <FailureAlert failure=said again=move || failure.set(None) /> }))}
        <FreeTimes times choose />
    }
}

#[component]
fn Situation(draft: RwSignal<Draft>, at_passport_office: bool) -> impl IntoView {
    let speech = use_speech();
    let clock = use_clock();
    // An unfinished date is not yet a mistake: it is one once the field is left, or when there can be no such day.
    let left = RwSignal::new(draft.with_untracked(|draft| !draft.entry.is_empty()));
    let entry = RwSignal::new(draft.with_untracked(|draft| draft.entry.clone()));
    effect(move || {
        let typed = entry.get();
        if draft.with_untracked(|draft| draft.entry != typed) {
            draft.update(|draft| draft.entry = typed);
        }
    });
    let example = move || clock.now().map(rules::day::in_oslo).map(dates::typed).unwrap_or_default();
    let problem = Signal::derive(move || {
        let texts = speech.texts();
        match draft.with(Draft::situation) {
            Err(Gap::Entry(DateError::DoesNotExist)) => texts.times_entry_does_not_exist.to_owned(),
            Err(Gap::Entry(DateError::Empty)) if left.get() => texts.times_entry_missing.to_owned(),
            Err(Gap::Entry(DateError::NotUnderstood)) if left.get() => {
                speech.fill(|t| t.times_entry_not_understood, &[("day", &example())])
            }
            _ => String::new(),
        }
    });
    let answer = move |value: bool| {
        move |_| {
            draft.update(|draft| draft.quarantine = Some(value));
        }
    };
    // A memo, so that typing into the field below does not make it anew.
    let in_quarantine = Memo::new(move |_| draft.with(|draft| draft.quarantine == Some(true)));
    let chosen = move |value: bool| move || draft.with(|draft| draft.quarantine == Some(value));
    view! {
        <form class="stack" novalidate on:submit=move |event| { event.prevent_default(); left.set(true); }>
            <fieldset class="ds-fieldset">
                <legend class="ds-label" data-weight="medium">{speech.say(|t| t.times_quarantine)}</legend>
                <p class="ds-paragraph">{speech.say(|t| t.times_quarantine_hint)}</p>
                <div class="ds-field">
                    <input type="radio" class="ds-input" id="quarantine-yes" name="quarantine"
                        prop:checked=chosen(true) on:change=answer(true) />
                    <label class="ds-label" for="quarantine-yes">{speech.say(|t| t.times_yes)}</label>
                </div>
                <div class="ds-field">
                    <input type="radio" class="ds-input" id="quarantine-no" name="quarantine"
                        prop:checked=chosen(false) on:change=answer(false) />
                    <label class="ds-label" for="quarantine-no">{speech.say(|t| t.times_no)}</label>
                </div>
            </fieldset>
            {part(move || in_quarantine.get().then(|| view! {
                <TextField id="entry" inputmode="text" value=entry problem
                    label=Signal::derive(speech.say(|t| t.times_entry))
                    hint=Signal::derive(move || speech.fill(|t| t.times_entry_hint, &[("day", &example())]))
                    left=Callback::new(move |()| left.set(true)) />
                <Tick id="told" label=Signal::derive(speech.say(|t| t.times_told))
                    ticked=Signal::derive(move || draft.with(|draft| draft.told))
                    tick=Callback::new(move |told| draft.update(|draft| draft.told = told)) />
            }))}
            {at_passport_office.then(|| view! {
                <Tick id="critical" label=Signal::derive(speech.say(|t| t.times_critical))
                    ticked=Signal::derive(move || draft.with(|draft| draft.critical))
                    tick=Callback::new(move |critical| draft.update(|draft| draft.critical = critical)) />
            })}
        </form>
    }
}

#[component]
fn Tick(id: &'static str, label: Signal<&'static str>, ticked: Signal<bool>, tick: Callback<bool>) -> impl IntoView {
    view! {
        <div class="ds-field">
            <input type="checkbox" class="ds-input" id=id prop:checked=ticked
                on:change:target=move |event| tick.run(event.target().checked()) />
            <label class="ds-label" for=id>{label}</label>
        </div>
    }
}
