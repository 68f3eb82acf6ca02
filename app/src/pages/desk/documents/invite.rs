//! `/desk/invite`: requests for documents to all cases that match a filter, after a preview.

use ::api::{
    closures::Closure,
    invitations::{Asking, InviteMany, Invitee, Invitees, LeftOut},
};
use leptos::prelude::*;
use rules::{ApplicationType, Coded};

use crate::{
    api::{self, Failure},
    pages::desk::{
        documents::invitation_form::{InviteDraft, InviteFields},
        parts::{fields::Detail, preview_then_apply::PreviewThenApply},
    },
    paths,
    router::use_router,
    state::{drafts, remote::Remote},
    text::{dates, desk_texts::use_words, language::use_speech},
    ui::{
        dynamic::{is, part, press, text},
        failure::{FailureAlert, Fetched},
        page::Page,
    },
};

/// Renders the page.
#[component]
pub fn InvitePage() -> impl IntoView {
    let words = use_words();
    let closures = Remote::fetch(api::desk::closures);
    let askings = Remote::fetch(api::desk::askings);
    view! {
        <Page title=words.signal(|t| t.invite_title)>
            <p class="ds-paragraph">{words.say(|t| t.invite_lead)}</p>
            <Fetched remote=closures show=|closures| view! { <Form closures /> }.into_any() />
            <Fetched remote=askings show=|askings| view! { <Askings askings /> }.into_any() />
        </Page>
    }
}

/// Renders the filter and the request, and the preview below them.
#[component]
fn Form(closures: Vec<Closure>) -> impl IntoView {
    let words = use_words();
    let speech = use_speech();
    let router = use_router();
    let kind = drafts::line("invite type".to_owned(), String::new());
    let closure = drafts::line("invite closure".to_owned(), String::new());
    let draft = InviteDraft::new("invite");
    let failure = RwSignal::new(None::<Failure>);
    let planned = PreviewThenApply::new(failure, move || {
        kind.track();
        closure.track();
        draft.track();
    });
    let look = move || {
        let Some(invite) = draft.invite() else { return };
        let asked = InviteMany {
            application_type: kind.with_untracked(|code| ApplicationType::from_code(code)),
            closure: closure.with_untracked(|id| (!id.is_empty()).then(|| id.as_str().into())),
            invite,
            seen: None,
        };
        planned.ask_preview(asked, async |asked| api::desk::preview_invitations(&asked).await);
    };
    let invite = move || {
        planned.apply(
            async |asked, invitees: Invitees, key| {
                api::desk::invite_many(&InviteMany { seen: Some(invitees.seen), ..asked }, &key).await
            },
            move |_, invited| {
                draft.forget();
                let path = paths::desk_asking(&invited.id);
                router.go(&if invited.changed { format!("{path}?changed=yes") } else { path });
            },
        );
    };
    view! {
        <form class="stack" novalidate on:submit=move |event| { event.prevent_default(); look(); }>
            <div class="columns">
                <div class="ds-field">
                    <label class="ds-label" for="type" data-weight="medium">{words.say(|t| t.case_type)}</label>
                    <select id="type" class="ds-input" prop:value=move || kind.get()
                        on:change:target=move |event| kind.set(event.target().value())>
                        <option value="">{words.say(|t| t.invite_all_types)}</option>
                        {ApplicationType::ALL.iter().map(|one| {
                            let name = text(move || speech.texts().kind.get(one.code()));
                            view! { <option value=one.code() selected=move || kind.get_untracked() == one.code()>{name}</option> }
                        }).collect_view()}
                    </select>
                </div>
                <div class="ds-field">
                    <label class="ds-label" for="closure" data-weight="medium">{words.say(|t| t.invite_closure)}</label>
                    <select id="closure" class="ds-input" prop:value=move || closure.get()
                        on:change:target=move |event| closure.set(event.target().value())>
                        <option value="">{words.say(|t| t.invite_any)}</option>
                        {closures.into_iter().filter(|one| one.undone.is_none()).map(|one| {
                            let Closure { id, office, first, last, .. } = one;
                            let value = id.to_string();
                            let name = move || format!(
                                "{office}, {} – {}",
                                dates::short_day(first, words.language()),
                                dates::short_day(last, words.language()),
                            );
                            view! { <option value=value selected=move || closure.with_untracked(|chosen| id == **chosen)>{text(name)}</option> }
                        }).collect_view()}
                    </select>
                </div>
            </div>
            <InviteFields draft />
            <div><button type="submit" class="ds-button" data-variant="secondary" aria-disabled=is(planned.busy)>{words.say(|t| t.invite_preview)}</button></div>
        </form>
        {part(move || failure.get().map(|said| view! { <Detail failure=said.clone() /> <FailureAlert failure=said again=look /> }))}
        {part(move || planned.preview.get().map(|invitees| view! { <Preview invitees busy=planned.busy invite=Callback::new(move |()| invite()) /> }))}
    }
}

/// Renders the people to ask, and the people left out.
#[component]
fn Preview(invitees: Invitees, busy: RwSignal<bool>, invite: Callback<()>) -> impl IntoView {
    let words = use_words();
    let heading = NodeRef::<leptos::html::H2>::new();
    heading.on_load(|heading| {
        // A heading that is already removed needs no focus.
        heading.focus().ok();
    });
    let Invitees { asked, people, left_out, .. } = invitees;
    let (shown, all_left_out) = (people.len(), left_out.len());
    view! {
        <section class="stack" aria-labelledby="preview">
            <h2 id="preview" node_ref=heading tabindex="-1" class="ds-heading" data-size="sm">
                {text(move || words.texts().invite_would(&asked.to_string()))}
            </h2>
            <p class="ds-paragraph">{words.say(|t| t.invite_nothing_yet)}</p>
            {(asked > 0).then(|| view! {
                <div><button type="button" class="ds-button" aria-disabled=is(busy) on:click=press(move || invite.run(()))>
                    {text(move || words.texts().invite_do(&asked.to_string()))}
                </button></div>
                <details class="ds-details">
                    <summary>{text(move || words.texts().close_people(&asked.to_string(), &shown.to_string()))}</summary>
                    <div class="desk-scroll" tabindex="0" role="group" aria-label=words.say(|t| t.close_who)>
                        <table class="ds-table">
                            <thead><tr><th scope="col">{words.say(|t| t.close_who)}</th><th scope="col">{words.say(|t| t.case_type)}</th></tr></thead>
                            <tbody>{people.into_iter().map(|one| view! { <tr><Named one /></tr> }).collect_view()}</tbody>
                        </table>
                    </div>
                </details>
            })}
            {(all_left_out > 0).then(|| view! {
                <h3 class="ds-heading" data-size="2xs">
                    {text(move || words.texts().invite_left_out(&all_left_out.to_string()))}
                </h3>
                <div class="desk-scroll" tabindex="0" role="group" aria-label=words.say(|t| t.invite_why)>
                    <table class="ds-table">
                        <thead><tr>
                            <th scope="col">{words.say(|t| t.close_who)}</th>
                            <th scope="col">{words.say(|t| t.case_type)}</th>
                            <th scope="col">{words.say(|t| t.invite_why)}</th>
                        </tr></thead>
                        <tbody>{left_out.into_iter().map(|one| view! { <Without one /> }).collect_view()}</tbody>
                    </table>
                </div>
            })}
        </section>
    }
}

/// Renders the cells with the person and the type.
#[component]
fn Named(one: Invitee) -> impl IntoView {
    let speech = use_speech();
    let Invitee { case, reference, applicant, application_type: kind } = one;
    view! {
        <th scope="row"><a class="ds-link" href=paths::desk_case(&case)>{applicant}</a> <br /> <span class="quiet">{reference}</span></th>
        <td>{text(move || speech.texts().kind.get(kind.code()))}</td>
    }
}

/// Renders a person who is left out, with the reason.
#[component]
fn Without(one: LeftOut) -> impl IntoView {
    let words = use_words();
    let speech = use_speech();
    let LeftOut { invitee, reason, until } = one;
    let why = move || match (reason, until) {
        (Some(reason), _) => speech.texts().reason_title.get(reason.code()).to_owned(),
        (None, Some(day)) => words.texts().invite_until(&dates::short_day(day, words.language())),
        (None, None) => String::new(),
    };
    view! { <tr><Named one=invitee /><td>{text(why)}</td></tr> }
}

/// Renders the earlier requests.
#[component]
fn Askings(askings: Vec<Asking>) -> impl IntoView {
    let words = use_words();
    let speech = use_speech();
    (!askings.is_empty()).then(|| view! {
        <section class="stack" aria-labelledby="askings">
            <h2 id="askings" class="ds-heading" data-size="sm">{words.say(|t| t.invite_earlier)}</h2>
            <ul class="plain stack">{askings.into_iter().map(|one| {
                let id = one.id.clone();
                let live = one.live;
                view! {
                    <li>
                        <a class="ds-link" href=paths::desk_asking(&id)>{text(move || crate::pages::desk::documents::invitation_round::name(&one, words, speech))}</a>
                        {(live == 0).then(|| view! { " " <span class="ds-tag" data-color="neutral">{words.say(|t| t.asking_over)}</span> })}
                    </li>
                }
            }).collect_view()}</ul>
        </section>
    })
}
