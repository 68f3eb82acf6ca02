//! What is said when something did not work.

use leptos::prelude::*;

use crate::{
    api::Failure,
    dynamic::{effect, part, press, text},
    language::use_speech,
    line::use_line,
    paths,
    remote::{Loadable, Remote},
    router::use_router,
    session::use_who,
    texts::Texts,
};

/// The sentence for a failure.
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

#[component]
pub fn FailureAlert(failure: Failure, again: impl Fn() + 'static) -> impl IntoView {
    let speech = use_speech();
    let request_id = match &failure {
        Failure::Problem(problem) => Some(problem.request_id.clone()),
        _ => None,
    };
    view! {
        <div class="ds-alert" data-color="danger" role="alert">
            <div class="stack">
                <h2 class="ds-heading" data-size="2xs">{speech.say(|t| t.failure_title)}</h2>
                <p class="ds-paragraph">{text(move || sentence(&failure, speech.texts()))}</p>
                {request_id.map(|id| view! {
                    <p class="ds-paragraph quiet" data-size="sm">
                        {text(move || speech.fill(|t| t.shell_request_id, &[("id", &id)]))}
                    </p>
                })}
                <div>
                    <button type="button" class="ds-button" data-variant="secondary" on:click=press(again)>
                        {speech.say(|t| t.shell_try_again)}
                    </button>
                </div>
            </div>
        </div>
    }
}

/// Shows what was fetched; while it is not there, that it is on its way, or why it is not. Who must sign in first is
/// taken there and comes back.
#[component]
pub fn Fetched<T>(remote: Remote<T>, show: fn(T) -> AnyView) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
{
    let speech = use_speech();
    let to_sign_in = use_to_sign_in();
    effect(move || {
        if let Loadable::Failed(failure) = remote.state.get()
            && failure.needs_sign_in()
        {
            to_sign_in(failure);
        }
    });
    // What failed for want of a connection is tried again when it is back.
    let line = use_line();
    Effect::new(move |before: Option<u32>| {
        let times = line.came_back.get();
        let unanswered = |state: &Loadable<T>| matches!(state, Loadable::Failed(Failure::NoAnswer));
        if before.is_some_and(|before| before != times) && remote.state.with_untracked(unanswered) {
            remote.again();
        }
        times
    });
    part(move || match remote.state.get() {
        Loadable::Loading => {
            view! { <p class="ds-paragraph loading" role="status">{speech.say(|t| t.shell_loading)}</p> }.into_any()
        }
        Loadable::Loaded(value) => show(value),
        Loadable::Failed(failure) => view! { <FailureAlert failure again=move || remote.again() /> }.into_any(),
    })
}

/// Takes somebody whose session is over to sign-in, from where they come back to this very page.
pub fn use_to_sign_in() -> impl Fn(Failure) + Copy + Send + 'static {
    let router = use_router();
    let who = use_who();
    move |why| {
        let here = router.path();
        who.signed_out();
        who.why_sign_in.set(Some(why));
        router.go_instead(&paths::sign_in_to(&here));
    }
}
