//! Error messages, and the views that wait for fetched data.

use std::rc::Rc;

use ::api::ProblemCode;
use leptos::{html, prelude::*};

use crate::{
    api::Failure,
    browser::{
        attention::{self, Kept},
        event_loop::effect,
    },
    paths,
    router::use_router,
    state::{
        connection::use_line,
        remote::{Loadable, Remote},
        session::use_to_sign_in,
    },
    text::{language::use_speech, texts::Texts},
    ui::dynamic::{part, press, text},
};

/// The sentence for a failure. Unknown problem codes get the general sentence.
pub fn sentence(failure: &Failure, texts: &Texts) -> &'static str {
    match failure {
        Failure::Problem(problem) => match texts.problem.get(&problem.code) {
            "" => texts.failure_unreadable,
            sentence => sentence,
        },
        Failure::NoAnswer => texts.failure_offline,
        Failure::Unreadable => texts.failure_unreadable,
    }
}

/// Renders a failure with a button to try again. It takes the focus, unless the person has gone into a field since. A
/// request without an answer is repeated when the connection is back.
#[component]
pub fn FailureAlert(failure: Failure, again: impl Fn() + 'static) -> impl IntoView {
    let speech = use_speech();
    let again = Rc::new(again);
    let alert = NodeRef::<html::Div>::new();
    alert.on_load(|alert| {
        if !attention::is_in_another_field() {
            // An alert that is already removed needs no focus.
            alert.focus().ok();
        }
    });
    if failure == Failure::NoAnswer {
        let line = use_line();
        let again = again.clone();
        Effect::new(move |before: Option<u32>| {
            let times = line.came_back.get();
            if before.is_some_and(|before| before != times) {
                again();
            }
            times
        });
    }
    let is_nowhere = failure.code() == Some(ProblemCode::NotFound);
    // The input has to be corrected: neither a retry nor a request id helps.
    let is_in_field = failure.is_in_field();
    let is_at_desk = use_router().path().starts_with(paths::DESK);
    let request_id = match &failure {
        Failure::Problem(problem) if !is_in_field => Some(problem.request_id.clone()),
        _ => None,
    };
    view! {
        <div node_ref=alert tabindex="-1" class="ds-alert" data-color="danger" role="alert">
            <div class="stack">
                <h2 class="ds-heading" data-size="2xs">{speech.say(|t| t.failure_title)}</h2>
                <p class="ds-paragraph">{text(move || sentence(&failure, speech.texts()))}</p>
                {request_id.map(|id| view! {
                    <p class="ds-paragraph quiet" data-size="sm">
                        {text(move || speech.texts().shell_request_id(&id))}
                    </p>
                })}
                {(!is_in_field).then(|| view! { <div>
                    {if is_nowhere {
                        let start = if is_at_desk { paths::DESK } else { paths::CASES };
                        let name = move || if is_at_desk { speech.texts().failure_overview } else { speech.texts().shell_my_cases };
                        view! { <a class="ds-button" data-variant="secondary" href=start>{text(name)}</a> }.into_any()
                    } else {
                        view! {
                            <button type="button" class="ds-button" data-variant="secondary" on:click=press(move || again())>
                                {speech.say(|t| t.shell_try_again)}
                            </button>
                        }.into_any()
                    }}
                </div> })}
            </div>
        </div>
    }
}

/// Renders fetched data, and until it is loaded a progress text or the failure. A failure for want of a session leads
/// to sign-in and back.
#[component]
pub fn Fetched<T>(remote: Remote<T>, show: fn(T) -> AnyView) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let shown = move || match remote.state.get() {
        Loadable::Loaded(value) => show(value),
        other => instead(remote, other),
    };
    // `false` for the first rendering, which has no state to restore.
    let is_anew = StoredValue::new(false);
    let shown = move || {
        if is_anew.get_value() {
            Kept::over_the_change();
        }
        is_anew.set_value(true);
        shown()
    };
    view! { <Outdated remote /> {part(shown)} }
}

/// Like `Fetched`, for a view that follows the data itself. It is rendered once and stays during a refresh.
#[component]
pub fn Followed<T>(remote: Remote<T>, show: fn(Remote<T>) -> AnyView) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let is_there = Memo::new(move |_| remote.state.with(|state| matches!(state, Loadable::Loaded(_))));
    view! {
        <Outdated remote />
        {part(move || if is_there.get() { show(remote) } else { part(move || instead(remote, remote.state.get())).into_any() })}
    }
}

/// The view in place of data that is not loaded.
fn instead<T>(remote: Remote<T>, state: Loadable<T>) -> AnyView
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let speech = use_speech();
    match state {
        Loadable::Loading => {
            view! { <p class="ds-paragraph loading" role="status">{speech.say(|t| t.shell_loading)}</p> }.into_any()
        }
        // Sign-in follows. It is no error to show.
        Loadable::Failed(failure) if failure.needs_sign_in() => ().into_any(),
        Loadable::Failed(failure) => view! { <FailureAlert failure again=move || remote.again() /> }.into_any(),
        Loadable::Loaded(_) => ().into_any(),
    }
}

/// Renders the failure of a refresh above the outdated data, and leads to sign-in if the session is over.
#[component]
fn Outdated<T>(remote: Remote<T>) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let to_sign_in = use_to_sign_in();
    effect(move || {
        if let Loadable::Failed(failure) = remote.state.get()
            && failure.needs_sign_in()
        {
            to_sign_in(failure);
        }
    });
    part(move || remote.outdated.get().map(|failure| view! { <FailureAlert failure again=move || remote.again() /> }))
}
