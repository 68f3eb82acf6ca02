//! `/desk/account` and `/desk/officers/:id`: the passkeys, sessions and links of the officer, or of another officer.

use ::api::{
    ids::{OfficerId, PasskeyId},
    officers::{Access, AtDesk, Joining, LinkMade, Officer, Passkey},
};
use leptos::prelude::*;
use rules::Coded;

use crate::{
    api::{self, Failure},
    pages::desk::staff::officers::Link,
    paths,
    state::{action::Action, remote::Remote},
    text::{
        dates,
        desk_texts::{Pick, Texts, use_words},
    },
    ui::{
        dynamic::{is, part, press, text},
        failure::{FailureAlert, Fetched},
        page::{Page, focus_heading},
    },
};

/// State shared by the parts of the page.
#[derive(Clone, Copy)]
struct Said {
    access: Remote<Access>,
    /// The other officer's id; `None` for the officer's own access.
    whose: StoredValue<Option<OfficerId>>,
    action: Action,
    /// The confirmation of the last action.
    done: RwSignal<Option<Pick>>,
    /// The last link.
    joining: RwSignal<Option<Joining>>,
}

impl Said {
    fn of(whose: Option<OfficerId>) -> Said {
        let asked = whose.clone();
        let access = Remote::fetch(move || {
            let asked = asked.clone();
            async move {
                match asked {
                    Some(officer) => api::desk::access(&officer).await,
                    None => api::desk::account().await,
                }
            }
        });
        Said {
            access,
            whose: StoredValue::new(whose),
            action: Action::new(),
            done: RwSignal::new(None),
            joining: RwSignal::new(None),
        }
    }

    /// Fetches the changed access and shows the confirmation. The focus moves to the heading, because the pressed
    /// button may be gone.
    fn changed(self, done: Option<Pick>) {
        self.done.try_set(done);
        self.access.again();
        focus_heading();
    }

    /// Sends one request at a time.
    fn act<T: 'static>(self, ask: impl Future<Output = Result<T, Failure>> + 'static, then: impl Fn(T) + 'static) {
        if !self.action.busy.get_untracked() {
            self.done.set(None);
        }
        self.action.run(ask, then);
    }
}

/// Renders the officer's own access.
#[component]
pub fn Account() -> impl IntoView {
    let words = use_words();
    let said = Said::of(None);
    provide_context(said);
    view! {
        <Page title=words.signal(|t| t.access_title)>
            <Outcome />
            <Fetched remote=said.access show=|access: Access| view! {
                <Passkeys passkeys=access.passkeys />
                <Another />
                <Sessions sessions=access.sessions />
                <Links links=access.links />
            }.into_any() />
        </Page>
    }
}

/// Renders another officer's access, for administrators.
#[component]
pub fn OfficersAccess(officer: OfficerId) -> impl IntoView {
    let words = use_words();
    let said = Said::of(Some(officer));
    provide_context(said);
    view! {
        <Page title=words.signal(|t| t.access_title_of)>
            <Outcome />
            <Fetched remote=said.access show=|access: Access| view! {
                <Whose officer=access.officer.clone() />
                <Passkeys passkeys=access.passkeys />
                <Sessions sessions=access.sessions />
                <Links links=access.links />
                <Lost officer=access.officer />
            }.into_any() />
            <p><a class="ds-link" href=paths::DESK_OFFICERS>{words.say(|t| t.access_back)}</a></p>
        </Page>
    }
}

/// Renders the confirmation, link or failure of the last action.
#[component]
fn Outcome() -> impl IntoView {
    let words = use_words();
    let said: Said = expect_context();
    let is_own = said.whose.with_value(Option::is_none);
    view! {
        <div role="status">
            {part(move || said.done.get().map(|done| view! {
                <p class="ds-alert" data-color="success">{words.say(done)}</p>
            }))}
            {part(move || said.joining.get().filter(|_| !is_own).map(|joining| view! { <Link joining /> }))}
        </div>
        {part(move || said.action.failure.get().map(|failure| view! {
            <FailureAlert failure again=move || said.action.failure.set(None) />
        }))}
    }
}

/// Renders the officer's name and role.
#[component]
fn Whose(officer: Officer) -> impl IntoView {
    let words = use_words();
    let Officer { name, role, .. } = officer;
    view! {
        <p class="ds-paragraph"><strong>
            {text(move || words.texts().access_whose(&name, words.texts().role.get(role.code())))}
        </strong></p>
    }
}

/// Renders the passkeys.
#[component]
fn Passkeys(passkeys: Vec<Passkey>) -> impl IntoView {
    let words = use_words();
    let said: Said = expect_context();
    let is_own = said.whose.with_value(Option::is_none);
    // The officer's own last passkey cannot be removed: it is the only way to sign in.
    let may_remove = !is_own || passkeys.len() > 1;
    let none = passkeys.is_empty();
    let remove = move |id: PasskeyId| {
        let whose = said.whose.get_value();
        let act = async move { api::desk::remove_passkey(whose.as_ref(), &id).await };
        said.act(act, move |()| said.changed(Some(|t| t.access_removed)));
    };
    let rows = passkeys.into_iter().map(|passkey| {
        let Passkey { id, added, used, device, this } = passkey;
        let named = device.clone();
        let spoken = text(move || format!("{}: {}", words.texts().access_remove, known(&named, words.texts())));
        let facts = text(move || {
            let time = |at| dates::day_and_time(at, words.language());
            let added = words.texts().access_added(&time(added));
            let used = used.map(|at| words.texts().access_used(&time(at)));
            [Some(added), used].into_iter().flatten().collect::<Vec<_>>().join(", ")
        });
        view! {
            <li class="row">
                <span><strong>{text(move || known(&device, words.texts()))}</strong> ", " {facts}</span>
                {this.then(|| view! { <span class="ds-tag" data-color="info">{words.say(|t| t.access_this_passkey)}</span> })}
                {may_remove.then(|| view! {
                    <button type="button" class="ds-button" data-variant="secondary" data-size="sm" aria-label=spoken
                        aria-disabled=is(said.action.busy) on:click=press(move || remove(id.clone()))>{words.say(|t| t.access_remove)}</button>
                })}
            </li>
        }
    });
    view! {
        <section class="stack" aria-labelledby="passkeys">
            <h2 id="passkeys" class="ds-heading" data-size="sm">{words.say(|t| t.access_passkeys)}</h2>
            {none.then(|| view! { <p class="ds-paragraph">{words.say(|t| t.access_passkeys_none)}</p> })}
            <ul class="plain stack">{rows.collect_view()}</ul>
        </section>
    }
}

/// Renders the sessions.
#[component]
fn Sessions(sessions: Vec<AtDesk>) -> impl IntoView {
    let words = use_words();
    let said: Said = expect_context();
    let none = sessions.is_empty();
    let end = move |id: String| {
        let whose = said.whose.get_value();
        let act = async move { api::desk::end_session(whose.as_ref(), &id).await };
        said.act(act, move |()| said.changed(Some(|t| t.access_ended)));
    };
    let rows = sessions.into_iter().map(|session| {
        let AtDesk { id, began, seen, device, this } = session;
        let named = device.clone();
        let spoken = text(move || format!("{}: {}", words.texts().access_end, known(&named, words.texts())));
        let facts = text(move || {
            let time = |at| dates::day_and_time(at, words.language());
            let since = words.texts().access_since(&time(began));
            format!("{since}, {}", words.texts().access_seen(&time(seen)))
        });
        view! {
            <li class="row">
                <span><strong>{text(move || known(&device, words.texts()))}</strong> ", " {facts}</span>
                {if this {
                    view! { <span class="ds-tag" data-color="info">{words.say(|t| t.access_this_session)}</span> }.into_any()
                } else {
                    view! {
                        <button type="button" class="ds-button" data-variant="secondary" data-size="sm" aria-label=spoken
                            aria-disabled=is(said.action.busy) on:click=press(move || end(id.clone()))>{words.say(|t| t.access_end)}</button>
                    }.into_any()
                }}
            </li>
        }
    });
    view! {
        <section class="stack" aria-labelledby="sessions">
            <h2 id="sessions" class="ds-heading" data-size="sm">{words.say(|t| t.access_sessions)}</h2>
            {none.then(|| view! { <p class="ds-paragraph">{words.say(|t| t.access_sessions_none)}</p> })}
            <ul class="plain stack">{rows.collect_view()}</ul>
        </section>
    }
}

/// Renders recent links made by others, so that no link stays unnoticed.
#[component]
fn Links(links: Vec<LinkMade>) -> impl IntoView {
    let words = use_words();
    let rows = links.iter().cloned().map(|link| {
        let LinkMade { made, by, used, .. } = link;
        text(move || {
            let time = |at| dates::day_and_time(at, words.language());
            let name = by.as_deref().unwrap_or(words.texts().access_command_line);
            let made = words.texts().access_links_by(name, &time(made));
            let used = match used {
                Some(at) => words.texts().access_links_used(&time(at)),
                None => words.texts().access_links_unused.to_owned(),
            };
            format!("{made}; {used}")
        })
    });
    let rows = rows.map(|row| view! { <li>{row}</li> }).collect_view();
    (!links.is_empty()).then(|| {
        view! {
            <section class="stack" aria-labelledby="links">
                <h2 id="links" class="ds-heading" data-size="sm">{words.say(|t| t.access_links)}</h2>
                <ul class="plain stack">{rows}</ul>
            </section>
        }
    })
}

/// Renders the button for another passkey of the officer's own.
#[component]
fn Another() -> impl IntoView {
    let words = use_words();
    let said: Said = expect_context();
    let make = move || {
        said.act(api::desk::own_link(), move |joining| {
            said.joining.try_set(Some(joining));
        });
    };
    view! {
        <section class="stack" aria-labelledby="another">
            <h2 id="another" class="ds-heading" data-size="sm">{words.say(|t| t.access_another)}</h2>
            <p class="ds-paragraph">{words.say(|t| t.access_another_text)}</p>
            <div role="status">
                {part(move || said.joining.get().map(|Joining { link, expires, .. }| view! {
                    <div class="ds-alert" data-color="success">
                        <div class="stack">
                            <p class="ds-paragraph">{text(move || words.texts().access_another_link(&dates::day_and_time(expires, words.language())))}</p>
                            <p class="ds-paragraph"><code class="desk-code">{link}</code></p>
                        </div>
                    </div>
                }))}
            </div>
            <div><button type="button" class="ds-button" data-variant="secondary" aria-disabled=is(said.action.busy) on:click=press(make)>
                {words.say(|t| t.access_another_make)}
            </button></div>
        </section>
    }
}

/// Renders the button for a new link, for an officer who has lost the passkey.
#[component]
fn Lost(officer: Officer) -> impl IntoView {
    let words = use_words();
    let said: Said = expect_context();
    let Officer { id, name, .. } = officer;
    let make = move || {
        let id = id.clone();
        let act = async move { api::desk::link_officer(&id).await };
        said.act(act, move |joining| {
            said.joining.try_set(Some(joining));
            said.changed(None);
        });
    };
    view! {
        <section class="stack" aria-labelledby="lost">
            <h2 id="lost" class="ds-heading" data-size="sm">{words.say(|t| t.access_lost)}</h2>
            <p class="ds-paragraph">{text(move || words.texts().access_lost_text(&name))}</p>
            <div><button type="button" class="ds-button" data-variant="secondary" data-color="danger" aria-disabled=is(said.action.busy) on:click=press(make)>
                {words.say(|t| t.access_lost_make)}
            </button></div>
        </section>
    }
}

/// The name of a device, or the text for an unknown one.
fn known(device: &str, texts: &Texts) -> String {
    if device.is_empty() { texts.access_unknown_device.to_owned() } else { device.to_owned() }
}
