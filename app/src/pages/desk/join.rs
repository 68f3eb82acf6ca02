//! `/desk/join`: where an officer who was given a link adds a passkey. The link's last part stands behind `#`, and is never sent
//! with an address.

use ::api::officers::DeskSession;
use leptos::prelude::*;

use super::texts::use_words;
use crate::{
    api::{self, Failure},
    components::{failure::FailureAlert, page::Page},
    dynamic::{is, part, press, spawn},
    passkey, paths,
    router::use_router,
};

#[component]
pub fn Join() -> impl IntoView {
    let words = use_words();
    let router = use_router();
    let busy = RwSignal::new(false);
    let none = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    let add = move || {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        none.set(false);
        failure.set(None);
        let link = window().location().hash().unwrap_or_default().trim_start_matches('#').to_owned();
        spawn(async move {
            let answer = async {
                let ceremony = api::desk::start_passkey(&link).await.map_err(Some)?;
                let made = passkey::make(&ceremony).await.map_err(|_| None)?;
                api::desk::add_passkey(made).await.map_err(Some)
            };
            let answer: Result<DeskSession, Option<Failure>> = answer.await;
            busy.try_set(false);
            match answer {
                Ok(_) => router.go_instead(paths::DESK),
                Err(None) => {
                    none.try_set(true);
                }
                Err(said) => {
                    failure.try_set(said);
                }
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
