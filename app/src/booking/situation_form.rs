//! Form for the situation before booking: quarantine and critical journey. Used by applicants and at the desk.

use ::api::typed::DateError;
use leptos::prelude::*;

use crate::{
    browser::{clock::use_clock, event_loop::effect},
    state::drafts::{Draft, Gap},
    text::{dates, language::use_speech},
    ui::{dynamic::part, field::TextField},
};

/// Renders the form and writes into the draft. `at_passport_office` adds the question about a critical journey.
#[component]
pub fn SituationForm(draft: RwSignal<Draft>, at_passport_office: bool) -> impl IntoView {
    let speech = use_speech();
    let clock = use_clock();
    // An incomplete date counts as a mistake once the field was left; an impossible one at once.
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
                speech.texts().times_entry_not_understood(&example())
            }
            _ => String::new(),
        }
    });
    let answer = move |value: bool| {
        move |_| {
            draft.update(|draft| draft.quarantine = Some(value));
        }
    };
    // A memo, so that input in the date field does not render the field again.
    let in_quarantine = Memo::new(move |_| draft.with(|draft| draft.quarantine == Some(true)));
    let chosen = move |value: bool| move || draft.with(|draft| draft.quarantine == Some(value));
    view! {
        <form class="stack" novalidate on:submit=move |event| { event.prevent_default(); left.set(true); }>
            <fieldset class="ds-fieldset" aria-describedby="quarantine-hint">
                <legend class="ds-label" data-weight="medium">{speech.say(|t| t.times_quarantine)}</legend>
                <p id="quarantine-hint" class="ds-paragraph">{speech.say(|t| t.times_quarantine_hint)}</p>
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
                <TextField id="entry" required=true inputmode="text" value=entry problem
                    label=Signal::derive(speech.say(|t| t.times_entry))
                    hint=Signal::derive(move || speech.texts().times_entry_hint(&example()))
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

/// Renders a check box. `tick` receives the new state.
#[component]
pub fn Tick(
    id: &'static str,
    label: Signal<&'static str>,
    ticked: Signal<bool>,
    tick: Callback<bool>,
) -> impl IntoView {
    view! {
        <div class="ds-field">
            <input type="checkbox" class="ds-input" id=id prop:checked=ticked
                on:change:target=move |event| tick.run(event.target().checked()) />
            <label class="ds-label" for=id>{label}</label>
        </div>
    }
}
