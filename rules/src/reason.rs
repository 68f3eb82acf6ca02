//! Codes of the reasons and duties, each with the sentences of the notices that it applies.

use crate::{
    coded,
    notice::{Sentence, oslo_2021_03_16 as oslo, udi_2020_10_26 as udi},
};

coded! {
    /// The reason for an answer.
    Reason {
        /// “If you have applied through the Application Portal, you can log in regularly and check if there are available
        /// appointments for your application type.” Without an application there is no booking.
        NotApplied = "not-applied",
        /// “If you have to be quarantined when you come to Norway, you can not book an appointment with the police
        /// until you have been quarantined for ten days.”
        QuarantineNotOver = "quarantine-not-over",
        /// “This applies even if you were told that you must report to the police within a week of entry.”
        WeekRuleGivesWay = "week-rule-gives-way",
        /// “Fra og med 17. mars til og med 9. april 2021 vil Pass- og ID-avsnittet nedskalere grunnet
        /// smittesituasjonen i Oslo og Viken.”
        PassportCapacityReduced = "passport-capacity-reduced",
        /// “… det vil være mulig å få bestilt pass hvis det er til en kritisk reise. Avtale gjøres da på telefon.”
        CriticalTravelByPhone = "critical-travel-by-phone",
        /// “For some types of applications, it will not be possible to book an appointment now.”
        TypeNotBookable = "type-not-bookable",
        /// “It can be difficult to find and book available appointments with the police.” For this reason each case has one
        /// appointment.
        AlreadyBooked = "already-booked",
        /// “… there are no available appointments for the moment, and you have to try again later.”
        NoFreeAppointment = "no-free-appointment",
        /// “Please remember that you cannot show up at the police station regarding your application without an
        /// appointment.”
        NoAppointment = "no-appointment",
        /// The same sentence: after a cancellation the person has no appointment, even if the portal still shows one.
        AppointmentCancelled = "appointment-cancelled",
        /// “Dette gjelder ikke for søknader om norsk statsborgerskap.”
        CitizenshipExcluded = "citizenship-excluded",
        /// “… the police may contact you and ask you to upload documentation electronically …” They have not asked.
        NotInvited = "not-invited",
        /// “If the police contacts you, always follow the instructions provided by the police.” The invitation has expired.
        InvitationExpired = "invitation-expired",
        /// “De som har søknader om oppholdstillatelse som av tekniske årsaker ikke kan leveres digitalt, kan ta kontakt
        /// på vår informasjonstelefon på 22 34 21 00.”
        TechnicalFailure = "technical-failure",
        /// “If the police contacts you, always follow the instructions provided by the police.”
        FollowPoliceInstructions = "follow-police-instructions",
        /// “Many applications for residence permit and travel documents can be delivered electronically.” Other types
        /// cannot.
        TypeNotDigital = "type-not-digital",
        /// “You cannot contact UDI to get an appointment with the police.”
        UdiCannotBook = "udi-cannot-book",
        /// “You cannot contact the police or UDI and request to hand in documentation electronically.”
        DigitalNotOnRequest = "digital-not-on-request",
    }
}

impl Reason {
    /// Returns the sentence that a decision names as the reason's source.
    pub fn sentence(self) -> &'static Sentence {
        self.sentences()[0]
    }

    /// Returns all sentences that this reason applies, the main one first.
    pub fn sentences(self) -> &'static [&'static Sentence] {
        match self {
            Reason::NotApplied => &[udi::CHECK_REGULARLY],
            Reason::QuarantineNotOver => &[udi::QUARANTINE_BOOKING, udi::QUARANTINE_VISIT],
            Reason::WeekRuleGivesWay => &[udi::WEEK_RULE],
            Reason::PassportCapacityReduced => &[oslo::PASSPORT_WINDOW],
            Reason::CriticalTravelByPhone => &[oslo::CRITICAL_TRAVEL_BY_PHONE, oslo::CRITICAL_TRAVEL],
            Reason::TypeNotBookable => &[udi::TYPES_NOT_BOOKABLE],
            Reason::AlreadyBooked => &[udi::HARD_TO_FIND],
            Reason::NoFreeAppointment => &[udi::NO_FREE_APPOINTMENTS],
            Reason::NoAppointment | Reason::AppointmentCancelled => &[udi::APPOINTMENT_NEEDED],
            Reason::CitizenshipExcluded => &[oslo::CITIZENSHIP_EXCLUDED],
            Reason::NotInvited => &[udi::POLICE_MAY_ASK],
            Reason::InvitationExpired | Reason::FollowPoliceInstructions => &[udi::FOLLOW_INSTRUCTIONS],
            Reason::TechnicalFailure => &[oslo::TECHNICAL_FAILURE],
            Reason::TypeNotDigital => &[oslo::DIGITAL_TYPES],
            Reason::UdiCannotBook => &[udi::UDI_CANNOT_BOOK],
            Reason::DigitalNotOnRequest => &[udi::DIGITAL_NOT_ON_REQUEST],
        }
    }
}

coded! {
    /// A duty of the person.
    Duty {
        /// “If you are a citizen of a country outside the EU / EEA and are going to work before you get an appointment
        /// with the police, you must contact UDI by phone or e-mail to report that you are in Norway to start working.”
        ReportWorkStartToUdi = "report-work-start-to-udi",
        /// “You must still meet with the police to order a residence card when possible.”
        OrderResidenceCard = "order-residence-card",
    }
}

impl Duty {
    /// Returns the sentence that demands the duty.
    pub fn sentence(self) -> &'static Sentence {
        match self {
            Duty::ReportWorkStartToUdi => udi::REPORT_WORK_START,
            Duty::OrderResidenceCard => udi::RESIDENCE_CARD,
        }
    }
}
