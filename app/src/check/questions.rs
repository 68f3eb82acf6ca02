//! The model of `/check`: the questions, their relevance, and the facts that the answers make. The view is the page
//! `check`.
//!
//! Relevance is not coded here. A question is relevant if its possible answers lead to different decisions of
//! `rules::decide`.

use ::api::{facts::QuestionCode, typed};
use chrono::{DateTime, Days, NaiveDate, Utc};
use rules::{
    Application, ApplicationType, Coded, Country, Decision, District, Facts, Policy, Question, coded,
    facts::{Appointment, AppointmentStatus, Availability, Booking, Delivery, Entry, Invitation, Standing, Work},
};

coded! {
    /// The questions in the order in which they are asked.
    Ask {
        Wish = "wish",
        Kind = "kind",
        Submitted = "submitted",
        Invited = "invited",
        Over = "over",
        Technical = "technical",
        Quarantine = "quarantine",
        Entry = "entry",
        Told = "told",
        District = "district",
        Critical = "critical",
        Appointment = "appointment",
        Works = "works",
        Citizenship = "citizenship",
        Reported = "reported",
        AppointmentOn = "appointment-on",
        WorkOn = "work-on",
    }
}

/// The kind of input for a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    YesNo,
    /// A choice of a few options, all visible.
    Few,
    /// A choice of many options, in a list.
    Many,
    Date,
}

pub const YES: &str = "yes";
pub const NO: &str = "no";
pub const STATELESS: &str = "none";

impl Ask {
    /// The kind of input for this question.
    pub fn form(self) -> Form {
        match self {
            Ask::Wish | Ask::Appointment => Form::Few,
            Ask::Kind | Ask::District | Ask::Citizenship => Form::Many,
            Ask::Entry | Ask::AppointmentOn | Ask::WorkOn => Form::Date,
            _ => Form::YesNo,
        }
    }

    /// The codes of all possible answers. Two dates far apart stand for all dates.
    pub fn options(self, on: NaiveDate) -> Vec<String> {
        const LONG: Days = Days::new(400);
        let codes = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect();
        match self {
            Ask::Wish => WISHES.iter().map(|wish| wish.code().to_owned()).collect(),
            Ask::Kind => ApplicationType::ALL.iter().map(|kind| kind.code().to_owned()).collect(),
            Ask::District => District::ALL.iter().map(|district| district.code().to_owned()).collect(),
            Ask::Appointment => codes(&["none", "booked", "cancelled"]),
            Ask::Citizenship => {
                let countries = Country::all().map(|country| country.code().to_owned());
                [STATELESS.to_owned()].into_iter().chain(countries).collect()
            }
            Ask::Entry => vec![on.to_string(), (on - LONG).to_string()],
            Ask::AppointmentOn => vec![on.to_string(), (on + LONG).to_string()],
            Ask::WorkOn => vec![on.to_string(), (on + LONG + LONG).to_string()],
            _ => codes(&[YES, NO]),
        }
    }
}

/// The questions of the rules that an applicant can ask.
const WISHES: &[QuestionCode] = &[
    QuestionCode::Book,
    QuestionCode::Attend,
    QuestionCode::Upload,
    QuestionCode::Duties,
    QuestionCode::AskUdiForAppointment,
    QuestionCode::AskToUpload,
];

/// The answers as typed or chosen, sorted by name. They mirror the form and the link. A sorted list, because a map
/// would add code for a few entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers(Vec<(&'static str, String)>);

/// Name of the day asked about, in the link.
const ON: &str = "on";

impl Answers {
    /// The answer to a question; empty if there is none.
    pub fn get(&self, ask: Ask) -> &str {
        self.find(ask.code()).unwrap_or("")
    }

    /// Sets the answer to a question.
    pub fn set(&mut self, ask: Ask, answer: String) {
        self.insert(ask.code(), answer);
    }

    /// The day asked about; `None` for today.
    pub fn on(&self) -> Option<NaiveDate> {
        typed::date(self.find(ON)?).ok()
    }

    /// Sets the day asked about; `None` for today.
    pub fn set_on(&mut self, on: Option<NaiveDate>) {
        match on {
            Some(on) => self.insert(ON, on.to_string()),
            None => self.0.retain(|(name, _)| *name != ON),
        }
    }

    fn find(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, answer)| answer.as_str())
    }

    fn insert(&mut self, name: &'static str, answer: String) {
        match self.0.binary_search_by_key(&name, |(known, _)| *known) {
            Ok(place) => self.0[place].1 = answer,
            Err(place) => self.0.insert(place, (name, answer)),
        }
    }

    /// Returns `true` if there is an answer, and for a date, a valid one.
    pub fn is_answered(&self, ask: Ask) -> bool {
        match ask.form() {
            Form::Date => self.date(ask).is_some(),
            _ => !self.get(ask).is_empty(),
        }
    }

    /// The questions to show: the relevant ones, up to the first without an answer.
    pub fn questions(&self, policy: &Policy, today: NaiveDate) -> Vec<Ask> {
        let on = self.on().unwrap_or(today);
        let mut shown = Vec::new();
        let mut so_far = Answers::default();
        so_far.set_on(Some(on));
        for ask in Ask::ALL.iter().copied() {
            if !so_far.matters(ask, policy, on, |decision| decision) {
                continue;
            }
            shown.push(ask);
            if !self.is_answered(ask) {
                break;
            }
            so_far.set(ask, self.get(ask).to_owned());
        }
        shown
    }

    /// Returns `true` if the open question can change the outcome, and not only the duties.
    pub fn is_open(&self, policy: &Policy, today: NaiveDate) -> bool {
        let on = self.on().unwrap_or(today);
        let besides = |decision: Decision| Decision { duties: Vec::new(), ..decision };
        match self.questions(policy, today).last() {
            Some(ask) => !self.is_answered(*ask) && self.matters(*ask, policy, on, besides),
            None => true,
        }
    }

    fn matters(&self, ask: Ask, policy: &Policy, on: NaiveDate, part: fn(Decision) -> Decision) -> bool {
        if ask == Ask::Wish {
            return true;
        }
        let mut answers = self.clone();
        let mut first = None;
        ask.options(on).into_iter().any(|option| {
            answers.set(ask, option);
            let decision = answers.facts(on).map(|facts| part(rules::decide(policy, &facts)));
            match &first {
                None => {
                    first = Some(decision);
                    false
                }
                Some(first) => *first != decision,
            }
        })
    }

    /// The facts from the answers. A missing answer counts as no. `None` until the wish is answered.
    pub fn facts(&self, on: NaiveDate) -> Option<Facts> {
        let wish = QuestionCode::from_code(self.get(Ask::Wish))?;
        let noon = |day| rules::day::from_oslo(day, 12, 0);
        let kind = ApplicationType::from_code(self.get(Ask::Kind)).unwrap_or(ApplicationType::Work);
        let district = District::from_code(self.get(Ask::District)).unwrap_or(District::Agder);
        let application = Application { kind, district, submitted: self.yes(Ask::Submitted) };
        let question = match wish {
            QuestionCode::Book => Question::Book(Booking {
                application,
                availability: Availability::default(),
                critical_travel: self.yes(Ask::Critical),
            }),
            QuestionCode::Attend => Question::Attend,
            QuestionCode::Upload => Question::Upload(self.delivery(kind, district, on)),
            QuestionCode::Duties => Question::Duties,
            QuestionCode::AskUdiForAppointment => Question::AskUdiForAppointment,
            QuestionCode::AskToUpload => Question::AskToUpload,
            QuestionCode::Invite | QuestionCode::Cancel => return None,
        };
        Some(Facts {
            at: noon(on)?,
            question,
            citizenships: Country::from_code(self.get(Ask::Citizenship)).into_iter().collect(),
            entry: self
                .date(Ask::Entry)
                .or(Some(on))
                .filter(|_| self.yes(Ask::Quarantine))
                .map(|on| Entry { on, quarantine: true }),
            told_to_report_within_week: self.yes(Ask::Told),
            appointment: self.appointment(on, noon),
            work: self.yes(Ask::Works).then(|| Work {
                starts: self.date(Ask::WorkOn).unwrap_or(on),
                reported: self.yes(Ask::Reported).then_some(on),
            }),
        })
    }

    fn appointment(&self, on: NaiveDate, noon: impl Fn(NaiveDate) -> Option<DateTime<Utc>>) -> Option<Appointment> {
        let status = AppointmentStatus::from_code(self.get(Ask::Appointment))?;
        // An appointment without a date counts as later than the start of work.
        let day = self.date(Ask::AppointmentOn).unwrap_or(on + Days::new(10_000));
        Some(Appointment { starts: noon(day)?, status })
    }

    fn delivery(&self, kind: ApplicationType, district: District, on: NaiveDate) -> Delivery {
        let invitation = self.yes(Ask::Invited).then(|| Invitation {
            issued: on - Days::new(1),
            expires: self.yes(Ask::Over).then(|| on - Days::new(1)),
            technical_failure: self.yes(Ask::Technical),
        });
        match kind {
            ApplicationType::Citizenship => Delivery::Citizenship {
                district,
                letter: invitation.map_or(Standing::NotInvited, |letter| letter.standing(on)),
            },
            _ => Delivery::Other { district, invitation },
        }
    }

    fn yes(&self, ask: Ask) -> bool {
        self.get(ask) == YES
    }

    fn date(&self, ask: Ask) -> Option<NaiveDate> {
        typed::date(self.get(ask)).ok()
    }

    /// The answers for the fragment of a link, not encoded yet.
    pub fn pairs(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().filter(|(_, answer)| !answer.is_empty()).map(|(name, answer)| (*name, answer.as_str()))
    }

    /// The answers from the pairs of a link. Unknown names and values are ignored.
    pub fn from_pairs(pairs: impl Iterator<Item = (String, String)>) -> Answers {
        const LONGEST: usize = 40;
        let mut answers = Answers::default();
        for (name, answer) in pairs.filter(|(_, answer)| answer.len() <= LONGEST) {
            if let Some(ask) = Ask::from_code(&name) {
                let known = ask.form() == Form::Date || ask.options(NaiveDate::default()).contains(&answer);
                if known {
                    answers.set(ask, answer);
                }
            } else if name == ON {
                answers.set_on(typed::date(&answer).ok());
            }
        }
        answers
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::texts::{check_codes, texts};

    #[wasm_bindgen_test::wasm_bindgen_test]
    fn every_question_has_its_text() {
        check_codes::<Ask>(|language| &texts(language).ask);
    }

    /// The codes of the questions that are shown after these answers, on a day.
    fn asked(on: (i32, u32, u32), answers: &[(Ask, &str)]) -> Vec<&'static str> {
        let mut all = Answers::default();
        all.set_on(NaiveDate::from_ymd_opt(on.0, on.1, on.2));
        for (ask, answer) in answers {
            all.set(*ask, (*answer).to_owned());
        }
        all.questions(&Policy::published(), NaiveDate::default()).into_iter().map(Ask::code).collect()
    }

    #[wasm_bindgen_test::wasm_bindgen_test]
    fn only_what_matters_is_asked() {
        let autumn = (2020, 11, 2);
        let book_work = [(Ask::Wish, "book"), (Ask::Kind, "work"), (Ask::Submitted, "yes")];
        assert_eq!(asked(autumn, &[]), ["wish"]);
        assert_eq!(asked(autumn, &book_work), ["wish", "kind", "submitted", "quarantine"]);
        // No quarantine is in force on this day, and nobody is asked about it.
        assert_eq!(asked((2026, 11, 22), &book_work), ["wish", "kind", "submitted", "appointment"]);
        // The district is relevant only while its passport office has reduced capacity.
        let passport = [(Ask::Wish, "book"), (Ask::Kind, "passport"), (Ask::Quarantine, "no")];
        assert_eq!(asked((2021, 3, 22), &passport), ["wish", "kind", "quarantine", "district"]);
        assert_eq!(asked(autumn, &passport), ["wish", "kind", "quarantine", "appointment"]);
        let in_oslo = [passport.as_slice(), &[(Ask::District, "oslo")]].concat();
        assert_eq!(asked((2021, 3, 22), &in_oslo), ["wish", "kind", "quarantine", "district", "critical"]);
        // People who work are asked for their citizenship. An EEA citizen has no further duty.
        let works = [(Ask::Wish, "duties"), (Ask::Works, "yes")];
        assert_eq!(asked(autumn, &works), ["wish", "works", "citizenship"]);
        let of_poland = [works.as_slice(), &[(Ask::Citizenship, "PL")]].concat();
        assert_eq!(asked(autumn, &of_poland), ["wish", "works", "citizenship"]);
        let of_india = [works.as_slice(), &[(Ask::Citizenship, "IN")]].concat();
        assert_eq!(asked(autumn, &of_india), ["wish", "works", "citizenship", "reported"]);
    }

    #[wasm_bindgen_test::wasm_bindgen_test]
    fn a_link_carries_the_situation() {
        let mut answers = Answers::default();
        answers.set(Ask::Wish, "book".to_owned());
        answers.set(Ask::Entry, "26.10.2020".to_owned());
        answers.set_on(NaiveDate::from_ymd_opt(2020, 11, 2));
        let pairs: Vec<_> = answers.pairs().map(|(name, answer)| (name.to_owned(), answer.to_owned())).collect();
        assert_eq!(Answers::from_pairs(pairs.into_iter()), answers);
        let strange = [("wish", "nonsense"), ("evil", "x"), ("on", "never")];
        let strange = strange.map(|(name, answer)| (name.to_owned(), answer.to_owned()));
        assert_eq!(Answers::from_pairs(strange.into_iter()), Answers::default());
    }
}
