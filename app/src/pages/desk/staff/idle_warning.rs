//! Warning before an officer's session ends, with a button to stay. The applicants' warning is in `ui::shell`.

use std::time::Duration;

use ::api::officers::DeskSession;
use chrono::{DateTime, Utc};
use leptos::prelude::*;

use crate::{
    api::{self, Failure},
    browser::clock::use_clock,
    paths,
    router::use_router,
    state::action::Action,
    text::{dates, language::use_speech},
    ui::{
        dynamic::{part, press, text},
        page::focus_heading,
    },
};

/// Time of the warning before the end, in seconds.
const BEFORE_SECONDS: i64 = 300;

/// Interval between requests for the current end, in seconds, while the end is near. Work in another tab extends the
/// session.
const ASK_EVERY_SECONDS: i64 = 30;

/// The remaining time, as far as it changes the view.
#[derive(Clone, Copy, PartialEq)]
enum Left {
    Enough,
    Little,
    Nothing,
}

/// Renders the warning. `ends` is the end without further activity. Activity extends it, so the server is asked before
/// the warning.
#[component]
pub fn SessionEnds(ends: Option<DateTime<Utc>>) -> impl IntoView {
    let speech = use_speech();
    let router = use_router();
    let clock = use_clock();
    let ends = RwSignal::new(ends);
    let left = RwSignal::new(Left::Enough);
    let asked = StoredValue::new(None::<DateTime<Utc>>);
    let now_left = move || match ends.try_get_untracked().flatten().zip(clock.now_untracked()) {
        Some((ends, now)) if ends <= now => Left::Nothing,
        Some((ends, now)) if (ends - now).num_seconds() <= BEFORE_SECONDS => Left::Little,
        _ => Left::Enough,
    };
    let show = move || {
        let now = now_left();
        if left.try_get_untracked().is_some_and(|shown| shown != now) {
            left.try_set(now);
        }
    };
    let learn = move |session: DeskSession| {
        // The answer has no end if the session is over already.
        ends.try_set(session.ends.or_else(|| clock.now_untracked()));
        show();
    };
    let asking = Action::unattended();
    let look = move || {
        let now = clock.now_untracked();
        let is_due =
            asked.get_value().zip(now).is_none_or(|(asked, now)| (now - asked).num_seconds() >= ASK_EVERY_SECONDS);
        if now_left() != Left::Enough && is_due {
            asked.set_value(now);
            // The known end counts if there is no answer.
            let failed = move |_| {
                show();
                None
            };
            asking.run_or(api::desk::session(), learn, failed);
        } else if now_left() == Left::Enough || left.get_untracked() != Left::Enough {
            show();
        }
    };
    if let Ok(timer) = set_interval_with_handle(look, Duration::from_secs(5)) {
        on_cleanup(move || timer.clear());
    }
    let action = Action::anywhere(RwSignal::new(None));
    let stay = move || {
        let done = move |session| {
            learn(session);
            // The pressed button is gone.
            focus_heading();
        };
        let failed = move |failure: Failure| {
            if failure.needs_sign_in() {
                // The session is over and cannot be extended.
                left.try_set(Left::Nothing);
            } else {
                show();
            }
            None
        };
        action.run_or(api::desk::stay_signed_in(), done, failed);
    };
    part(move || match left.get() {
        Left::Enough => None,
        Left::Little => {
            let ends = ends.get()?;
            let said = move || speech.texts().shell_session_ends(&dates::time(ends, speech.language()));
            Some(
                view! {
                    <div class="ds-alert desk-ends no-print" data-color="warning" role="alert"><div class="row">
                        <p class="ds-paragraph">{text(said)}</p>
                        <button type="button" class="ds-button" data-size="sm" on:click=press(stay)>{speech.say(|t| t.shell_stay)}</button>
                    </div></div>
                }
                .into_any(),
            )
        }
        Left::Nothing => {
            let sign_in = paths::desk_sign_in_to(&router.path());
            Some(
                view! {
                    <div class="ds-alert desk-ends no-print" data-color="danger" role="alert"><div class="row">
                        <p class="ds-paragraph">{speech.say(|t| t.shell_session_over)}</p>
                        <a class="ds-link" href=sign_in>{speech.say(|t| t.shell_sign_in)}</a>
                    </div></div>
                }
                .into_any(),
            )
        }
    })
}
