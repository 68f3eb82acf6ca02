//! SMS, sent by a gateway or written into a folder. Numbers are sent as E.164. `outbox` calls it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, ensure};
use chrono::{DateTime, Utc};
use reqwest::{Client, StatusCode, header, redirect};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use crate::{
    files::private_folder::{files, folder, put},
    messages::{
        delivery::{PATIENCE, Undelivered},
        settings::{Shape, Transports},
    },
    secrets::settings,
    store::is_loopback,
};

pub struct Sms<'s> {
    /// The message's id, which is the gateway's idempotency key.
    pub id: &'s str,
    /// The number in international form.
    pub to: &'s str,
    pub text: &'s str,
    /// The time after which delivery is useless.
    pub expires: DateTime<Utc>,
}

#[derive(Clone)]
pub enum Sender {
    Folder(PathBuf),
    Gateway(Gateway),
}

/// A gateway that accepts one message as a JSON POST.
#[derive(Clone)]
pub struct Gateway {
    client: Client,
    url: Url,
    token: Option<String>,
    /// The sender that the phone shows.
    sender: String,
    form: Form,
}

#[derive(Clone)]
enum Form {
    /// The gateway's field names by ours.
    Json(BTreeMap<String, String>),
    Altinn,
}

/// The fields that a gateway is sent, by our names.
const FIELDS: [&str; 4] = ["to", "text", "id", "sender"];

impl Sender {
    /// Returns a gateway if `SMS_URL` is set. Otherwise SMS go into the folder `sms/` in the data folder, if the settings allow it.
    /// Fails if neither is set, or if a setting is wrong.
    pub fn new(transports: &Transports, data_dir: &Path) -> anyhow::Result<Sender> {
        let Some(url) = settings::SMS_URL.read()? else {
            ensure!(
                transports.sms_into_files,
                "SMS_URL is not set, so no SMS would reach anybody: set it to the https:// address of a gateway, or say \
                 SMS_INTO_FILES=true to have SMS written into files"
            );
            return Ok(Sender::Folder(folder(data_dir, "sms")?));
        };
        let mut url = Url::parse(&url).context("SMS_URL is no address")?;
        ensure!(
            url.scheme() == "https" || url.scheme() == "http" && is_loopback(&url),
            "SMS_URL must begin with https://, because the token and people's numbers go there; http:// is for this machine only"
        );
        let form = match transports.sms_form {
            Shape::Json => Form::Json(names(&transports.sms_fields).context("SMS_FIELDS cannot be used")?),
            Shape::Altinn => {
                // The setting is the address of the API, such as https://platform.altinn.no/notifications/api/v1
                url = Url::parse(&format!("{}/future/orders/instant/sms", url.as_str().trim_end_matches('/')))?;
                Form::Altinn
            }
        };
        _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().timeout(PATIENCE).redirect(redirect::Policy::none()).build()?;
        let token = settings::SMS_TOKEN.read()?;
        Ok(Sender::Gateway(Gateway { client, url, token, sender: transports.sms_sender.clone(), form }))
    }

    /// Sends one SMS. Fails with `Never` if the number is not valid, or if the gateway answers 400 or 422. Any other failure is
    /// `Later`.
    pub async fn send(&self, sms: &Sms<'_>, now: DateTime<Utc>) -> Result<(), Undelivered> {
        let to = e164(sms.to).ok_or_else(|| Undelivered::Never("this is no phone number".to_owned()))?;
        match self {
            Sender::Folder(folder) => {
                let lies = Received { id: sms.id.to_owned(), to, text: sms.text.to_owned(), sent: now.timestamp() };
                let json = serde_json::to_vec_pretty(&lies).map_err(Undelivered::later)?;
                put(folder, &format!("{}.json", sms.id), &json).await.map_err(Undelivered::later)
            }
            Sender::Gateway(gateway) => gateway.send(sms, &to, now).await,
        }
    }
}

impl Gateway {
    async fn send(&self, sms: &Sms<'_>, to: &str, now: DateTime<Utc>) -> Result<(), Undelivered> {
        let body = match &self.form {
            Form::Json(names) => {
                let value = |field: &str| match field {
                    "to" => to,
                    "text" => sms.text,
                    "id" => sms.id,
                    _ => &self.sender,
                };
                names.iter().map(|(field, name)| (name.clone(), Value::from(value(field)))).collect()
            }
            Form::Altinn => altinn(sms, to, &self.sender, now),
        };
        let mut request = self.client.post(self.url.clone()).header("idempotency-key", sms.id).json(&body);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        // The URL may contain a secret, and the error is logged.
        let answer = request.send().await.map_err(|error| Undelivered::later(error.without_url()))?;
        let status = answer.status();
        let after = answer.headers().get(header::RETRY_AFTER).and_then(|value| pause(value.to_str().ok()?, now));
        let why = format!("the gateway answers {status}");
        match status {
            // Some gateways answer a known idempotency key with 409 Conflict; they have the message.
            _ if status.is_success() || status == StatusCode::CONFLICT => Ok(()),
            // The gateway refuses this text or this number.
            StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => Err(Undelivered::Never(why)),
            // The fault is not the message's: the gateway is failing, unreachable, or refuses our account.
            _ => Err(Undelivered::Later { why, after }),
        }
    }
}

/// Parses `Retry-After`: seconds, or an instant (RFC 9110, 10.2.3). Returns `None` if it is neither.
fn pause(said: &str, now: DateTime<Utc>) -> Option<Duration> {
    if let Ok(seconds) = said.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = DateTime::parse_from_rfc2822(said.trim()).ok()?;
    (until.to_utc() - now).to_std().ok()
}

/// Returns a number as E.164: a plus sign and digits. `None` if it is no number, or has an extension. On record it is as people
/// write it, in some countries with hyphens.
fn e164(number: &str) -> Option<String> {
    let number = phonenumber::parse(None, number).ok()?;
    // The number without its extension would reach somebody else.
    if number.extension().is_some() {
        return None;
    }
    let to = number.format().mode(phonenumber::Mode::E164).to_string();
    let digits = to.strip_prefix('+')?;
    ((1..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(to)
}

/// Returns an order of an instant notification, as docs.altinn.studio describes it: Notifications, Guides, Send instant
/// notifications.
fn altinn(sms: &Sms<'_>, to: &str, sender: &str, now: DateTime<Utc>) -> Value {
    /// The bounds of the time to live, in seconds: one minute and two days.
    const LIVES: std::ops::RangeInclusive<i64> = 60..=172_800;
    let lives = (sms.expires - now).num_seconds().clamp(*LIVES.start(), *LIVES.end());
    json!({
        "idempotencyId": sms.id,
        "sendersReference": sms.id,
        "recipientSms": {
            "phoneNumber": to,
            "timeToLiveInSeconds": lives,
            "smsSettings": { "sender": sender, "body": sms.text },
        },
    })
}

/// Parses `to=recipient,text=message`. A field that is not named keeps our name, and one with an empty name is left out. Fails if a
/// field is unknown.
fn names(text: &str) -> anyhow::Result<BTreeMap<String, String>> {
    let mut names: BTreeMap<String, String> =
        FIELDS.iter().map(|field| ((*field).to_owned(), (*field).to_owned())).collect();
    for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let (field, name) = pair.split_once('=').with_context(|| format!("{pair}: write to=recipient"))?;
        let known = names.get_mut(field.trim()).with_context(|| format!("{field}: there are {}", FIELDS.join(", ")))?;
        name.trim().clone_into(known);
    }
    names.retain(|_, name| !name.is_empty());
    for field in ["to", "text"] {
        ensure!(names.contains_key(field), "{field} is needed");
    }
    let mut theirs: Vec<&String> = names.values().collect();
    theirs.sort();
    theirs.dedup();
    ensure!(theirs.len() == names.len(), "two fields have the same name");
    Ok(names)
}

/// An SMS in the folder.
#[derive(Deserialize, Serialize)]
pub struct Received {
    pub id: String,
    pub to: String,
    pub text: String,
    pub sent: i64,
}

/// Returns every SMS in the folder, newest first. Fails if the folder cannot be read.
pub fn read_all(data_dir: &Path) -> std::io::Result<Vec<Received>> {
    let mut all: Vec<_> = files(&folder(data_dir, "sms")?, "json")?;
    all.sort_by_key(|(written, _)| std::cmp::Reverse(*written));
    Ok(all.iter().filter_map(|(_, bytes)| serde_json::from_slice(bytes).ok()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_gets_a_plus_and_digits() {
        for (kept, sent) in [
            ("+47 22 34 21 00", Some("+4722342100")),
            ("+1 415-555-2671", Some("+14155552671")),
            ("+55 11 96123-4567", Some("+5511961234567")),
            ("+81 90-1234-5678", Some("+819012345678")),
            ("+47 22 34 21 00 ext. 5", None),
            ("four", None),
            ("", None),
        ] {
            assert_eq!(e164(kept).as_deref(), sent, "{kept}");
        }
    }

    #[test]
    fn a_gateway_says_when_to_come_back_in_seconds_or_by_the_clock() {
        let now = DateTime::parse_from_rfc3339("2020-11-02T09:00:00+01:00").unwrap().to_utc();
        for (said, seconds) in [
            ("600", Some(600)),
            ("Mon, 02 Nov 2020 08:10:00 GMT", Some(600)),
            ("Mon, 02 Nov 2020 07:00:00 GMT", None),
            ("soon", None),
            ("-1", None),
        ] {
            assert_eq!(pause(said, now), seconds.map(Duration::from_secs), "{said}");
        }
    }

    #[test]
    fn fields_are_called_as_the_gateway_calls_them() {
        let said = names("to=recipient, id=").unwrap();
        let pairs: Vec<(&str, &str)> = said.iter().map(|(ours, theirs)| (ours.as_str(), theirs.as_str())).collect();
        assert_eq!(pairs, [("sender", "sender"), ("text", "text"), ("to", "recipient")]);
        for (text, says) in [
            ("to", "write to=recipient"),
            ("whom=recipient", "there are to, text, id, sender"),
            ("text=", "text is needed"),
            ("to=text", "two fields have the same name"),
        ] {
            let said = format!("{:#}", names(text).unwrap_err());
            assert!(said.contains(says), "{text}: {said}");
        }
    }
}
