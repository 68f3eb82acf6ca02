//! Applications: their type and the police district that handles them.

use crate::coded;

/// An application, reduced to the fields that the rules read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Application {
    pub kind: ApplicationType,
    pub district: District,
    /// `true` if it was sent in through the Application Portal. Passport offices need no application beforehand.
    pub submitted: bool,
}

coded! {
    /// The application types that the service handles.
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
    /// Returns `true` for passports and ID cards, which are ordered at passport offices. All other types belong to the
    /// immigration office.
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
