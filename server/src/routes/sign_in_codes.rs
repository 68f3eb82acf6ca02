use api::{
    ProblemCode,
    messages::Kind,
    session::{AskForCode, CodeSent},
};
use axum::{extract::State, http::StatusCode, response::Response};
use chrono::TimeDelta;
use lettre::Address;
use url::Host;

use super::{
    body::Body,
    idempotency::{Key, Once},
};
use crate::{
    caller::Caller,
    counter::Counter,
    error::{Error, Result},
    limits,
    message::{self, CODE_LASTS, Facts, Recipient, Subject},
    secrets,
    store::{
        messages,
        sign_in_codes::{self, Replaced},
    },
};

const TRIES: i64 = 5;
/// No more codes than this go to one address in a quarter of an hour: nobody's mailbox is flooded, and a guesser gets
/// few tries.
const MOST: i64 = 5;
const MOST_IN: TimeDelta = TimeDelta::minutes(15);

/// Sends a one-time code. The answer is the same for every address.
#[utoipa::path(
    post,
    path = "/api/sign-in-codes",
    request_body = AskForCode,
    params(("Idempotency-Key" = Option<String>, Header, description = "8 to 64 letters, digits or hyphens")),
    responses((status = 202, body = CodeSent), (status = 422, body = api::Problem))
)]
pub async fn send(
    State(counter): State<Counter>,
    caller: Caller,
    key: Key,
    Body(asked): Body<AskForCode>,
) -> Result<Response> {
    let address = address(&asked.email)?;
    let now = counter.clock.now();
    let once = Once::new(key, "anyone", "sign-in-codes", &asked)?;

    let mut transaction = counter.store.write().await?;
    // Counted first: until this is done, whoever sends the same again at once waits.
    limits::CODES.take(&mut transaction, &caller.0, now).await?;
    if let Some(answer) = once.earlier(&mut transaction, now).await? {
        return Ok(answer);
    }
    let email = address.to_string();
    if sign_in_codes::count_since(&mut transaction, &email, now - MOST_IN).await? < MOST {
        let code = secrets::sign_in_code();
        let hash = |id: &str| secrets::hash(&[id, &code]);
        let replaced = sign_in_codes::replace(&mut transaction, &email, hash, TRIES, now, now + CODE_LASTS).await?;
        if let Some(Replaced { id, before }) = replaced {
            // The code before no longer holds, so it is not sent any more.
            if let Some(before) = before {
                messages::withdraw(&mut transaction, &before).await?;
            }
            let to = Recipient { language: asked.language, email: &email, phone: None };
            let about = Subject { case: None, about: &id, application_type: None, starts: None, bulk_action: None };
            let facts = Facts { code: &code, minutes: CODE_LASTS.num_minutes(), ..Facts::default() };
            let written = message::write(&counter.templates, to, Kind::Code, about, &facts, now)?;
            messages::add(&mut transaction, &written, now).await?;
        }
    }
    let sent = CodeSent { valid_minutes: CODE_LASTS.num_minutes().unsigned_abs() as u32 };
    let answer = once.done(&mut transaction, StatusCode::ACCEPTED, &sent, now).await?;
    transaction.commit().await?;
    counter.urgent.notify_waiters();
    Ok(answer)
}

/// An address as it is kept: without spaces around it, in small letters, its domain as the network writes it (xn--…). Quoted names
/// and bare IP addresses are addresses too by the letter of RFC 5321, but nobody's. What stands before the @ is ASCII: few mail
/// servers take anything else (SMTPUTF8), and whose does not would wait in vain.
pub(super) fn address(typed: &str) -> Result<Address> {
    const LONGEST: usize = 254;
    let invalid = || Error::at(ProblemCode::EmailInvalid, "email");
    let text = typed.trim().to_lowercase();
    let plain = |c: char| c.is_alphanumeric() || "@.-_+'&".contains(c);
    let (name, domain) = text.rsplit_once('@').ok_or_else(invalid)?;
    // What is too long is not looked at any closer.
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
}
