//! Texts of messages: one TOML document a kind, with both languages, in `server/messages/`. An office overrides one by a file of
//! the same name in `messages/` in its data folder. `messages::write` renders them.
//!
//! Every message names the address of the service. In an e-mail this is `{{ link }}` on a line of its own. A text that asks its
//! reader to act must have it. An SMS gets the short form at its end, once for both languages.

use std::{io::Read as _, path::Path};

use anyhow::{Context, bail, ensure};
use api::{
    appointments::Appointment,
    messages::Kind,
    offices::{Bring, Office, OfficeKind},
};
use chrono::{DateTime, NaiveDate, Utc};
use minijinja::{Environment, UndefinedBehavior, Value, context};
use rules::{Coded, District, notice::Language, text::without_direction_marks};
use serde::Deserialize;

use crate::messages::sms_length;
use crate::text::{dates, link::Page, names};

/// The values that a template can use. Which of them are set depends on the kind of message.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts<'f> {
    pub code: &'f str,
    pub minutes: i64,
    pub applicant: &'f str,
    pub reference: &'f str,
    pub number: &'f str,
    pub starts: Option<DateTime<Utc>>,
    /// The earlier start of an appointment that was moved.
    pub before: Option<DateTime<Utc>>,
    pub office: Option<&'f Office>,
    pub document: &'f str,
    /// The reason in Bokmål and English, as all texts by officers.
    pub reason: [&'f str; 2],
    pub instructions: [&'f str; 2],
    pub last_day: Option<NaiveDate>,
}

impl<'f> Facts<'f> {
    /// Returns the values of a message about an appointment.
    pub fn appointment(appointment: &'f Appointment) -> Facts<'f> {
        Facts {
            applicant: &appointment.applicant,
            number: &appointment.number,
            starts: Some(appointment.starts),
            office: Some(&appointment.office),
            ..Facts::default()
        }
    }

    /// Returns the values by their template names. Direction marks are removed, so a name from the records cannot reverse the text
    /// around it.
    fn values(&self, language: Language, link: &str) -> Value {
        let when = |at: Option<DateTime<Utc>>| at.map(|at| dates::day_and_time(at, language)).unwrap_or_default();
        let own = |texts: [&'f str; 2]| without_direction_marks(texts[usize::from(language == Language::En)]);
        let office = |tell: fn(&Office) -> &str| without_direction_marks(self.office.map(tell).unwrap_or_default());
        context! {
            link => link,
            code => self.code,
            minutes => self.minutes,
            applicant => without_direction_marks(self.applicant),
            reference => without_direction_marks(self.reference),
            number => self.number,
            when => when(self.starts),
            short => self.starts.map(|at| dates::short(at, language)).unwrap_or_default(),
            before => when(self.before),
            office => office(|office| &office.name),
            address => office(|office| &office.address),
            phone => office(|office| &office.phone),
            bring => self.office.map(|office| names::to_bring(&office.bring, language)).unwrap_or_default(),
            document => without_direction_marks(self.document),
            reason => own(self.reason),
            instructions => own(self.instructions),
            last_day => self.last_day.map(|day| dates::whole_day(day, language)).unwrap_or_default(),
        }
    }
}

/// Returns the variables that a template may use, and those that it must use because the message would be useless without them.
fn variables(kind: Kind) -> (&'static [&'static str], &'static [&'static str]) {
    const APPOINTMENT: &[&str] =
        &["applicant", "number", "when", "short", "office", "address", "phone", "bring", "link"];
    match kind {
        Kind::Code => (&["code", "minutes", "link"], &["code", "link"]),
        Kind::Moved => (
            &["applicant", "number", "when", "short", "office", "address", "phone", "bring", "before", "link"],
            &["when", "number", "office", "link"],
        ),
        Kind::Booked | Kind::Restored | Kind::Reminder => (APPOINTMENT, &["when", "number", "office", "link"]),
        Kind::Cancelled | Kind::CancelledByOffice | Kind::CancelledAtShortNotice => {
            (APPOINTMENT, &["when", "number", "link"])
        }
        Kind::Invited => (&["applicant", "reference", "instructions", "last_day", "link"], &["reference", "link"]),
        Kind::InvitationWithdrawn | Kind::CaseTried => (&["applicant", "reference", "link"], &["reference", "link"]),
        // The message asks for no action, so its link is optional.
        Kind::DocumentReceived => (&["applicant", "reference", "document", "link"], &["reference"]),
        Kind::DocumentReturned => {
            (&["applicant", "reference", "document", "reason", "last_day", "link"], &["reference", "reason", "link"])
        }
    }
}

/// Returns the variables of which an SMS must use one in each language, and one that it must use in either language. There is no
/// room for the latter in both.
fn needed_in_sms(kind: Kind) -> (&'static [&'static str], &'static str) {
    match kind {
        Kind::Invited
        | Kind::InvitationWithdrawn
        | Kind::DocumentReceived
        | Kind::DocumentReturned
        | Kind::CaseTried => (&["reference"], "reference"),
        _ => (&["when", "short"], "number"),
    }
}

/// The largest number of parts of an SMS. Both languages and the address do not fit into one.
const MOST_PARTS: usize = 2;

/// The largest text, in bytes. A longer file is something else, put in its place by mistake.
const LONGEST: u64 = 64 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    nb: Texts,
    en: Texts,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Texts {
    subject: String,
    body: String,
    sms: Option<String>,
}

pub struct Templates {
    environment: Environment<'static>,
    /// The public address of the service, without a path.
    origin: String,
}

impl Templates {
    /// Loads all texts, with those in `folder` in place of ours. Fails if a file is unknown, too large, or cannot be rendered, or
    /// if a required variable is missing. The error names the file and the place.
    pub fn load(folder: &Path, origin: &str) -> anyhow::Result<Templates> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        refuse_others(folder)?;
        for kind in Kind::ALL {
            let file = folder.join(format!("{}.toml", kind.code()));
            let (place, text) = match read(&file) {
                Ok(text) => (file.display().to_string(), text),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    (format!("our own {}.toml", kind.code()), own(*kind).to_owned())
                }
                Err(error) => return Err(error).context(format!("cannot read {}", file.display())),
            };
            add(&mut environment, *kind, &text).with_context(|| format!("the message {place}"))?;
        }
        let templates = Templates { environment, origin: origin.to_owned() };
        templates.try_all()?;
        Ok(templates)
    }

    /// Renders subject and body of an e-mail in both languages, the person's first. Fails if the template cannot be rendered.
    pub fn email(
        &self,
        kind: Kind,
        language: Language,
        facts: &Facts<'_>,
        page: Page<'_>,
    ) -> anyhow::Result<(String, String)> {
        let [first, second] = both(language);
        let link = format!("{}{}", self.origin, page.path());
        let subject = |language| self.render(kind, language, "subject", facts, &link);
        let body = |language| self.render(kind, language, "body", facts, &link);
        // A subject is one line, whatever a name contains.
        let title = format!("{} / {}", subject(first)?, subject(second)?).replace(char::is_control, " ");
        Ok((title, format!("{}\n\n---\n\n{}\n", body(first)?, body(second)?)))
    }

    /// Renders an SMS in both languages, the person's first, with the short address at its end. Fails if the template cannot be
    /// rendered.
    pub fn sms(&self, kind: Kind, language: Language, facts: &Facts<'_>, page: Page<'_>) -> anyhow::Result<String> {
        let [first, second] = both(language);
        let text = |language| self.render(kind, language, "sms", facts, "");
        Ok(format!("{} / {} {}{}", text(first)?, text(second)?, self.origin, page.short_path()))
    }

    /// Renders the subject of an e-mail without any values. Fails if the template cannot be rendered.
    pub fn plain_subject(&self, kind: Kind, language: Language) -> anyhow::Result<String> {
        Ok(self.email(kind, language, &Facts::default(), Page::Cases)?.0)
    }

    fn render(
        &self,
        kind: Kind,
        language: Language,
        part: &str,
        facts: &Facts<'_>,
        link: &str,
    ) -> anyhow::Result<String> {
        let template = self.environment.get_template(&name(kind, language, part))?;
        Ok(template.render(facts.values(language, link))?)
    }

    /// Renders each message without values, with all values, and with each value alone. A fault in the middle or in a rare branch
    /// is found at start, not when somebody waits for the message.
    fn try_all(&self) -> anyhow::Result<()> {
        let office = usual_office();
        let full = full(&office);
        for kind in Kind::ALL {
            let written = || -> anyhow::Result<()> {
                for facts in one_by_one(&full).iter().chain([&full]) {
                    self.email(*kind, Language::Nb, facts, SOME_PAGE)?;
                    if kind.has_sms() {
                        self.sms(*kind, Language::Nb, facts, SOME_PAGE)?;
                    }
                }
                Ok(())
            };
            written().with_context(|| format!("the message {}", kind.code()))?;
        }
        for (kind, count) in self.long_sms()? {
            tracing::warn!("the SMS “{}” takes {count} messages", kind.code());
        }
        Ok(())
    }

    /// Returns the SMS that exceed `MOST_PARTS` with typical values, and their number of parts.
    fn long_sms(&self) -> anyhow::Result<Vec<(Kind, usize)>> {
        let office = usual_office();
        let mut long = Vec::new();
        for kind in Kind::ALL.iter().filter(|kind| kind.has_sms()) {
            let count = sms_length::messages(&self.sms(*kind, Language::Nb, &full(&office), SOME_PAGE)?);
            if count > MOST_PARTS {
                long.push((*kind, count));
            }
        }
        Ok(long)
    }
}

/// A page with an id of full length.
const SOME_PAGE: Page<'static> = Page::Appointment("0198ffff-ffff-7fff-bfff-ffffffffffff");

/// An office with a name and an address of typical length.
fn usual_office() -> Office {
    Office {
        id: String::new().into(),
        name: "Oslo politidistrikt, utlendingsforvaltning".to_owned(),
        kind: OfficeKind::Immigration,
        district: District::Oslo,
        address: "Tordenskiolds gate 12, 0160 Oslo".to_owned(),
        phone: "+47 22 34 21 00".to_owned(),
        hours: Vec::new(),
        bring: Bring::ALL.to_vec(),
        posts: None,
    }
}

/// All values, each of at least typical length.
fn full(office: &Office) -> Facts<'_> {
    Facts {
        code: "123456",
        minutes: 10,
        applicant: "Asha Rao",
        reference: "2020123456",
        number: "K7M4-2QXD",
        // 22 December 2021, 10:30: the largest number of digits.
        starts: DateTime::from_timestamp(1_640_165_400, 0),
        before: DateTime::from_timestamp(1_640_079_000, 0),
        office: Some(office),
        document: "pass.pdf",
        reason: ["Bildet er uskarpt.", "The picture is not sharp."],
        instructions: ["Ta med originalen.", "Bring the original."],
        last_day: NaiveDate::from_ymd_opt(2021, 12, 22),
    }
}

/// Returns the values with none set, and then with each set alone.
fn one_by_one<'f>(full: &Facts<'f>) -> [Facts<'f>; 13] {
    let none = Facts::default();
    [
        none,
        Facts { code: full.code, ..none },
        Facts { minutes: full.minutes, ..none },
        Facts { applicant: full.applicant, ..none },
        Facts { reference: full.reference, ..none },
        Facts { number: full.number, ..none },
        Facts { starts: full.starts, ..none },
        Facts { before: full.before, ..none },
        Facts { office: full.office, ..none },
        Facts { document: full.document, ..none },
        Facts { reason: full.reason, ..none },
        Facts { instructions: full.instructions, ..none },
        Facts { last_day: full.last_day, ..none },
    ]
}

/// Reads a document. Fails if it is larger than `LONGEST`.
fn read(file: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    std::fs::File::open(file)?.take(LONGEST + 1).read_to_string(&mut text)?;
    if text.len() as u64 > LONGEST {
        return Err(std::io::Error::other("it is larger than 64 KB"));
    }
    Ok(text)
}

fn both(first: Language) -> [Language; 2] {
    match first {
        Language::Nb => [Language::Nb, Language::En],
        Language::En => [Language::En, Language::Nb],
    }
}

fn name(kind: Kind, language: Language, part: &str) -> String {
    format!("{} {} {part}", kind.code(), language.code())
}

/// Fails if the folder has a file with an unknown name, which is probably misspelt.
fn refuse_others(folder: &Path) -> anyhow::Result<()> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error).context(format!("cannot read {}", folder.display())),
    };
    for entry in entries {
        let file = entry?.file_name();
        let known = file.to_str().and_then(|file| Kind::from_code(file.strip_suffix(".toml")?));
        if known.is_none() {
            let all: Vec<String> = Kind::ALL.iter().map(|kind| format!("{}.toml", kind.code())).collect();
            bail!("{} is no message; there are {}", folder.join(file).display(), all.join(", "));
        }
    }
    Ok(())
}

fn add(environment: &mut Environment<'static>, kind: Kind, text: &str) -> anyhow::Result<()> {
    let Document { nb, en } = toml::from_str(text)?;
    let (known, needed) = variables(kind);
    let (_, in_one_sms) = needed_in_sms(kind);
    let mut any_sms_has_number = false;
    for (language, texts) in [(Language::Nb, nb), (Language::En, en)] {
        let has_sms = texts.sms.is_some();
        let parts = [("subject", Some(texts.subject)), ("body", Some(texts.body)), ("sms", texts.sms)];
        for (part, text) in parts {
            let Some(text) = text else { continue };
            let place = || format!("[{}] {part}", language.code());
            ensure!(!text.trim().is_empty(), "{}: is empty", place());
            environment.add_template_owned(name(kind, language, part), text).with_context(place)?;
            let named = environment.get_template(&name(kind, language, part))?.undeclared_variables(false);
            for variable in &named {
                ensure!(
                    known.contains(&variable.as_str()),
                    "{}: there is no {{{{ {variable} }}}} here; there are {}",
                    place(),
                    known.join(", ")
                );
            }
            if part == "body" {
                for variable in needed {
                    ensure!(named.contains(*variable), "{}: {{{{ {variable} }}}} is missing", place());
                }
            }
            if part == "sms" && kind.has_sms() {
                let (one_of, _) = needed_in_sms(kind);
                ensure!(
                    one_of.iter().any(|variable| named.contains(*variable)),
                    "{}: {{{{ {} }}}} is missing",
                    place(),
                    one_of.join(" }} or {{ ")
                );
                ensure!(
                    !named.contains("link"),
                    "{}: the address comes at the end by itself, and {{{{ link }}}} is not needed",
                    place()
                );
                any_sms_has_number |= named.contains(in_one_sms);
            }
        }
        ensure!(has_sms || !kind.has_sms(), "[{}] has no sms", language.code());
    }
    ensure!(any_sms_has_number || !kind.has_sms(), "sms: {{{{ {in_one_sms} }}}} is missing in both languages");
    Ok(())
}

fn own(kind: Kind) -> &'static str {
    match kind {
        Kind::Code => include_str!("../../messages/code.toml"),
        Kind::Booked => include_str!("../../messages/booked.toml"),
        Kind::Moved => include_str!("../../messages/moved.toml"),
        Kind::Cancelled => include_str!("../../messages/cancelled.toml"),
        Kind::CancelledByOffice => include_str!("../../messages/cancelled-by-office.toml"),
        Kind::CancelledAtShortNotice => include_str!("../../messages/cancelled-at-short-notice.toml"),
        Kind::Restored => include_str!("../../messages/restored.toml"),
        Kind::Reminder => include_str!("../../messages/reminder.toml"),
        Kind::Invited => include_str!("../../messages/invited.toml"),
        Kind::InvitationWithdrawn => include_str!("../../messages/invitation-withdrawn.toml"),
        Kind::DocumentReceived => include_str!("../../messages/document-received.toml"),
        Kind::DocumentReturned => include_str!("../../messages/document-returned.toml"),
        Kind::CaseTried => include_str!("../../messages/case-tried.toml"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "https://time.politiet.example";

    fn load(folder: &Path) -> anyhow::Result<Templates> {
        Templates::load(folder, ORIGIN)
    }

    fn own_texts() -> Templates {
        load(Path::new("/nowhere")).unwrap()
    }

    /// GSM alphabet: one other letter would make three or four parts.
    #[test]
    fn every_sms_fits_into_two_messages_in_either_order_and_leads_somewhere() {
        let office = usual_office();
        for facts in [full(&office), Facts { last_day: None, ..full(&office) }] {
            for kind in Kind::ALL.iter().filter(|kind| kind.has_sms()) {
                for language in [Language::Nb, Language::En] {
                    let text = own_texts().sms(*kind, language, &facts, SOME_PAGE).unwrap();
                    let length =
                        sms_length::septets(&text).unwrap_or_else(|| panic!("not in the GSM alphabet: {text}"));
                    assert!(sms_length::messages(&text) <= MOST_PARTS, "{length}: {text}");
                    let link = format!("{ORIGIN}{}", SOME_PAGE.short_path());
                    assert!(text.ends_with(&format!(". {link}")) && text.matches(ORIGIN).count() == 1, "{text}");
                    let about_a_case = text.contains("2020123456");
                    assert!(about_a_case || text.contains("K7M4-2QXD") && text.matches("10:30").count() == 2, "{text}");
                    assert!(!text.contains("Asha"), "nobody's name is in an SMS: {text}");
                }
            }
        }
    }

    /// Each e-mail has the address in both languages, on a line of its own, so it becomes a link.
    #[test]
    fn every_mail_leads_to_what_it_is_about() {
        let office = usual_office();
        for kind in Kind::ALL {
            for language in [Language::Nb, Language::En] {
                let page = Page::of(*kind, Some("case"), "about", true);
                let (subject, body) = own_texts().email(*kind, language, &full(&office), page).unwrap();
                let link = format!("{ORIGIN}{}", page.path());
                assert_eq!(body.lines().filter(|line| **line == link).count(), 2, "{}: {body}", kind.code());
                assert!(!subject.contains(ORIGIN) && !link.contains("Asha") && !link.contains("2020123456"));
            }
        }
    }

    /// Names from the records cannot reverse the text around them.
    #[test]
    fn a_name_does_not_turn_the_words_around_it() {
        let turned = "\u{202e}oaR ahsA\u{2066}";
        let office = Office { name: turned.to_owned(), address: turned.to_owned(), ..usual_office() };
        let facts = Facts {
            applicant: turned,
            reference: turned,
            document: turned,
            reason: [turned; 2],
            instructions: [turned; 2],
            ..full(&office)
        };
        for kind in Kind::ALL {
            let (subject, body) = own_texts().email(*kind, Language::Nb, &facts, SOME_PAGE).unwrap();
            let sms = if kind.has_sms() {
                own_texts().sms(*kind, Language::Nb, &facts, SOME_PAGE).unwrap()
            } else {
                String::new()
            };
            for text in [&subject, &body, &sms] {
                assert!(!text.contains(rules::text::is_direction_mark), "{text:?}");
            }
            assert!(*kind == Kind::Code || body.contains("oaR ahsA"), "{body}");
        }
    }

    #[test]
    fn a_message_speaks_the_language_of_the_person_first() {
        let facts = Facts { code: "123456", minutes: 10, ..Facts::default() };
        let (subject, body) = own_texts().email(Kind::Code, Language::Nb, &facts, Page::SignIn).unwrap();
        assert_eq!(subject, "Koden din til Skranke / Your code for Skranke");
        assert!(body.find("Koden din er 123456") < body.find("Your code is 123456"));
        let (subject, body) = own_texts().email(Kind::Code, Language::En, &facts, Page::SignIn).unwrap();
        assert_eq!(subject, "Your code for Skranke / Koden din til Skranke");
        assert!(body.find("Your code is 123456") < body.find("Koden din er 123456"));
    }

    #[test]
    fn what_an_officer_did_not_say_leaves_no_gap() {
        let facts = Facts { applicant: "Asha Rao", reference: "WORK-1", ..Facts::default() };
        let (_, body) = own_texts().email(Kind::Invited, Language::En, &facts, SOME_PAGE).unwrap();
        assert!(body.contains("WORK-1 (Asha Rao) electronically.\n"), "{body}");
        let facts = Facts {
            last_day: NaiveDate::from_ymd_opt(2021, 4, 16),
            instructions: ["Ta bilde.", "Take a picture."],
            ..facts
        };
        let (_, body) = own_texts().email(Kind::Invited, Language::En, &facts, SOME_PAGE).unwrap();
        assert!(
            body.contains("electronically, on Friday 16 April 2021 at the latest.") && body.contains("Take a picture."),
            "{body}"
        );
    }

    /// The default reminder with another SMS in Bokmål.
    fn own_sms(text: &str) -> String {
        own(Kind::Reminder).replacen(
            "sms = \"Husk timen hos politiet {{ short }} ({{ number }}). Avbestill hvis du ikke kan: følg lenken eller ring {{ phone }}.\"",
            &format!("sms = \"{text}\""),
            1,
        )
    }

    /// Typical values are measured, not a text with gaps.
    #[test]
    fn an_sms_that_is_too_long_is_found_at_start() {
        assert_eq!(own_texts().long_sms().unwrap(), []);
        let folder = tempfile::tempdir().unwrap();
        let text = own_sms("Husk timen {{ when }} ({{ number }}) hos {{ office }}, {{ address }}. Ta med {{ bring }}.");
        std::fs::write(folder.path().join("reminder.toml"), text).unwrap();
        assert_eq!(load(folder.path()).unwrap().long_sms().unwrap(), [(Kind::Reminder, 3)]);
    }

    #[test]
    fn a_text_that_could_not_be_sent_is_refused_at_start() {
        let good = own(Kind::Code);
        for (file, text, says) in [
            (
                "code.toml",
                good.replace("{{ code }}", "{{ kode }}"),
                "there is no {{ kode }} here; there are code, minutes, link",
            ),
            ("code.toml", good.replacen("{{ code }}", "1", 1), "[nb] body: {{ code }} is missing"),
            ("code.toml", good.replace("{{ code }}", "{{ code"), "[nb] body"),
            ("code.toml", good.replace("[en]", "[fr]"), "unknown field `fr`"),
            ("code.toml", good.replace("{{ code }}", "{{ code.length.more }}"), "the message code"),
            ("code.toml", good.replace("subject", "title"), "title"),
            ("koder.toml", good.to_owned(), "koder.toml is no message; there are code.toml, booked.toml"),
            ("reminder.toml", own(Kind::Reminder).replace("sms =", "# sms ="), "[nb] has no sms"),
            ("reminder.toml", own_sms("Husk timen. ({{ number }})"), "[nb] sms: {{ when }} or {{ short }} is missing"),
            ("reminder.toml", own_sms("Husk timen {{ short }}."), "{{ number }} is missing in both languages"),
            ("reminder.toml", own_sms("Husk {{ short }} ({{ number }}): {{ link }}"), "comes at the end by itself"),
            ("invited.toml", own(Kind::Invited).replace("sms =", "# sms ="), "[nb] has no sms"),
            ("booked.toml", own(Kind::Booked).replace("{{ link }}", ""), "[nb] body: {{ link }} is missing"),
            ("code.toml", good.replace("{{ link }}", "skranke"), "[nb] body: {{ link }} is missing"),
            // Faults that show only if a value is set, or if one is set without another.
            ("code.toml", good.replacen("{{ code }}", "{% if code %}{{ code.a.b }}{% endif %}", 1), "the message code"),
            (
                "invited.toml",
                own(Kind::Invited).replacen(
                    "{{ reference }}",
                    "{{ reference }}{% if last_day and not instructions %}{{ last_day.a.b }}{% endif %}",
                    1,
                ),
                "the message invited",
            ),
            ("code.toml", format!("{good}\n# {}", "long ".repeat(14_000)), "larger than 64 KB"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join(file), text).unwrap();
            let said = format!("{:#}", load(folder.path()).err().unwrap_or_else(|| panic!("{says}: taken")));
            assert!(said.contains(says), "{said}");
        }
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("code.toml"), good.replace("Koden din er", "Her er koden:")).unwrap();
        let facts = Facts { code: "123456", ..Facts::default() };
        let (_, body) = load(folder.path()).unwrap().email(Kind::Code, Language::Nb, &facts, Page::SignIn).unwrap();
        assert!(body.starts_with("Her er koden: 123456"));
    }
}
