//! The trace of a decision: each rule that was checked, what it saw and concluded, and its source. `explain` returns it.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    Channel, Country, District, Duty, Reason, coded,
    notice::{Sentence, oslo_2021_03_16 as oslo, udi_2020_10_26 as udi},
};

/// A rule that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub rule: Rule,
    pub saw: Saw,
    pub concluded: Conclusion,
    /// The reference of the sentence that was applied.
    pub source: Cow<'static, str>,
}

coded! {
    /// The rules, one for each subject.
    Rule {
        Submission = "submission",
        Quarantine = "quarantine",
        ReportingWeek = "reporting-week",
        PassportCapacity = "passport-capacity",
        TypeOpen = "type-open",
        OneAppointment = "one-appointment",
        FreeAppointments = "free-appointments",
        AppointmentNeeded = "appointment-needed",
        Citizenship = "citizenship",
        Invitation = "invitation",
        Delivery = "delivery",
        DigitalTypes = "digital-types",
        Channel = "channel",
        UdiDoesNotBook = "udi-does-not-book",
        OnlyWhenAsked = "only-when-asked",
        WorkReport = "work-report",
        ResidenceCard = "residence-card",
    }
}

impl Rule {
    /// Returns the sentence that the rule applies.
    pub fn sentence(self) -> &'static Sentence {
        match self {
            Rule::Submission => udi::CHECK_REGULARLY,
            Rule::Quarantine => udi::QUARANTINE_BOOKING,
            Rule::ReportingWeek => udi::WEEK_RULE,
            Rule::PassportCapacity => oslo::PASSPORT_WINDOW,
            Rule::TypeOpen => udi::TYPES_NOT_BOOKABLE,
            Rule::OneAppointment => udi::HARD_TO_FIND,
            Rule::FreeAppointments => udi::NO_FREE_APPOINTMENTS,
            Rule::AppointmentNeeded => udi::APPOINTMENT_NEEDED,
            Rule::Citizenship => oslo::CITIZENSHIP_EXCLUDED,
            Rule::Invitation => udi::POLICE_MAY_ASK,
            Rule::Delivery => udi::FOLLOW_INSTRUCTIONS,
            Rule::DigitalTypes => oslo::DIGITAL_TYPES,
            Rule::Channel => oslo::IMMIGRATION_CANCELLED_BY_EMAIL,
            Rule::UdiDoesNotBook => udi::UDI_CANNOT_BOOK,
            Rule::OnlyWhenAsked => udi::DIGITAL_NOT_ON_REQUEST,
            Rule::WorkReport => udi::REPORT_WORK_START,
            Rule::ResidenceCard => udi::RESIDENCE_CARD,
        }
    }
}

/// The conclusion of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conclusion {
    /// The rule has no effect on the answer.
    Nothing,
    Reason(Reason),
    Due(Duty),
    Channel(Channel),
}

/// The facts that a rule saw. Each has a code, which selects its text, and the values that the text contains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saw {
    /// Passport offices need no application beforehand.
    NoApplicationNeeded,
    Submitted,
    NotSubmitted,

    NoEntry,
    /// An entry, past or planned, without the duty of quarantine.
    NoDuty {
        entry: NaiveDate,
    },
    /// No quarantine was in force on the day of the question.
    NotInForce {
        day: NaiveDate,
    },
    InQuarantine(Quarantine),
    EntryAhead(Quarantine),
    /// The length changes during the quarantine, and the new length sets the first free day.
    EndsWithNewLength {
        quarantine: Quarantine,
        free: NaiveDate,
    },
    QuarantineOver(Quarantine),

    ToldToReport,
    NotToldToReport,

    NormalCapacity {
        district: District,
    },
    ReducedCapacity {
        district: District,
        last: Option<NaiveDate>,
    },
    CriticalTravel {
        district: District,
        last: Option<NaiveDate>,
    },

    TypeOpen,
    TypeClosed,
    NotBooked,
    Booked {
        starts: DateTime<Utc>,
    },
    Free {
        free: u64,
    },
    NoneFree,
    /// The number of free slots is not known.
    FreeNotKnown,

    NoAppointment,
    AppointmentBooked {
        starts: DateTime<Utc>,
    },
    AppointmentCancelled,

    Citizenship,
    NotCitizenship,
    NotInvited,
    Invited {
        issued: NaiveDate,
        expires: Option<NaiveDate>,
    },
    /// A letter for an application whose documents can never be delivered electronically.
    Letter,
    InvitationOver {
        expires: Option<NaiveDate>,
    },
    Delivers,
    TechnicalFailure {
        phone: Option<String>,
    },
    DigitalType,
    NotDigitalType,
    PassportOffice,
    ImmigrationOffice,
    AsksUdi,
    AsksToUpload,

    NoWork,
    MeetsPoliceFirst {
        work: NaiveDate,
        starts: DateTime<Utc>,
    },
    EeaNational {
        country: Country,
    },
    WorkNotReported {
        work: NaiveDate,
    },
    WorkReported {
        work: NaiveDate,
        reported: NaiveDate,
    },
    WorksBeforeAppointment {
        work: NaiveDate,
    },
}

/// A quarantine: the day of entry, the number of whole days after it, and the last of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quarantine {
    pub entry: NaiveDate,
    pub days: u32,
    pub last: NaiveDate,
}

/// A value for the text of a [`Saw`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Day(NaiveDate),
    Instant(DateTime<Utc>),
    Number(u64),
    Phone(String),
    Country(Country),
    District(District),
}

impl Saw {
    /// All codes that `code` can return. A test uses them to check that each has a text.
    pub const CODES: &'static [&'static str] = &[
        "no-application-needed",
        "submitted",
        "not-submitted",
        "no-entry",
        "no-duty",
        "not-in-force",
        "in-quarantine",
        "entry-ahead",
        "ends-with-new-length",
        "quarantine-over",
        "told-to-report",
        "not-told-to-report",
        "normal-capacity",
        "reduced-capacity",
        "reduced-capacity-open-end",
        "critical-travel",
        "critical-travel-open-end",
        "type-open",
        "type-closed",
        "not-booked",
        "booked",
        "free",
        "none-free",
        "free-not-known",
        "no-appointment",
        "appointment-booked",
        "appointment-cancelled",
        "citizenship",
        "not-citizenship",
        "not-invited",
        "invited",
        "invited-until",
        "letter",
        "invitation-over",
        "letter-over",
        "delivers",
        "technical-failure",
        "technical-failure-with-line",
        "digital-type",
        "not-digital-type",
        "passport-office",
        "immigration-office",
        "asks-udi",
        "asks-to-upload",
        "no-work",
        "meets-police-first",
        "eea-national",
        "work-not-reported",
        "work-reported",
        "works-before-appointment",
    ];

    /// Returns the code that selects the text. Variants with an open end have a code of their own.
    pub fn code(&self) -> &'static str {
        match self {
            Saw::NoApplicationNeeded => "no-application-needed",
            Saw::Submitted => "submitted",
            Saw::NotSubmitted => "not-submitted",
            Saw::NoEntry => "no-entry",
            Saw::NoDuty { .. } => "no-duty",
            Saw::NotInForce { .. } => "not-in-force",
            Saw::InQuarantine(_) => "in-quarantine",
            Saw::EntryAhead(_) => "entry-ahead",
            Saw::EndsWithNewLength { .. } => "ends-with-new-length",
            Saw::QuarantineOver(_) => "quarantine-over",
            Saw::ToldToReport => "told-to-report",
            Saw::NotToldToReport => "not-told-to-report",
            Saw::NormalCapacity { .. } => "normal-capacity",
            Saw::ReducedCapacity { last: Some(_), .. } => "reduced-capacity",
            Saw::ReducedCapacity { last: None, .. } => "reduced-capacity-open-end",
            Saw::CriticalTravel { last: Some(_), .. } => "critical-travel",
            Saw::CriticalTravel { last: None, .. } => "critical-travel-open-end",
            Saw::TypeOpen => "type-open",
            Saw::TypeClosed => "type-closed",
            Saw::NotBooked => "not-booked",
            Saw::Booked { .. } => "booked",
            Saw::Free { .. } => "free",
            Saw::NoneFree => "none-free",
            Saw::FreeNotKnown => "free-not-known",
            Saw::NoAppointment => "no-appointment",
            Saw::AppointmentBooked { .. } => "appointment-booked",
            Saw::AppointmentCancelled => "appointment-cancelled",
            Saw::Citizenship => "citizenship",
            Saw::NotCitizenship => "not-citizenship",
            Saw::NotInvited => "not-invited",
            Saw::Invited { expires: None, .. } => "invited",
            Saw::Invited { expires: Some(_), .. } => "invited-until",
            Saw::Letter => "letter",
            Saw::InvitationOver { expires: Some(_) } => "invitation-over",
            Saw::InvitationOver { expires: None } => "letter-over",
            Saw::Delivers => "delivers",
            Saw::TechnicalFailure { phone: None } => "technical-failure",
            Saw::TechnicalFailure { phone: Some(_) } => "technical-failure-with-line",
            Saw::DigitalType => "digital-type",
            Saw::NotDigitalType => "not-digital-type",
            Saw::PassportOffice => "passport-office",
            Saw::ImmigrationOffice => "immigration-office",
            Saw::AsksUdi => "asks-udi",
            Saw::AsksToUpload => "asks-to-upload",
            Saw::NoWork => "no-work",
            Saw::MeetsPoliceFirst { .. } => "meets-police-first",
            Saw::EeaNational { .. } => "eea-national",
            Saw::WorkNotReported { .. } => "work-not-reported",
            Saw::WorkReported { .. } => "work-reported",
            Saw::WorksBeforeAppointment { .. } => "works-before-appointment",
        }
    }

    /// Returns the values for the text, by their placeholder names.
    pub fn values(&self) -> Vec<(&'static str, Value)> {
        let of = |quarantine: &Quarantine| {
            vec![
                ("entry", Value::Day(quarantine.entry)),
                ("days", Value::Number(quarantine.days.into())),
                ("last", Value::Day(quarantine.last)),
            ]
        };
        let day = |name, day: &Option<NaiveDate>| day.map(|day| (name, Value::Day(day)));
        match self {
            Saw::NoDuty { entry } => vec![("entry", Value::Day(*entry))],
            Saw::NotInForce { day } => vec![("day", Value::Day(*day))],
            Saw::InQuarantine(quarantine) | Saw::EntryAhead(quarantine) | Saw::QuarantineOver(quarantine) => {
                of(quarantine)
            }
            Saw::EndsWithNewLength { quarantine, free } => {
                let mut values = of(quarantine);
                values.push(("free", Value::Day(*free)));
                values
            }
            Saw::NormalCapacity { district } => vec![("district", Value::District(*district))],
            Saw::ReducedCapacity { district, last } | Saw::CriticalTravel { district, last } => {
                [("district", Value::District(*district))].into_iter().chain(day("last", last)).collect()
            }
            Saw::Booked { starts } | Saw::AppointmentBooked { starts } => vec![("starts", Value::Instant(*starts))],
            Saw::Free { free } => vec![("free", Value::Number(*free))],
            Saw::Invited { issued, expires } => {
                [("issued", Value::Day(*issued))].into_iter().chain(day("expires", expires)).collect()
            }
            Saw::InvitationOver { expires } => day("expires", expires).into_iter().collect(),
            Saw::TechnicalFailure { phone } => {
                phone.iter().map(|phone| ("phone", Value::Phone(phone.clone()))).collect()
            }
            Saw::MeetsPoliceFirst { work, starts } => {
                vec![("work", Value::Day(*work)), ("starts", Value::Instant(*starts))]
            }
            Saw::EeaNational { country } => vec![("country", Value::Country(*country))],
            Saw::WorkNotReported { work } | Saw::WorksBeforeAppointment { work } => vec![("work", Value::Day(*work))],
            Saw::WorkReported { work, reported } => {
                vec![("work", Value::Day(*work)), ("reported", Value::Day(*reported))]
            }
            _ => Vec::new(),
        }
    }
}
