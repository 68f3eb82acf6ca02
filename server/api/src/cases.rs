//! An applicant's cases.

use chrono::{DateTime, NaiveDate, Utc};
use rules::{
    Application, ApplicationType, Country, District, Facts, Question,
    facts::{self, AppointmentStatus, Availability, Booking, Delivery, Entry, Standing},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    appointments::Appointment, fields, holds::Hold, invitations::Invitation, offices::Office, situation::Situation,
};

/// One application.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Case {
    pub id: String,
    /// The reference on the applicant's papers.
    #[schema(example = "WORK-2021-0001")]
    pub reference: String,
    /// Whom the case is about.
    #[schema(example = "Asha Rao")]
    pub applicant: String,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<ApplicationType>)]
    pub application_type: ApplicationType,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<District>)]
    pub district: District,
    /// Sent in through the Application Portal.
    pub submitted: bool,
    #[schema(value_type = Vec<String>, example = json!(["IN"]))]
    #[serde(with = "fields::countries")]
    #[schema(schema_with = fields::countries::schema)]
    pub citizenships: Vec<Country>,
    /// What the applicant has told; null when they have not yet.
    pub situation: Option<Situation>,
    /// When they start to work, if they have told; null when they have not, or do not work.
    pub work: Option<Work>,
    /// The booked appointment, if there is one.
    pub appointment: Option<Appointment>,
    /// The appointment that the office has cancelled, if there is no other since and it would still be to come. Told in the list
    /// of cases.
    pub lost: Option<Appointment>,
    /// What the police have asked for, also when its last day is over.
    pub invitation: Option<Invitation>,
}

/// The start of work before the appointment, and its report to UDI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Work {
    #[serde(with = "fields::date")]
    #[schema(schema_with = fields::date::schema)]
    pub starts: NaiveDate,
    /// The day of the report to UDI; null while it is not made. Not a day ahead.
    #[serde(default, with = "fields::date_option")]
    #[schema(schema_with = fields::date_option::schema)]
    pub reported: Option<NaiveDate>,
}

/// Tell when work starts, or with null that there is none.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TellWork {
    #[serde(default, deserialize_with = "fields::object::deserialize")]
    pub work: Option<Work>,
}

/// Add a case that the office has on record.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddCase {
    /// The reference on the applicant's papers. Capital and small letters are alike.
    #[schema(example = "WORK-2021-0001")]
    pub reference: String,
    /// The applicant's day of birth, by which the office's record confirms that the papers are theirs.
    #[serde(with = "fields::date")]
    #[schema(schema_with = fields::date::schema)]
    pub born: NaiveDate,
    /// The code on the office's letter, if the letter has one. Then it is needed; spaces, hyphens and small letters do not matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "K7QM-2XPA")]
    pub code: Option<String>,
}

impl Case {
    /// The facts of an applicant who wants to book, from what is on record. The page and the server both ask the rules
    /// with these, so neither can forget a fact that the other looks at.
    pub fn facts_to_book(&self, at: DateTime<Utc>, situation: &Situation, availability: Availability) -> Facts {
        let application =
            Application { kind: self.application_type, district: self.district, submitted: self.submitted };
        let booking = Booking { application, availability, critical_travel: situation.critical_travel };
        self.facts(at, Question::Book(booking), situation)
    }

    /// The facts of an applicant who wants to move the appointment: the same, as if it were given up. It is, in the same
    /// transaction.
    pub fn facts_to_move(&self, at: DateTime<Utc>, situation: &Situation, availability: Availability) -> Facts {
        Facts { appointment: None, ..self.facts_to_book(at, situation, availability) }
    }

    /// The facts of an applicant who asks what they must do.
    pub fn facts_of_duties(&self, at: DateTime<Utc>) -> Facts {
        self.facts(at, Question::Duties, &self.situation.unwrap_or_default())
    }

    /// The facts of an applicant who wants to send documents.
    pub fn facts_to_upload(&self, at: DateTime<Utc>) -> Facts {
        let district = self.district;
        let invitation = self.invitation.as_ref().map(Invitation::as_fact);
        let delivery = if self.application_type == ApplicationType::Citizenship {
            let letter = invitation.map_or(Standing::NotInvited, |letter| letter.standing(rules::day::in_oslo(at)));
            Delivery::Citizenship { district, letter }
        } else {
            Delivery::Other { district, invitation }
        };
        self.facts(at, Question::Upload(delivery), &self.situation.unwrap_or_default())
    }

    /// The facts of an applicant who has an appointment, or had one, and asks whether to come.
    pub fn facts_to_attend(&self, at: DateTime<Utc>, situation: &Situation) -> Facts {
        self.facts(at, Question::Attend, situation)
    }

    fn facts(&self, at: DateTime<Utc>, question: Question, situation: &Situation) -> Facts {
        Facts {
            at,
            question,
            citizenships: self.citizenships.clone(),
            entry: situation.entry.map(Entry::from),
            told_to_report_within_week: situation.told_to_report_within_week,
            appointment: self.appointment.as_ref().map(|appointment| facts::Appointment {
                starts: appointment.starts,
                status: AppointmentStatus::Booked,
            }),
            work: self.work.map(|work| facts::Work { starts: work.starts, reported: work.reported }),
        }
    }
}

/// The free times for a case, and what else the rules look at when it books.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Times {
    pub case: Case,
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub checked_at: DateTime<Utc>,
    /// Whether appointments for this type are offered at all at the moment.
    pub type_open: bool,
    /// How many are free in all; `slots` holds the first of them.
    pub free: u64,
    pub slots: Vec<Slot>,
    /// The offices of the district that give appointments for this type at the moment.
    pub offices: Vec<Office>,
    /// What the case keeps while its applicant confirms.
    pub hold: Option<Hold>,
}

impl Times {
    /// What the rules look at of these times.
    pub fn availability(&self) -> Availability {
        Availability { type_open: Some(self.type_open), free: Some(self.free) }
    }
}

/// One seat at one start time.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Slot {
    pub id: String,
    /// The office's id.
    pub office: String,
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub starts: DateTime<Utc>,
    pub minutes: u32,
}
