//! What all pages share, and which page an address shows.

use leptos::{either::Either, prelude::*};

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
        confirm::Confirm,
        profile::Profile,
        receipt::Receipt,
        sign_in::SignIn,
        start::{Served, Start},
        times::Times,
    },
    paths::Place,
    router::Router,
    session::Who,
};

#[component]
pub fn App() -> impl IntoView {
    Speech::provide(Served::provide());
    Clock::provide();
    Line::provide();
    Law::provide();
    let router = Router::provide();
    Who::provide();
    Drafts::provide();
    let place = Memo::new_with_compare(
        move |_| router.place(),
        |last, place| match (last, place) {
            // From one slot to another the page stays, and looks itself which slot it is.
            (Some(Place::Confirm { .. }), Some(Place::Confirm { .. })) => false,
            (last, place) => last != place,
        },
    );
    let page = move || match place.get() {
        Place::Start => view! { <Start /> }.into_any(),
        Place::Check => view! { <Check /> }.into_any(),
        Place::SignIn => view! { <SignIn /> }.into_any(),
        Place::Cases => view! { <Cases /> }.into_any(),
        Place::Case { case } => view! { <CasePage case /> }.into_any(),
        Place::Profile => view! { <Profile /> }.into_any(),
        Place::Times { case, purpose } => view! { <Times case purpose /> }.into_any(),
        Place::Confirm { .. } => view! { <Confirm /> }.into_any(),
        Place::Receipt { appointment } => view! { <Receipt appointment /> }.into_any(),
        Place::Nowhere => view! { <NotFound /> }.into_any(),
    };
    // The sides change with each page: else leptos would make the new page out of the elements of the old one.
    let left = StoredValue::new(false);
    let page = move || {
        left.update_value(|left| *left = !*left);
        if left.get_value() { Either::Left(page()) } else { Either::Right(page()) }
    };
    view! { <Shell>{page}</Shell> }
}
