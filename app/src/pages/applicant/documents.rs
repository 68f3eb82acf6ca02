//! `/cases/:case/documents`: sending the documents that the police have asked for, and their state.

use std::time::Duration;

use ::api::{
    cases::Case,
    documents::{Document, Documents, MOST_PAGES, State},
};
use leptos::{html, prelude::*};
use rules::{Coded, Decision, Outcome, notice::Language};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use crate::{
    api,
    paths::{self, Place},
    router::use_router,
    state::{clock::use_clock, connection::use_line, policy::use_law, remote::Remote},
    text::{
        dates,
        document_texts::{Words, use_words},
        file_size,
        language::use_speech,
    },
    ui::{
        dynamic::{effect, part, press, spawn, text},
        failure::{Fetched, use_to_sign_in},
        next_steps::Around,
        page::{Page, focus_heading},
        shell::NotFound,
    },
    upload::{
        delivery::Delivery,
        document_card::DocumentItem,
        sending::{Sender, Stage, Trouble, Upload},
    },
};

/// Poll interval while a document is being checked.
const EVERY: Duration = Duration::from_secs(2);

/// File types of the file chooser. Phones convert other picture formats to JPEG.
const ACCEPTED: &str = ".pdf,.jpg,.jpeg,.png,.tif,.tiff,application/pdf,image/jpeg,image/png,image/tiff";

/// The fetched data.
#[derive(Clone, PartialEq)]
struct Fresh {
    case: Case,
    documents: Documents,
}

/// Renders the page, or the page for an unknown path. Entry point of the lazily loaded module.
pub fn show() -> AnyView {
    match untrack(|| use_router().place()) {
        Place::Documents { case } => view! { <DocumentsPage case /> }.into_any(),
        _ => view! { <NotFound /> }.into_any(),
    }
}

/// Renders the page.
#[component]
fn DocumentsPage(case: String) -> impl IntoView {
    let words = use_words();
    let back = paths::case(&case);
    let fresh = Remote::fetch(move || {
        let id = case.clone();
        async move {
            let case = api::times(&id).await?.case;
            Ok(Fresh { documents: api::documents(&id).await?, case })
        }
    });
    view! {
        <Page title=Signal::derive(words.say(|t| t.page_title))>
            <Fetched remote=fresh show=|fresh| view! { <Whole fresh /> }.into_any() />
            <p><a class="ds-link" href=back>{words.say(|t| t.page_back)}</a></p>
        </Page>
    }
}

/// Renders the loaded page: the request, the choice of files, the queue, and the sent documents.
#[component]
fn Whole(fresh: Fresh) -> impl IntoView {
    let speech = use_speech();
    let words = use_words();
    let sender = Sender::new(fresh.case.clone(), fresh.documents, Callback::new(use_to_sign_in()));
    let decision = use_decision(sender);
    let may_send = Memo::new(move |_| decision.with(|it| it.as_ref().is_some_and(|it| it.outcome == Outcome::Allowed)));
    let has_chosen = Memo::new(move |_| sender.uploads.with(|all| !all.is_empty()));
    look_while_checked(sender);
    follow_the_line(sender);
    let Case { application_type: kind, applicant, reference, .. } = fresh.case;
    let not_allowed = move || decision.get().filter(|decision| decision.outcome != Outcome::Allowed);
    view! {
        <div>
            <p class="ds-paragraph" data-size="lg">
                {text(move || speech.texts().kind.get(kind.code()))} " – " {applicant} ", " {reference}
            </p>
            <div role="alert" class="stack said">
                {part(move || not_allowed().map(|decision| view! { <CannotSend sender decision /> }))}
            </div>
        </div>
        {part(move || may_send.get().then(|| view! { <Asked sender /> <Choose sender /> }))}
        {part(move || (may_send.get() && has_chosen.get()).then(|| view! { <Uploads sender /> }))}
        <p role="status" class="ds-paragraph">{text(move || if may_send.get() { says(sender, words) } else { String::new() })}</p>
        <Sent sender may_send />
    }
}

/// The decision by the local data. If that is a yes, the server's decision counts, which knows more.
fn use_decision(sender: Sender) -> Memo<Option<Decision>> {
    let (clock, law) = (use_clock(), use_law());
    Memo::new(move |_| {
        let (now, policy) = (clock.now()?, law.policy()?);
        let ours = sender.case.with(|case| rules::decide(&policy, &case.facts_to_upload(now)));
        if ours.outcome != Outcome::Allowed {
            return Some(ours);
        }
        Some(sender.known.with(|known| known.decision.clone()).into())
    })
}

/// Fetches the documents regularly while one is being checked.
fn look_while_checked(sender: Sender) {
    let look = move || {
        let is_checked = |known: &Documents| known.documents.iter().any(|one| one.state == State::Received);
        if sender.known.try_with_untracked(is_checked) == Some(true) {
            spawn(async move {
                // The next poll repeats a failed one.
                sender.look().await.ok();
            });
        }
    };
    if let Ok(interval) = set_interval_with_handle(look, EVERY) {
        on_cleanup(move || interval.clear());
    }
}

/// Aborts the current transfer when the browser goes offline, instead of waiting for a timeout. Retries an unreported
/// failure when it is online again.
fn follow_the_line(sender: Sender) {
    let line = use_line();
    effect(move || {
        if line.is_cut.get() {
            sender.interrupt();
        }
    });
    Effect::new(move |before: Option<u32>| {
        let times = line.came_back.get();
        if before.is_some_and(|before| before != times) && sender.is_unheard.get_untracked() {
            sender.try_again();
        }
        times
    });
}

/// Renders the refusal and the other way to deliver.
#[component]
fn CannotSend(sender: Sender, decision: Decision) -> impl IntoView {
    let speech = use_speech();
    let words = use_words();
    let code = sender.case.with_untracked(|case| case.invitation.as_ref().and_then(|one| one.failure.clone()));
    let around = sender.case.with_untracked(Around::case);
    let by_phone = decision.outcome == Outcome::ByPhone;
    // The chosen files disappear with the form. By telephone, sending may become possible again and the files reappear.
    let not_taken = (!by_phone).then(|| names_on_the_way(sender)).filter(|names| !names.is_empty());
    let again = move || {
        if sender.is_unheard.get_untracked() {
            return sender.try_again();
        }
        spawn(async move {
            // A failed refresh changes nothing, and the person can repeat it.
            sender.look_at_all().await.ok();
        });
    };
    view! {
        <Delivery decision code around />
        {not_taken.map(|names| view! {
            <p class="ds-paragraph">{text(move || words.texts().page_not_taken(&names))}</p>
        })}
        {by_phone.then(|| view! {
            <p class="ds-paragraph">{text(move || {
                if sender.is_unheard.get() { words.texts().page_unheard } else { words.texts().page_by_phone }
            })}</p>
            <div><button type="button" class="ds-button" data-variant="secondary" on:click=press(again)>
                {text(move || {
                    if sender.is_unheard.get() { speech.texts().shell_try_again } else { words.texts().page_look_again }
                })}
            </button></div>
        })}
    }
}

/// Renders the request with its deadline and the limits.
#[component]
fn Asked(sender: Sender) -> impl IntoView {
    let speech = use_speech();
    let words = use_words();
    let invitation = sender.case.with_untracked(|case| case.invitation.clone());
    let megabytes = move |bytes: u64| file_size::of(bytes, words.language());
    let limits = move || {
        let (limits, used) = sender.known.with(|known| (known.limits, known.used));
        let left = limits.case.saturating_sub(used);
        let (file, case, left) = (megabytes(limits.file), megabytes(limits.case), megabytes(left));
        words.texts().page_limits(&case, &file, &left, &MOST_PAGES.to_string())
    };
    let day = move |day| dates::day(day, words.language());
    view! {
        {invitation.map(|invitation| {
            let (last, instructions) = (invitation.last, invitation.instructions);
            let instructions = move || match words.language() {
                Language::Nb => instructions.nb.clone(),
                Language::En => instructions.en.clone(),
            };
            view! {
                <section class="ds-alert" data-color="info" aria-labelledby="asked">
                    <div class="stack">
                        <h2 id="asked" class="ds-heading" data-size="xs">{words.say(|t| t.page_asked)}</h2>
                        <p class="ds-paragraph as-typed">{text(instructions)}</p>
                        <p class="ds-paragraph"><strong>{text(move || speech.texts().case_asked_until(&day(last)))}</strong></p>
                    </div>
                </section>
            }
        })}
        <p class="ds-paragraph">{text(limits)}</p>
    }
}

/// Renders the choice of files and the camera. The native inputs are hidden, because browsers write the number of files
/// into them in their own language.
#[component]
fn Choose(sender: Sender) -> impl IntoView {
    let words = use_words();
    let take = move |input: HtmlInputElement| {
        let files = input.files();
        for file in files.iter().flat_map(|files| (0..files.length()).filter_map(|at| files.get(at))) {
            sender.choose(file);
        }
        // The reset allows the same file to be chosen again.
        input.set_value("");
    };
    view! {
        <div class="stack">
            <p id="files-hint" class="ds-paragraph">{words.say(|t| t.page_choose_hint)}</p>
            <div class="row">
                <div class="chooser">
                    <input id="files" class="visually-hidden" type="file" multiple accept=ACCEPTED aria-describedby="files-hint"
                        on:change:target=move |event| take(event.target()) />
                    <label class="ds-button" data-variant="secondary" for="files">{words.say(|t| t.page_choose)}</label>
                </div>
                <div class="chooser camera">
                    <input id="camera" class="visually-hidden" type="file" accept="image/jpeg,image/png" capture="environment"
                        on:change:target=move |event| take(event.target()) />
                    <label class="ds-button" data-variant="secondary" for="camera">{words.say(|t| t.page_camera)}</label>
                </div>
            </div>
        </div>
    }
}

/// Focuses the choice of files after the pressed button has disappeared. Falls back to the heading.
fn focus_choosing() {
    let field = document().get_element_by_id("files");
    match field.and_then(|field| field.dyn_into::<HtmlInputElement>().ok()) {
        Some(field) => {
            field.focus().ok();
        }
        None => focus_heading(),
    }
}

/// Renders the chosen files and the queue.
#[component]
fn Uploads(sender: Sender) -> impl IntoView {
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

fn names_on_the_way(sender: Sender) -> String {
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
        <li class="parcel">
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
fn says(sender: Sender, words: Words) -> String {
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

/// Renders the documents that the office has received or returned.
#[component]
fn Sent(sender: Sender, may_send: Memo<bool>) -> impl IntoView {
    let words = use_words();
    let changed = RwSignal::new(None::<Document>);
    let before = StoredValue::new(sender.known.with_untracked(|known| known.documents.clone()));
    effect(move || {
        let documents = sender.known.with(|known| known.documents.clone());
        let is_new_state = |one: &&Document| {
            before.with_value(|before| before.iter().any(|other| other.id == one.id && other.state != one.state))
        };
        if let Some(document) = documents.iter().find(is_new_state) {
            changed.set(Some(document.clone()));
        }
        before.set_value(documents);
    });
    let remove = Callback::new(move |id| {
        sender.give_up(id);
        focus_choosing();
    });
    // Files in the queue are shown above, while sending is allowed.
    let shown = Memo::new(move |_| {
        let uploads = if may_send.get() { sender.uploads.get() } else { Vec::new() };
        let on_the_way: Vec<Option<String>> = uploads.iter().map(|upload| upload.id()).collect();
        let is_shown = |one: &Document| !on_the_way.contains(&Some(one.id.clone()));
        sender.known.with(|known| known.documents.iter().filter(|one| is_shown(one)).cloned().collect::<Vec<_>>())
    });
    view! {
        <p role="status" class="visually-hidden">{text(move || changed.get().map(|document| {
            format!("{}: {}", document.name, words.texts().state.get(document.state.code()))
        }).unwrap_or_default())}</p>
        {part(move || {
            let shown = shown.get();
            (!shown.is_empty()).then(|| view! {
                <section class="stack" aria-labelledby="sent">
                    <h2 id="sent" class="ds-heading" data-size="sm">{words.say(|t| t.page_sent)}</h2>
                    <ul class="plain stack">
                        {shown.into_iter().rev().map(|document| view! { <DocumentItem document may_send remove /> }).collect_view()}
                    </ul>
                </section>
            })
        })}
    }
}
