//! `/sign-in`: first the e-mail address, then the code from the e-mail.

use ::api::{
    ProblemCode,
    session::{AskForCode, CodeSent, SignIn as Code},
};
use leptos::prelude::*;
use rules::Coded;

use crate::{
    api::{self, Failure},
    browser::event_loop::effect,
    paths,
    router::use_router,
    state::{
        action::Action,
        drafts,
        session::use_who,
        tabs::{News, use_tabs},
    },
    text::{language::use_speech, texts::Texts},
    ui::{
        dynamic::{is, part, press, text},
        failure::{FailureAlert, sentence},
        field::TextField,
        page::Page,
    },
};

/// The error in the input, found before the request or reported by the server.
#[derive(Clone)]
enum Wrong {
    Missing(fn(&Texts) -> &'static str),
    Said(Failure),
}

/// Renders the page. Afterwards it leads to the path in `to`, if that is a path of this app.
#[component]
pub fn SignIn() -> impl IntoView {
    let speech = use_speech();
    let who = use_who();
    let router = use_router();
    let tabs = use_tabs();
    let back_to = move || router.query("to").filter(|to| paths::is_own(to));

    let why = move || match who.was_over.get() {
        true => speech.texts().problem.get(ProblemCode::SessionOver.code()),
        false => speech.texts().sign_in_sign_in_first,
    };

    // Kept over a reload: a phone may reload the page after a visit to the mailbox.
    let [email, sent] = ["email", "code-sent"].map(|name| drafts::line(name.to_owned(), String::new()));
    let code = RwSignal::new(String::new());
    let sent_minutes = RwSignal::new(sent.with_untracked(|sent| sent.parse::<u32>().ok()));
    effect(move || sent.set(sent_minutes.get().map(|minutes| minutes.to_string()).unwrap_or_default()));
    let action = Action::new();
    let busy = action.busy;
    let wrong = RwSignal::new(None::<Wrong>);

    let said = move |failure| {
        wrong.try_set(Some(Wrong::Said(failure)));
        None
    };
    let send_code = move || {
        if busy.get_untracked() {
            return;
        }
        if email.with_untracked(|email| email.trim().is_empty()) {
            wrong.set(Some(Wrong::Missing(|t| t.sign_in_email_missing)));
            return;
        }
        wrong.set(None);
        let asked = AskForCode { email: email.get_untracked(), language: speech.language_now() };
        let done = move |sent: CodeSent| {
            sent_minutes.try_set(Some(sent.valid_minutes));
        };
        action.run_or(async move { api::send_code(&asked, &api::new_key()).await }, done, said);
    };
    let enter = move || {
        if busy.get_untracked() {
            return;
        }
        // The length is checked here, so that a typing error does not use up a try. Codes have 10 digits instead of 6
        // while guessing is suspected.
        let digits = code.with_untracked(|code| code.chars().filter(char::is_ascii_digit).count());
        if digits != 6 && digits != 10 {
            wrong.set(Some(Wrong::Missing(|t| t.sign_in_code_missing)));
            return;
        }
        wrong.set(None);
        let language = Some(speech.language_now());
        let with = Code { email: email.get_untracked(), code: code.get_untracked(), language };
        let to = back_to().unwrap_or_else(|| paths::CASES.to_owned());
        let enter = async move {
            let session = api::sign_in(&with).await?;
            // The session begins on whichever page the answer arrives.
            drafts::forget_line("email");
            drafts::forget_line("code-sent");
            who.learn(session);
            tabs.tell(News::SignedIn);
            Ok(())
        };
        // The back button must not lead to the form.
        action.run_or(enter, move |()| router.go_instead(&to), said);
    };
    // Errors in the input are shown at the field, all others above the form.
    let under_field = move || match wrong.get() {
        Some(Wrong::Missing(pick)) => pick(speech.texts()).to_owned(),
        Some(Wrong::Said(failure)) if is_about_field(&failure) => sentence(&failure, speech.texts()).to_owned(),
        _ => String::new(),
    };
    let elsewhere = move || match wrong.get() {
        Some(Wrong::Said(failure)) if !is_about_field(&failure) => Some(failure),
        _ => None,
    };
    let problem = Signal::derive(under_field);
    let ask_address = move || {
        view! {
            <form class="stack" novalidate on:submit=move |event| { event.prevent_default(); send_code(); }>
                <TextField id="email" required=true kind="email" inputmode="email" autocomplete="email"
                    label=Signal::derive(speech.say(|t| t.sign_in_email)) problem value=email />
                <div><button class="ds-button" type="submit" aria-disabled=is(busy)>{speech.say(|t| t.sign_in_send)}</button></div>
            </form>
        }
    };
    let ask_code = move |minutes: u32| {
        view! {
            <p class="ds-paragraph" role="status">
                {text(move || speech.texts().sign_in_sent(email.get().trim(), &minutes.to_string()))}
            </p>
            <form class="stack" novalidate on:submit=move |event| { event.prevent_default(); enter(); }>
                <TextField id="code" required=true takes_focus=true inputmode="numeric" autocomplete="one-time-code"
                    label=Signal::derive(speech.say(|t| t.sign_in_code))
                    hint=Signal::derive(move || speech.texts().sign_in_code_hint.to_owned()) problem value=code />
                <div class="row">
                    <button class="ds-button" type="submit" aria-disabled=is(busy)>{speech.say(|t| t.sign_in_enter)}</button>
                    <button class="ds-button" type="button" data-variant="tertiary" aria-disabled=is(busy) on:click=press(send_code)>
                        {speech.say(|t| t.sign_in_new_code)}
                    </button>
                    <button class="ds-button" type="button" data-variant="tertiary"
                        on:click=press(move || { action.forget(); wrong.set(None); sent_minutes.set(None); })>
                        {speech.say(|t| t.sign_in_other_address)}
                    </button>
                </div>
            </form>
        }
    };
    view! {
        <Page title=Signal::derive(speech.say(|t| t.sign_in_title))>
            {part(move || back_to().map(|_| view! { <p class="ds-alert" data-color="info">{text(why)}</p> }))}
            <p class="ds-paragraph">{speech.say(|t| t.sign_in_lead)}</p>
            {part(move || elsewhere().map(|failure| view! { <FailureAlert failure again=move || wrong.set(None) /> }))}
            {part(move || match sent_minutes.get() {
                None => ask_address().into_any(),
                Some(minutes) => ask_code(minutes).into_any(),
            })}
        </Page>
    }
}

fn is_about_field(failure: &Failure) -> bool {
    matches!(
        failure.code(),
        Some(ProblemCode::EmailInvalid | ProblemCode::CodeWrong | ProblemCode::CodeOver | ProblemCode::CodeElsewhere)
    )
}
