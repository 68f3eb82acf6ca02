//! `/cases/:case/documents`: sending the documents that the police have asked for, and their state.

use std::time::Duration;

use ::api::{
    cases::Case,
    documents::{Document, Documents, MOST_PAGES, State},
    ids::{CaseId, DocumentId},
};
use leptos::prelude::*;
use rules::{Coded, Decision, Outcome, notice::Language};

use crate::{
    api,
    browser::{clock::use_clock, event_loop::effect},
    paths::{self, Place},
    router::use_router,
    state::{action::Action, connection::use_line, policy::use_law, remote::Remote, session::use_to_sign_in},
    text::{dates, document_texts::use_words, file_size, language::use_speech},
    ui::{
        dynamic::{part, press, text},
        failure::Fetched,
        next_steps::Around,
        page::Page,
        shell::NotFound,
    },
    upload::{
        choice::{Choose, focus_choosing},
        delivery::Delivery,
        document_card::DocumentItem,
        progress::{Uploads, names_on_the_way, says},
        sending::Sender,
    },
};

/// Poll interval while a document is being checked.
const EVERY: Duration = Duration::from_secs(2);

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
fn DocumentsPage(case: CaseId) -> impl IntoView {
    let words = use_words();
    let back = paths::case(&case);
    let fresh = Remote::fetch(move || {
        let id = case.clone();
        async move {
            let case = api::case(&id).await?;
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
    let looking = Action::unattended();
    let look = move || {
        let is_checked = |known: &Documents| known.documents.iter().any(|one| one.state == State::Received);
        if sender.known.try_with_untracked(is_checked) == Some(true) {
            // The next poll repeats a failed one.
            looking.run_or(sender.look(), |()| (), |_| None);
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
    let looking = Action::new();
    let again = move || {
        if sender.is_unheard.get_untracked() {
            return sender.try_again();
        }
        // A failed refresh changes nothing, and the person can repeat it.
        looking.run_or(sender.look_at_all(), |()| (), |why| why.needs_sign_in().then_some(why));
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
        let on_the_way: Vec<Option<DocumentId>> = uploads.iter().map(|upload| upload.id()).collect();
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
