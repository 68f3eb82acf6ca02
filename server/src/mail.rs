//! E-mail. It goes to a folder, one file a message; the demo shows that folder as its mailbox.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use lettre::{
    AsyncFileTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
};
use rules::notice::Language;

/// An e-mail in both languages, the person's first.
pub struct Mail {
    pub to: lettre::Address,
    pub subject: String,
    pub body: String,
}

#[derive(Clone)]
pub struct Mailer {
    folder: PathBuf,
    transport: AsyncFileTransport<Tokio1Executor>,
}

impl Mailer {
    pub fn to_folder(data_dir: &Path) -> std::io::Result<Mailer> {
        let folder = data_dir.join("mail");
        std::fs::create_dir_all(&folder)?;
        Ok(Mailer { transport: AsyncFileTransport::new(&folder), folder })
    }

    pub async fn send(&self, mail: Mail, now: DateTime<Utc>) -> anyhow::Result<()> {
        let from: Mailbox = "Skranke <no-reply@skranke.example>".parse()?;
        let message = Message::builder()
            .from(from)
            .to(Mailbox::new(None, mail.to))
            .date(now.into())
            .subject(mail.subject)
            .header(ContentType::TEXT_PLAIN)
            .body(mail.body)?;
        self.transport.send(message).await?;
        Ok(())
    }

    /// Every message in the folder, the newest first.
    pub fn read_all(&self) -> std::io::Result<Vec<Received>> {
        let mut all = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let entry = entry?;
            // The date in a mail is exact to the second only.
            let written = entry.metadata()?.modified()?;
            all.extend(Received::parse(&std::fs::read(entry.path())?).map(|mail| (written, mail)));
        }
        all.sort_by_key(|(written, _)| std::cmp::Reverse(*written));
        Ok(all.into_iter().map(|(_, mail)| mail).collect())
    }
}

/// A message as it lies in the folder.
pub struct Received {
    pub to: String,
    pub subject: String,
    pub body: String,
    pub sent: i64,
}

impl Received {
    fn parse(bytes: &[u8]) -> Option<Received> {
        let message = mail_parser::MessageParser::default().parse(bytes)?;
        Some(Received {
            to: message.to()?.first()?.address()?.to_owned(),
            subject: message.subject()?.to_owned(),
            body: message.body_text(0)?.into_owned(),
            sent: message.date()?.to_timestamp(),
        })
    }
}

/// The code for signing in.
pub fn sign_in_code(to: lettre::Address, code: &str, minutes: u32, language: Language) -> Mail {
    let nb = (
        "Koden din til Skranke",
        format!(
            "Koden din er {code}\n\nSkriv den inn på siden der du ba om den. Den gjelder i {minutes} minutter og kan brukes én gang.\nHar du ikke bedt om en kode, kan du se bort fra denne e-posten."
        ),
    );
    let en = (
        "Your code for Skranke",
        format!(
            "Your code is {code}\n\nType it on the page where you asked for it. It is valid for {minutes} minutes and can be used once.\nIf you have not asked for a code, you can ignore this e-mail."
        ),
    );
    let (first, second) = match language {
        Language::Nb => (nb, en),
        Language::En => (en, nb),
    };
    Mail { to, subject: format!("{} / {}", first.0, second.0), body: format!("{}\n\n---\n\n{}\n", first.1, second.1) }
}
