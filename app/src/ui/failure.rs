//! What is said when something did not work.

use std::rc::Rc;

use ::api::ProblemCode;
use leptos::{html, prelude::*};

use crate::{
    api::Failure,
    paths,
    router::{Router, use_router},
    state::{
        attention::{self, Kept},
        connection::use_line,
        remote::{Loadable, Remote},
        session::{Who, use_who},
    },
    text::{language::use_speech, texts::Texts},
    ui::dynamic::{effect, part, press, text},
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

/// Takes the focus, so that it is seen and read wherever one was, but not from a field that somebody has gone into since. What
/// failed for want of a connection is tried again by itself when it is back.
#[component]
pub fn FailureAlert(failure: Failure, again: impl Fn() + 'static) -> impl IntoView {
    let speech = use_speech();
    let again = Rc::new(again);
    let alert = NodeRef::<html::Div>::new();
    alert.on_load(|alert| {
        if !attention::is_in_another_field() {
            // An alert that is gone already needs no focus.
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
    // What was filled in is to be changed: neither pressing again nor a number helps.
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
                        {text(move || speech.fill(|t| t.shell_request_id, &[("id", &id)]))}
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

/// Shows what was fetched; while it is not there, that it is on its way, or why it is not. Who must sign in first is
/// taken there and comes back.
#[component]
pub fn Fetched<T>(remote: Remote<T>, show: fn(T) -> AnyView) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let shown = move || match remote.state.get() {
        Loadable::Loaded(value) => show(value),
        other => instead(remote, other),
    };
    // Whether it is shown for the first time.
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

/// The same for what looks itself at what is fetched: it is made once, and stays while it is fetched again.
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

/// What is shown while there is nothing else.
fn instead<T>(remote: Remote<T>, state: Loadable<T>) -> AnyView
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let speech = use_speech();
    match state {
        Loadable::Loading => {
            view! { <p class="ds-paragraph loading" role="status">{speech.say(|t| t.shell_loading)}</p> }.into_any()
        }
        // Sign-in comes next; nothing has broken.
        Loadable::Failed(failure) if failure.needs_sign_in() => ().into_any(),
        Loadable::Failed(failure) => view! { <FailureAlert failure again=move || remote.again() /> }.into_any(),
        Loadable::Loaded(_) => ().into_any(),
    }
}

/// Says above what is shown that it could not be fetched again, and takes whoever must sign in there.
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

/// Takes somebody whose session is over to sign-in, from where they come back to this very page.
pub fn use_to_sign_in() -> impl Fn(Failure) + Copy + Send + 'static {
    let router = use_router();
    let who = use_who();
    move |why| to_sign_in(router, who, why)
}

/// The same for who knows both already.
pub fn to_sign_in(router: Router, who: Who, why: Failure) {
    let here = router.path();
    if why.code() == Some(ProblemCode::DeskSignedOut) {
        return router.go_instead(&paths::desk_sign_in_to(&here));
    }
    who.signed_out();
    who.was_over.set(why.code() == Some(ProblemCode::SessionOver));
    router.go_instead(&paths::sign_in_to(&here));
}
