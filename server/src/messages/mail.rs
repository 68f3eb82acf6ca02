//! E-mail, sent by SMTP (`smtp.rs`) or written into a folder. `outbox` calls it.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use lettre::{
    Message,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};
use maud::html;

use crate::{
    files::private_folder::{files, folder, put},
    messages::{delivery::Undelivered, settings::Transports, smtp::Smtp},
    secrets::settings,
};

pub struct Mail<'m> {
    /// The message's id, which becomes the Message-ID, so a duplicate can be recognised.
    pub id: &'m str,
    pub to: &'m str,
    pub subject: &'m str,
    pub body: &'m str,
}

#[derive(Clone)]
pub struct Mailer {
    from: Mailbox,
    /// The public address of the service. Only lines that begin with it become links in the HTML body.
    origin: Arc<str>,
    way: Way,
    /// The largest number of mails in flight.
    pub connections: u32,
}

#[derive(Clone)]
enum Way {
    Folder(PathBuf),
    Smtp(Arc<Smtp>),
}

impl Mailer {
    /// Returns an SMTP mailer if `MAIL_URL` is set. Otherwise mails go into the folder `mail/` in the data folder, if the settings
    /// allow it. Fails if neither is set, or if a setting is wrong.
    pub fn new(transports: &Transports, origin: &str, data_dir: &Path) -> anyhow::Result<Mailer> {
        let from = transports.mail_from.parse().context("MAIL_FROM is no address")?;
        let (way, connections) = match settings::MAIL_URL.read()? {
            Some(url) => {
                let ca = transports.mail_ca.as_deref().filter(|file| !file.is_empty()).map(Path::new);
                let smtp = Smtp::new(&url, ca).context("MAIL_URL cannot be used")?;
                (Way::Smtp(Arc::new(smtp)), transports.mail_connections)
            }
            None if !transports.mail_into_files => bail!(
                "MAIL_URL is not set, so nobody could sign in: set it to smtps://user:password@host, or say MAIL_INTO_FILES=true \
                 to have mail written into files, codes for signing in among it"
            ),
            // One at a time: bookings wait for the same disk.
            None => (Way::Folder(folder(data_dir, "mail")?), 1),
        };
        Ok(Mailer { from, origin: origin.into(), way, connections })
    }

    /// Sends one mail as plain text and HTML. Fails with `Never` if the address is not valid, and with `Later` or `Never` as the
    /// mail server answers.
    pub async fn send(&self, mail: &Mail<'_>, now: DateTime<Utc>) -> Result<(), Undelivered> {
        let never = |error: &dyn std::fmt::Display| Undelivered::Never(error.to_string());
        let to: lettre::Address = mail.to.parse().map_err(|error| never(&error))?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to.clone()))
            .date(now.into())
            .message_id(Some(format!("<{}@{}>", mail.id, self.from.email.domain())))
            .subject(mail.subject)
            // RFC 3834: suppresses automatic replies.
            .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()))
            .multipart(MultiPart::alternative_plain_html(mail.body.to_owned(), page(mail.body, &self.origin)))
            .map_err(|error| never(&error))?;
        match &self.way {
            Way::Folder(folder) => {
                put(folder, &format!("{}.eml", mail.id), &message.formatted()).await.map_err(Undelivered::later)
            }
            Way::Smtp(smtp) => smtp.send(&self.from.email, &to, &message.formatted()).await,
        }
    }
}

/// Returns the body as HTML, with one paragraph for each block and one line break for each line. A line that is an address of the
/// service becomes a link.
fn page(body: &str, origin: &str) -> String {
    let is_link = |line: &str| line.strip_prefix(origin).is_some_and(|path| path.starts_with('/'));
    html! {
        @for paragraph in body.trim().split("\n\n") {
            @if paragraph.trim() == "---" {
                hr;
            } @else {
                p {
                    @for (number, line) in paragraph.lines().enumerate() {
                        @if number > 0 { br; }
                        @if is_link(line) { a href=(line) { (line) } } @else { (line) }
                    }
                }
            }
        }
    }
    .into_string()
}

/// Returns every mail in the folder, newest first. Fails if the folder cannot be read.
pub fn read_all(data_dir: &Path) -> std::io::Result<Vec<Received>> {
    let mut all = Vec::new();
    for (written, bytes) in files(&folder(data_dir, "mail")?, "eml")? {
        all.extend(Received::parse(&bytes).map(|mail| (written, mail)));
    }
    // The date in a mail is exact to the second only, so mails are sorted by the time of the file.
    all.sort_by_key(|(written, _)| std::cmp::Reverse(*written));
    Ok(all.into_iter().map(|(_, mail)| mail).collect())
}

/// A mail in the folder.
pub struct Received {
    pub id: String,
    pub to: String,
    pub subject: String,
    pub body: String,
    pub sent: i64,
}

impl Received {
    fn parse(bytes: &[u8]) -> Option<Received> {
        let message = mail_parser::MessageParser::default().parse(bytes)?;
        Some(Received {
            id: message.message_id()?.to_owned(),
            to: message.to()?.first()?.address()?.to_owned(),
            subject: message.subject()?.to_owned(),
            body: message.body_text(0)?.into_owned(),
            sent: message.date()?.to_timestamp(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_is_called_is_no_html() {
        assert_eq!(
            page("For: <b>Asha</b>\nSted: Oslo\n\n---\n\nSlutt\n", "https://skranke.example"),
            "<p>For: &lt;b&gt;Asha&lt;/b&gt;<br>Sted: Oslo</p><hr><p>Slutt</p>"
        );
    }

    #[test]
    fn only_an_address_of_the_service_is_a_link() {
        for (line, is_link) in [
            ("https://skranke.example/cases", true),
            ("https://skranke.example.evil/cases", false),
            ("https://evil/", false),
            ("For: https://skranke.example/", false),
        ] {
            assert_eq!(page(line, "https://skranke.example").contains("<a "), is_link, "{line}");
        }
    }
}
