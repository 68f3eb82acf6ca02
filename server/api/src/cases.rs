//! Cases: an applicant's case, its free slots, and the facts for the rules.

use chrono::{DateTime, NaiveDate, Utc};
use rules::{
    Application, ApplicationType, Country, District, Facts, Question,
    facts::{self, AppointmentStatus, Availability, Booking, Delivery, Entry, Standing},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    appointments::Appointment,
    fields,
    holds::Hold,
    ids::{CaseId, OfficeId, SlotId},
    invitations::Invitation,
    offices::Office,
    situation::Situation,
};

/// A case: one application of one person.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Case {
    #[schema(value_type = String)]
    pub id: CaseId,
    /// The reference on the applicant's papers.
    #[schema(example = "WORK-2021-0001")]
    pub reference: String,
    /// The name of the person the case is about.
    #[schema(example = "Asha Rao")]
    pub applicant: String,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<ApplicationType>)]
    pub application_type: ApplicationType,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<District>)]
    pub district: District,
    /// `true` if the application was sent in through the Application Portal.
    pub submitted: bool,
    #[schema(value_type = Vec<String>, example = json!(["IN"]))]
    #[serde(with = "fields::countries")]
    #[schema(schema_with = fields::countries::schema)]
    pub citizenships: Vec<Country>,
    /// The applicant's own statements; null if there are none yet.
    pub situation: Option<Situation>,
    /// The start of work; null if the applicant has not stated it or does not work.
    pub work: Option<Work>,
    /// The booked appointment, if there is one.
    pub appointment: Option<Appointment>,
    /// The latest appointment, if the office cancelled it, it is still in the future and no other was booked since. Only filled
    /// in the answers to `GET /api/cases` and `GET /api/cases/{case}`.
    pub lost: Option<Appointment>,
    /// The invitation to send documents, including an expired one.
    pub invitation: Option<Invitation>,
}

/// The start of work before the appointment, and its report to UDI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Work {
    #[serde(with = "fields::date")]
    #[schema(schema_with = fields::date::schema)]
    pub starts: NaiveDate,
    /// The day of the report to UDI; null if it was not reported. It cannot be in the future.
    #[serde(default, with = "fields::date_option")]
    #[schema(schema_with = fields::date_option::schema)]
    pub reported: Option<NaiveDate>,
}

/// A statement of when work starts; null if the applicant does not work.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TellWork {
    #[serde(default, deserialize_with = "fields::object::deserialize")]
    pub work: Option<Work>,
}

/// A request to add a registered case to the account.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddCase {
    /// The reference on the applicant's papers; case-insensitive.
    #[schema(example = "WORK-2021-0001")]
    pub reference: String,
    /// The applicant's day of birth. It must match the register, which shows that the papers belong to the person.
    #[serde(with = "fields::date")]
    #[schema(schema_with = fields::date::schema)]
    pub born: NaiveDate,
    /// The code on the office's letter. Required if the letter has one. Spaces, hyphens and letter case are ignored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "K7QM-2XPA")]
    pub code: Option<String>,
}

impl Case {
    /// Returns the facts for booking. Page and server both use this function, so both give the rules the same facts.
    pub fn facts_to_book(&self, at: DateTime<Utc>, situation: &Situation, availability: Availability) -> Facts {
        let application =
            Application { kind: self.application_type, district: self.district, submitted: self.submitted };
        let booking = Booking { application, availability, critical_travel: situation.critical_travel };
        self.facts(at, Question::Book(booking), situation)
    }

    /// Returns the facts for moving the appointment: as for booking, without the current appointment. The same transaction gives
    /// it up.
    pub fn facts_to_move(&self, at: DateTime<Utc>, situation: &Situation, availability: Availability) -> Facts {
        Facts { appointment: None, ..self.facts_to_book(at, situation, availability) }
    }

    /// Returns the facts for the question about duties.
    pub fn facts_of_duties(&self, at: DateTime<Utc>) -> Facts {
        self.facts(at, Question::Duties, &self.situation.unwrap_or_default())
    }

    /// Returns the facts for sending documents.
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

    /// Returns the facts for the question whether to come to the appointment.
    pub fn facts_to_attend(&self, at: DateTime<Utc>, situation: &Situation) -> Facts {
        self.facts(at, Question::Attend, situation)
    }

    /// Returns the facts of a question, filled from the case and the situation.
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

/// The free slots for a case, with the other facts that the rules need to book one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Times {
    pub case: Case,
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub checked_at: DateTime<Utc>,
    /// `true` if offices offer appointments of this type at the moment.
    pub type_open: bool,
    /// The total number of free slots; `slots` holds the first of them.
    pub free: u64,
    pub slots: Vec<Slot>,
    /// The offices of the district that offer appointments of this type at the moment.
    pub offices: Vec<Office>,
    /// The slot on hold while the applicant confirms; null if there is none.
    pub hold: Option<Hold>,
}

impl Times {
    /// Returns the availability for the rules.
    pub fn availability(&self) -> Availability {
        Availability { type_open: Some(self.type_open), free: Some(self.free) }
    }
}

/// A slot: one seat at one start time.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Slot {
    #[schema(value_type = String)]
    pub id: SlotId,
    /// The office's id.
    #[schema(value_type = String)]
    pub office: OfficeId,
    #[serde(with = "fields::instant")]
    #[schema(schema_with = fields::instant::schema)]
    pub starts: DateTime<Utc>,
    pub minutes: u32,
}
