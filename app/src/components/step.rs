//! Where one is on the way to an appointment.

use leptos::prelude::*;

use crate::{dynamic::text, language::use_speech, texts::Texts};

const STEPS: u32 = 4;

/// The heading of one of the steps.
#[component]
pub fn Step(number: u32, name: fn(&Texts) -> &'static str) -> impl IntoView {
    let speech = use_speech();
    let of = move || speech.fill(|t| t.step_of, &[("number", &number.to_string()), ("steps", &STEPS.to_string())]);
    view! {
        <h2 class="ds-heading step" data-size="sm">
            <span class="quiet">{text(of)}</span> " " {speech.say(name)}
        </h2>
    }
}
