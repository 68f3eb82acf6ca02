//! The people, cases, offices and officers of the demo. They are made up; `mod.rs` writes them into an empty database.

use ApplicationType::*;
use api::{
    cases::Case,
    officers::Role,
    offices::{Bring, OfficeKind, Posting},
};
use chrono::Weekday;
use rules::{ApplicationType, Country, District};

use crate::store::new_id;

pub(super) struct DemoPerson {
    pub(super) email: &'static str,
    pub(super) tries: &'static str,
    pub(super) cases: &'static [DemoCase],
}

pub(super) struct DemoCase {
    pub(super) applicant: &'static str,
    pub(super) reference: &'static str,
    pub(super) kind: ApplicationType,
    pub(super) district: District,
    pub(super) submitted: bool,
    pub(super) citizenships: &'static [&'static str],
}

impl DemoCase {
    /// Returns the case, with a new id.
    pub(super) fn case(&self) -> Case {
        Case {
            id: new_id(),
            reference: self.reference.to_owned(),
            applicant: self.applicant.to_owned(),
            application_type: self.kind,
            district: self.district,
            submitted: self.submitted,
            citizenships: self.citizenships.iter().filter_map(|code| Country::from_code(code)).collect(),
            situation: None,
            work: None,
            appointment: None,
            lost: None,
            invitation: None,
        }
    }
}

const fn case(
    applicant: &'static str,
    reference: &'static str,
    kind: ApplicationType,
    district: District,
    citizenships: &'static [&'static str],
) -> DemoCase {
    DemoCase { applicant, reference, kind, district, submitted: true, citizenships }
}

pub(super) const PEOPLE: &[DemoPerson] = &[
    DemoPerson {
        email: "asha@example.org",
        tries: "an engineer from India: say that you entered a week ago and must be in quarantine",
        cases: &[case("Asha Rao", "DEMO-0101", ApplicationType::Work, District::Oslo, &["IN"])],
    },
    DemoPerson {
        email: "silva@example.org",
        tries: "a family of three from Brazil, one case each",
        cases: &[
            case("Bruno Silva", "DEMO-0201", ApplicationType::FamilyImmigration, District::Oslo, &["BR"]),
            case("Carla Silva", "DEMO-0202", ApplicationType::FamilyImmigration, District::Oslo, &["BR", "PT"]),
            case("Miguel Silva", "DEMO-0203", ApplicationType::FamilyImmigration, District::Oslo, &["BR"]),
        ],
    },
    DemoPerson {
        email: "kari@example.org",
        tries: "needs a passport in Oslo while its offices work at reduced capacity",
        cases: &[case("Kari Nordmann", "DEMO-0301", ApplicationType::Passport, District::Oslo, &["NO"])],
    },
    DemoPerson {
        email: "piotr@example.org",
        tries: "registers as an EEA citizen; nothing stands against booking",
        cases: &[case("Piotr Nowak", "DEMO-0401", ApplicationType::EeaRegistration, District::Oslo, &["PL"])],
    },
    DemoPerson {
        email: "ama@example.org",
        tries: "applies for citizenship",
        cases: &[case("Ama Mensah", "DEMO-0501", ApplicationType::Citizenship, District::Oslo, &["GH"])],
    },
    DemoPerson {
        email: "lin@example.org",
        tries: "has not sent the application in yet",
        cases: &[DemoCase {
            submitted: false,
            ..case("Lin Chen", "DEMO-0601", ApplicationType::Study, District::Vest, &["CN"])
        }],
    },
    DemoPerson {
        email: "omar@example.org",
        tries: "finds no free appointment in Nordland",
        cases: &[case("Omar Haddad", "DEMO-0701", ApplicationType::PermanentResidence, District::Nordland, &["SY"])],
    },
    DemoPerson {
        email: "olena@example.org",
        tries: "has an application type that the district gives no appointments for now",
        cases: &[case("Olena Shevchenko", "DEMO-0801", ApplicationType::Protection, District::Vest, &["UA"])],
    },
    DemoPerson {
        email: "tuva@example.org",
        tries: "goes for one of the two last times in Trøndelag …",
        cases: &[case("Tuva Lind", "DEMO-0901", ApplicationType::Study, District::Trondelag, &["US"])],
    },
    DemoPerson {
        email: "amal@example.org",
        tries: "… and so does she: open both in two browsers",
        cases: &[case("Amal Yusuf", "DEMO-1001", ApplicationType::Study, District::Trondelag, &["SO"])],
    },
];

pub(super) struct DemoOffice {
    pub(super) name: &'static str,
    pub(super) kind: OfficeKind,
    pub(super) district: District,
    pub(super) address: &'static str,
    pub(super) types: &'static [ApplicationType],
    /// Days on which the office is open, from 09:00 to 15:00.
    pub(super) hours: &'static [Weekday],
    pub(super) bring: &'static [Bring],
    pub(super) posts: Option<Posting>,
    /// Start times of slots on every working day.
    pub(super) times: &'static [(u32, u32)],
    /// The number of working days with slots, from tomorrow on.
    pub(super) days: usize,
}

const WORKING_DAYS: &[Weekday] = &[Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];

const FOR_AN_APPLICATION: &[Bring] = &[Bring::Passport, Bring::Confirmation, Bring::Originals, Bring::Number];

const ON_MONDAYS: Option<Posting> = Some(Posting { day: Weekday::Mon, at: 8 * 60 });

/// Cases on record that no account has yet, with the applicant's day of birth.
pub(super) const RECORDS: &[(DemoCase, (i32, u32, u32))] = &[
    (case("Asha Rao", "DEMO-0102", ApplicationType::ResidenceCard, District::Oslo, &["IN"]), (1990, 5, 17)),
    (case("Vikram Rao", "DEMO-0103", ApplicationType::FamilyImmigration, District::Oslo, &["IN"]), (2015, 2, 3)),
];

/// Officers; two administrators, because of the four-eyes rule for policies.
pub(super) const OFFICERS: &[(&str, District, Role)] = &[
    ("Ingrid Berg", District::Oslo, Role::Clerk),
    ("Jonas Lie", District::Oslo, Role::Planner),
    ("Solveig Dahl", District::Oslo, Role::Administrator),
    ("Henrik Moe", District::Oslo, Role::Administrator),
    ("Lars Vik", District::Vest, Role::Administrator),
];

pub(super) const OFFICES: &[DemoOffice] = &[
    DemoOffice {
        name: "Seksjon for utlendingsforvaltning, Oslo",
        kind: OfficeKind::Immigration,
        district: District::Oslo,
        address: "Eksempelgata 44, 0190 Oslo",
        types: &[
            Work,
            FamilyImmigration,
            Study,
            Protection,
            PermanentResidence,
            ResidencePermitRenewal,
            TravelDocument,
            ResidenceCard,
            EeaResidenceCard,
            Visa,
            Citizenship,
        ],
        hours: WORKING_DAYS,
        bring: FOR_AN_APPLICATION,
        posts: ON_MONDAYS,
        times: &[(9, 0), (9, 30), (10, 0), (13, 0)],
        days: 30,
    },
    DemoOffice {
        name: "SUA Oslo",
        kind: OfficeKind::Sua,
        district: District::Oslo,
        address: "Eksempelfaret 1, 0585 Oslo",
        types: &[Work, ResidenceCard, EeaRegistration],
        hours: WORKING_DAYS,
        bring: FOR_AN_APPLICATION,
        posts: ON_MONDAYS,
        times: &[(9, 30), (12, 15)],
        days: 30,
    },
    DemoOffice {
        name: "Pass- og ID-kontoret, Oslo",
        kind: OfficeKind::Passport,
        district: District::Oslo,
        address: "Eksempelplassen 8, 0155 Oslo",
        types: &[Passport, IdCard],
        hours: WORKING_DAYS,
        bring: &[Bring::OldDocument, Bring::Number],
        posts: ON_MONDAYS,
        times: &[(9, 0), (11, 0), (14, 0)],
        days: 30,
    },
    DemoOffice {
        name: "Utlendingsseksjonen, Bergen",
        kind: OfficeKind::Immigration,
        district: District::Vest,
        address: "Eksempelkaien 2, 5003 Bergen",
        types: &[Work, FamilyImmigration, Study, PermanentResidence, ResidencePermitRenewal, ResidenceCard],
        hours: WORKING_DAYS,
        bring: FOR_AN_APPLICATION,
        posts: ON_MONDAYS,
        times: &[(10, 0), (13, 30)],
        days: 20,
    },
    DemoOffice {
        name: "Utlendingsseksjonen, Bodø",
        kind: OfficeKind::Immigration,
        district: District::Nordland,
        address: "Eksempelveien 5, 8006 Bodø",
        types: &[Work, FamilyImmigration, Study, PermanentResidence],
        hours: WORKING_DAYS,
        bring: FOR_AN_APPLICATION,
        posts: ON_MONDAYS,
        times: &[],
        days: 0,
    },
    DemoOffice {
        name: "Utlendingsseksjonen, Trondheim",
        kind: OfficeKind::Immigration,
        district: District::Trondelag,
        address: "Eksempelbrua 3, 7011 Trondheim",
        types: &[Study],
        hours: WORKING_DAYS,
        bring: FOR_AN_APPLICATION,
        posts: None,
        times: &[(10, 0), (12, 30)],
        days: 1,
    },
];

/// The common number of the police.
pub(super) const PHONE: &str = "02800";
