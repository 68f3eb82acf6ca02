//! E-mail. It goes to a folder, one file a message; the demo shows that folder as its mailbox.

use std::path::{Path, PathBuf};

use api::appointments::Appointment;
use chrono::{DateTime, Utc};
use lettre::{
    Message,
    message::{Mailbox, header::ContentType},
};
use rules::notice::Language;

use crate::{dates, words};

/// An e-mail in both languages, the person's first.
pub struct Mail {
    pub to: lettre::Address,
    pub subject: String,
    pub body: String,
}

#[derive(Clone)]
pub struct Mailer {
    folder: PathBuf,
}

impl Mailer {
    pub fn to_folder(data_dir: &Path) -> std::io::Result<Mailer> {
        let folder = data_dir.join("mail");
        std::fs::create_dir_all(&folder)?;
        Ok(Mailer { folder })
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
        // Beside its name first, so that a disk that is full leaves no half of a message.
        let name = uuid::Uuid::now_v7();
        let unfinished = self.folder.join(format!(".{name}"));
        let written = async {
            tokio::fs::write(&unfinished, message.formatted()).await?;
            tokio::fs::rename(&unfinished, self.folder.join(format!("{name}.eml"))).await
        };
        let outcome = written.await;
        if outcome.is_err() {
            tokio::fs::remove_file(&unfinished).await.ok();
        }
        Ok(outcome?)
    }

    /// Every message in the folder, the newest first.
    pub fn read_all(&self) -> std::io::Result<Vec<Received>> {
        let mut all = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let entry = entry?;
            if entry.path().extension().is_none_or(|extension| extension != "eml") {
                continue;
            }
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
    let (subject, body) = in_both(
        language,
        (
            "Koden din til Skranke",
            format!(
                "Koden din er {code}\n\nSkriv den inn på siden der du ba om den. Den gjelder i {minutes} minutter og kan brukes én gang.\nHar du ikke bedt om en kode, kan du se bort fra denne e-posten."
            ),
        ),
        (
            "Your code for Skranke",
            format!(
                "Your code is {code}\n\nType it on the page where you asked for it. It is valid for {minutes} minutes and can be used once.\nIf you have not asked for a code, you can ignore this e-mail."
            ),
        ),
    );
    Mail { to, subject, body }
}

/// What the applicant is told about an appointment that was booked: subject and body.
pub fn booked(appointment: &Appointment, language: Language) -> (String, String) {
    let [nb, en] =
        [Language::Nb, Language::En].map(|language| (when(appointment, language), needed(appointment, language)));
    in_both(
        language,
        ("Timen din er bestilt", format!("Timen din er {}.\n{}", nb.0, nb.1)),
        ("Your appointment is booked", format!("Your appointment is on {}.\n{}", en.0, en.1)),
    )
}

/// What the applicant is told when they have taken another time instead: subject and body.
pub fn moved(from: &Appointment, to: &Appointment, language: Language) -> (String, String) {
    let [nb, en] =
        [Language::Nb, Language::En].map(|language| (when(to, language), when(from, language), needed(to, language)));
    in_both(
        language,
        ("Timen din er flyttet", format!("Timen din er nå {}. Timen {} gjelder ikke lenger.\n{}", nb.0, nb.1, nb.2)),
        (
            "Your appointment is moved",
            format!("Your appointment is now on {}. The one on {} no longer holds.\n{}", en.0, en.1, en.2),
        ),
    )
}

/// What one needs to know of an appointment besides its time. The receipt in the page says the same.
fn needed(appointment: &Appointment, language: Language) -> String {
    let Appointment { number, applicant, office, .. } = appointment;
    let (place, phone) = (format!("{}, {}", office.name, office.address), &office.phone);
    let bring = words::to_bring(&office.bring, language);
    match language {
        Language::Nb => format!(
            "For: {applicant}\nSted: {place}\nTelefon: {phone}\nBestillingsnummer: {number}\nTa med: {bring}\n\nIkke møt opp hvis du må være i karantene den dagen: avbestill, og bestill en ny time."
        ),
        Language::En => format!(
            "For: {applicant}\nPlace: {place}\nPhone: {phone}\nBooking number: {number}\nBring: {bring}\n\nDo not come if you must be in quarantine on that day: cancel, and book a new time."
        ),
    }
}

/// What the applicant is told about an appointment that they have cancelled: subject and body.
pub fn cancelled(appointment: &Appointment, language: Language) -> (String, String) {
    let (nb, en, number) = (when(appointment, Language::Nb), when(appointment, Language::En), &appointment.number);
    in_both(
        language,
        (
            "Timen din er avbestilt",
            format!(
                "Du har avbestilt timen {nb} (bestillingsnummer {number}). Ikke møt opp. Du kan bestille en ny time."
            ),
        ),
        (
            "Your appointment is cancelled",
            format!(
                "You have cancelled the appointment on {en} (booking number {number}). Do not come. You can book a new time."
            ),
        ),
    )
}

/// `mandag 22. mars 2021 kl. 09:00`, `Monday 22 March 2021 at 09:00`.
fn when(appointment: &Appointment, language: Language) -> String {
    let at = rules::day::oslo_time(appointment.starts);
    let (day, time) = (dates::whole_day(at.date_naive(), language), at.format("%H:%M"));
    match language {
        Language::Nb => format!("{day} kl. {time}"),
        Language::En => format!("{day} at {time}"),
    }
}

/// Both languages in one message, the person's first.
fn in_both(language: Language, nb: (&str, String), en: (&str, String)) -> (String, String) {
    let (first, second) = match language {
        Language::Nb => (nb, en),
        Language::En => (en, nb),
    };
    (format!("{} / {}", first.0, second.0), format!("{}\n\n---\n\n{}\n", first.1, second.1))
}
