//! What somebody has applied for, and which police district handles it.

use crate::coded;

/// One application, as far as the rules look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Application {
    pub kind: ApplicationType,
    pub district: District,
    /// Sent in through the Application Portal. Passport offices ask for no application beforehand.
    pub submitted: bool,
}

coded! {
    /// The application types of the counter.
    ApplicationType {
        Work = "work",
        FamilyImmigration = "family-immigration",
        Study = "study",
        Protection = "protection",
        PermanentResidence = "permanent-residence",
        ResidencePermitRenewal = "residence-permit-renewal",
        TravelDocument = "travel-document",
        ResidenceCard = "residence-card",
        EeaRegistration = "eea-registration",
        EeaResidenceCard = "eea-residence-card",
        Visa = "visa",
        Citizenship = "citizenship",
        Passport = "passport",
        IdCard = "id-card",
    }
}

impl ApplicationType {
    /// Passports and ID cards are ordered at passport offices; everything else belongs to the immigration office.
    pub const fn belongs_to_passport_office(self) -> bool {
        matches!(self, ApplicationType::Passport | ApplicationType::IdCard)
    }
}

coded! {
    /// The twelve police districts.
    District {
        Agder = "agder",
        Finnmark = "finnmark",
        Innlandet = "innlandet",
        MoreOgRomsdal = "more-og-romsdal",
        Nordland = "nordland",
        Oslo = "oslo",
        SorVest = "sor-vest",
        SorOst = "sor-ost",
        Troms = "troms",
        Trondelag = "trondelag",
        Vest = "vest",
        Ost = "ost",
    }
}
