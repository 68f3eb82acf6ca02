//! SMTP by lettre, with timeouts, connection reuse and the classes of refusals. `mail` calls it.
//!
//! lettre's own pool is not used. It takes a connection back on which a caller has given up waiting, and the next caller reads the
//! wrong answer.

use std::{
    error::Error as _,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use lettre::{
    Address,
    transport::smtp::{
        Error, SMTP_PORT, SUBMISSION_PORT, SUBMISSIONS_PORT,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, Certificate, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::ClientId,
    },
};
use percent_encoding::percent_decode_str;
use tokio::{sync::Mutex, time::timeout};
use url::{Host, Url};

use crate::messages::delivery::{PATIENCE, Undelivered};

/// The idle time after which a connection is not used again, because the server has probably closed it.
const IDLE: Duration = Duration::from_secs(60);

pub struct Smtp {
    host: String,
    port: u16,
    security: Security,
    credentials: Option<Credentials>,
    hello: ClientId,
    /// Connections on which a mail was sent completely, and since when each is idle.
    idle: Mutex<Vec<(AsyncSmtpConnection, Instant)>>,
}

enum Security {
    None,
    /// TLS from the first byte.
    Implicit(TlsParameters),
    StartTls(TlsParameters),
}

/// The thing that a server refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refused {
    /// The connection, the password or the sender, which are ours to set right.
    Sender,
    Recipient,
    /// The mail itself, after its recipient was accepted.
    Content,
}

impl Smtp {
    /// Parses the address of a mail server. `smtps://` uses TLS from the start. `smtp://` requires STARTTLS, unless the server is
    /// on this machine or `?tls=none` declares the network safe.
    ///
    /// Fails if the address or the certificate `ca` cannot be used.
    pub fn new(url: &str, ca: Option<&Path>) -> anyhow::Result<Smtp> {
        let url = Url::parse(url)?;
        let host = match url.host() {
            Some(Host::Domain(name)) => name.to_owned(),
            Some(Host::Ipv4(address)) => address.to_string(),
            Some(Host::Ipv6(address)) => address.to_string(),
            None => String::new(),
        };
        ensure!(!host.is_empty(), "there is no host in it");
        let is_name = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || ".-_:".contains(c));
        // An unencoded special character of a password ends it too early, and the rest would count as host or path.
        const ENCODE: &str = "write letters such as / # ? % @ of a password as %2F %23 %3F %25 %40";
        ensure!(is_name(&host), "its host is no name: {ENCODE}");
        let name = url.path().trim_matches('/');
        ensure!(is_name(name) && url.fragment().is_none(), "there is more in it than a host: {ENCODE}");
        let mut security = None;
        for (name, value) in url.query_pairs() {
            ensure!(name == "tls", "{ENCODE}; behind a ? there is only tls=required and tls=none");
            security = Some(value.into_owned());
        }
        let here = ["localhost", "127.0.0.1", "::1"].contains(&host.as_str());
        let plain = match security.as_deref() {
            Some("none") => true,
            Some("required") => false,
            None => here,
            Some(other) => anyhow::bail!("tls={other} is unknown; there are required and none"),
        };
        let implicit = match url.scheme() {
            "smtps" => true,
            "smtp" => false,
            other => anyhow::bail!("{other}:// is unknown; there are smtp:// and smtps://"),
        };
        ensure!(!(implicit && security.as_deref() == Some("none")), "smtps:// is TLS");
        let credentials = match (url.username(), url.password()) {
            ("", None) => None,
            (user, Some(password)) if !user.is_empty() => {
                let decoded = |text| percent_decode_str(text).decode_utf8().map(|text| text.into_owned());
                Some(Credentials::new(decoded(user)?, decoded(password)?))
            }
            _ => anyhow::bail!("a user needs a password, and a password a user"),
        };
        let security = match (implicit, plain) {
            (true, _) => Security::Implicit(tls(&host, ca)?),
            (false, true) => Security::None,
            (false, false) => Security::StartTls(tls(&host, ca)?),
        };
        let usual = match security {
            Security::None => SMTP_PORT,
            Security::Implicit(_) => SUBMISSIONS_PORT,
            Security::StartTls(_) => SUBMISSION_PORT,
        };
        let hello = if name.is_empty() { ClientId::default() } else { ClientId::Domain(name.to_owned()) };
        let port = url.port().unwrap_or(usual);
        Ok(Smtp { host, port, security, credentials, hello, idle: Mutex::default() })
    }

    /// Sends one mail, formatted by lettre as ASCII. After a timeout the connection is closed, so a late answer is never read as
    /// that to another mail. Fails with `Later` or `Never` as the server answers.
    pub async fn send(&self, from: &Address, to: &Address, mail: &[u8]) -> Result<(), Undelivered> {
        let Ok(outcome) = timeout(PATIENCE, self.hand_over(from, to, mail)).await else {
            let why = format!("the mail server has not taken it within {} s", PATIENCE.as_secs());
            return Err(Undelivered::Later { why, after: None });
        };
        outcome.map_err(|(error, refused)| undelivered(&error, refused))
    }

    async fn hand_over(&self, from: &Address, to: &Address, mail: &[u8]) -> Result<(), (Error, Refused)> {
        let as_to = |refused| move |error| (error, refused);
        let mut connection = self.connection().await.map_err(as_to(Refused::Sender))?;
        connection.command(Mail::new(Some(from.clone()), Vec::new())).await.map_err(as_to(Refused::Sender))?;
        connection.command(Rcpt::new(to.clone(), Vec::new())).await.map_err(as_to(Refused::Recipient))?;
        connection.command(Data).await.map_err(as_to(Refused::Content))?;
        connection.message(mail).await.map_err(as_to(Refused::Content))?;
        self.idle.lock().await.push((connection, Instant::now()));
        Ok(())
    }

    /// Returns an idle connection that is still alive, or a new one.
    async fn connection(&self) -> Result<AsyncSmtpConnection, Error> {
        loop {
            let waiting = {
                let mut idle = self.idle.lock().await;
                idle.retain(|(_, since)| since.elapsed() < IDLE);
                idle.pop()
            };
            let Some((mut connection, _)) = waiting else { break };
            if connection.test_connected().await {
                return Ok(connection);
            }
        }
        let implicit = if let Security::Implicit(tls) = &self.security { Some(tls.clone()) } else { None };
        let server = (self.host.as_str(), self.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, Some(PATIENCE), &self.hello, implicit, None).await?;
        if let Security::StartTls(tls) = &self.security {
            connection.starttls(tls.clone(), &self.hello).await?;
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        Ok(connection)
    }
}

fn tls(host: &str, ca: Option<&Path>) -> anyhow::Result<TlsParameters> {
    _ = rustls::crypto::ring::default_provider().install_default();
    let mut parameters = TlsParameters::builder(host.to_owned());
    if let Some(file) = ca {
        let pem = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        parameters = parameters.add_root_certificate(Certificate::from_pem(&pem)?);
    }
    Ok(parameters.build()?)
}

/// Classifies an SMTP error as transient or permanent. The server's words are not logged, because they may contain the address; nor
/// is an answer that cannot be parsed.
fn undelivered(error: &Error, refused: Refused) -> Undelivered {
    let Some(code) = error.status() else {
        if error.is_response() {
            return Undelivered::Later { why: "the mail server's answer cannot be read".to_owned(), after: None };
        }
        return Undelivered::later(error);
    };
    let code = code.to_string();
    let words = error.source().map(ToString::to_string).unwrap_or_default();
    let detail = enhanced(&words);
    let why = format!("the mail server answers {code} {}", detail.unwrap_or_default()).trim_end().to_owned();
    if error.is_permanent() && is_about_address(refused, &code, detail) {
        Undelivered::Never(why)
    } else {
        Undelivered::Later { why, after: None }
    }
}

/// Returns `true` if a permanent refusal is about the recipient's address, so that a retry is useless.
///
/// Many servers refuse us only when they are told the recipient (5.7.1, which may be set right), and a full mailbox (5.2.2) is
/// emptied. An enhanced status (RFC 3463) therefore decides if there is one. Without it, 550, 551 and 553 in answer to the
/// recipient mean the address, by RFC 5321. In answer to anything else these codes are about us.
fn is_about_address(refused: Refused, code: &str, detail: Option<&str>) -> bool {
    const NOBODYS: [&str; 5] = ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"];
    match (refused, detail) {
        (Refused::Sender, _) => false,
        (_, Some(detail)) => NOBODYS.contains(&detail),
        (Refused::Recipient, None) => ["550", "551", "553"].contains(&code),
        (Refused::Content, None) => false,
    }
}

/// Returns the enhanced status with which an answer begins, such as `5.1.1`. `None` if there is none. It has only three numbers, so
/// it can be logged.
fn enhanced(words: &str) -> Option<&str> {
    let word = words.split_whitespace().next()?;
    let numbers =
        word.split('.').filter(|part| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()));
    (numbers.count() == 3 && word.matches('.').count() == 2).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_a_mail_server_that_cannot_be_used_is_refused_at_start() {
        for (url, says) in [
            ("mail.example.org", "relative URL"),
            ("http://mail.example.org", "http:// is unknown"),
            ("smtp://mail.example.org?tls=maybe", "tls=maybe is unknown"),
            ("smtps://mail.example.org?tls=none", "smtps:// is TLS"),
            ("smtp:mail.example.org", "there is no host"),
            ("smtp://", "there is no host"),
            ("smtp:///mail.example.org", "there is no host"),
            ("smtps://skranke:12/34@mail.example.org", "%2F"),
            ("smtps://skranke:12#34@mail.example.org", "%23"),
            ("smtps://skranke:12?34@mail.example.org", "%3F"),
            ("smtps://mail%20server", "its host is no name"),
            ("smtps://skranke@mail.example.org", "a user needs a password"),
            ("smtps://:secret@mail.example.org", "a user needs a password"),
        ] {
            let said = format!("{:#}", Smtp::new(url, None).err().unwrap_or_else(|| panic!("{url}: taken")));
            assert!(said.contains(says), "{url}: {said}");
        }
        for (url, host, port) in [
            ("smtps://skranke:12%2F34@mail.example.org", "mail.example.org", 465),
            ("smtp://mail.example.org/counter.example.org", "mail.example.org", 587),
            ("smtp://[::1]:2525", "::1", 2525),
            ("smtp://10.0.0.1?tls=none", "10.0.0.1", 25),
        ] {
            let smtp = Smtp::new(url, None).unwrap_or_else(|error| panic!("{url}: {error:#}"));
            assert_eq!((smtp.host.as_str(), smtp.port), (host, port), "{url}");
        }
    }

    #[test]
    fn only_what_is_about_the_address_is_given_up() {
        use Refused::{Content, Recipient, Sender};
        for (refused, code, words, never) in [
            (Recipient, "550", "5.1.1 no such mailbox", true),
            (Recipient, "550", "no such mailbox", true),
            (Recipient, "553", "5.1.3 that is no address", true),
            (Recipient, "556", "5.1.10 takes no mail", true),
            // Postfix reports every refusal in answer to the recipient, also those of the client.
            (Recipient, "554", "5.7.1 client host blocked", false),
            (Recipient, "550", "5.7.1 relaying denied", false),
            (Recipient, "553", "5.1.8 sender's address unknown", false),
            (Recipient, "552", "5.2.2 mailbox full", false),
            (Recipient, "552", "mailbox full", false),
            (Recipient, "530", "5.7.0 authentication required", false),
            (Content, "550", "5.1.1 no such mailbox", true),
            (Content, "550", "5.7.26 unauthenticated mail", false),
            (Content, "554", "no", false),
            (Sender, "550", "5.1.1 no such sender", false),
            (Sender, "554", "go away", false),
        ] {
            assert_eq!(is_about_address(refused, code, enhanced(words)), never, "{refused:?} {code} {words}");
        }
        for words in ["asha@example.org", "5.1", "5.1.1.1", "5.1.x", "asha.5.1", ""] {
            assert_eq!(enhanced(words), None, "{words}");
        }
    }
}
