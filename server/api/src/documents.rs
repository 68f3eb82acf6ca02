//! Documents that applicants send on invitation: their states, faults and limits. The upload protocol is in the server.

use chrono::{DateTime, NaiveDate, Utc};
use rules::{ApplicationType, coded};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Decision, fields,
    ids::{CaseId, DocumentId},
    invitations::Instructions,
};

coded! {
    /// The state of a document.
    State {
        /// The upload is incomplete.
        Arriving = "arriving",
        /// The upload is complete; the check is running.
        Received = "received",
        /// The check found no fault; the office has not reviewed it yet.
        Checked = "checked",
        /// Not usable; `fault` or `reason` says why.
        Returned = "returned",
        /// The office accepted it.
        Accepted = "accepted",
        /// The retention period is over; the content is deleted.
        Deleted = "deleted",
    }
}

coded! {
    /// A fault that the check found.
    FileFault {
        /// Neither PDF, JPEG, PNG nor TIFF, whatever the file name says.
        NotADocument = "not-a-document",
        /// A HEIC picture, the default format of newer phones.
        Heic = "heic",
        /// A PDF with a password.
        Encrypted = "encrypted",
        /// The file cannot be opened.
        Broken = "broken",
        /// Two file types in one file.
        Disguised = "disguised",
        /// A picture with too many pixels.
        PictureTooLarge = "picture-too-large",
        /// A TIFF with more than one page.
        SeveralPages = "several-pages",
        /// A PDF with more than `MOST_PAGES` pages.
        TooManyPages = "too-many-pages",
        /// The virus scanner found something.
        Infected = "infected",
        /// The content differs from what was sent.
        Damaged = "damaged",
    }
}

coded! {
    /// Active content in a PDF.
    Active {
        Script = "script",
        /// It starts another program.
        Program = "program",
        /// It contains files.
        Files = "files",
        /// It sends form input to an address, or opens another document.
        Address = "address",
        /// Sound, video or other playable content.
        Media = "media",
    }
}

/// Maximum number of pages of a document. Each page is rendered for the officer, and each can take the full rendering timeout. A
/// passport has 48 pages; a long lease or the bank statements of some years have fewer than this.
pub const MOST_PAGES: u64 = 200;

coded! {
    /// The file type of a document, by its content.
    Kind { Pdf = "pdf", Jpeg = "jpeg", Png = "png", Tiff = "tiff" }
}

impl Kind {
    /// Returns the media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Kind::Pdf => "application/pdf",
            Kind::Jpeg => "image/jpeg",
            Kind::Png => "image/png",
            Kind::Tiff => "image/tiff",
        }
    }

    /// Returns the file name extension, with its dot.
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
    /// The id, which is also the last segment of the upload's URL.
    #[schema(value_type = String)]
    pub id: DocumentId,
    /// The file name that the person uses.
    #[schema(example = "passport.pdf")]
    pub name: String,
    /// Size in bytes.
    pub size: u64,
    /// Number of bytes received.
    pub received: u64,
    /// The SHA-256 that the sender declared, in hexadecimal; empty if they did not. It identifies a file that is sent again.
    pub sha256: String,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<State>)]
    pub state: State,
    /// The time of the last change of state; while the upload is incomplete, the time at which it began.
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub since: DateTime<Utc>,
    /// `true` if a virus scanner checked it and found nothing.
    pub scanned: bool,
    #[serde(with = "fields::coded_option")]
    #[schema(schema_with = fields::coded_option::schema::<FileFault>)]
    pub fault: Option<FileFault>,
    /// The office's reason for returning it.
    pub reason: Option<Instructions>,
    /// The last day of retention; null while the upload is incomplete.
    #[serde(with = "fields::date_option")]
    #[schema(schema_with = fields::date_option::schema)]
    pub kept_until: Option<NaiveDate>,
    /// The file type; null until it was checked.
    #[serde(with = "fields::coded_option")]
    #[schema(schema_with = fields::coded_option::schema::<Kind>)]
    pub kind: Option<Kind>,
    /// Number of pages; 0 until it was checked.
    pub pages: u64,
    /// The active content that the check found.
    #[serde(with = "fields::codes")]
    #[schema(schema_with = fields::codes::schema::<Active>)]
    pub active: Vec<Active>,
}

/// Maximum length of a file name, in characters.
const LONGEST_NAME: usize = 200;

/// Returns `true` if a file name can be stored and shown unchanged. The service uses no file name as a path, but the archive of a
/// case's documents does. Direction marks are refused because they make `fdp.exe` look like `exe.pdf`.
pub fn is_name(name: &str) -> bool {
    // Direction marks and invisible characters.
    let hides = |c: char| {
        matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
    };
    // The name needs a letter or digit before its extension.
    let has_stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem).chars().any(char::is_alphanumeric);
    has_stem
        && name.chars().count() <= LONGEST_NAME
        && !name
            .chars()
            .any(|c| c.is_control() || hides(c) || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|'))
}

impl Document {
    /// Returns `true` if the content is available: the upload is complete, the check found no fault, and it is not deleted.
    pub fn is_kept(&self) -> bool {
        self.fault.is_none() && !matches!(self.state, State::Arriving | State::Received | State::Deleted)
    }
}

/// The documents of a case, and the permission to send more.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Documents {
    /// The answer of the rules to sending documents now.
    pub decision: Decision,
    /// The documents, oldest first.
    pub documents: Vec<Document>,
    pub limits: Limits,
    /// Number of bytes used of the case's limit.
    pub used: u64,
}

/// The size limits, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Limits {
    /// Limit of one file.
    pub file: u64,
    /// Limit of all files of a case.
    pub case: u64,
}

/// A technical failure of sending, also after a retry. The person tells `code` on the phone.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Failure {
    #[schema(example = "H7K-4QM")]
    pub code: String,
    pub decision: Decision,
}

/// A request to report that sending failed.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Failed {
    /// The error as far as the page knows it, for the office's technicians: a problem code, or `no-answer`.
    #[schema(example = "no-answer")]
    pub what: String,
}

/// A document that is to be reviewed or was reviewed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct ToReview {
    pub document: Document,
    #[schema(value_type = String)]
    pub case: CaseId,
    pub reference: String,
    pub applicant: String,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<ApplicationType>)]
    pub application_type: ApplicationType,
}

/// The inbox of a district: received documents and failed deliveries.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Inbox {
    /// The documents, oldest first.
    pub documents: Vec<ToReview>,
    /// The failures, oldest first.
    pub failures: Vec<FailureToCall>,
    /// `true` if there are more than these.
    pub more: bool,
}

/// A person whose documents could not be sent for technical reasons. The office handles it by phone.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct FailureToCall {
    #[schema(example = "H7K-4QM")]
    pub code: String,
    #[schema(value_type = String)]
    pub case: CaseId,
    pub reference: String,
    pub applicant: String,
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub since: DateTime<Utc>,
    pub what: String,
}

/// A request to return a document to its sender.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Return {
    /// The reason, in both languages. The person is told.
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
