//! What was written to a person, and what has become of it.

use chrono::{DateTime, Utc};
use rules::{Channel, coded};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::fields;

coded! {
    /// What a message says.
    Kind {
        Code = "code",
        Booked = "booked",
        Moved = "moved",
        Cancelled = "cancelled",
        CancelledByOffice = "cancelled-by-office",
        CancelledAtShortNotice = "cancelled-at-short-notice",
        /// What the office had cancelled holds again.
        Restored = "restored",
        Reminder = "reminder",
        Invited = "invited",
        InvitationWithdrawn = "invitation-withdrawn",
        DocumentReceived = "document-received",
        DocumentReturned = "document-returned",
        /// Somebody else has tried to add the case to their account, and knew what is asked of whoever does.
        CaseTried = "case-tried",
    }
}

impl Kind {
    /// Whether it can be said by SMS. A code cannot: it goes to the address that somebody signs in with.
    pub fn has_sms(self) -> bool {
        self != Kind::Code
    }
}

coded! {
    State {
        /// Still to be sent.
        Queued = "queued",
        /// Handed on: to the mail server, or to the SMS gateway.
        Sent = "sent",
        /// Known to have arrived.
        Delivered = "delivered",
        Failed = "failed",
        /// What it tells about no longer holds, so it is not sent.
        Withdrawn = "withdrawn",
    }
}

coded! {
    /// Why a message did not arrive.
    Fault {
        /// Nobody knows where to.
        NoAddress = "no-address",
        /// The mail server or the gateway does not take this address.
        AddressRefused = "address-refused",
        /// It could not be sent while it was worth anything.
        Expired = "expired",
        /// It was sent, and the gateway says that it did not arrive.
        NotDelivered = "not-delivered",
    }
}

/// A message about an appointment, as the appointment's page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Message {
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Kind>)]
    pub kind: Kind,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Channel>)]
    pub channel: Channel,
    /// Enough of the address to know it again.
    #[schema(example = "a•••@example.org")]
    pub address: String,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<State>)]
    pub state: State,
    /// When it was sent, or when it will be.
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub at: DateTime<Utc>,
}

/// How far the messages of something that was done to many have come. Each is counted once, so that the parts add up to `to_tell`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Ledger {
    pub to_tell: i64,
    pub waiting: i64,
    /// Handed on, and not known to have arrived.
    pub sent: i64,
    pub delivered: i64,
    pub withdrawn: i64,
    /// Failed, and still to be called.
    pub to_call: i64,
    /// Failed, and called since.
    pub called: i64,
}

/// What an SMS gateway says about a message that it was given: the body of a receipt.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeliveryReceipt {
    /// The id that the message was given with.
    pub id: String,
    /// `delivered` or `failed`.
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Delivery>)]
    pub status: Delivery,
}

coded! { Delivery { Delivered = "delivered", Failed = "failed" } }
