//! Who did what, when: the log of a district.

use chrono::{DateTime, Utc};
use rules::coded;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{fields, officers::Officer};

coded! {
    /// What somebody did.
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
    /// Whether it is about a document that somebody has sent.
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
    /// Who did it.
    Who {
        Applicant = "applicant",
        Officer = "officer",
        CommandLine = "command-line",
        /// Nobody: its time had come.
        Counter = "counter",
        /// Somebody who has not signed in.
        Unknown = "unknown",
    }
}

/// Which entries are asked for; whatever is empty leaves nothing out.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Asked {
    /// Those about the case with this reference.
    pub reference: String,
    /// Those of the officer with this id.
    pub officer: String,
    /// Those older than the entry with this id.
    pub before: String,
}

/// Entries, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Audit {
    pub entries: Vec<Listed>,
    /// There are older ones.
    pub more: bool,
    /// Whoever works in the district or has worked there.
    pub officers: Vec<Officer>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Listed {
    pub id: String,
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub at: DateTime<Utc>,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Who>)]
    pub who: Who,
    /// The officer's name, if it was one.
    pub officer: Option<String>,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Action>)]
    pub action: Action,
    /// The case's id, if it is about one.
    pub case: Option<String>,
    /// What it is about: a case's reference, an officer's name, the office and the days of a closing.
    pub about: String,
    /// The document's id, if it is about one.
    pub document: Option<String>,
    /// What the officer wrote down as the reason; of a time, its office, day and hour; of a policy, its document, version and day; of a
    /// search, how many were found and the keyed hash of its words.
    pub words: String,
    /// The id of the receipt of the decision.
    pub receipt: Option<String>,
    /// Its place in the chain; null for a moment, until it is chained.
    pub number: Option<u64>,
}
