//! Problems: error answers as `application/problem+json` (RFC 9457). The server maps its errors to these codes.

use chrono::NaiveDate;
use rules::{Coded, coded};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Decision, facts::FactsError, fields, policies::PolicyFault};

/// An error answer. `code` is stable; the page shows its own text for it, in the person's language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// `/problems/` followed by the code.
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    #[schema(example = "slot-taken")]
    pub code: String,
    /// The error and the next step, in English.
    pub detail: String,
    /// The field at fault, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The request's id, as in the log.
    pub request_id: String,
    /// The decision of the rules, if they refused the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// The error in the facts, as `skranke decide` writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<FactsError>,
    /// The id of those facts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The line of those facts. Over HTTP it is always 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The faults of a policy document, in the order of its lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<PolicyFault>,
    /// The first day on which the request would be possible, if it is known.
    #[serde(default, with = "fields::date_option", skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = fields::date_option::schema)]
    pub possible_from: Option<NaiveDate>,
}

coded! {
    /// The codes of all problems.
    ProblemCode {
        MalformedBody = "malformed-body",
        InvalidField = "invalid-field",
        InvalidJson = "invalid-json",
        InvalidFacts = "invalid-facts",
        BodyTooLarge = "body-too-large",
        UnsupportedMediaType = "unsupported-media-type",
        MethodNotAllowed = "method-not-allowed",
        NotFound = "not-found",
        NotSignedIn = "not-signed-in",
        SessionOver = "session-over",
        ForeignOrigin = "foreign-origin",
        EmailInvalid = "email-invalid",
        SignatureWrong = "signature-wrong",
        CodeWrong = "code-wrong",
        CodeOver = "code-over",
        CodeElsewhere = "code-elsewhere",
        IdempotencyKeyInvalid = "idempotency-key-invalid",
        IdempotencyKeyReused = "idempotency-key-reused",
        SituationMissing = "situation-missing",
        Refused = "refused",
        SlotTaken = "slot-taken",
        AppointmentOver = "appointment-over",
        CaseUnknown = "case-unknown",
        CaseTriedTooOften = "case-tried-too-often",
        PhoneInvalid = "phone-invalid",
        StillBooked = "still-booked",
        DeskSignedOut = "desk-signed-out",
        NotAllowed = "not-allowed",
        LinkOver = "link-over",
        SlotInUse = "slot-in-use",
        ClosedMeanwhile = "closed-meanwhile",
        NothingToClose = "nothing-to-close",
        AlreadyInvited = "already-invited",
        NobodyToInvite = "nobody-to-invite",
        UndoTooLate = "undo-too-late",
        ClosedSince = "closed-since",
        UndoUnknown = "undo-unknown",
        ReasonMissing = "reason-missing",
        OwnAccount = "own-account",
        PasskeyRefused = "passkey-refused",
        ConfirmFirst = "confirm-first",
        LastPasskey = "last-passkey",
        PolicyFaulty = "policy-faulty",
        VersionTooLow = "version-too-low",
        DraftOpen = "draft-open",
        OwnDraft = "own-draft",
        AccessFromDrafter = "access-from-drafter",
        AccessTooNew = "access-too-new",
        NeedsOtherDistrict = "needs-other-district",
        PreviewChanged = "preview-changed",
        DraftUnfit = "draft-unfit",
        DraftNeeded = "draft-needed",
        DraftOver = "draft-over",
        FileEmpty = "file-empty",
        FileTooLarge = "file-too-large",
        CaseFull = "case-full",
        FileName = "file-name",
        NotADocument = "not-a-document",
        Heic = "heic",
        UploadBusy = "upload-busy",
        UploadOver = "upload-over",
        OffsetWrong = "offset-wrong",
        ChecksumWrong = "checksum-wrong",
        ChecksumUnknown = "checksum-unknown",
        TusVersion = "tus-version",
        NotChecked = "not-checked",
        NotScanned = "not-scanned",
        PictureFailed = "picture-failed",
        ReviewOver = "review-over",
        TooManyRequests = "too-many-requests",
        Unavailable = "unavailable",
        Internal = "internal",
    }
}

impl ProblemCode {
    /// Returns the HTTP status.
    pub const fn status(self) -> u16 {
        match self {
            ProblemCode::MalformedBody | ProblemCode::IdempotencyKeyInvalid | ProblemCode::ChecksumUnknown => 400,
            ProblemCode::NotSignedIn
            | ProblemCode::SessionOver
            | ProblemCode::DeskSignedOut
            | ProblemCode::PasskeyRefused
            | ProblemCode::SignatureWrong => 401,
            ProblemCode::ForeignOrigin
            | ProblemCode::NotAllowed
            | ProblemCode::OwnDraft
            | ProblemCode::AccessFromDrafter
            | ProblemCode::AccessTooNew
            | ProblemCode::ConfirmFirst
            | ProblemCode::NeedsOtherDistrict => 403,
            ProblemCode::NotFound => 404,
            ProblemCode::MethodNotAllowed => 405,
            ProblemCode::SituationMissing
            | ProblemCode::Refused
            | ProblemCode::SlotTaken
            | ProblemCode::AppointmentOver
            | ProblemCode::OwnAccount
            | ProblemCode::LastPasskey
            | ProblemCode::SlotInUse
            | ProblemCode::ClosedMeanwhile
            | ProblemCode::NothingToClose
            | ProblemCode::AlreadyInvited
            | ProblemCode::NobodyToInvite
            | ProblemCode::UndoTooLate
            | ProblemCode::ClosedSince
            | ProblemCode::UndoUnknown
            | ProblemCode::DraftOpen
            | ProblemCode::PreviewChanged
            | ProblemCode::DraftUnfit
            | ProblemCode::DraftNeeded
            | ProblemCode::DraftOver
            | ProblemCode::OffsetWrong
            | ProblemCode::NotChecked
            | ProblemCode::NotScanned
            | ProblemCode::ReviewOver
            | ProblemCode::StillBooked => 409,
            ProblemCode::UploadOver => 410,
            ProblemCode::TusVersion => 412,
            ProblemCode::BodyTooLarge | ProblemCode::FileTooLarge | ProblemCode::CaseFull => 413,
            ProblemCode::UnsupportedMediaType | ProblemCode::NotADocument | ProblemCode::Heic => 415,
            ProblemCode::UploadBusy => 423,
            ProblemCode::InvalidField
            | ProblemCode::InvalidJson
            | ProblemCode::InvalidFacts
            | ProblemCode::EmailInvalid
            | ProblemCode::CodeWrong
            | ProblemCode::CodeOver
            | ProblemCode::CodeElsewhere
            | ProblemCode::LinkOver
            | ProblemCode::PolicyFaulty
            | ProblemCode::VersionTooLow
            | ProblemCode::ReasonMissing
            | ProblemCode::CaseUnknown
            | ProblemCode::PhoneInvalid
            | ProblemCode::FileEmpty
            | ProblemCode::FileName
            | ProblemCode::PictureFailed
            | ProblemCode::IdempotencyKeyReused => 422,
            ProblemCode::TooManyRequests | ProblemCode::CaseTriedTooOften => 429,
            // The tus protocol defines this status.
            ProblemCode::ChecksumWrong => 460,
            ProblemCode::Internal => 500,
            ProblemCode::Unavailable => 503,
        }
    }

    /// Returns the error and the next step in English.
    pub const fn detail(self) -> &'static str {
        match self {
            ProblemCode::MalformedBody => {
                "The request's body is not the JSON that is expected here. Correct it and send it again."
            }
            ProblemCode::InvalidField => "A field is not filled in as it must be. Correct it and send it again.",
            ProblemCode::InvalidJson => "The facts are not one JSON object. Correct them and ask again.",
            ProblemCode::InvalidFacts => "The facts cannot be read. Correct the field and ask again.",
            ProblemCode::BodyTooLarge => "The request is too large. Send less at a time.",
            ProblemCode::UnsupportedMediaType => "Send the body as application/json.",
            ProblemCode::MethodNotAllowed => "This address does not take that method.",
            ProblemCode::NotFound => {
                "There is nothing here, or it is not yours. Check the address, or start from your cases."
            }
            ProblemCode::NotSignedIn => "You are not signed in. Sign in and try again.",
            ProblemCode::SessionOver => "You have been signed out because the time was up. Sign in again.",
            ProblemCode::SignatureWrong => "The signature does not fit the body. Nothing has changed.",
            ProblemCode::ForeignOrigin => {
                "The request came from another site and was not carried out. Use the service's own page."
            }
            ProblemCode::EmailInvalid => "This is not an e-mail address. Write one like asha@example.org.",
            ProblemCode::CodeWrong => "The code is not right. Look at the newest e-mail and type all its digits.",
            ProblemCode::CodeOver => "This code no longer holds. Ask for a new one.",
            ProblemCode::CodeElsewhere => {
                "No code was asked for in this browser. A code works only in the browser that asked for it: ask for a new one here."
            }
            ProblemCode::IdempotencyKeyInvalid => "Idempotency-Key is 8 to 64 letters, digits or hyphens.",
            ProblemCode::IdempotencyKeyReused => "This Idempotency-Key was used for another request. Use a new one.",
            ProblemCode::SituationMissing => "Say first whether you must be in quarantine, then choose a time.",
            ProblemCode::Refused => "The rules do not allow this now. The decision lists every reason.",
            ProblemCode::SlotTaken => "Somebody else has taken this time. Choose another one.",
            ProblemCode::AppointmentOver => {
                "This appointment has begun, is over or was cancelled, and cannot be changed any more."
            }
            ProblemCode::CaseUnknown => {
                "We cannot add a case with what you have typed. Look at your papers: the reference, the day of birth, and the code \
                 on the office's letter, if it has one. A case that is in an account already can only be seen there: sign in \
                 with the e-mail address that you used then. If nothing helps, call the office."
            }
            ProblemCode::CaseTriedTooOften => {
                "Something wrong was typed with this reference too many times today, by you or somebody else. Type the code on \
                 the office's letter, if it has one. If not, call the office, or try again tomorrow."
            }
            ProblemCode::PhoneInvalid => {
                "This is not a phone number. Write one with the country's code, like +47 22 34 21 00."
            }
            ProblemCode::StillBooked => {
                "You have an appointment. Cancel it first, or keep the account until it is over."
            }
            ProblemCode::DeskSignedOut => {
                "You are not signed in at the desk, or have done nothing for half an hour. Sign in with your passkey."
            }
            ProblemCode::NotAllowed => {
                "Your role does not allow this. Ask somebody who may, or an administrator of your district."
            }
            ProblemCode::LinkOver => {
                "This link has been used, or is too old. Ask an administrator of your district for a new one."
            }
            ProblemCode::SlotInUse => {
                "Somebody has this time or is confirming it, or it is over. Nothing was changed. Look at the day again."
            }
            ProblemCode::ClosedMeanwhile => {
                "Somebody else has closed this office on some of these days meanwhile. Nothing was changed. Look at the preview again."
            }
            ProblemCode::NothingToClose => {
                "Nobody would lose a time on these days, and there is none left to take back. Nothing was changed."
            }
            ProblemCode::AlreadyInvited => {
                "The documents of this case are asked for already. Withdraw that first if something else is to be sent."
            }
            ProblemCode::NobodyToInvite => {
                "Nobody fits who could be asked and is not asked already. Nothing was changed."
            }
            ProblemCode::ClosedSince => {
                "Some of these days were closed once more since. Undo that closure first; then this one can be undone."
            }
            ProblemCode::UndoTooLate => "It cannot be undone any more: it was undone already, or its last day is over.",
            ProblemCode::UndoUnknown => {
                "This closure is older than the record of what closures do, so it cannot be undone. Publish new times instead."
            }
            ProblemCode::ReasonMissing => "Write down why, in a few words.",
            ProblemCode::OwnAccount => "You cannot end your own work here. Ask another administrator.",
            ProblemCode::PasskeyRefused => {
                "This passkey was not accepted. Try again, or ask an administrator for a link to add a new one."
            }
            ProblemCode::ConfirmFirst => {
                "Show your passkey first. This needs one that was shown in the last five minutes. Nothing was changed."
            }
            ProblemCode::LastPasskey => {
                "This is your only passkey. Add another one first; then you can remove this one."
            }
            ProblemCode::PolicyFaulty => {
                "The document has faults, or does not fit those in force. Correct each line and try again."
            }
            ProblemCode::VersionTooLow => {
                "There is this version of the document already, or a higher one. Give yours a higher version."
            }
            ProblemCode::DraftOpen => {
                "There is an open draft of this document already. Approve or withdraw that one first."
            }
            ProblemCode::AccessFromDrafter => {
                "In the 30 days before this draft or since, one of you gave the other access, directly or over others. Ask another administrator to approve it."
            }
            ProblemCode::AccessTooNew => {
                "Another officer gave you access in the 30 days before this draft or since. Ask another administrator to approve it."
            }
            ProblemCode::OwnDraft => "You drafted this yourself. Ask another administrator to approve it.",
            ProblemCode::NeedsOtherDistrict => {
                "This changes what holds outside your district. Ask an administrator of another district to approve it."
            }
            ProblemCode::PreviewChanged => {
                "Something else has been published since you looked. Nothing was changed. Look at the preview again."
            }
            ProblemCode::DraftUnfit => {
                "The draft no longer fits what is in force. Withdraw it, and draft it anew from the newest version."
            }
            ProblemCode::DraftNeeded => {
                "Another approved document does not fit without this one. Withdraw the other one first."
            }
            ProblemCode::DraftOver => {
                "This draft cannot be approved or withdrawn any more: it was dealt with already, or its day has come."
            }
            ProblemCode::FileEmpty => "The file is empty. Choose another one.",
            ProblemCode::FileTooLarge => {
                "The file is too large. Send a smaller one, or photograph or scan it at a lower resolution."
            }
            ProblemCode::CaseFull => {
                "There is no room for this file in the case. Send a smaller one, or delete one that has not arrived yet."
            }
            ProblemCode::FileName => {
                "The file's name cannot be kept. It needs a letter or a digit before the ending, at most 200 characters, and none of / \\ : * ? \" < > | or what nobody sees. Rename it and try again."
            }
            ProblemCode::NotADocument => {
                "This is neither a PDF nor a picture (JPEG, PNG or TIFF), whatever its name says. Choose another file."
            }
            ProblemCode::Heic => {
                "This is a picture in the HEIC format, which cannot be opened here. Save it as JPEG and send that."
            }
            ProblemCode::UploadBusy => {
                "This file is being sent from somewhere else at the moment. Wait half a minute and try again."
            }
            ProblemCode::UploadOver => "This upload was begun too long ago and is deleted. Send the file again.",
            ProblemCode::OffsetWrong => {
                "This part does not begin where the last one ended. Ask with HEAD how much is there, and go on from that."
            }
            ProblemCode::ChecksumWrong => "What arrived is not what was sent. Nothing of it was kept; send it again.",
            ProblemCode::ChecksumUnknown => "This checksum cannot be read. Use sha1 or sha256, in base64.",
            ProblemCode::TusVersion => "Send the header Tus-Resumable: 1.0.0.",
            ProblemCode::NotChecked => "The document is still arriving or being checked. Try again in a moment.",
            ProblemCode::NotScanned => {
                "No virus scanner has looked at this document, so only a picture of it is shown. Look at its pages instead."
            }
            ProblemCode::PictureFailed => {
                "This page cannot be drawn. If you cannot do without it, return the document with a reason."
            }
            ProblemCode::ReviewOver => {
                "This document was dealt with already, or its keeping time is over. Look at it again."
            }
            ProblemCode::TooManyRequests => {
                "That was too often in a short time. Nothing was changed. Wait a few minutes and try again."
            }
            ProblemCode::Unavailable => {
                "The service cannot answer right now. Nothing was changed. Try again in a minute."
            }
            ProblemCode::Internal => {
                "Something went wrong on our side. Try again; if it stays, give us the request's id."
            }
        }
    }

    /// Returns the title of the HTTP status.
    pub fn title(self) -> &'static str {
        match self.status() {
            400 => "Bad request",
            401 => "Signed out",
            403 => "Forbidden",
            404 => "Not found",
            405 => "Method not allowed",
            409 => "Conflict",
            410 => "Over",
            412 => "Precondition failed",
            413 => "Too large",
            415 => "Unsupported media type",
            422 => "Unprocessable",
            423 => "Busy",
            460 => "Checksum wrong",
            429 => "Too many requests",
            503 => "Unavailable",
            _ => "Internal error",
        }
    }
}

impl Problem {
    /// Makes a problem with the texts of its code and no details.
    pub fn new(code: ProblemCode, request_id: &str) -> Problem {
        Problem {
            kind: format!("/problems/{}", code.code()),
            title: code.title().to_owned(),
            status: code.status(),
            code: code.code().to_owned(),
            detail: code.detail().to_owned(),
            field: None,
            request_id: request_id.to_owned(),
            decision: None,
            error: None,
            id: None,
            line: None,
            faults: Vec::new(),
            possible_from: None,
        }
    }
}
