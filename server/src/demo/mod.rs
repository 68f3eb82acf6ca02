//! The demo: people, offices and slots to try the service with, on this machine only. `main` calls it. The mailbox page is in
//! `mailbox`.

pub mod mailbox;

use std::process::ExitCode;

use api::{
    cases::{Case, Slot},
    officers::Role,
    offices::{Bring, Hours, Office, OfficeKind, Posting},
};
use chrono::{DateTime, Datelike, Days, NaiveDate, Utc, Weekday};
use rules::{ApplicationType, Country, District, notice::Language};

use crate::{
    cli::{Options, open},
    serve,
    state::Mode,
    store::{
        Store, cases,
        locks::{self, Lock},
        new_id, officers, offices, persons, records, slots,
    },
};

/// Serves the demo, after filling an empty database. Fails if a setting is wrong.
pub async fn run(mut options: Options) -> anyhow::Result<ExitCode> {
    // Files, because the mailbox page reads them.
    options.transports.mail_into_files = true;
    options.transports.sms_into_files = true;
    let state = open::open(&options, Mode::Demo).await?;
    seed(&state.store, state.clock.now()).await?;
    let now = rules::day::oslo_time(state.clock.now()).format("%A %-d %B %Y, %H:%M");
    let mailbox = mailbox::router(&state);
    serve::serve(&options, state, mailbox, |address| {
        println!("The clock started at {now} in Oslo.\n");
        println!("Sign in as one of these; their e-mails are at http://{address}/demo/mail");
        for person in PEOPLE {
            println!("  {:<20} {}", person.email, person.tries);
        }
        println!();
    })
    .await
}

struct DemoPerson {
    email: &'static str,
    tries: &'static str,
    cases: &'static [DemoCase],
}

struct DemoCase {
    applicant: &'static str,
    reference: &'static str,
    kind: ApplicationType,
    district: District,
    submitted: bool,
    citizenships: &'static [&'static str],
}

impl DemoCase {
    fn case(&self) -> Case {
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

const PEOPLE: &[DemoPerson] = &[
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

struct DemoOffice {
    name: &'static str,
    kind: OfficeKind,
    district: District,
    address: &'static str,
    types: &'static [ApplicationType],
    /// Days on which the office is open, from 09:00 to 15:00.
    hours: &'static [Weekday],
    bring: &'static [Bring],
    posts: Option<Posting>,
    /// Start times of slots on every working day.
    times: &'static [(u32, u32)],
    /// The number of working days with slots, from tomorrow on.
    days: usize,
}

use ApplicationType::*;

const WORKING_DAYS: &[Weekday] = &[Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];

const FOR_AN_APPLICATION: &[Bring] = &[Bring::Passport, Bring::Confirmation, Bring::Originals, Bring::Number];

const ON_MONDAYS: Option<Posting> = Some(Posting { day: Weekday::Mon, at: 8 * 60 });

/// Cases on record that no account has yet, with the applicant's day of birth.
const RECORDS: &[(DemoCase, (i32, u32, u32))] = &[
    (case("Asha Rao", "DEMO-0102", ApplicationType::ResidenceCard, District::Oslo, &["IN"]), (1990, 5, 17)),
    (case("Vikram Rao", "DEMO-0103", ApplicationType::FamilyImmigration, District::Oslo, &["IN"]), (2015, 2, 3)),
];

/// Officers; two administrators, because of the four-eyes rule for policies.
const OFFICERS: &[(&str, District, Role)] = &[
    ("Ingrid Berg", District::Oslo, Role::Clerk),
    ("Jonas Lie", District::Oslo, Role::Planner),
    ("Solveig Dahl", District::Oslo, Role::Administrator),
    ("Henrik Moe", District::Oslo, Role::Administrator),
    ("Lars Vik", District::Vest, Role::Administrator),
];

const OFFICES: &[DemoOffice] = &[
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
const PHONE: &str = "02800";

/// Fills an empty database; one with offices is left unchanged. Fails if the database does.
pub async fn seed(store: &Store, now: DateTime<Utc>) -> anyhow::Result<()> {
    let mut transaction = store.write().await?;
    // Several servers may start at once: one fills the database and the others wait.
    locks::acquire(&mut transaction, Lock::Demo, now).await?;
    if offices::count(&mut transaction).await? > 0 {
        return Ok(());
    }
    for demo in OFFICES {
        let office = Office {
            id: new_id(),
            name: demo.name.to_owned(),
            kind: demo.kind,
            district: demo.district,
            address: demo.address.to_owned(),
            phone: PHONE.to_owned(),
            hours: demo.hours.iter().map(|day| Hours { day: *day, from: 9 * 60, to: 15 * 60 }).collect(),
            bring: demo.bring.to_vec(),
            posts: demo.posts,
        };
        offices::add(&mut transaction, &office, demo.types).await?;
        for day in working_days_after(rules::day::in_oslo(now)).take(demo.days) {
            for (hour, minute) in demo.times {
                let Some(starts) = rules::day::from_oslo(day, *hour, *minute) else { continue };
                let slot = Slot { id: new_id(), office: office.id.clone(), starts, minutes: 30 };
                slots::add(&mut transaction, &slot, demo.types).await?;
            }
        }
    }
    for (name, district, role) in OFFICERS {
        officers::add(&mut transaction, name, *district, *role, now).await?;
    }
    for (demo, (year, month, day)) in RECORDS {
        let Some(born) = NaiveDate::from_ymd_opt(*year, *month, *day) else { continue };
        records::add(&mut transaction, &demo.case(), born).await?;
    }
    for demo in PEOPLE {
        let person = persons::find_or_add(&mut transaction, demo.email, Language::En, now).await?;
        for demo in demo.cases {
            cases::add(&mut transaction, &person, &demo.case()).await?;
        }
    }
    transaction.commit().await?;
    Ok(())
}

fn working_days_after(day: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    (1..)
        .map_while(move |count| day.checked_add_days(Days::new(count)))
        .filter(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && !rules::holiday::is_holiday(*day))
}
