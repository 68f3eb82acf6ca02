//! `/desk/audit`: the audit log of the district, the newest entries first.

use ::api::{
    audit::{self, Asked, Listed, Who},
    officers::Officer,
};
use leptos::prelude::*;
use rules::Coded;

use crate::{
    api, paths,
    state::action::Action,
    text::{dates, desk_texts::use_words},
    ui::{
        dynamic::{is, part, press, text},
        failure::FailureAlert,
        field::TextField,
        page::Page,
    },
};

/// Renders the page.
#[component]
pub fn Audit() -> impl IntoView {
    let words = use_words();
    let reference = RwSignal::new(String::new());
    let officer = RwSignal::new(String::new());
    let entries = RwSignal::new(None::<Vec<Listed>>);
    let officers = RwSignal::new(Vec::<Officer>::new());
    let more = RwSignal::new(false);
    let action = Action::new();
    let Action { busy, failure, .. } = action;
    // The search of the entries on the screen. The fields may have changed since.
    let asked = StoredValue::new(Asked::default());
    let fetch = move || {
        let asked = asked.get_value();
        let is_anew = asked.before.is_empty();
        let done = move |audit::Audit { entries: further, more: others, officers: all }| {
            let mut shown = entries.try_get_untracked().flatten().unwrap_or_default();
            if is_anew {
                shown.clear();
            }
            shown.extend(further);
            entries.try_set(Some(shown));
            more.try_set(others);
            if officers.try_with_untracked(|known| *known != all) == Some(true) {
                officers.try_set(all);
            }
        };
        action.renew(async move { api::desk::audit(&asked).await }, done);
    };
    let search = move || {
        let (reference, officer) = (reference.get_untracked(), officer.get_untracked());
        asked.set_value(Asked { reference, officer, before: String::new() });
        fetch();
    };
    let older = move || {
        if busy.get_untracked() {
            return;
        }
        let last = entries.with_untracked(|all| Some(all.as_ref()?.last()?.id.clone())).unwrap_or_default();
        asked.update_value(|asked| asked.before = last.into());
        fetch();
    };
    search();
    view! {
        <Page title=words.signal(|t| t.audit_title)>
            <p class="ds-paragraph">{words.say(|t| t.audit_lead)}</p>
            <form class="desk-search" novalidate on:submit=move |event| { event.prevent_default(); search(); }>
                <TextField id="audit-reference" value=reference label=words.signal(|t| t.audit_reference) problem=text(|| "") />
                <div class="ds-field">
                    <label class="ds-label" for="audit-officer" data-weight="medium">{words.say(|t| t.audit_officer)}</label>
                    <select id="audit-officer" class="ds-input" on:change:target=move |event| officer.set(event.target().value())>
                        <option value="">{words.say(|t| t.audit_everybody)}</option>
                        {part(move || officers.get().into_iter().map(|one| {
                            let is_chosen = officer.with_untracked(|chosen| one.id == **chosen);
                            view! { <option value=one.id.to_string() selected=is_chosen>{one.name}</option> }
                        }).collect_view())}
                    </select>
                    // Same height as the field beside it, which has room for an error message.
                    <div></div>
                </div>
                <button type="submit" class="ds-button" aria-disabled=is(busy)>{words.say(|t| t.audit_search)}</button>
            </form>
            {part(move || failure.get().map(|why| view! { <FailureAlert failure=why again=fetch /> }))}
            <div role="status">
                {part(move || entries.with(|all| all.as_ref().is_some_and(Vec::is_empty)).then(|| view! {
                    <p class="ds-paragraph">{words.say(|t| t.audit_none)}</p>
                }))}
            </div>
            {part(move || entries.get().filter(|all| !all.is_empty()).map(|entries| view! { <Entries entries /> }))}
            {part(move || more.get().then(|| view! {
                <div><button type="button" class="ds-button" data-variant="secondary" aria-disabled=is(busy) on:click=press(older)>
                    {words.say(|t| t.audit_older)}
                </button></div>
            }))}
        </Page>
    }
}

/// Renders the entries.
#[component]
fn Entries(entries: Vec<Listed>) -> impl IntoView {
    let words = use_words();
    view! {
        <div class="desk-scroll" tabindex="0" role="region" aria-label=words.say(|t| t.audit_title)>
            <table class="ds-table">
                <thead><tr>
                    <th scope="col">{words.say(|t| t.audit_at)}</th>
                    <th scope="col">{words.say(|t| t.audit_who)}</th>
                    <th scope="col">{words.say(|t| t.audit_action)}</th>
                    <th scope="col">{words.say(|t| t.audit_about)}</th>
                    <th scope="col">{words.say(|t| t.audit_reason)}</th>
                    <th scope="col">{words.say(|t| t.audit_receipt)}</th>
                    <th scope="col" class="figure">{words.say(|t| t.audit_number)}</th>
                </tr></thead>
                <tbody>{entries.into_iter().map(|entry| view! { <Row entry /> }).collect_view()}</tbody>
            </table>
        </div>
    }
}

/// Renders one entry.
#[component]
fn Row(entry: Listed) -> impl IntoView {
    let words = use_words();
    let Listed { at, who, officer, action, case, about, document, words: reason, receipt, number, .. } = entry;
    let number = number.map(|number| number.to_string()).unwrap_or_default();
    let who = text(move || match (who, &officer) {
        (Who::Officer, Some(name)) => name.clone(),
        _ => words.texts().who.get(who.code()).to_owned(),
    });
    let receipt = receipt.map(|receipt| {
        let number = number.clone();
        let name = format!("skranke-{receipt}.json");
        view! {
            <a class="ds-link" href=paths::desk_receipt(&receipt) rel="external" download=name
                aria-label=text(move || words.texts().audit_receipt_of(&number))>
                {words.say(|t| t.audit_receipt)}
            </a>
        }
    });
    view! {
        <tr>
            <td class="desk-whole">{text(move || format!("{} {}", dates::typed(rules::day::in_oslo(at)), dates::time(at, words.language())))}</td>
            <td>{who}</td>
            <td>{text(move || words.texts().action.get(action.code()))}</td>
            <td class="desk-about">{match case {
                Some(case) => view! { <a class="ds-link desk-whole" href=paths::desk_case(&case)>{about}</a> }.into_any(),
                None => about.into_any(),
            }}{document.map(|document| view! {
                ", " <a class="ds-link" href=paths::desk_document(&document)>{words.say(|t| t.audit_document)}</a>
            })}</td>
            <td>{reason}</td>
            <td>{receipt}</td>
            <td class="figure">{number}</td>
        </tr>
    }
}
