//! The chosen files and the queue, with their progress. Used by the documents page.

use leptos::{html, prelude::*};
use rules::Coded;

use crate::{
    text::{
        document_texts::{Words, use_words},
        file_size,
        language::use_speech,
    },
    ui::dynamic::{part, press, text},
    upload::{
        choice::focus_choosing,
        chosen_file::{Stage, Upload},
        sending::{Sender, Trouble},
    },
};

/// Renders the chosen files and the queue.
#[component]
pub fn Uploads(sender: Sender) -> impl IntoView {
    let words = use_words();
    let heading = NodeRef::<html::H2>::new();
    // The pressed button disappears.
    let to_heading = move || {
        if let Some(heading) = heading.get_untracked() {
            // A heading that is already removed needs no focus.
            heading.focus().ok();
        }
    };
    let has_large = move || sender.uploads.with(|all| all.iter().any(|upload| upload.is_large_picture.get()));
    let send = move || {
        sender.send();
        to_heading();
    };
    let remove = Callback::new(move |upload| {
        sender.cancel(upload);
        // The heading disappears with the last file.
        if sender.uploads.with_untracked(Vec::is_empty) {
            focus_choosing();
        } else {
            to_heading();
        }
    });
    view! {
        <section class="stack" aria-labelledby="uploads">
            <h2 node_ref=heading id="uploads" tabindex="-1" class="ds-heading" data-size="sm">{words.say(|t| t.page_chosen)}</h2>
            <ul class="plain stack">
                <For each=move || sender.uploads.get() key=|upload| upload.number
                    children=move |upload| view! { <OneUpload sender upload remove /> } />
            </ul>
            {part(move || has_large().then(|| view! {
                <div class="ds-field">
                    <input id="smaller" type="checkbox" class="ds-input" aria-describedby="smaller-hint"
                        prop:checked=move || sender.makes_smaller.get()
                        on:change:target=move |event| sender.makes_smaller.set(event.target().checked()) />
                    <label class="ds-label" for="smaller">{words.say(|t| t.page_smaller)}</label>
                    <div id="smaller-hint" data-field="description">{words.say(|t| t.page_smaller_hint)}</div>
                </div>
            }))}
            <InAll sender />
            <div class="row">
                {part(move || {
                    let count = sender.ready().len();
                    (count > 0).then(|| view! {
                        <button type="button" class="ds-button" on:click=press(send)>
                            {text(move || words.texts().page_send(&count.to_string()))}
                        </button>
                    })
                })}
                <PauseButton sender />
            </div>
        </section>
    }
}

/// Renders one button for pausing and resuming, so that it keeps the focus.
#[component]
fn PauseButton(sender: Sender) -> impl IntoView {
    let words = use_words();
    let waits = Memo::new(move |_| {
        let is_to_be_sent =
            |upload: &Upload| matches!(upload.stage.get(), Stage::Waiting | Stage::Reading | Stage::Sending);
        sender.uploads.with(|all| all.iter().any(is_to_be_sent))
    });
    let is_going = move || sender.is_running.get() && !sender.is_paused.get();
    let change = move || if untrack(is_going) { sender.pause() } else { sender.go_on() };
    part(move || {
        waits.get().then(|| {
            view! {
                <button type="button" class="ds-button" data-variant="secondary" on:click=press(change)>
                    {text(move || if is_going() { words.texts().page_pause } else { words.texts().page_go_on })}
                </button>
            }
        })
    })
}

/// Renders the total progress.
#[component]
fn InAll(sender: Sender) -> impl IntoView {
    let words = use_words();
    let is_shown = Memo::new(move |_| sender.is_running.get() || sender.is_paused.get());
    part(move || {
        is_shown.get().then(|| view! {
            <div class="progress">
                <progress max="100" aria-labelledby="in-all" prop:value=move || percent_in_all(sender) as f64></progress>
                <span id="in-all">{text(move || {
                    let (done, of) = counts(sender);
                    words.texts().page_in_all(&done.to_string(), &of.to_string(), &percent_in_all(sender).to_string())
                })}</span>
            </div>
        })
    })
}

/// The files in the queue.
fn on_the_way(sender: Sender) -> Vec<Upload> {
    let is_on_the_way =
        |upload: &Upload| matches!(upload.stage.get(), Stage::Waiting | Stage::Reading | Stage::Sending);
    sender.uploads.get().into_iter().filter(is_on_the_way).collect()
}

pub fn names_on_the_way(sender: Sender) -> String {
    let names: Vec<String> =
        untrack(|| on_the_way(sender)).into_iter().map(|upload| upload.name.get_untracked()).collect();
    names.join(", ")
}

/// The number of sent files, and the total.
fn counts(sender: Sender) -> (usize, usize) {
    let done = sender.sent.get().0;
    (done, done + on_the_way(sender).len())
}

/// The number of files that cannot be sent.
fn refused(sender: Sender) -> usize {
    let is_refused = |upload: &&Upload| matches!(upload.stage.get(), Stage::Refused(_) | Stage::Unreadable);
    sender.uploads.with(|all| all.iter().filter(is_refused).count())
}

fn percent_in_all(sender: Sender) -> u64 {
    let sent = sender.sent.get().1;
    let way = on_the_way(sender);
    let gone = sent + way.iter().map(|upload| upload.gone.get()).sum::<u64>();
    let all = sent + way.iter().map(|upload| upload.size.get()).sum::<u64>();
    percent(gone, all)
}

fn percent(part: u64, whole: u64) -> u64 {
    (part * 100).checked_div(whole).unwrap_or_default().min(100)
}

/// Renders one file with its progress or error.
#[component]
fn OneUpload(sender: Sender, upload: Upload, remove: Callback<Upload>) -> impl IntoView {
    let speech = use_speech();
    let words = use_words();
    let Upload { name, size, gone, stage, .. } = upload;
    let is_wrong = move || {
        let waits_for_agreement = sender.would_fit_smaller(upload) && sender.makes_smaller.get();
        matches!(stage.get(), Stage::Refused(_) | Stage::Unreadable) && !waits_for_agreement
    };
    let said = move || {
        let texts = words.texts();
        match stage.get() {
            Stage::Refused(_) if sender.would_fit_smaller(upload) => texts.page_too_large_picture,
            Stage::Refused(code) => speech.texts().problem.get(code.code()),
            Stage::Unreadable => texts.page_unreadable,
            Stage::Known => texts.page_known,
            Stage::Waiting if gone.get() == 0 => texts.page_waits,
            Stage::Reading => texts.page_reading,
            Stage::Chosen | Stage::Waiting | Stage::Sending => "",
        }
    };
    let id = format!("upload-{}", upload.number);
    let labelled_by = id.clone();
    let is_sending =
        Memo::new(move |_| stage.get() == Stage::Sending || (stage.get() == Stage::Waiting && gone.get() > 0));
    // A file in transfer is cancelled, not removed from the list.
    let ending = move || if is_sending.get() { words.texts().page_cancel } else { words.texts().page_remove };
    view! {
        <li class="upload">
            <div class="row">
                <strong id=id class="name">{move || name.get()}</strong>
                <span class="quiet">{text(move || file_size::of(size.get(), words.language()))}</span>
                <button type="button" class="ds-button" data-variant="tertiary" data-size="sm"
                    aria-label=text(move || format!("{}: {}", ending(), name.get()))
                    on:click=move |_| remove.run(upload)>{text(ending)}</button>
            </div>
            {part(move || (!said().is_empty()).then(|| view! {
                <p class=move || if is_wrong() { "ds-validation-message" } else { "ds-paragraph quiet" }
                    data-color=move || is_wrong().then_some("danger")>{text(said)}</p>
            }))}
            {part(move || {
                let labelled_by = labelled_by.clone();
                is_sending.get().then(|| view! {
                    <div class="progress">
                        <progress max="100" aria-labelledby=labelled_by
                            prop:value=move || percent(gone.get(), size.get()) as f64></progress>
                        <span>{text(move || words.texts().page_percent(&percent(gone.get(), size.get()).to_string()))}</span>
                    </div>
                })
            })}
        </li>
    }
}

/// Status line of the queue for screen readers. It changes rarely enough to be read out.
pub fn says(sender: Sender, words: Words) -> String {
    let texts = words.texts();
    let is_running = sender.is_running.get();
    if sender.is_paused.get() && !on_the_way(sender).is_empty() {
        return texts.page_paused.to_owned();
    }
    match sender.trouble.get().filter(|_| is_running) {
        Some(Trouble::Cut) => return texts.page_cut.to_owned(),
        Some(Trouble::NoAnswer) => return texts.page_no_answer.to_owned(),
        Some(Trouble::Busy) => return texts.page_busy.to_owned(),
        None => {}
    }
    let (done, of) = counts(sender);
    if is_running {
        let (number, of) = ((done + 1).min(of).to_string(), of.to_string());
        return words.texts().page_sending(&number, &of);
    }
    if done > 0 && done == of {
        let (count, refused) = (done.to_string(), refused(sender));
        if refused > 0 {
            return words.texts().page_some_sent(&count, &refused.to_string());
        }
        return words.texts().page_all_sent(&count);
    }
    String::new()
}
