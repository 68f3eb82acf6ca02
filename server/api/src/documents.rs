//! Documents that people send in because the police have asked for them.

use chrono::{DateTime, NaiveDate, Utc};
use rules::{ApplicationType, coded};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Decision, fields, invitations::Instructions};

coded! {
    /// How far a document has come.
    State {
        /// Not all of it is there yet.
        Arriving = "arriving",
        /// All of it is there; it is being checked.
        Received = "received",
        /// The check has found nothing against it; the office has not looked at it yet.
        Checked = "checked",
        /// It cannot be used; `fault` or `reason` says why.
        Returned = "returned",
        /// The office has accepted it.
        Accepted = "accepted",
        /// Its keeping time is over, and what it said is deleted.
        Deleted = "deleted",
    }
}

coded! {
    /// What the check found against a document.
    Fault {
        /// Neither PDF nor JPEG, PNG or TIFF, whatever its name says.
        NotADocument = "not-a-document",
        /// A picture as newer telephones keep it.
        Heic = "heic",
        /// A PDF with a password.
        Encrypted = "encrypted",
        /// It cannot be opened.
        Broken = "broken",
        /// Two kinds of file in one.
        Disguised = "disguised",
        /// A picture with too many pixels.
        PictureTooLarge = "picture-too-large",
        /// A TIFF with more than one page.
        SeveralPages = "several-pages",
        /// A PDF with more pages than `MOST_PAGES`.
        TooManyPages = "too-many-pages",
        /// The virus scanner has found something.
        Infected = "infected",
        /// What arrived is not what was sent.
        Damaged = "damaged",
    }
}

coded! {
    /// What in a PDF does something when it is opened.
    Active {
        Script = "script",
        /// It starts another program.
        Program = "program",
        /// There are files in it.
        Files = "files",
        /// It sends what is typed into it somewhere, or opens another document.
        Address = "address",
        /// Sound, film, or something to play.
        Media = "media",
    }
}

/// The most pages of a document. Each is drawn for the officer, and each may take as long to draw as a document may take; a passport
/// has 48, and a long lease or a bank's statement of some years stays below it.
pub const MOST_PAGES: u64 = 200;

coded! {
    /// What a document is, by its content.
    Kind { Pdf = "pdf", Jpeg = "jpeg", Png = "png", Tiff = "tiff" }
}

impl Kind {
    /// As the web calls it.
    pub const fn media_type(self) -> &'static str {
        match self {
            Kind::Pdf => "application/pdf",
            Kind::Jpeg => "image/jpeg",
            Kind::Png => "image/png",
            Kind::Tiff => "image/tiff",
        }
    }

    /// The ending of such a file's name, with its dot.
    pub const fn ending(self) -> &'static str {
        match self {
            Kind::Pdf => ".pdf",
            Kind::Jpeg => ".jpg",
            Kind::Png => ".png",
            Kind::Tiff => ".tif",
        }
    }
}

/// A document of a case.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Document {
    /// Also the last part of its upload's address.
    pub id: String,
    /// As the person calls the file.
    #[schema(example = "passport.pdf")]
    pub name: String,
    /// In bytes.
    pub size: u64,
    /// How much of it is there, in bytes.
    pub received: u64,
    /// What its sender said that its SHA-256 is, in hexadecimal; empty if they did not. By it a file is known again.
    pub sha256: String,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<State>)]
    pub state: State,
    /// Since when it is as it is; of one that is arriving, when that began.
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub since: DateTime<Utc>,
    /// A virus scanner has looked at it and found nothing.
    pub scanned: bool,
    #[serde(with = "fields::coded_option")]
    #[schema(schema_with = fields::coded_option::schema::<Fault>)]
    pub fault: Option<Fault>,
    /// Why the office has returned it.
    pub reason: Option<Instructions>,
    /// The last day on which it is kept; none while it is arriving.
    #[serde(with = "fields::date_option")]
    #[schema(schema_with = fields::date_option::schema)]
    pub kept_until: Option<NaiveDate>,
    /// What it is, as soon as it has been checked.
    #[serde(with = "fields::coded_option")]
    #[schema(schema_with = fields::coded_option::schema::<Kind>)]
    pub kind: Option<Kind>,
    /// How many pages it has; 0 until it has been checked.
    pub pages: u64,
    /// What in it does something when it is opened, as far as the check has seen.
    #[serde(with = "fields::codes")]
    #[schema(schema_with = fields::codes::schema::<Active>)]
    pub active: Vec<Active>,
}

/// The longest name of a file, in characters.
const LONGEST_NAME: usize = 200;

/// Whether a file's name can be shown and kept as it is. It never becomes a path of ours, but it becomes one when the office takes
/// all documents of a case as an archive; and marks that turn the direction of writing make `fdp.exe` look like `exe.pdf`.
pub fn is_name(name: &str) -> bool {
    // Marks that turn the direction of writing, and what nobody sees.
    let hides = |c: char| {
        matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
    };
    // Something stands before the ending.
    let has_stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem).chars().any(char::is_alphanumeric);
    has_stem
        && name.chars().count() <= LONGEST_NAME
        && !name
            .chars()
            .any(|c| c.is_control() || hides(c) || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|'))
}

impl Document {
    /// Whether what it says can be had: all of it is there, the check has nothing against it, and it is not deleted.
    pub fn is_kept(&self) -> bool {
        self.fault.is_none() && !matches!(self.state, State::Arriving | State::Received | State::Deleted)
    }
}

/// What somebody has sent in a case, and what they may send.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Documents {
    /// What the rules say to sending documents now.
    pub decision: Decision,
    /// The first one first.
    pub documents: Vec<Document>,
    pub limits: Limits,
    /// How much of the case's limit is taken, in bytes.
    pub used: u64,
}

/// In bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Limits {
    /// Of one file.
    pub file: u64,
    /// Of all files of a case.
    pub case: u64,
}

/// Sending has failed for technical reasons, also when it was tried again. `code` is what the person tells on the telephone.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Failure {
    #[schema(example = "H7K-4QM")]
    pub code: String,
    pub decision: Decision,
}

/// Tell that sending has failed.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Failed {
    /// What went wrong as far as the page knows, for the office's technicians: a code of a problem, or `no-answer`.
    #[schema(example = "no-answer")]
    pub what: String,
}

/// A document that waits for an officer, or has been dealt with.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct ToReview {
    pub document: Document,
    pub case: String,
    pub reference: String,
    pub applicant: String,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<ApplicationType>)]
    pub application_type: ApplicationType,
}

/// What came in to a district, and whose sending has failed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Inbox {
    /// The oldest first.
    pub documents: Vec<ToReview>,
    /// The oldest first.
    pub failures: Vec<FailureToCall>,
    /// There are more than these.
    pub more: bool,
}

/// Somebody whose documents could not be sent for technical reasons; it is done by phone.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct FailureToCall {
    #[schema(example = "H7K-4QM")]
    pub code: String,
    pub case: String,
    pub reference: String,
    pub applicant: String,
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub since: DateTime<Utc>,
    pub what: String,
}

/// Return a document to who sent it.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Return {
    /// Why, in both languages; the person is told.
    pub reason: Instructions,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_seen_as_it_is() {
        let longest = "a".repeat(LONGEST_NAME);
        for name in ["pass.pdf", "søknad (1).pdf", "写真.jpg", "паспорт", "pass.", "a.b.c", &longest] {
            assert!(is_name(name), "{name}");
        }
        let too_long = "a".repeat(LONGEST_NAME + 1);
        for name in ["", " ", ".", "..", ".pdf", " .pdf", "--.pdf", "a/b", "c:\\b", "a\n.pdf", "a|b", &too_long] {
            assert!(!is_name(name), "{name:?}");
        }
        let hidden =
            "\u{3164}\u{2028}\u{2029}\u{200b}\u{200f}\u{2060}\u{206f}\u{feff}\u{ad}\u{fe0f}\u{2800}\u{1d173}\u{e0041}";
        for hidden in hidden.chars() {
            assert!(!is_name(&format!("{hidden}.pdf")) && !is_name(&format!("pass{hidden}.pdf")), "{hidden:?}");
        }
    }
}
