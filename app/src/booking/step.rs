//! Position in the booking process.

use leptos::prelude::*;

use crate::{text::language::use_speech, ui::dynamic::text};

const STEPS: u32 = 2;

/// Renders "step n of 2", once on each page of the process.
#[component]
pub fn Step(number: u32) -> impl IntoView {
    let speech = use_speech();
    let of = move || speech.texts().step_of(&number.to_string(), &STEPS.to_string());
    view! { <p class="ds-paragraph quiet">{text(of)}</p> }
}
