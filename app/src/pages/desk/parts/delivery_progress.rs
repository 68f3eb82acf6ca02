//! Delivery counts of the messages of a closure or a request for documents.

use std::time::Duration;

use ::api::messages::Ledger;
use leptos::prelude::*;

use crate::{
    paths,
    state::remote::{Loadable, Remote},
    text::desk_texts::{Pick, Texts, use_words},
    ui::dynamic::text,
};

/// Poll interval while messages are queued.
const EVERY: Duration = Duration::from_secs(2);

/// Fetches `remote` regularly while its ledger has queued messages.
pub fn look_again<T: Clone + PartialEq + Send + Sync + 'static>(remote: Remote<T>, ledger: fn(&T) -> Ledger) {
    let still = move || match remote.state.try_get_untracked() {
        Some(Loadable::Loaded(shown)) if ledger(&shown).waiting > 0 => remote.again(),
        _ => {}
    };
    if let Ok(interval) = set_interval_with_handle(still, EVERY) {
        on_cleanup(move || interval.clear());
    }
}

/// Renders the counts. `caption` replaces the usual caption; both take the number of people.
#[component]
pub fn LedgerTable(
    ledger: Ledger,
    #[prop(default = Texts::closure_to_tell)] caption: fn(&Texts, &str) -> String,
) -> impl IntoView {
    let words = use_words();
    let Ledger { to_tell, waiting, sent, delivered, withdrawn, to_call, called } = ledger;
    let row = move |name: Pick, count: i64| {
        view! {
            <tr><th scope="row">{words.say(name)}</th><td class="desk-count">{count}</td></tr>
        }
    };
    view! {
        <table class="ds-table desk-ledger">
            <caption>{text(move || caption(words.texts(), &to_tell.to_string()))}</caption>
            <tbody>
                {row(|t| t.closure_waiting, waiting)}
                {row(|t| t.closure_sent, sent)}
                {row(|t| t.closure_delivered, delivered)}
                {row(|t| t.closure_to_call, to_call)}
                {row(|t| t.closure_called, called)}
                {row(|t| t.closure_withdrawn, withdrawn)}
            </tbody>
        </table>
        {(to_call > 0).then(|| view! { <p><a class="ds-link" href=paths::DESK_CALLS>{words.say(|t| t.calls_title)}</a></p> })}
    }
}
