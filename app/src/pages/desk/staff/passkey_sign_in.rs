//! `/desk/sign-in`: sign-in with a passkey, and in the demo without one.

use ::api::{ids::OfficerId, officers::Officer};
use leptos::prelude::*;
use rules::Coded;

use crate::{
    api::{self, passkey},
    paths,
    router::use_router,
    state::{action::Action, remote::Remote},
    text::{desk_texts::use_words, language::use_speech},
    ui::{
        dynamic::{is, part, press, text},
        failure::{FailureAlert, Fetched},
        page::Page,
    },
};

/// Renders the page.
#[component]
pub fn SignIn() -> impl IntoView {
    let words = use_words();
    let router = use_router();
    let none = RwSignal::new(false);
    let action = Action::new();
    let Action { busy, failure, .. } = action;
    let session = Remote::fetch(api::desk::session);
    let to = StoredValue::new(back_to());
    let enter = move || {
        if busy.get_untracked() {
            return;
        }
        none.set(false);
        let enter = async move {
            let ceremony = api::desk::start_sign_in().await?;
            let Ok(shown) = passkey::show(&ceremony).await else { return Ok(None) };
            api::desk::sign_in(shown).await.map(Some)
        };
        let to = to.get_value();
        action.run(enter, move |session| match session {
            Some(_) => router.go_instead(&to),
            None => {
                none.try_set(true);
            }
        });
    };
    view! {
        <Page title=words.signal(|t| t.sign_in_title)>
            <p class="ds-paragraph">{words.say(|t| t.sign_in_lead)}</p>
            <div>
                <button type="button" class="ds-button" aria-disabled=is(busy) on:click=press(enter)>
                    {words.say(|t| t.sign_in_with_passkey)}
                </button>
            </div>
            <div role="status">
                {part(move || none.get().then(|| view! {
                    <p class="ds-alert" data-color="warning">{words.say(|t| t.sign_in_no_passkey)}</p>
                }))}
            </div>
            {part(move || failure.get().map(|said| view! { <FailureAlert failure=said again=enter /> }))}
            <Fetched remote=session show=|session| view! { <Demo officers=session.demo_officers /> }.into_any() />
        </Page>
    }
}

/// The path in `to`, if it is a path of the desk; otherwise the desk's first page.
fn back_to() -> String {
    let to = untrack(|| use_router().query("to"));
    to.filter(|to| paths::is_own(to) && to.starts_with(paths::DESK)).unwrap_or_else(|| paths::DESK.to_owned())
}

/// Renders the demo officers. Renders nothing outside the demo.
#[component]
fn Demo(officers: Vec<Officer>) -> impl IntoView {
    let words = use_words();
    let speech = use_speech();
    let router = use_router();
    let action = Action::new();
    let failure = action.failure;
    let to = back_to();
    let enter = move |id: OfficerId| {
        let to = to.clone();
        action.run(async move { api::desk::try_as(&id).await }, move |_| router.go_instead(&to));
    };
    (!officers.is_empty()).then(|| view! {
        <section class="stack" aria-labelledby="demo-officers">
            <h2 id="demo-officers" class="ds-heading" data-size="sm">{words.say(|t| t.sign_in_demo)}</h2>
            <p class="ds-paragraph">{words.say(|t| t.sign_in_demo_text)}</p>
            {part(move || failure.get().map(|said| view! { <FailureAlert failure=said again=move || failure.set(None) /> }))}
            <ul class="plain stack">
                {officers.into_iter().map(|officer| {
                    let enter = enter.clone();
                    let Officer { id, name, district, role } = officer;
                    view! {
                        <li>
                            <button type="button" class="ds-button" data-variant="secondary" on:click=press(move || enter(id.clone()))>
                                {name} ", " {text(move || words.texts().role.get(role.code()))} ", "
                                {text(move || speech.texts().district.get(district.code()))}
                            </button>
                        </li>
                    }
                }).collect_view()}
            </ul>
        </section>
    })
}
