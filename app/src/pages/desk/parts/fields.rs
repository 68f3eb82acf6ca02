//! Form fields and parsers that several pages of the desk share.

use ::api::{
    offices::{Minute, Office},
    typed::{self, DateError},
};
use chrono::NaiveDate;
use leptos::prelude::*;
use rules::{ApplicationType, Coded};

use crate::{
    api::Failure,
    state::drafts,
    text::{desk_texts::use_words, language::use_speech},
    ui::{
        dynamic::{part, text},
        faults::use_faults,
        field::TextField,
    },
};

/// Renders the choice of an office. Initially it is the last choice in this tab, or the only office, or none.
#[component]
pub fn OfficeField(
    offices: Vec<Office>,
    chosen: RwSignal<String>,
    #[prop(into, default = Signal::stored(String::new()))] problem: Signal<String>,
) -> impl IntoView {
    let words = use_words();
    use_faults().watch("office".to_owned(), problem);
    let last = drafts::line("office".to_owned(), String::new());
    let is_ours = |id: &str| offices.iter().any(|office| office.id == id);
    // The stored choice may be an office of another district.
    if !chosen.with_untracked(|chosen| is_ours(chosen)) {
        let only = if let [only] = &offices[..] { only.id.to_string() } else { String::new() };
        chosen.set(Some(last.get_untracked()).filter(|last| is_ours(last)).unwrap_or(only));
    }
    let choose = move |id: String| {
        chosen.set(id.clone());
        last.set(id);
    };
    view! {
        <div class="ds-field">
            <label class="ds-label" for="office" data-weight="medium">{words.say(|t| t.form_office)}</label>
            <select id="office" class="ds-input" prop:value=move || chosen.get() aria-describedby="office-problem"
                aria-invalid=text(move || problem.with(|problem| (!problem.is_empty()).to_string()))
                on:change:target=move |event| choose(event.target().value())>
                <option value="" disabled=true selected=move || chosen.with_untracked(String::is_empty)>{words.say(|t| t.form_office_none)}</option>
                {offices.into_iter().map(|office| {
                    let id = office.id.clone();
                    view! { <option value=office.id.to_string() selected=move || chosen.with_untracked(|chosen| id == **chosen)>{office.name}</option> }
                }).collect_view()}
            </select>
            <div id="office-problem" aria-live="polite">
                {part(move || problem.with(|problem| !problem.is_empty()).then(|| view! {
                    <p class="ds-validation-message" data-color="danger">{problem}</p>
                }))}
            </div>
        </div>
    }
}

/// Renders a date field. `asked` is `true` after a submit; a missing date is no mistake before that.
#[component]
pub fn DayField(
    id: &'static str,
    label: Signal<&'static str>,
    value: RwSignal<String>,
    #[prop(into)] asked: Signal<bool>,
    #[prop(optional)] hint: Option<Signal<&'static str>>,
) -> impl IntoView {
    let words = use_words();
    let hint = hint.unwrap_or_else(|| words.signal(|t| t.form_day_hint));
    let problem = move || match value.with(|typed| typed::date(typed)) {
        Err(DateError::DoesNotExist) => words.texts().form_no_such_day,
        Err(_) if asked.get() => words.texts().form_day_wrong,
        _ => "",
    };
    view! { <TextField id label value inputmode="text" hint=text(move || hint.get()) problem=text(problem) /> }
}

/// Renders a text area.
#[component]
pub fn AreaField(
    id: &'static str,
    label: Signal<&'static str>,
    value: RwSignal<String>,
    #[prop(into)] problem: Signal<String>,
) -> impl IntoView {
    use_faults().watch(id.to_owned(), problem);
    let problem_id = format!("{id}-problem");
    let described_by = problem_id.clone();
    view! {
        <div class="ds-field">
            <label class="ds-label" for=id data-weight="medium">{label}</label>
            <textarea id=id class="ds-input" rows="5" aria-describedby=described_by
                aria-invalid=text(move || problem.with(|problem| (!problem.is_empty()).to_string()))
                prop:value=move || value.get()
                on:input:target=move |event| value.set(event.target().value())></textarea>
            <p id=problem_id class="ds-validation-message" data-color="danger" aria-live="polite" hidden=move || problem.with(String::is_empty)>
                {problem}
            </p>
        </div>
    }
}

/// The date that was typed; `None` if it is not a date.
pub fn day(value: RwSignal<String>) -> Option<NaiveDate> {
    value.with_untracked(|typed| typed::date(typed).ok())
}

/// Renders check boxes for the application types that an office receives.
#[component]
pub fn TypesField(
    chosen: RwSignal<Vec<ApplicationType>>,
    offered: Memo<Vec<ApplicationType>>,
    #[prop(into)] problem: Signal<String>,
) -> impl IntoView {
    let words = use_words();
    let speech = use_speech();
    use_faults().watch("types".to_owned(), problem);
    view! {
        <fieldset class="ds-fieldset" aria-describedby="types-problem">
            <legend class="ds-label" data-weight="medium">{words.say(|t| t.form_types)}</legend>
            <div class="columns">
                {part(move || offered.get().into_iter().map(|kind| {
                    let id = format!("type-{}", kind.code());
                    let label_for = id.clone();
                    let is_chosen = move || chosen.with(|chosen| chosen.contains(&kind));
                    view! {
                        <div class="ds-field">
                            <input type="checkbox" class="ds-input" id=id prop:checked=is_chosen
                                aria-invalid=text(move || problem.with(|problem| (!problem.is_empty()).to_string()))
                                on:change:target=move |event| chosen.update(|chosen| {
                                    chosen.retain(|other| *other != kind);
                                    if event.target().checked() {
                                        chosen.push(kind);
                                    }
                                }) />
                            <label class="ds-label" for=label_for>{text(move || speech.texts().kind.get(kind.code()))}</label>
                        </div>
                    }
                }).collect_view())}
            </div>
            <p id="types-problem" class="ds-validation-message" data-color="danger" aria-live="polite" hidden=move || problem.with(String::is_empty)>
                {problem}
            </p>
        </fieldset>
    }
}

/// Renders the error of the field that the server has rejected. Renders nothing for other failures.
#[component]
pub fn Detail(failure: Failure) -> impl IntoView {
    let words = use_words();
    // Requests to many cases nest the fields in `invite`.
    let field = failure.field()?.trim_start_matches("invite.").to_owned();
    let text = text(move || words.texts().field_wrong.get(&field));
    Some(view! { <p class="ds-validation-message" data-color="danger">{text}</p> })
}

/// Parses a time such as `14:30`, `9.15` or `9` into minutes after midnight. `None` if it is not a time.
pub fn time(typed: &str) -> Option<Minute> {
    let (hour, minute) = typed.trim().split_once([':', '.']).unwrap_or((typed.trim(), "00"));
    let number = |text: &str, most: u16| {
        let number: u16 =
            (text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())??;
        (number <= most).then_some(number)
    };
    Some(number(hour, 23)? * 60 + number(minute, 59)?)
}

/// Parses opening hours such as `09:00-12:00, 13-15` into ranges of minutes after midnight. `None` if any part is not a
/// range.
pub fn hours(typed: &str) -> Option<Vec<(Minute, Minute)>> {
    let range = |text: &str| {
        let (from, to) = text.split_once(['-', '–'])?;
        Some((time(from)?, time(to)?))
    };
    typed.split(',').map(range).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[wasm_bindgen_test::wasm_bindgen_test]
    fn hours_as_people_type_them() {
        for (typed, expected) in [
            ("09:00-15:00", Some(vec![(540, 900)])),
            ("9-12, 12.30–15", Some(vec![(540, 720), (750, 900)])),
            ("", None),
            ("9", None),
            ("9-25", None),
            ("9:60-12", None),
            ("-", None),
            ("nine to five", None),
        ] {
            assert_eq!(hours(typed), expected, "{typed}");
        }
    }

    #[wasm_bindgen_test::wasm_bindgen_test]
    fn a_time_as_people_type_it() {
        for (typed, expected) in [("14:30", Some(870)), (" 9.15 ", Some(555)), ("9", Some(540))] {
            assert_eq!(time(typed), expected, "{typed}");
        }
        for typed in ["", "24", "9:60", "9-10", "9,10", "noon", "009"] {
            assert_eq!(time(typed), None, "{typed}");
        }
    }
}
