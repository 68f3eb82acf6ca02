//! `/desk/officers`: the officers of the district, for administrators.

use ::api::{
    ids::OfficerId,
    officers::{AddOfficer, Joining, Officer, Role},
};
use leptos::prelude::*;
use rules::Coded;

use crate::{
    api::{self, Failure},
    pages::desk::{
        frame::use_officer,
        parts::{confirm_button::Confirm, copy_button::CopyButton},
    },
    paths,
    state::{action::Action, drafts, remote::Remote},
    text::{dates, desk_texts::use_words},
    ui::{
        dynamic::{is, part, text},
        failure::{FailureAlert, Fetched},
        field::TextField,
        page::{Page, focus_heading},
    },
};

/// Renders the page.
#[component]
pub fn Officers() -> impl IntoView {
    let words = use_words();
    let officers = Remote::fetch(api::desk::officers);
    let said =
        Said { failure: RwSignal::new(None), joining: RwSignal::new(None), ended: RwSignal::new(None), officers };
    provide_context(said);
    view! {
        <Page title=words.signal(|t| t.officers_title)>
            <div role="status">
                {part(move || said.joining.get().map(|joining| view! { <Link joining /> }))}
                {part(move || said.ended.get().map(|name| view! {
                    <p class="ds-alert" data-color="success">{text(move || words.texts().officers_ended(&name))}</p>
                }))}
            </div>
            {part(move || said.failure.get().map(|failure| view! {
                <FailureAlert failure again=move || said.failure.set(None) />
            }))}
            <Fetched remote=officers show=|officers| view! { <List officers /> }.into_any() />
            <Add />
        </Page>
    }
}

/// State shared by the parts of the page.
#[derive(Clone, Copy)]
struct Said {
    failure: RwSignal<Option<Failure>>,
    /// The last link.
    joining: RwSignal<Option<Joining>>,
    /// The name of the officer whose access was ended last.
    ended: RwSignal<Option<String>>,
    officers: Remote<Vec<Officer>>,
}

impl Said {
    fn learn(self, joining: Option<Joining>, ended: Option<String>) {
        self.joining.try_set(joining);
        self.ended.try_set(ended);
        self.officers.again();
    }
}

/// Renders a link for a passkey, with its expiry.
#[component]
pub fn Link(joining: Joining) -> impl IntoView {
    let words = use_words();
    let Joining { officer, link, expires } = joining;
    view! {
        <div class="ds-alert" data-color="success">
            <div class="stack">
                <p class="ds-paragraph">{text(move || words.texts().officers_link(&officer.name, &dates::day_and_time(expires, words.language())))}</p>
                <p class="ds-paragraph"><code class="desk-code">{link.clone()}</code></p>
                <CopyButton value=link />
            </div>
        </div>
    }
}

/// Renders the officers.
#[component]
fn List(officers: Vec<Officer>) -> impl IntoView {
    let words = use_words();
    let own = use_officer().id;
    let said: Said = expect_context();
    let end = move |action: Action, id: OfficerId, name: String| {
        action.run(async move { api::desk::end_officer(&id).await }, move |()| {
            said.learn(None, Some(name));
            // The pressed button disappears with its row.
            focus_heading();
        });
    };
    view! {
        <div class="desk-scroll" tabindex="0" role="group" aria-label=words.say(|t| t.officers_title)>
            <table class="ds-table">
                <thead><tr>
                    <th scope="col">{words.say(|t| t.officers_name)}</th>
                    <th scope="col">{words.say(|t| t.officers_role)}</th>
                    <th scope="col"><span class="visually-hidden">{words.say(|t| t.officers_do)}</span></th>
                </tr></thead>
                <tbody>{officers.into_iter().map(|officer| {
                    let Officer { id, name, role, .. } = officer;
                    let is_own = id == own;
                    let action = Action::saying(said.failure);
                    let to_access = if is_own { paths::DESK_ACCOUNT.to_owned() } else { paths::desk_access(&id) };
                    let to_end = id;
                    let (of_access, of_end, asked, whose) = (name.clone(), name.clone(), name.clone(), name.clone());
                    view! {
                        <tr>
                            <th scope="row">{name}</th>
                            <td>{text(move || words.texts().role.get(role.code()))}</td>
                            <td><div class="row">
                                <a class="ds-button" data-variant="secondary" data-size="sm" href=to_access
                                    aria-label=text(move || format!("{}: {of_access}", words.texts().officers_access))>
                                    {words.say(|t| t.officers_access)}
                                </a>
                                {(!is_own).then(|| view! {
                                    <Confirm variant="tertiary" size="sm" is_danger=true name=text(words.say(|t| t.officers_end))
                                        spoken=text(move || format!("{}: {of_end}", words.texts().officers_end))
                                        question=text(move || words.texts().officers_end_ask(&asked))
                                        consequence=text(words.say(|t| t.officers_end_text)) yes=text(words.say(|t| t.officers_end_do))
                                        act=move || end(action, to_end.clone(), whose.clone()) />
                                })}
                            </div></td>
                        </tr>
                    }
                }).collect_view()}</tbody>
            </table>
        </div>
    }
}

/// Renders the form for a new officer.
#[component]
fn Add() -> impl IntoView {
    let words = use_words();
    let said: Said = expect_context();
    let action = Action::saying(said.failure);
    let busy = action.busy;
    let name = RwSignal::new(String::new());
    let role = RwSignal::new(Role::Clerk);
    let missing = RwSignal::new(false);
    let add = move || {
        if busy.get_untracked() {
            return;
        }
        missing.set(name.with_untracked(|name| name.trim().is_empty()));
        if missing.get_untracked() {
            return;
        }
        let typed = name.get_untracked();
        let asked = AddOfficer { name: typed.clone(), role: role.get_untracked() };
        action.run(async move { api::desk::add_officer(&asked).await }, move |joining| {
            drafts::replace(name, &typed, String::new());
            said.learn(Some(joining), None);
        });
    };
    view! {
        <form class="stack" novalidate on:submit=move |event| { event.prevent_default(); add(); }>
            <h2 class="ds-heading" data-size="sm">{words.say(|t| t.officers_add)}</h2>
            <TextField id="officer-name" value=name label=words.signal(|t| t.officers_name)
                problem=text(move || if missing.get() { words.texts().officers_name_missing } else { "" }) />
            <fieldset class="ds-fieldset">
                <legend class="ds-label" data-weight="medium">{words.say(|t| t.officers_role)}</legend>
                {Role::ALL.iter().map(|one| {
                    let id = format!("role-{}", one.code());
                    let label_for = id.clone();
                    view! {
                        <div class="ds-field">
                            <input type="radio" class="ds-input" id=id name="role"
                                prop:checked=move || role.get() == *one on:change=move |_| role.set(*one) />
                            <label class="ds-label" for=label_for>{text(move || words.texts().role.get(one.code()))}</label>
                        </div>
                    }
                }).collect_view()}
            </fieldset>
            <div><button type="submit" class="ds-button" aria-disabled=is(busy)>{words.say(|t| t.officers_add)}</button></div>
        </form>
    }
}
