//! What all pages share, and which page an address shows.

use leptos::prelude::*;
use leptos_router::{
    components::{FlatRoutes, Route, Router},
    path,
};

use crate::{
    clock::Clock,
    components::shell::{NotFound, Shell},
    draft::Drafts,
    language::Speech,
    law::Law,
    pages::applicant::{
        cases::Cases,
        check::Check,
        confirm::Confirm,
        receipt::Receipt,
        sign_in::SignIn,
        start::{Served, Start},
        times::Times,
    },
    session::Who,
};

#[component]
pub fn App() -> impl IntoView {
    Speech::provide(Served::provide());
    Clock::provide();
    Law::provide();
    Who::provide();
    Drafts::provide();
    view! {
        <Router>
            <Shell>
                <FlatRoutes fallback=NotFound>
                    <Route path=path!("/") view=Start />
                    <Route path=path!("/check") view=Check />
                    <Route path=path!("/sign-in") view=SignIn />
                    <Route path=path!("/cases") view=Cases />
                    <Route path=path!("/cases/:case/times") view=Times />
                    <Route path=path!("/cases/:case/times/:slot") view=Confirm />
                    <Route path=path!("/appointments/:id") view=Receipt />
                </FlatRoutes>
            </Shell>
        </Router>
    }
}
