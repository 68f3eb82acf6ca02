//! `/`: what applies today.

use leptos::prelude::*;
use rules::notice::{Notice, Original, Sentence};

use crate::{
    clock::use_clock,
    components::page::Page,
    dates,
    dynamic::{part, text},
    language::use_speech,
    law::use_law,
    paths,
};

#[component]
pub fn Start() -> impl IntoView {
    let speech = use_speech();
    let clock = use_clock();
    let law = use_law();
    let today = Memo::new(move |_| clock.now().map(rules::day::in_oslo));
    view! {
        <Page title=Signal::derive(speech.say(|t| t.start_title))>
            <div class="stack">
                <p class="ds-paragraph quiet">
                    {text(move || today.get().map(|day| {
                        speech.fill(|t| t.start_today, &[("day", &dates::day(day, speech.language()))])
                    }).unwrap_or_default())}
                </p>
                <p class="ds-paragraph" data-size="lg">{speech.say(|t| t.start_lead)}</p>
                <div class="row">
                    <a class="ds-button" href=paths::CASES>{speech.say(|t| t.start_book)}</a>
                    <a class="ds-button" data-variant="secondary" href=paths::CHECK>{speech.say(|t| t.check_title)}</a>
                </div>
            </div>
            <section class="stack" aria-labelledby="notices">
                <h2 id="notices" class="ds-heading" data-size="sm">{speech.say(|t| t.start_notices)}</h2>
                {part(move || today.get().map(|day| {
                    law.published_by(day).into_iter().map(|notice| view! { <NoticeCard notice /> }).collect_view()
                }))}
            </section>
        </Page>
    }
}

#[component]
fn NoticeCard(notice: &'static Notice) -> impl IntoView {
    let speech = use_speech();
    let in_both = notice.sentences.iter().any(|sentence| sentence.original == Original::Both);
    // Where most was published in both languages, the sentence that was not is marked by itself.
    let reading = move |sentence: &'static Sentence| {
        let reading = sentence.text.in_language(speech.language());
        if in_both && sentence.original.is_translated_in(speech.language()) {
            format!("{reading} ({})", speech.texts().refusal_translated)
        } else {
            reading.to_owned()
        }
    };
    let dates = move || {
        let (texts, language) = (speech.texts(), speech.language());
        let published = speech.fill(|t| t.start_published, &[("day", &dates::short_day(notice.published, language))]);
        let changed = (notice.changed != notice.published)
            .then(|| speech.fill(|t| t.start_changed, &[("day", &dates::short_day(notice.changed, language))]));
        let standing = match notice.sentences.first() {
            _ if in_both => texts.start_original_both,
            Some(sentence) if sentence.original.is_translated_in(language) => texts.start_translated,
            _ => texts.start_original,
        };
        let dates: Vec<String> = [Some(published), changed].into_iter().flatten().collect();
        format!("{}. {standing}", dates.join(", "))
    };
    view! {
        <article class="ds-card" data-variant="default">
            <div class="stack">
                <div>
                    <p class="ds-paragraph quiet" data-size="sm">{notice.publisher}</p>
                    <h3 class="ds-heading" data-size="xs">{text(move || notice.title.in_language(speech.language()))}</h3>
                    <p class="ds-paragraph quiet" data-size="sm">{dates}</p>
                </div>
                <details class="ds-details" data-variant="tinted">
                    <summary>{speech.say(|t| t.start_read_notice)}</summary>
                    <div class="stack">
                        {notice.sentences.iter().map(|sentence| view! {
                            <p class="ds-paragraph">{text(move || reading(sentence))}</p>
                        }).collect_view()}
                    </div>
                </details>
            </div>
        </article>
    }
}
