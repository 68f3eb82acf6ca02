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
    line::Line,
    pages::applicant::{
        case::CasePage,
        cases::Cases,
        check::Check,
        confirm::{Confirm, ConfirmChange},
        profile::Profile,
        receipt::Receipt,
        sign_in::SignIn,
        start::Start,
        times::{Change, Times},
    },
    session::Who,
};

#[component]
pub fn App() -> impl IntoView {
    Speech::provide();
    Clock::provide();
    Line::provide();
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
                    <Route path=path!("/cases/:case") view=CasePage />
                    <Route path=path!("/cases/:case/times") view=Times />
                    <Route path=path!("/cases/:case/change") view=Change />
                    <Route path=path!("/cases/:case/times/:slot") view=Confirm />
                    <Route path=path!("/cases/:case/change/:slot") view=ConfirmChange />
                    <Route path=path!("/cases/:case/times/:slot/with/:others") view=Confirm />
                    <Route path=path!("/profile") view=Profile />
                    <Route path=path!("/appointments/:id") view=Receipt />
                </FlatRoutes>
            </Shell>
        </Router>
    }
}
