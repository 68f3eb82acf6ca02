//! `/desk/join`: registration of a passkey by an officer with a link. The secret is in the fragment of the URL, which
//! browsers do not send.

use leptos::prelude::*;

use crate::{
    api::{self, passkey},
    paths,
    router::use_router,
    state::action::Action,
    text::desk_texts::use_words,
    ui::{
        dynamic::{is, part, press},
        failure::FailureAlert,
        page::Page,
    },
};

/// Renders the page.
#[component]
pub fn Join() -> impl IntoView {
    let words = use_words();
    let router = use_router();
    let none = RwSignal::new(false);
    let action = Action::new();
    let Action { busy, failure, .. } = action;
    let add = move || {
        if busy.get_untracked() {
            return;
        }
        none.set(false);
        let link = window().location().hash().unwrap_or_default().trim_start_matches('#').to_owned();
        let join = async move {
            let ceremony = api::desk::start_passkey(&link).await?;
            let Ok(made) = passkey::make(&ceremony).await else { return Ok(None) };
            api::desk::add_passkey(made).await.map(Some)
        };
        action.run(join, move |session| match session {
            Some(_) => router.go_instead(paths::DESK),
            None => {
                none.try_set(true);
            }
        });
    };
    view! {
        <Page title=words.signal(|t| t.join_title)>
            <p class="ds-paragraph">{words.say(|t| t.join_lead)}</p>
            <div>
                <button type="button" class="ds-button" aria-disabled=is(busy) on:click=press(add)>{words.say(|t| t.join_add)}</button>
            </div>
            <div role="status">
                {part(move || none.get().then(|| view! {
                    <p class="ds-alert" data-color="warning">{words.say(|t| t.join_none)}</p>
                }))}
            </div>
            {part(move || failure.get().map(|said| view! { <FailureAlert failure=said again=add /> }))}
        </Page>
    }
}
