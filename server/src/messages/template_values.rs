//! The values that are filled into a message, and samples of them with which every template is tried at start (`templates`).

use api::{
    appointments::Appointment,
    offices::{Bring, Office, OfficeKind},
};
use chrono::{DateTime, NaiveDate, Utc};
use minijinja::{Value, context};
use rules::{Coded, District, notice::Language, text::without_direction_marks};

use crate::text::{dates, names};

/// The values that a template can use. Which of them are set depends on the kind of message.
#[derive(Clone, Copy, Debug, Default)]
pub struct TemplateValues<'f> {
    pub code: &'f str,
    pub minutes: i64,
    pub applicant: &'f str,
    pub reference: &'f str,
    pub number: &'f str,
    pub starts: Option<DateTime<Utc>>,
    /// The earlier start of an appointment that was moved.
    pub before: Option<DateTime<Utc>>,
    pub office: Option<&'f Office>,
    pub document: &'f str,
    /// The reason in Bokmål and English, as all texts by officers.
    pub reason: [&'f str; 2],
    pub instructions: [&'f str; 2],
    pub last_day: Option<NaiveDate>,
}

impl<'f> TemplateValues<'f> {
    /// Returns the values of a message about an appointment.
    pub fn appointment(appointment: &'f Appointment) -> TemplateValues<'f> {
        TemplateValues {
            applicant: &appointment.applicant,
            number: &appointment.number,
            starts: Some(appointment.starts),
            office: Some(&appointment.office),
            ..TemplateValues::default()
        }
    }

    /// Returns the values by their template names. Direction marks are removed, so a name from the records cannot reverse the text
    /// around it.
    pub(super) fn context(&self, language: Language, link: &str) -> Value {
        let when = |at: Option<DateTime<Utc>>| at.map(|at| dates::day_and_time(at, language)).unwrap_or_default();
        let own = |texts: [&'f str; 2]| without_direction_marks(texts[usize::from(language == Language::En)]);
        let office = |tell: fn(&Office) -> &str| without_direction_marks(self.office.map(tell).unwrap_or_default());
        context! {
            link => link,
            code => self.code,
            minutes => self.minutes,
            applicant => without_direction_marks(self.applicant),
            reference => without_direction_marks(self.reference),
            number => self.number,
            when => when(self.starts),
            short => self.starts.map(|at| dates::short(at, language)).unwrap_or_default(),
            before => when(self.before),
            office => office(|office| &office.name),
            address => office(|office| &office.address),
            phone => office(|office| &office.phone),
            bring => self.office.map(|office| names::to_bring(&office.bring, language)).unwrap_or_default(),
            document => without_direction_marks(self.document),
            reason => own(self.reason),
            instructions => own(self.instructions),
            last_day => self.last_day.map(|day| dates::whole_day(day, language)).unwrap_or_default(),
        }
    }
}

/// An office with a name and an address of typical length.
pub(super) fn usual_office() -> Office {
    Office {
        id: String::new().into(),
        name: "Oslo politidistrikt, utlendingsforvaltning".to_owned(),
        kind: OfficeKind::Immigration,
        district: District::Oslo,
        address: "Tordenskiolds gate 12, 0160 Oslo".to_owned(),
        phone: "+47 22 34 21 00".to_owned(),
        hours: Vec::new(),
        bring: Bring::ALL.to_vec(),
        posts: None,
    }
}

/// All values, each of at least typical length.
pub(super) fn full(office: &Office) -> TemplateValues<'_> {
    TemplateValues {
        code: "123456",
        minutes: 10,
        applicant: "Asha Rao",
        reference: "2020123456",
        number: "K7M4-2QXD",
        // 22 December 2021, 10:30: the largest number of digits.
        starts: DateTime::from_timestamp(1_640_165_400, 0),
        before: DateTime::from_timestamp(1_640_079_000, 0),
        office: Some(office),
        document: "pass.pdf",
        reason: ["Bildet er uskarpt.", "The picture is not sharp."],
        instructions: ["Ta med originalen.", "Bring the original."],
        last_day: NaiveDate::from_ymd_opt(2021, 12, 22),
    }
}

/// Returns the values with none set, and then with each set alone.
pub(super) fn one_by_one<'f>(full: &TemplateValues<'f>) -> [TemplateValues<'f>; 13] {
    let none = TemplateValues::default();
    [
        none,
        TemplateValues { code: full.code, ..none },
        TemplateValues { minutes: full.minutes, ..none },
        TemplateValues { applicant: full.applicant, ..none },
        TemplateValues { reference: full.reference, ..none },
        TemplateValues { number: full.number, ..none },
        TemplateValues { starts: full.starts, ..none },
        TemplateValues { before: full.before, ..none },
        TemplateValues { office: full.office, ..none },
        TemplateValues { document: full.document, ..none },
        TemplateValues { reason: full.reason, ..none },
        TemplateValues { instructions: full.instructions, ..none },
        TemplateValues { last_day: full.last_day, ..none },
    ]
}
