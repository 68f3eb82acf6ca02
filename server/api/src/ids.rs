//! Ids of records: a type for each kind, so that the id of a case cannot stand for that of a slot.
//!
//! On the wire and in the database an id is a text. The server makes ids (UUIDv7); nobody else parses them, so any text is accepted
//! and an unknown one is simply not found.

use std::{convert::Infallible, fmt, ops::Deref, str::FromStr};

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
        #[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Returns the id as it is written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<String> for $name {
            fn from(id: String) -> $name {
                $name(id)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> $name {
                $name(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl FromStr for $name {
            type Err = Infallible;

            fn from_str(text: &str) -> Result<$name, Infallible> {
                Ok(text.into())
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.0 == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.0 == **other
            }
        }
    )+};
}

ids! {
    /// An applicant's account.
    PersonId;
    OfficerId;
    OfficeId;
    CaseId;
    SlotId;
    AppointmentId;
    MessageId;
    DocumentId;
    /// A received part of a document.
    SegmentId;
    /// The invitation of one case.
    InvitationId;
    /// An invitation of one case or of many: what they are asked for.
    RoundId;
    /// A change of many records at once, with its messages.
    BulkActionId;
    /// A closure, which is a bulk action.
    ClosureId;
    /// The receipt of a decision.
    ReceiptId;
    /// The draft of a policy document.
    DraftId;
    /// An entry of the audit log.
    EntryId;
    /// A grant of access from one officer to another.
    GrantId;
    PasskeyId;
    /// A WebAuthn ceremony that was started.
    CeremonyId;
    /// A sign-in code.
    CodeId;
    FeedbackId;
}

/// A closure and its bulk action have one id.
impl From<BulkActionId> for ClosureId {
    fn from(id: BulkActionId) -> ClosureId {
        ClosureId(id.0)
    }
}

impl From<ClosureId> for BulkActionId {
    fn from(id: ClosureId) -> BulkActionId {
        BulkActionId(id.0)
    }
}

/// An invitation of many and its bulk action have one id.
impl From<BulkActionId> for RoundId {
    fn from(id: BulkActionId) -> RoundId {
        RoundId(id.0)
    }
}
