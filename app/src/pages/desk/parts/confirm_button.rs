//! A button that asks before it does what has no way back.

use leptos::{html, prelude::*};

use crate::pages::desk::desk_texts::use_words;
use crate::ui::dynamic::{part, press, text};

type Deed = StoredValue<Box<dyn Fn()>, LocalStorage>;

/// A button of which the deed cannot be undone. Pressed, it opens a dialog that names what would be done; the focus is on the way
/// back, and returns to the button when the dialog closes.
#[component]
pub fn Confirm(
    /// The button's text.
    #[prop(into)]
    name: Signal<String>,
    /// The button's accessible name, if its text does not say enough.
    #[prop(into, optional)]
    spoken: Option<Signal<String>>,
    /// The dialog's heading: what would be done, and to whom.
    #[prop(into)]
    question: Signal<String>,
    /// What follows from it.
    #[prop(into)]
    consequence: Signal<String>,
    /// The text of the button that does it.
    #[prop(into)]
    yes: Signal<String>,
    act: impl Fn() + 'static,
    #[prop(default = "primary")] variant: &'static str,
    #[prop(default = "md")] size: &'static str,
    /// The deed takes something away from somebody.
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
        // Only one that is open already refuses.
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
