//! Messages to a person: their kinds, delivery states and faults. The texts are templates in the server.

use chrono::{DateTime, Utc};
use rules::{Channel, coded};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{fields, ids::MessageId};

coded! {
    /// The kind of a message.
    Kind {
        Code = "code",
        Booked = "booked",
        Moved = "moved",
        Cancelled = "cancelled",
        CancelledByOffice = "cancelled-by-office",
        CancelledAtShortNotice = "cancelled-at-short-notice",
        /// The appointment that the office had cancelled is restored.
        Restored = "restored",
        Reminder = "reminder",
        Invited = "invited",
        InvitationWithdrawn = "invitation-withdrawn",
        DocumentReceived = "document-received",
        DocumentReturned = "document-returned",
        /// Another person tried to add the case to their account and knew the required details.
        CaseTried = "case-tried",
    }
}

impl Kind {
    /// Returns `true` if the message can be sent by SMS. A code cannot: it goes to the e-mail address of the sign-in.
    pub fn has_sms(self) -> bool {
        self != Kind::Code
    }
}

coded! {
    /// The delivery state of a message.
    State {
        /// To be sent.
        Queued = "queued",
        /// Accepted by the mail server or the SMS gateway.
        Sent = "sent",
        /// Confirmed as delivered.
        Delivered = "delivered",
        Failed = "failed",
        /// Its subject no longer applies, so it is not sent.
        Withdrawn = "withdrawn",
    }
}

coded! {
    /// The reason why a message was not delivered.
    DeliveryFailure {
        /// No address is known.
        NoAddress = "no-address",
        /// The mail server or the gateway refuses this address.
        AddressRefused = "address-refused",
        /// It could not be sent before it expired.
        Expired = "expired",
        /// The gateway accepted it and then reported that it was not delivered.
        NotDelivered = "not-delivered",
    }
}

/// A message about an appointment, for the appointment's page.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Message {
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Kind>)]
    pub kind: Kind,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Channel>)]
    pub channel: Channel,
    /// The address, masked but recognisable.
    #[schema(example = "a•••@example.org")]
    pub address: String,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<State>)]
    pub state: State,
    /// The time at which it was or will be sent.
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub at: DateTime<Utc>,
}

/// The delivery state of the messages of a bulk action. Each message is counted once, so the parts add up to `to_tell`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Ledger {
    pub to_tell: i64,
    pub waiting: i64,
    /// Accepted, without a confirmation of delivery.
    pub sent: i64,
    pub delivered: i64,
    pub withdrawn: i64,
    /// Failed, and the person is still to be called.
    pub to_call: i64,
    /// Failed, and the person was called.
    pub called: i64,
}

/// A delivery receipt from the SMS gateway, as a request body.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeliveryReceipt {
    /// The message id that the gateway was given.
    #[schema(value_type = String)]
    pub id: MessageId,
    /// `delivered` or `failed`.
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<Delivery>)]
    pub status: Delivery,
}

// The result of a delivery.
coded! { Delivery { Delivered = "delivered", Failed = "failed" } }
