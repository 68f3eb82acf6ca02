//! `/desk/notices`: the policy documents in force, the drafts, and the editor for a new version. The text is kept in
//! this tab.

use ::api::policies::{Draft, Holding, Policies, Write};
use leptos::{html, prelude::*};
use rules::{Coded, notice::Language};

use crate::{
    api::{self, Failure},
    browser::clock::use_clock,
    pages::desk::{
        frame::use_officer,
        parts::{
            fields::{DayField, Detail, day},
            preview_then_apply::PreviewThenApply,
        },
        policies::effect::{Answers, Faults},
    },
    paths,
    router::use_router,
    state::{action::Action, drafts, remote::Remote},
    text::{dates, desk_texts::use_words},
    ui::{
        dynamic::{is, part, press, text},
        failure::{FailureAlert, Fetched},
        page::Page,
    },
};

/// Template of a new policy document, with placeholders for the district and the day.
const SKELETON: &str = r#"id = "{district}-{day}"
version = 1
publisher = ""
published = {day}
changed = {day}
original = "nb"
title = { nb = "", en = "" }

[[sentence]]
id = "window"
says = "forbids"
nb = ""
en = ""

[[reduced-passport-capacity]]
districts = ["{district}"]
first = {day}
last = {day}
sentence = "window"
"#;

/// The state of the editor.
#[derive(Clone, Copy)]
struct Writing {
    body: RwSignal<String>,
    from: RwSignal<String>,
    /// `true` while the editor is shown.
    open: RwSignal<bool>,
    /// `true` after a press on "write". The editor then takes the focus; after a reload it does not.
    asked: StoredValue<bool>,
    failure: RwSignal<Option<Failure>>,
}

impl Writing {
    fn begin(self, text: String) {
        self.asked.set_value(true);
        self.body.try_set(text);
        self.open.try_set(true);
    }

    /// Closes the editor and deletes the stored text.
    fn forget(self) {
        for field in [self.body, self.from] {
            field.try_set(String::new());
        }
        self.failure.try_set(None);
        self.open.try_set(false);
    }
}

/// Renders the page.
#[component]
pub fn Notices() -> impl IntoView {
    let words = use_words();
    let [body, from] = ["policy", "policy-from"].map(|name| drafts::line(name.to_owned(), String::new()));
    let open = RwSignal::new(body.with_untracked(|body| !body.is_empty()));
    let writing = Writing { body, from, open, asked: StoredValue::new(false), failure: RwSignal::new(None) };
    provide_context(writing);
    let policies = Remote::fetch(api::desk::policies);
    view! {
        <Page title=words.signal(|t| t.notices_title)>
            {part(move || open.get().then(|| view! { <Form /> }))}
            <Fetched remote=policies show=|policies| view! { <All policies /> }.into_any() />
        </Page>
    }
}

/// Renders the drafts and the documents in force.
#[component]
fn All(policies: Policies) -> impl IntoView {
    let words = use_words();
    let Policies { in_force, drafts } = policies;
    view! {
        <section class="stack" aria-labelledby="drafts">
            <h2 id="drafts" class="ds-heading" data-size="sm">{words.say(|t| t.notices_drafts)}</h2>
            {drafts.is_empty().then(|| view! { <p class="ds-paragraph">{words.say(|t| t.notices_no_drafts)}</p> })}
            <ul class="plain stack">{drafts.into_iter().map(|draft| {
                let path = paths::desk_draft(&draft.id);
                let state = draft.state;
                view! {
                    <li>
                        <a class="ds-link" href=path>{text(move || name(words, &draft))}</a>
                        " " <span class="ds-tag" data-color="info">{text(move || words.texts().draft_state.get(state.code()))}</span>
                    </li>
                }
            }).collect_view()}</ul>
        </section>
        <section class="stack" aria-labelledby="in-force">
            <h2 id="in-force" class="ds-heading" data-size="sm">{words.say(|t| t.notices_in_force)}</h2>
            <div class="desk-scroll" tabindex="0" role="group" aria-labelledby="in-force">
                <table class="ds-table">
                    <thead><tr>
                        <th scope="col">{words.say(|t| t.notices_document)}</th>
                        <th scope="col" class="figure">{words.say(|t| t.notices_version)}</th>
                        <th scope="col">{words.say(|t| t.notices_publisher)}</th>
                        <th scope="col">{words.say(|t| t.notices_since)}</th>
                        <th scope="col"><span class="visually-hidden">{words.say(|t| t.officers_do)}</span></th>
                    </tr></thead>
                    <tbody>{in_force.into_iter().map(|holding| view! { <Row holding /> }).collect_view()}</tbody>
                </table>
            </div>
            <BeginNew />
        </section>
    }
}

/// A draft's name: document, version and day.
pub fn name(words: crate::text::desk_texts::Words, draft: &Draft) -> String {
    words.texts().notices_draft_name(
        &dates::short_day(draft.from, words.language()),
        &draft.document,
        &draft.version.to_string(),
    )
}

/// Renders one document in force.
#[component]
fn Row(holding: Holding) -> impl IntoView {
    let words = use_words();
    let writing: Writing = expect_context();
    let action = Action::saying(writing.failure);
    let Holding { document, version, publisher, title, origin, since } = holding;
    let title = text(move || match words.language() {
        Language::Nb => title.nb.clone(),
        Language::En => title.en.clone(),
    });
    let since = text(move || {
        let origin = words.texts().origin.get(origin.code());
        since.map_or(origin.to_owned(), |day| format!("{}, {origin}", dates::short_day(day, words.language())))
    });
    let (id, of) = (document.clone(), document.clone());
    let begin = move || {
        let id = id.clone();
        action.run(async move { api::desk::next_version(&id).await }, move |source| {
            // Text that was begun during the request is not overwritten.
            if writing.open.try_get_untracked() == Some(false) {
                writing.begin(source.body);
            }
        });
    };
    let begin = StoredValue::new_local(begin);
    view! {
        <tr>
            <th scope="row">{title} <br /> <code class="quiet">{document}</code></th>
            <td class="figure">{version}</td>
            <td>{publisher}</td>
            <td>{since}</td>
            // No button while the editor has text, which it would overwrite.
            <td>{part(move || (!writing.open.get()).then(|| {
                let of = of.clone();
                view! {
                    <button type="button" class="ds-button" data-variant="secondary" data-size="sm"
                        aria-label=text(move || words.texts().notices_begin_of(&of))
                        on:click=press(move || begin.with_value(|begin| begin()))>{words.say(|t| t.notices_begin)}</button>
                }
            }))}</td>
        </tr>
    }
}

/// Renders the button for a new document.
#[component]
fn BeginNew() -> impl IntoView {
    let words = use_words();
    let writing: Writing = expect_context();
    let clock = use_clock();
    let district = use_officer().district;
    let begin = move || {
        let today = clock.now_untracked().map(|now| rules::day::in_oslo(now).to_string()).unwrap_or_default();
        writing.begin(SKELETON.replace("{district}", district.code()).replace("{day}", &today));
    };
    part(move || {
        (!writing.open.get()).then(|| view! {
            <div><button type="button" class="ds-button" data-variant="secondary" on:click=press(begin)>{words.say(|t| t.notices_new)}</button></div>
        })
    })
}

/// Renders the editor, and the preview below it.
#[component]
fn Form() -> impl IntoView {
    let words = use_words();
    let router = use_router();
    let district = use_officer().district;
    let writing: Writing = expect_context();
    let Writing { body, from, failure, .. } = writing;
    let asked = RwSignal::new(false);
    let planned = PreviewThenApply::new(failure, move || {
        body.track();
        from.track();
    });
    let written = move || {
        let from = day(from)?;
        let body = body.get_untracked();
        (!body.trim().is_empty()).then_some(Write { body, from })
    };
    let look = move || {
        asked.set(true);
        let Some(write) = written() else { return };
        planned.ask_preview(write, async |write| api::desk::preview_policy(&write).await);
    };
    let save = move || {
        planned.apply(
            async |write, _, key| api::desk::draft_policy(&write, &key).await,
            move |_, draft| {
                writing.forget();
                router.go(&paths::desk_draft(&draft.id));
            },
        );
    };
    view! {
        <section class="stack" aria-labelledby="write">
            <h2 id="write" class="ds-heading" data-size="sm">{words.say(|t| t.notices_write)}</h2>
            <form class="stack" novalidate on:submit=move |event| { event.prevent_default(); look(); }>
                <Document writing asked />
                <DayField id="from" label=words.signal(|t| t.notices_from) value=from asked />
                <div class="row">
                    <button type="submit" class="ds-button" data-variant="secondary" aria-disabled=is(planned.busy)>{words.say(|t| t.notices_preview)}</button>
                    <button type="button" class="ds-button" data-variant="tertiary" on:click=press(move || writing.forget())>{words.say(|t| t.notices_discard)}</button>
                </div>
            </form>
            {part(move || failure.get().map(|said| {
                let faults = said.faults().to_vec();
                view! { <Detail failure=said.clone() /> <FailureAlert failure=said again=look /> <Faults faults /> }
            }))}
            <div role="status" class="stack">
                {part(move || planned.preview.get().map(|preview| view! {
                    <Answers preview district />
                    <div><button type="button" class="ds-button" aria-disabled=is(planned.busy) on:click=press(save)>{words.say(|t| t.notices_save)}</button></div>
                }))}
            </div>
        </section>
    }
}

/// Renders the text area of the document.
#[component]
fn Document(writing: Writing, asked: RwSignal<bool>) -> impl IntoView {
    let words = use_words();
    let body = writing.body;
    let is_missing = Memo::new(move |_| asked.get() && body.with(|body| body.trim().is_empty()));
    let area = NodeRef::<html::Textarea>::new();
    area.on_load(move |area| {
        if writing.asked.get_value() {
            // A field that is already removed needs no focus.
            area.focus().ok();
        }
    });
    view! {
        <div class="ds-field">
            <label class="ds-label" for="document" data-weight="medium">{words.say(|t| t.notices_body)}</label>
            <div id="document-hint" data-field="description">{words.say(|t| t.notices_body_hint)}</div>
            <textarea node_ref=area id="document" class="ds-input desk-document" rows="24" spellcheck="false" autocomplete="off"
                aria-describedby="document-hint document-problem" aria-invalid=text(move || is_missing.get().to_string())
                prop:value=move || body.get() on:input:target=move |event| body.set(event.target().value())></textarea>
            <div id="document-problem" aria-live="polite">
                {part(move || is_missing.get().then(|| view! {
                    <p class="ds-validation-message" data-color="danger">{words.say(|t| t.notices_body_missing)}</p>
                }))}
            </div>
        </div>
    }
}
