//! The channel on which a person is told that the office cancelled the appointment. Called by [`crate::decide`] and the server.

use crate::{
    ApplicationType, coded,
    findings::Findings,
    notice::{self, Sentence},
    trace::Saw,
};

coded! {
    /// The channel that the notice promises for news of a cancellation.
    Channel { Sms = "sms", Email = "email" }
}

impl Channel {
    /// Returns the sentence of the notice that makes the promise.
    pub fn sentence(self) -> &'static Sentence {
        match self {
            Channel::Sms => notice::oslo_2021_03_16::PASSPORT_CANCELLED_BY_SMS,
            Channel::Email => notice::oslo_2021_03_16::IMMIGRATION_CANCELLED_BY_EMAIL,
        }
    }
}

/// Returns the channel for an application type: SMS for passports and ID cards, e-mail for the immigration office.
pub fn channel(kind: ApplicationType) -> Channel {
    if kind.belongs_to_passport_office() { Channel::Sms } else { Channel::Email }
}

/// Records the channel for this application type.
pub(crate) fn inform(kind: ApplicationType, found: &mut Findings) {
    let at_passport_office = kind.belongs_to_passport_office();
    found.sent_by(channel(kind), || if at_passport_office { Saw::PassportOffice } else { Saw::ImmigrationOffice });
}
