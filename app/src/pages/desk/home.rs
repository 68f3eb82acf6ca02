//! `/desk`: overview of the pages that the officer's role allows.

use leptos::prelude::*;
use rules::Coded;

use crate::{
    pages::desk::frame::{WAYS, use_officer},
    text::desk_texts::use_words,
    ui::{dynamic::text, page::Page},
};

/// Renders the page.
#[component]
pub fn Home() -> impl IntoView {
    let words = use_words();
    let officer = use_officer();
    let role = officer.role;
    view! {
        <Page title=words.signal(|t| t.home_title)>
            <p class="ds-paragraph">{text(move || words.texts().role_may.get(role.code()))}</p>
            <ul class="plain desk-ways">
                {WAYS.iter().filter(move |way| way.needs <= role).map(|way| view! {
                    <li class="ds-card" data-variant="default">
                        <h2 class="ds-heading" data-size="2xs"><a class="ds-link" href=way.path>{words.say(way.name)}</a></h2>
                        <p class="ds-paragraph" data-size="sm">{words.say(way.what)}</p>
                    </li>
                }).collect_view()}
            </ul>
        </Page>
    }
}
