//! How somebody learns that the office cancels their appointment.

use crate::{
    ApplicationType, coded,
    findings::Findings,
    notice::{self, Sentence},
    trace::Saw,
};

coded! {
    /// The way on which the notice promises word of a cancellation.
    Channel { Sms = "sms", Email = "email" }
}

impl Channel {
    /// The promise.
    pub fn sentence(self) -> &'static Sentence {
        match self {
            Channel::Sms => notice::oslo_2021_03_16::PASSPORT_CANCELLED_BY_SMS,
            Channel::Email => notice::oslo_2021_03_16::IMMIGRATION_CANCELLED_BY_EMAIL,
        }
    }
}

/// SMS for passports and ID cards, e-mail for everything that belongs to the immigration office.
pub fn channel(kind: ApplicationType) -> Channel {
    if kind.belongs_to_passport_office() { Channel::Sms } else { Channel::Email }
}

pub(crate) fn inform(kind: ApplicationType, found: &mut Findings) {
    let at_passport_office = kind.belongs_to_passport_office();
    found.sent_by(channel(kind), || if at_passport_office { Saw::PassportOffice } else { Saw::ImmigrationOffice });
}
