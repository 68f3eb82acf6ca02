//! Sign-in codes: requested by an applicant, limited, and sent by e-mail.

use api::{
    ProblemCode,
    messages::Kind,
    session::{AskForCode, CodeSent},
};
use axum::{extract::State, http::StatusCode, response::Response};
use axum_extra::extract::{CookieJar, cookie::Cookie};
use chrono::{DateTime, TimeDelta, Utc};
use lettre::Address;
use url::Host;

use crate::http::{
    body::Body,
    idempotency::{Key, Once},
};
use crate::{
    error::{Error, Result},
    http::client_ip::{Caller, Neighbourhood},
    messages::{self, CODE_LASTS, Recipient, Subject, TemplateValues},
    secrets,
    services::{limits, retention::KNOWN_FOR},
    state::AppState,
    store::{
        Transaction, known_browsers, outbox,
        sign_in_codes::{self, NewCode, Replaced},
    },
};

const TRIES: i64 = 5;

/// Number of digits of a usual code, and of one where somebody may be guessing.
const SHORT: u32 = 6;
const LONG: u32 = 10;

/// Sends a one-time code. The answer is the same for every address. The code is valid only in the browser that gets the answer,
/// which a cookie identifies.
#[utoipa::path(
    post,
    path = "/api/sign-in-codes",
    request_body = AskForCode,
    params(("Idempotency-Key" = Option<String>, Header, description = "8 to 64 letters, digits or hyphens")),
    responses((status = 202, body = CodeSent), (status = 422, body = api::Problem))
)]
pub async fn send(
    State(state): State<AppState>,
    caller: Caller,
    neighbourhood: Neighbourhood,
    jar: CookieJar,
    key: Key,
    Body(asked): Body<AskForCode>,
) -> Result<(CookieJar, Response)> {
    let address = address(&asked.email)?;
    let email = address.to_string();
    let now = state.clock.now();
    // A repeated request uses the same token, even for another address in another window.
    let token = ask_of(&state, &jar).unwrap_or_else(secrets::session_token);
    let ask = secrets::hash(&[&token]);
    let known = known_of(&state, &jar).map(|token| secrets::hash(&[&token]));
    let once = Once::new(key, &ask, "sign-in-codes", &asked)?;
    let jar = jar.add(cookie(&state, ASK, token, CODE_LASTS));

    let mut transaction = state.store.write().await?;
    let known = match known {
        Some(known) if known_browsers::is_known(&mut transaction, &known, &email, now).await? => Some(known),
        _ => None,
    };
    // The count comes first, because it serialises concurrent repetitions of the request.
    let digits = match known {
        Some(known) => {
            let who = format!("{known} {}", mailbox(&state, &address));
            limits::CODES_OF_KNOWN_BROWSER.allows(&mut transaction, &who, now).await?.then_some(SHORT)
        }
        None => {
            limits::CODES.take(&mut transaction, &caller.0, now).await?;
            let is_guessing = limits::WRONG_CODES.is_used_up(&mut transaction, &caller.0, now).await?;
            let short = digits(&state, &mut transaction, &address, &neighbourhood, now).await?;
            short.map(|digits| if is_guessing { LONG } else { digits })
        }
    };
    if let Some(answer) = once.earlier(&mut transaction, now).await? {
        transaction.commit().await?;
        return Ok((jar, answer));
    }
    if let Some(digits) = digits {
        let code = secrets::sign_in_code(digits);
        let hash = |salt: &str| secrets::hash(&[salt, &code]);
        let new = NewCode { email: &email, ask: &ask, tries: TRIES, expires: now + CODE_LASTS };
        let replaced = sign_in_codes::replace(&mut transaction, &new, hash, now).await?;
        if let Some(Replaced { id, before }) = replaced {
            // The previous code is no longer valid, so its pending message is withdrawn.
            if let Some(before) = before {
                outbox::withdraw(&mut transaction, &before).await?;
            }
            let to = Recipient { language: asked.language, email: &email, phone: None };
            let about = Subject { case: None, about: &id, application_type: None, starts: None, bulk_action: None };
            let values = TemplateValues { code: &code, minutes: CODE_LASTS.num_minutes(), ..TemplateValues::default() };
            let written = messages::write(&state.templates, to, Kind::Code, about, &values, now)?;
            outbox::add(&mut transaction, &written, now).await?;
        }
    }
    let sent = CodeSent { valid_minutes: CODE_LASTS.num_minutes().unsigned_abs() as u32 };
    let answer = once.done(&mut transaction, StatusCode::ACCEPTED, &sent, now).await?;
    transaction.commit().await?;
    state.outbox.urgent.notify_waiters();
    Ok((jar, answer))
}

/// Returns the number of digits of a code for an unknown browser; `None` if the mailbox has reached its limit.
async fn digits(
    state: &AppState,
    transaction: &mut Transaction,
    address: &Address,
    neighbourhood: &Neighbourhood,
    now: DateTime<Utc>,
) -> Result<Option<u32>> {
    let mailbox = mailbox(state, address);
    let here = format!("{mailbox} {}", neighbourhood.0);
    for limit in [limits::CODES_OF_MAILBOX_HERE, limits::CODES_OF_MAILBOX_HERE_A_DAY] {
        if !limit.allows(transaction, &here, now).await? {
            return Ok(None);
        }
    }
    let is_often = limits::SHORT_CODES_OF_MAILBOX.is_used_up(transaction, &mailbox, now).await?;
    for limit in [limits::CODES_OF_MAILBOX, limits::CODES_OF_MAILBOX_A_DAY] {
        if !limit.allows(transaction, &mailbox, now).await? {
            return Ok(None);
        }
    }
    Ok(Some(if is_often { LONG } else { SHORT }))
}

/// Returns the key by which a mailbox's codes are counted. Most providers deliver a+1@ and a.b@ to the owners of a@ and ab@. Two
/// persons who are counted as one share a limit, but no account.
fn mailbox(state: &AppState, address: &Address) -> String {
    state.counting_key.hash(&["mailbox", &plain(address.user()), address.domain()])
}

fn plain(name: &str) -> String {
    let before_tag = name.split('+').next().unwrap_or_default();
    before_tag.replace('.', "")
}

const ASK: &str = "ask";
const KNOWN: &str = "known";

/// Returns the token of a browser that asked for a code; `None` if it has none.
pub(super) fn ask_of(state: &AppState, jar: &CookieJar) -> Option<String> {
    token_of(state, jar, ASK)
}

/// Returns the token of a browser in which somebody signed in; `None` if it has none.
pub(super) fn known_of(state: &AppState, jar: &CookieJar) -> Option<String> {
    token_of(state, jar, KNOWN)
}

fn token_of(state: &AppState, jar: &CookieJar, name: &str) -> Option<String> {
    let cookie = jar.get(&cookie_name(state, name))?;
    secrets::is_token(cookie.value()).then(|| cookie.value().to_owned())
}

/// Returns the cookie by which a browser is known after a sign-in.
pub(super) fn known_cookie(state: &AppState, token: String) -> Cookie<'static> {
    cookie(state, KNOWN, token, KNOWN_FOR)
}

/// Returns the cookie with a new token, after the code of the previous one was used.
pub(super) fn new_ask_cookie(state: &AppState) -> Cookie<'static> {
    cookie(state, ASK, secrets::session_token(), CODE_LASTS)
}

/// Returns the name of a cookie; see `session.rs` on the prefix.
fn cookie_name(state: &AppState, name: &str) -> String {
    if state.https { format!("__Host-skranke-{name}") } else { format!("skranke-{name}") }
}

fn cookie(state: &AppState, name: &str, token: String, lasts: TimeDelta) -> Cookie<'static> {
    let (name, seconds) = (cookie_name(state, name), lasts.num_seconds());
    let secure = if state.https { "; Secure" } else { "" };
    let text = format!("{name}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    Cookie::parse(text).unwrap_or_else(|_| Cookie::new(name, token))
}

/// Parses an address into its stored form: trimmed, in lower case, with an ASCII domain (xn--…). Fails for quoted local parts and
/// IP addresses, which RFC 5321 allows and nobody has. The local part must be ASCII, because few mail servers support SMTPUTF8.
pub(super) fn address(typed: &str) -> Result<Address> {
    const LONGEST: usize = 254;
    let invalid = || Error::at(ProblemCode::EmailInvalid, "email");
    let text = typed.trim().to_lowercase();
    let plain = |c: char| c.is_alphanumeric() || "@.-_+'&".contains(c);
    let (name, domain) = text.rsplit_once('@').ok_or_else(invalid)?;
    // Over-long input is not parsed.
    if text.len() > LONGEST || !text.chars().all(plain) || !name.is_ascii() {
        return Err(invalid());
    }
    let Ok(Host::Domain(domain)) = Host::parse(domain) else { return Err(invalid()) };
    match format!("{name}@{domain}").parse::<Address>() {
        Ok(address) if AsRef::<str>::as_ref(&address).len() <= LONGEST && domain.contains('.') => Ok(address),
        _ => Err(invalid()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_that_mail_servers_take() {
        for (typed, kept) in [
            (" Asha.Rao+2@Example.org ", Some("asha.rao+2@example.org")),
            ("o'brien@example.org", Some("o'brien@example.org")),
            ("post@blåbær.no", Some("post@xn--blbr-roah.no")),
            ("post@BLÅBÆR.no", Some("post@xn--blbr-roah.no")),
            ("bjørn@example.org", None),
            ("用户@example.org", None),
            ("asha@127.0.0.1", None),
            ("asha@0x7f.1", None),
            ("asha@[127.0.0.1]", None),
            ("asha@[IPv6:::1]", None),
            ("asha@localhost", None),
            ("asha@example..org", None),
            ("asha", None),
            ("@example.org", None),
            ("asha@", None),
        ] {
            let address = address(typed).ok().map(|address| address.to_string());
            assert_eq!(address.as_deref(), kept, "{typed}");
        }
    }

    #[test]
    fn a_mailbox_is_one_under_all_its_names() {
        for (name, counted_as) in
            [("asha", "asha"), ("a.sha+1", "asha"), ("asha+a+b", "asha"), ("+x", ""), ("o'brien", "o'brien")]
        {
            assert_eq!(plain(name), counted_as);
        }
    }
}
