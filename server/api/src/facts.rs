//! The facts of a question in their wire format, one JSON object, and the conversion from and to `rules::Facts`.

use chrono::{DateTime, FixedOffset, NaiveDate, SecondsFormat};
use rules::{
    Application, ApplicationType, Coded, Country, District, Question, coded,
    facts::{Appointment, AppointmentStatus, Availability, Booking, Delivery, Entry, Invitation, Standing, Work},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    fields,
    object::{self, ObjectFault},
};

/// Maximum size of a facts object, in bytes. Real ones have a few hundred.
pub const MAX_BYTES: usize = 64 * 1024;

/// The facts as JSON. Unknown fields are refused. An absent field or null means "no" or "not known".
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// An id that the answer repeats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The instant of the question (RFC 3339). The rules use its day in Europe/Oslo.
    #[serde(with = "instant")]
    #[schema(value_type = String, format = DateTime, example = "2020-11-02T09:00:00+01:00")]
    pub at: DateTime<FixedOffset>,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<QuestionCode>)]
    pub question: QuestionCode,
    /// ISO 3166-1 alpha-2 codes, and XK. An empty list means stateless.
    #[serde(default, with = "fields::countries", skip_serializing_if = "Vec::is_empty")]
    #[schema(schema_with = fields::countries::schema)]
    pub citizenships: Vec<Country>,
    #[serde(default, deserialize_with = "fields::object::deserialize", skip_serializing_if = "Option::is_none")]
    pub entry: Option<EntryFacts>,
    #[serde(default, deserialize_with = "fields::truth::deserialize", skip_serializing_if = "std::ops::Not::not")]
    pub told_to_report_within_week: bool,
    /// Required for `book`, `upload`, `invite` and `cancel`.
    #[serde(default, deserialize_with = "fields::object::deserialize", skip_serializing_if = "Option::is_none")]
    pub application: Option<ApplicationFacts>,
    #[serde(default, deserialize_with = "fields::object::deserialize", skip_serializing_if = "Option::is_none")]
    pub availability: Option<AvailabilityFacts>,
    #[serde(default, deserialize_with = "fields::object::deserialize", skip_serializing_if = "Option::is_none")]
    pub appointment: Option<AppointmentFacts>,
    #[serde(default, deserialize_with = "fields::object::deserialize", skip_serializing_if = "Option::is_none")]
    pub invitation: Option<InvitationFacts>,
    #[serde(default, deserialize_with = "fields::object::deserialize", skip_serializing_if = "Option::is_none")]
    pub work: Option<WorkFacts>,
    #[serde(default, deserialize_with = "fields::truth::deserialize", skip_serializing_if = "std::ops::Not::not")]
    pub critical_travel: bool,
}

coded! {
    /// The questions.
    QuestionCode {
        Book = "book",
        Attend = "attend",
        Upload = "upload",
        Invite = "invite",
        Cancel = "cancel",
        Duties = "duties",
        AskUdiForAppointment = "ask-udi-for-appointment",
        AskToUpload = "ask-to-upload",
    }
}

/// An entry to Norway, past or planned, and the duty of quarantine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EntryFacts {
    #[serde(with = "fields::date")]
    #[schema(schema_with = fields::date::schema)]
    pub on: NaiveDate,
    #[serde(default, deserialize_with = "fields::truth::deserialize")]
    pub quarantine: bool,
}

/// The application.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplicationFacts {
    #[serde(rename = "type", with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<ApplicationType>)]
    pub kind: ApplicationType,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<District>)]
    pub district: District,
    #[serde(default, deserialize_with = "fields::truth::deserialize")]
    pub submitted: bool,
}

/// The free slots, as far as they are known.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AvailabilityFacts {
    #[serde(default)]
    pub type_open: Option<bool>,
    #[serde(default)]
    pub free: Option<u64>,
}

/// The person's latest appointment.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppointmentFacts {
    #[serde(with = "instant")]
    #[schema(value_type = String, format = DateTime, example = "2020-12-01T09:00:00+01:00")]
    pub starts: DateTime<FixedOffset>,
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<AppointmentStatus>)]
    pub status: AppointmentStatus,
}

/// An invitation to deliver documents electronically.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitationFacts {
    #[serde(with = "fields::date")]
    #[schema(schema_with = fields::date::schema)]
    pub issued: NaiveDate,
    /// The last day, included. Null if the invitation does not end.
    #[serde(default, with = "fields::date_option")]
    #[schema(schema_with = fields::date_option::schema)]
    pub expires: Option<NaiveDate>,
    #[serde(default, with = "fields::coded_option")]
    #[schema(schema_with = fields::coded_option::schema::<DeliveryProblem>)]
    pub problem: Option<DeliveryProblem>,
}

coded! {
    /// The reason why documents could not be delivered.
    DeliveryProblem { Technical = "technical" }
}

/// The first day of work, and the day of its report to UDI.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkFacts {
    #[serde(with = "fields::date")]
    #[schema(schema_with = fields::date::schema)]
    pub starts: NaiveDate,
    #[serde(default, with = "fields::date_option")]
    #[schema(schema_with = fields::date_option::schema)]
    pub reported: Option<NaiveDate>,
}

/// An error in facts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FactsError {
    #[serde(with = "fields::coded")]
    #[schema(schema_with = fields::coded::schema::<FactsErrorCode>)]
    pub code: FactsErrorCode,
    /// The path of the field at fault, for instance `entry.on`; null if the whole object is at fault.
    pub field: Option<String>,
    pub message: String,
}

coded! {
    FactsErrorCode {
        /// Not one JSON object.
        InvalidJson = "invalid-json",
        /// JSON, but not valid facts.
        InvalidFacts = "invalid-facts",
    }
}

/// Reads one JSON object as facts. The id is also returned beside an error, if it can be read; otherwise it is `None`.
///
/// # Errors
///
/// A [`FactsError`] if the input is too long, is not one JSON object, has an invalid or unknown field, or lacks a required one.
pub fn read(json: &[u8]) -> (Option<String>, Result<rules::Facts, FactsError>) {
    if json.len() > MAX_BYTES {
        let message = format!("the facts are longer than {MAX_BYTES} bytes");
        return (None, Err(FactsError { code: FactsErrorCode::InvalidJson, field: None, message }));
    }
    match object::read::<Facts>(json) {
        Ok(facts) => {
            let parsed = rules::Facts::try_from(&facts);
            (facts.id, parsed)
        }
        Err(fault) => (read_id(json), Err(FactsError::from(fault))),
    }
}

impl From<ObjectFault> for FactsError {
    fn from(fault: ObjectFault) -> FactsError {
        match fault {
            ObjectFault::NotJson { message } => FactsError { code: FactsErrorCode::InvalidJson, field: None, message },
            ObjectFault::Wrong { field, message } => invalid_facts(field, message),
        }
    }
}

/// Returns the id of a JSON object that is not valid facts; `None` if it has none.
fn read_id(json: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct WithId {
        #[serde(default)]
        id: serde_json::Value,
    }
    serde_json::from_slice::<WithId>(json).ok()?.id.as_str().map(str::to_owned)
}

/// Makes an error with the code `invalid-facts`.
fn invalid_facts(field: Option<String>, message: String) -> FactsError {
    FactsError { code: FactsErrorCode::InvalidFacts, field, message }
}

impl TryFrom<&Facts> for rules::Facts {
    type Error = FactsError;

    fn try_from(facts: &Facts) -> Result<rules::Facts, FactsError> {
        let application = || {
            facts.application.map(Application::from).ok_or_else(|| {
                let message = format!("the question {} needs an application", facts.question.code());
                invalid_facts(Some("application".to_owned()), message)
            })
        };
        let at = facts.at.to_utc();
        let question = match facts.question {
            QuestionCode::Book => Question::Book(Booking {
                application: application()?,
                availability: facts.availability.map(Availability::from).unwrap_or_default(),
                critical_travel: facts.critical_travel,
            }),
            QuestionCode::Attend => Question::Attend,
            QuestionCode::Upload => {
                Question::Upload(delivery(application()?, facts.invitation, rules::day::in_oslo(at)))
            }
            QuestionCode::Invite => Question::Invite(application()?),
            QuestionCode::Cancel => Question::Cancel(application()?),
            QuestionCode::Duties => Question::Duties,
            QuestionCode::AskUdiForAppointment => Question::AskUdiForAppointment,
            QuestionCode::AskToUpload => Question::AskToUpload,
        };
        Ok(rules::Facts {
            at,
            question,
            citizenships: facts.citizenships.clone(),
            entry: facts.entry.map(Entry::from),
            told_to_report_within_week: facts.told_to_report_within_week,
            appointment: facts
                .appointment
                .map(|appointment| Appointment { starts: appointment.starts.to_utc(), status: appointment.status }),
            work: facts.work.map(|work| Work { starts: work.starts, reported: work.reported }),
        })
    }
}

/// Converts facts back to the wire format. If they are read again, the decision is the same.
impl From<&rules::Facts> for Facts {
    fn from(facts: &rules::Facts) -> Facts {
        let (mut application, mut availability, mut invitation, mut critical_travel) = (None, None, None, false);
        match &facts.question {
            Question::Book(booking) => {
                application = Some(booking.application.into());
                availability = Some(booking.availability.into());
                critical_travel = booking.critical_travel;
            }
            Question::Upload(delivery) => {
                let (kind, district) = match delivery {
                    Delivery::Citizenship { district, letter } => {
                        invitation = letter_of(*letter, facts.day());
                        (ApplicationType::Citizenship, *district)
                    }
                    // The rules ignore the type of other applications, so any type does.
                    Delivery::Other { district, invitation: given } => {
                        invitation = given.map(InvitationFacts::from);
                        (ApplicationType::Work, *district)
                    }
                };
                application = Some(ApplicationFacts { kind, district, submitted: false });
            }
            Question::Invite(of) | Question::Cancel(of) => application = Some((*of).into()),
            Question::Attend | Question::Duties | Question::AskUdiForAppointment | Question::AskToUpload => {}
        }
        Facts {
            id: None,
            at: facts.at.fixed_offset(),
            question: QuestionCode::of(&facts.question),
            citizenships: facts.citizenships.clone(),
            entry: facts.entry.map(|entry| EntryFacts { on: entry.on, quarantine: entry.quarantine }),
            told_to_report_within_week: facts.told_to_report_within_week,
            application,
            availability,
            appointment: facts.appointment.map(|appointment| AppointmentFacts {
                starts: appointment.starts.fixed_offset(),
                status: appointment.status,
            }),
            invitation,
            work: facts.work.map(|work| WorkFacts { starts: work.starts, reported: work.reported }),
            critical_travel,
        }
    }
}

/// Returns an invitation that has this state on that day; `None` if there is none.
fn letter_of(standing: Standing, day: NaiveDate) -> Option<InvitationFacts> {
    let expires = match standing {
        Standing::NotInvited => return None,
        Standing::Live => None,
        Standing::Expired => day.pred_opt(),
    };
    Some(InvitationFacts { issued: expires.unwrap_or(day), expires, problem: None })
}

impl From<Application> for ApplicationFacts {
    fn from(application: Application) -> ApplicationFacts {
        let Application { kind, district, submitted } = application;
        ApplicationFacts { kind, district, submitted }
    }
}

impl From<Availability> for AvailabilityFacts {
    fn from(availability: Availability) -> AvailabilityFacts {
        AvailabilityFacts { type_open: availability.type_open, free: availability.free }
    }
}

impl From<Invitation> for InvitationFacts {
    fn from(invitation: Invitation) -> InvitationFacts {
        InvitationFacts {
            issued: invitation.issued,
            expires: invitation.expires,
            problem: invitation.technical_failure.then_some(DeliveryProblem::Technical),
        }
    }
}

impl From<ApplicationFacts> for Application {
    fn from(facts: ApplicationFacts) -> Application {
        Application { kind: facts.kind, district: facts.district, submitted: facts.submitted }
    }
}

impl From<AvailabilityFacts> for Availability {
    fn from(facts: AvailabilityFacts) -> Availability {
        Availability { type_open: facts.type_open, free: facts.free }
    }
}

impl From<EntryFacts> for Entry {
    fn from(facts: EntryFacts) -> Entry {
        Entry { on: facts.on, quarantine: facts.quarantine }
    }
}

/// Converts a delivery. An invitation for a citizenship application is dropped here, because `rules` has no type for one.
fn delivery(application: Application, invitation: Option<InvitationFacts>, day: NaiveDate) -> Delivery {
    let invitation = invitation.map(|facts| Invitation {
        issued: facts.issued,
        expires: facts.expires,
        technical_failure: facts.problem == Some(DeliveryProblem::Technical),
    });
    match application.kind {
        ApplicationType::Citizenship => Delivery::Citizenship {
            district: application.district,
            letter: invitation.as_ref().map_or(Standing::NotInvited, |letter| letter.standing(day)),
        },
        _ => Delivery::Other { district: application.district, invitation },
    }
}

/// Instants by RFC 3339, with their offset.
mod instant {
    use super::*;
    use serde::{Deserializer, Serializer, de};

    pub fn serialize<S: Serializer>(value: &DateTime<FixedOffset>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&value.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<FixedOffset>, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = DateTime<FixedOffset>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an instant written as 2020-11-02T09:00:00+01:00 (RFC 3339)")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                // chrono accepts more than RFC 3339: a Unicode minus, and a space for the T.
                let strict = text.is_ascii() && matches!(text.as_bytes().get(10), Some(b'T' | b't'));
                DateTime::parse_from_rfc3339(text).ok().filter(|_| strict).ok_or_else(|| {
                    E::custom(format_args!(
                        "{} is not an instant; write one as 2020-11-02T09:00:00+01:00 (RFC 3339)",
                        fields::quoted(text)
                    ))
                })
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}
