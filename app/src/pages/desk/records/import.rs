//! `/desk/import`: import of the case register from a file. The file is applied only after a preview.

use ::api::imports::{self, Column, Encoding, RowErrorKind};
use leptos::{html, prelude::*};
use rules::{ApplicationType, Coded, District};
use web_sys::File;

use crate::{
    api,
    state::action::Action,
    text::{
        desk_texts::{Pick, use_words},
        language::use_speech,
    },
    ui::{
        dynamic::{is, part, press, text},
        failure::FailureAlert,
        page::Page,
    },
};

/// The server's answer about a file.
#[derive(Clone)]
struct Said {
    file: String,
    import: imports::Import,
    is_taken: bool,
}

/// Renders the page.
#[component]
pub fn Import() -> impl IntoView {
    let words = use_words();
    let input = NodeRef::<html::Input>::new();
    let none = RwSignal::new(false);
    let said = RwSignal::new(None::<Said>);
    let action = Action::new();
    let Action { busy, failure, .. } = action;
    let ask = move |takes: bool| {
        if busy.get_untracked() {
            return;
        }
        let file: Option<File> = input.get_untracked().and_then(|input| input.files()?.get(0));
        none.set(file.is_none());
        failure.set(None);
        let Some(file) = file else { return };
        let name = file.name();
        let ask =
            async move { if takes { api::desk::import(&file).await } else { api::desk::preview_import(&file).await } };
        action.run(ask, move |import| {
            said.try_set(Some(Said { file: name, import, is_taken: takes }));
        });
    };
    view! {
        <Page title=words.signal(|t| t.import_title)>
            <div class="stack">
                <p class="ds-paragraph">{words.say(|t| t.import_lead)}</p>
                <p class="ds-paragraph"><code class="desk-code">{
                    Column::ALL.iter().map(|column| column.code()).collect::<Vec<_>>().join(", ")
                }</code></p>
                <p class="ds-paragraph quiet" data-size="sm">{words.say(|t| t.import_hint)}</p>
                <Codes />
            </div>
            <form class="stack" novalidate on:submit=move |event| { event.prevent_default(); ask(false); }>
                <div class="ds-field">
                    <label class="ds-label" for="import-file" data-weight="medium">{words.say(|t| t.import_file)}</label>
                    <input node_ref=input id="import-file" class="ds-input desk-file" type="file" accept=".csv,.jsonl,.ndjson,.json,text/csv"
                        aria-describedby="import-file-problem"
                        on:change=move |_| { action.forget(); said.set(None); none.set(false); } />
                    <div id="import-file-problem" aria-live="polite">
                        {part(move || none.get().then(|| view! {
                            <p class="ds-validation-message" data-color="danger">{words.say(|t| t.import_none)}</p>
                        }))}
                    </div>
                </div>
                <div class="row">
                    <button type="submit" class="ds-button" data-variant="secondary" aria-disabled=is(busy)>{words.say(|t| t.import_check)}</button>
                    <span role="status">{text(move || if busy.get() { words.texts().import_checking } else { "" })}</span>
                </div>
            </form>
            {part(move || failure.get().map(|why| view! { <FailureAlert failure=why again=move || failure.set(None) /> }))}
            <div role="status" class="stack">
                {part(move || said.get().map(|said| view! { <Verdict said busy take=move || ask(true) /> }))}
            </div>
            {part(move || said.get().filter(|said| !said.import.kinds.is_empty()).map(|said| view! {
                <Faults kinds=said.import.kinds />
            }))}
        </Page>
    }
}

/// Renders the codes that the columns `type` and `district` accept.
#[component]
fn Codes() -> impl IntoView {
    let words = use_words();
    let speech = use_speech();
    view! {
        <details class="ds-details">
            <summary>{words.say(|t| t.import_codes)}</summary>
            <dl class="facts">
                {ApplicationType::ALL.iter().map(|kind| view! {
                    <dt><code>{kind.code()}</code></dt><dd>{text(move || speech.texts().kind.get(kind.code()))}</dd>
                }).collect_view()}
                {District::ALL.iter().map(|district| view! {
                    <dt><code>{district.code()}</code></dt><dd>{text(move || speech.texts().district.get(district.code()))}</dd>
                }).collect_view()}
            </dl>
        </details>
    }
}

/// Renders the number of rows by effect, and the button that applies them.
#[component]
fn Verdict(said: Said, busy: RwSignal<bool>, take: impl Fn() + Send + 'static) -> impl IntoView {
    let words = use_words();
    let Said { file, import, is_taken } = said;
    let columns = |list: &[String]| (!list.is_empty()).then(|| list.join(", "));
    let (unknown, missing) = (columns(&import.unknown_columns), columns(&import.missing_columns));
    let differs = import.new + import.changed > 0;
    let names: [Pick; 4] = [|t| t.import_new, |t| t.import_changed, |t| t.import_unchanged, |t| t.import_bad];
    let counts = [import.new, import.changed, import.unchanged, import.bad];
    view! {
        <h2 class="ds-heading" data-size="sm">
            {words.say(if is_taken { |t| t.import_taken } else { |t| t.import_seen })}
        </h2>
        {is_taken.then(|| view! {
            <p class="ds-alert" data-color="success">{text(move || words.texts().import_done(&file))}</p>
        })}
        {(import.encoding != Encoding::Utf8).then(|| {
            let encoding = import.encoding.code();
            view! { <p class="ds-alert" data-color="info">{text(move || words.texts().encoding.get(encoding))}</p> }
        })}
        {missing.map(|columns| view! {
            <p class="ds-alert" data-color="danger">{text(move || words.texts().import_missing_columns(&columns))}</p>
        })}
        {unknown.map(|columns| view! {
            <p class="ds-alert" data-color="warning">{text(move || words.texts().import_unknown_columns(&columns))}</p>
        })}
        <table class="ds-table desk-counts">
            <thead><tr>
                <th scope="col">{words.say(|t| t.import_count)}</th>
                <th scope="col" class="figure">{words.say(|t| t.import_how_many)}</th>
            </tr></thead>
            <tbody>{names.into_iter().zip(counts).map(|(name, count)| view! {
                <tr><th scope="row">{words.say(name)}</th><td class="figure">{count}</td></tr>
            }).collect_view()}</tbody>
        </table>
        {match (is_taken, differs) {
            (true, _) => ().into_any(),
            (false, true) => view! {
                <div><button type="button" class="ds-button" aria-disabled=is(busy) on:click=press(take)>{words.say(|t| t.import_take)}</button></div>
            }.into_any(),
            (false, false) => view! {
                <p class="ds-paragraph">{words.say(if import.unchanged > 0 { |t| t.import_nothing } else { |t| t.import_nothing_good })}</p>
            }.into_any(),
        }}
    }
}

/// Renders the faults, equal ones in one row with their first lines.
#[component]
fn Faults(kinds: Vec<RowErrorKind>) -> impl IntoView {
    let words = use_words();
    view! {
        <div class="stack">
            <h2 id="import-faults" class="ds-heading" data-size="sm">{words.say(|t| t.import_faults)}</h2>
            <div class="desk-scroll" tabindex="0" role="region" aria-labelledby="import-faults">
                <table class="ds-table">
                    <thead><tr>
                        <th scope="col" class="figure">{words.say(|t| t.import_rows)}</th>
                        <th scope="col">{words.say(|t| t.import_column)}</th>
                        <th scope="col">{words.say(|t| t.import_wrong)}</th>
                        <th scope="col">{words.say(|t| t.import_value)}</th>
                        <th scope="col">{words.say(|t| t.import_line)}</th>
                    </tr></thead>
                    <tbody>{kinds.into_iter().map(|kind| {
                        let RowErrorKind { column, code, count, lines, value } = kind;
                        let more = count > lines.len() as u64;
                        let lines = lines.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
                        view! {
                            <tr>
                                <td class="figure">{count}</td>
                                <td>{column}</td>
                                <th scope="row">{text(move || words.texts().wrong.get(code.code()))}" "<code class="quiet">{code.code()}</code></th>
                                <td class="desk-about">{value}</td>
                                <td class="desk-about">{lines}{more.then_some(" …")}</td>
                            </tr>
                        }
                    }).collect_view()}</tbody>
                </table>
            </div>
        </div>
    }
}
