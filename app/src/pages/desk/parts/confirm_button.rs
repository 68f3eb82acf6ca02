//! Button with a confirmation dialog, for actions that cannot be undone.

use leptos::{html, prelude::*};

use crate::{
    text::desk_texts::use_words,
    ui::dynamic::{part, press, text},
};

type Deed = StoredValue<Box<dyn Fn()>, LocalStorage>;

/// Renders the button. A press opens a dialog that names the action. The focus is on "no" and returns to the button
/// when the dialog closes.
#[component]
pub fn Confirm(
    /// The text of the button.
    #[prop(into)]
    name: Signal<String>,
    /// The accessible name of the button, if its text is not specific enough.
    #[prop(into, optional)]
    spoken: Option<Signal<String>>,
    /// The heading of the dialog: the action, and whom it affects.
    #[prop(into)]
    question: Signal<String>,
    /// The consequence of the action.
    #[prop(into)]
    consequence: Signal<String>,
    /// The text of the button that confirms.
    #[prop(into)]
    yes: Signal<String>,
    act: impl Fn() + 'static,
    #[prop(default = "primary")] variant: &'static str,
    #[prop(default = "md")] size: &'static str,
    /// `true` if the action takes something away from a person.
    #[prop(optional)]
    is_danger: bool,
    #[prop(into, default = Signal::stored(false))] busy: Signal<bool>,
) -> impl IntoView {
    let is_open = RwSignal::new(false);
    let act: Deed = StoredValue::new_local(Box::new(act));
    let color = if is_danger { "danger" } else { "accent" };
    let spoken = move || spoken.map(|spoken| spoken.get());
    view! {
        <button type="button" class="ds-button" data-variant=variant data-size=size data-color=color aria-haspopup="dialog"
            aria-label=spoken aria-disabled=text(move || busy.get().to_string())
            on:click=press(move || if !busy.get_untracked() { is_open.set(true) })>{name}</button>
        {part(move || is_open.get().then(|| view! { <Question is_open question consequence yes color act /> }))}
    }
}

/// Renders the dialog.
#[component]
fn Question(
    is_open: RwSignal<bool>,
    question: Signal<String>,
    consequence: Signal<String>,
    yes: Signal<String>,
    color: &'static str,
    act: Deed,
) -> impl IntoView {
    let words = use_words();
    let dialog = NodeRef::<html::Dialog>::new();
    dialog.on_load(|dialog| {
        // `show_modal` fails only for a dialog that is open already.
        dialog.show_modal().ok();
    });
    let close = move || {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    let do_it = move || {
        close();
        act.with_value(|act| act());
    };
    view! {
        <dialog node_ref=dialog class="ds-dialog desk-confirm" aria-labelledby="confirm-question" aria-describedby="confirm-consequence"
            on:close=move |_| { is_open.try_set(false); }>
            <div class="stack">
                <h2 id="confirm-question" class="ds-heading" data-size="xs">{question}</h2>
                <p id="confirm-consequence" class="ds-paragraph">{consequence}</p>
                <div class="row">
                    <button type="button" class="ds-button" data-color=color on:click=press(do_it)>{yes}</button>
                    <button type="button" class="ds-button" data-variant="secondary" autofocus=true on:click=press(close)>
                        {words.say(|t| t.confirm_no)}
                    </button>
                </div>
            </div>
        </dialog>
    }
}
