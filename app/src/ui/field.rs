//! One line to type into, with its label, its hint and what is wrong with it.

use leptos::{html, prelude::*};

use crate::ui::faults::use_faults;
use crate::{
    state::attention::when_free,
    text::language::use_speech,
    ui::dynamic::{part, text},
};

/// `problem` is empty while nothing is wrong.
#[component]
pub fn TextField(
    id: &'static str,
    #[prop(into)] label: Signal<&'static str>,
    #[prop(into, default = Signal::derive(String::new))] hint: Signal<String>,
    #[prop(into)] problem: Signal<String>,
    value: RwSignal<String>,
    #[prop(default = "text")] kind: &'static str,
    #[prop(default = "off")] autocomplete: &'static str,
    #[prop(default = "text")] inputmode: &'static str,
    #[prop(into, default = Callback::new(|_| ()))] left: Callback<()>,
    /// Takes the focus when it appears: what the person was looking at made room for it.
    #[prop(optional)]
    takes_focus: bool,
    /// The form is not taken without it.
    #[prop(optional)]
    required: bool,
    /// It may be left empty, and says so.
    #[prop(optional)]
    optional: bool,
) -> impl IntoView {
    let speech = use_speech();
    use_faults().watch(id.to_owned(), problem);
    let hint_id = format!("{id}-hint");
    let problem_id = format!("{id}-problem");
    let described_by = format!("{hint_id} {problem_id}");
    let input = NodeRef::<html::Input>::new();
    input.on_load(move |input| {
        if takes_focus {
            // A field that is gone already needs no focus.
            input.focus().ok();
        }
    });
    view! {
        <div class="ds-field">
            <label class="ds-label" for=id data-weight="medium">
                {label}
                {optional.then(|| view! { " " <span class="quiet">{speech.say(|t| t.shell_optional)}</span> })}
            </label>
            <div id=hint_id data-field="description">{hint}</div>
            <input
                node_ref=input
                id=id
                name=id
                class="ds-input"
                type=kind
                autocomplete=autocomplete
                inputmode=inputmode
                spellcheck="false"
                aria-required=required.then_some("true")
                aria-describedby=described_by
                aria-invalid=text(move || problem.with(|problem| (!problem.is_empty()).to_string()))
                prop:value=move || value.get()
                on:input:target=move |event| value.set(event.target().value())
                // Before the click is over by which it was left, the message would push away what the person is pressing.
                on:blur=move |_| when_free(move || { left.try_run(()); })
            />
            <div id=problem_id aria-live="polite">
                {part(move || problem.with(|problem| !problem.is_empty()).then(|| view! {
                    <p class="ds-validation-message" data-color="danger">{problem}</p>
                }))}
            </div>
        </div>
    }
}
