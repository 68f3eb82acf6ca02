//! Text field with its label, hint and error message.

use leptos::{html, prelude::*};

use crate::{
    browser::attention::when_free,
    text::language::use_speech,
    ui::{
        dynamic::{part, text},
        faults::use_faults,
    },
};

/// Renders the field. `problem` is empty while the value is acceptable; `left` is called when the field loses the
/// focus.
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
    /// Focuses the field when it appears, because the focused element has given way to it.
    #[prop(optional)]
    takes_focus: bool,
    /// A mandatory field.
    #[prop(optional)]
    required: bool,
    /// An optional field, marked as such.
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
            // A field that is already removed needs no focus.
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
                // A message that appeared during the click would move the target of the click away.
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
