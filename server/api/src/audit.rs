//! The audit log of a district: who did what, and when.

use chrono::{DateTime, Utc};
use rules::coded;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    fields,
    ids::{CaseId, DocumentId, EntryId, ReceiptId},
    officers::Officer,
};

coded! {
    /// The kind of an entry: the action that was taken.
    Action {
        Book = "book",
        Move = "move",
        Cancel = "cancel",
        Tell = "tell",
        AddCase = "add-case",
        DeleteAccount = "delete-account",
        CancelByOffice = "cancel-by-office",
        Close = "close",
        UndoClose = "undo-close",
        GiveBack = "give-back",
        Publish = "publish",
        AddSlot = "add-slot",
        MoveSlot = "move-slot",
        WithdrawSlot = "withdraw-slot",
        Attend = "attend",
        Miss = "miss",
        LookAtCase = "look-at-case",
        OpenCase = "open-case",
        BookByPhone = "book-by-phone",
        Called = "called",
        Invite = "invite",
        InviteMany = "invite-many",
        WithdrawInvitation = "withdraw-invitation",
        SendDocument = "send-document",
        LookAtDocument = "look-at-document",
        AcceptDocument = "accept-document",
        ReturnDocument = "return-document",
        TakeDocuments = "take-documents",
        DeleteDocument = "delete-document",
        SendingFailed = "sending-failed",
        FailureDone = "failure-done",
        AddOfficer = "add-officer",
        LinkOfficer = "link-officer",
        EndOfficer = "end-officer",
        AddPasskey = "add-passkey",
        RemovePasskey = "remove-passkey",
        PasskeyRefused = "passkey-refused",
        ShowPasskey = "show-passkey",
        EndSession = "end-session",
        ReadLink = "read-link",
        Import = "import",
        SignIn = "sign-in",
        SignInFailed = "sign-in-failed",
        SignOut = "sign-out",
        ChangePhone = "change-phone",
        SignInAtDesk = "sign-in-at-desk",
        SignOutAtDesk = "sign-out-at-desk",
        Search = "search",
        LookAtDay = "look-at-day",
        LookAtInbox = "look-at-inbox",
        LookAtDocuments = "look-at-documents",
        LookAtCalls = "look-at-calls",
        LookAtPreview = "look-at-preview",
        LookAtLog = "look-at-log",
        DraftPolicy = "draft-policy",
        ApprovePolicy = "approve-policy",
        WithdrawPolicy = "withdraw-policy",
    }
}

impl Action {
    /// Returns `true` if the action is about a document of an applicant.
    pub const fn is_about_document(self) -> bool {
        matches!(
            self,
            Action::SendDocument
                | Action::LookAtDocument
                | Action::AcceptDocument
                | Action::ReturnDocument
                | Action::DeleteDocument
        )
    }
}

coded! {
    /// The kind of actor.
    Who {
        Applicant = "applicant",
        Officer = "officer",
        CommandLine = "command-line",
        /// The service itself, when a retention period is over.
        Retention = "counter",
        /// A person who is not signed in.
        Unknown = "unknown",
    }
}

/// The filter of a query. An empty field does not restrict the result.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Asked {
    /// Only entries about the case with this reference.
    pub reference: String,
    /// Only entries of the officer with this id.
    pub officer: String,
    /// Cursor: only entries older than the one with this id.
    pub before: String,
}

/// A page of entries, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Audit {
    pub entries: Vec<Listed>,
    /// `true` if there are older entries.
    pub more: bool,
    /// The officers who work in the district or have worked there.
    pub officers: Vec<Officer>,
}

/// An entry of the log.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Listed {
    #[schema(value_type = String)]
    pub id: EntryId,
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub at: DateTime<Utc>,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Who>)]
    pub who: Who,
    /// The officer's name; null for other actors.
    pub officer: Option<String>,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Action>)]
    pub action: Action,
    /// The case's id; null if the entry is about no case.
    #[schema(value_type = Option<String>)]
    pub case: Option<CaseId>,
    /// The subject: a case's reference, an officer's name, or the office and the days of a closure.
    pub about: String,
    /// The document's id; null if the entry is about no document.
    #[schema(value_type = Option<String>)]
    pub document: Option<DocumentId>,
    /// Details of the action. Usually the reason that the officer wrote down. For a slot: its office, day and time. For a policy:
    /// its document, version and day. For a search: the number of results and the keyed hash of the query.
    pub words: String,
    /// The id of the receipt; null if the action made no decision.
    #[schema(value_type = Option<String>)]
    pub receipt: Option<ReceiptId>,
    /// The position in the hash chain; null for a moment, until the entry is chained.
    pub number: Option<u64>,
}
