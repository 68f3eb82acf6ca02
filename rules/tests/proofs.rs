//! Properties of every decision, checked over all combinations of the discrete facts on every day of the notices'
//! period, and over random facts.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "in a test, an unwrap that fails is a finding"
)]

mod strategies;

use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use proptest::prelude::*;
use rules::{
    Application, ApplicationType, Coded, Decision, District, Duty, Facts, Ground, Outcome, Policy, Question, Reason,
    decide, explain,
    facts::{Appointment, AppointmentStatus, Availability, Booking, Delivery, Entry, Invitation, Standing, Work},
    first_day_allowed, notice,
    trace::{Conclusion, Saw},
};
use strategies::facts_to_book;

const FIRST: (i32, u32, u32) = (2020, 3, 1);
const LAST: (i32, u32, u32) = (2022, 3, 1);

fn days() -> impl Iterator<Item = NaiveDate> {
    let date = |(year, month, day)| NaiveDate::from_ymd_opt(year, month, day).unwrap();
    date(FIRST).iter_days().take_while(move |day| *day <= date(LAST))
}

fn noon(day: NaiveDate) -> DateTime<Utc> {
    rules::day::from_oslo(day, 12, 0).unwrap()
}

fn shifted(day: NaiveDate, by: i64) -> NaiveDate {
    day + TimeDelta::days(by)
}

/// No entry, an entry without the duty, and entries on both sides of every quarantine length.
fn entries(day: NaiveDate) -> Vec<Option<Entry>> {
    let mut entries = vec![None, Some(Entry { on: day, quarantine: false })];
    entries.extend([-15, -14, -11, -10, -9, -1, 0, 5].map(|by| Some(Entry { on: shifted(day, by), quarantine: true })));
    entries
}

const AVAILABILITIES: [Availability; 4] = [
    Availability { type_open: None, free: None },
    Availability { type_open: Some(false), free: Some(0) },
    Availability { type_open: Some(true), free: Some(0) },
    Availability { type_open: Some(true), free: Some(3) },
];

fn appointments(day: NaiveDate) -> [Option<Appointment>; 3] {
    let starts = noon(shifted(day, 3));
    [
        None,
        Some(Appointment { starts, status: AppointmentStatus::Booked }),
        Some(Appointment { starts, status: AppointmentStatus::Cancelled }),
    ]
}

/// Every question on a day, without entry, appointment and told rule.
fn questions(day: NaiveDate) -> Vec<Question> {
    let mut questions = vec![Question::Attend, Question::Duties, Question::AskUdiForAppointment, Question::AskToUpload];
    for kind in ApplicationType::ALL {
        for district in [District::Oslo, District::Vest] {
            for submitted in [true, false] {
                let application = Application { kind: *kind, district, submitted };
                questions.push(Question::Invite(application));
                questions.push(Question::Cancel(application));
                for availability in AVAILABILITIES {
                    for critical_travel in [true, false] {
                        questions.push(Question::Book(Booking { application, availability, critical_travel }));
                    }
                }
            }
            for delivery in deliveries(*kind, district, day) {
                questions.push(Question::Upload(delivery));
            }
        }
    }
    questions
}

fn deliveries(kind: ApplicationType, district: District, day: NaiveDate) -> Vec<Delivery> {
    if kind == ApplicationType::Citizenship {
        return [Standing::NotInvited, Standing::Expired, Standing::Live]
            .map(|letter| Delivery::Citizenship { district, letter })
            .to_vec();
    }
    let mut deliveries = vec![Delivery::Other { district, invitation: None }];
    for (issued, expires) in [(-5, None), (-5, Some(-1)), (-5, Some(0)), (1, None)] {
        for technical_failure in [true, false] {
            let expires = expires.map(|by| shifted(day, by));
            let invitation = Invitation { issued: shifted(day, issued), expires, technical_failure };
            deliveries.push(Delivery::Other { district, invitation: Some(invitation) });
        }
    }
    deliveries
}

/// Calls `check` for every combination on every day. Returns their number.
fn for_all_facts(mut check: impl FnMut(&Policy, &Facts, &Decision)) -> u64 {
    let policy = Policy::published();
    let mut count = 0;
    for day in days() {
        let work = Some(Work { starts: shifted(day, 7), reported: None });
        for question in questions(day) {
            for entry in entries(day) {
                for appointment in appointments(day) {
                    for told_to_report_within_week in [true, false] {
                        let facts = Facts {
                            at: noon(day),
                            question: question.clone(),
                            citizenships: Vec::new(),
                            entry,
                            told_to_report_within_week,
                            appointment,
                            work,
                        };
                        check(&policy, &facts, &decide(&policy, &facts));
                        count += 1;
                    }
                }
            }
        }
    }
    count
}

/// The possible reasons of a question, in the order of the design's table.
fn order(question: &Question) -> &'static [Reason] {
    use Reason::*;
    match question {
        Question::Book(_) => &[
            NotApplied,
            QuarantineNotOver,
            WeekRuleGivesWay,
            PassportCapacityReduced,
            CriticalTravelByPhone,
            TypeNotBookable,
            AlreadyBooked,
            NoFreeAppointment,
        ],
        Question::Attend => &[NoAppointment, AppointmentCancelled, QuarantineNotOver, WeekRuleGivesWay],
        Question::Upload(_) => {
            &[CitizenshipExcluded, NotInvited, InvitationExpired, TechnicalFailure, FollowPoliceInstructions]
        }
        Question::Invite(_) => &[CitizenshipExcluded, TypeNotDigital],
        Question::Cancel(_) | Question::Duties => &[],
        Question::AskUdiForAppointment => &[UdiCannotBook],
        Question::AskToUpload => &[DigitalNotOnRequest],
    }
}

#[test]
fn no_decision_contradicts_itself() {
    const EITHER_OR: &[(Reason, Reason)] = &[
        (Reason::PassportCapacityReduced, Reason::CriticalTravelByPhone),
        (Reason::TypeNotBookable, Reason::NoFreeAppointment),
        (Reason::NoAppointment, Reason::AppointmentCancelled),
        (Reason::NotInvited, Reason::InvitationExpired),
        (Reason::TechnicalFailure, Reason::FollowPoliceInstructions),
        (Reason::CitizenshipExcluded, Reason::TypeNotDigital),
        (Reason::CitizenshipExcluded, Reason::TechnicalFailure),
        (Reason::CitizenshipExcluded, Reason::FollowPoliceInstructions),
        (Reason::NotInvited, Reason::FollowPoliceInstructions),
        (Reason::InvitationExpired, Reason::FollowPoliceInstructions),
    ];
    let count = for_all_facts(|_, facts, decision| {
        let has = |reason| decision.codes().any(|code| code == reason);
        let codes: Vec<Reason> = decision.codes().collect();
        let context = || format!("{facts:?} gives {decision:?}");
        for (one, other) in EITHER_OR {
            assert!(!(has(*one) && has(*other)), "{}", context());
        }
        let mut table = order(&facts.question).iter();
        let in_order = codes.iter().all(|reason| table.any(|next| next == reason));
        assert!(in_order, "in the order of the table: {}", context());
        assert!(!has(Reason::WeekRuleGivesWay) || has(Reason::QuarantineNotOver), "{}", context());
        match decision.outcome {
            Outcome::Refused => assert!(!decision.reasons.is_empty(), "{}", context()),
            Outcome::Allowed => {
                assert!(matches!(codes[..], [] | [Reason::FollowPoliceInstructions]), "{}", context())
            }
            Outcome::ByPhone => assert!(
                matches!(codes[..], [Reason::CriticalTravelByPhone] | [Reason::TechnicalFailure]),
                "{}",
                context()
            ),
            Outcome::Informed => assert!(decision.reasons.is_empty(), "{}", context()),
        }
        let ends = has(Reason::QuarantineNotOver) || has(Reason::PassportCapacityReduced);
        assert_eq!(decision.earliest.is_some(), ends, "{}", context());
        assert!(decision.earliest.is_none_or(|earliest| earliest > facts.day()), "{}", context());
    });
    assert!(count > 10_000_000, "{count} decisions");
}

#[test]
fn citizenship_is_never_delivered_digitally() {
    for_all_facts(|_, facts, decision| {
        if matches!(facts.question, Question::Upload(Delivery::Citizenship { .. })) {
            assert_eq!(decision.outcome, Outcome::Refused, "{facts:?}");
            assert_eq!(decision.contact, None, "nor sent to the phone: {facts:?}");
        }
        if matches!(&facts.question, Question::Invite(application) if application.kind == ApplicationType::Citizenship)
        {
            assert_eq!(decision.outcome, Outcome::Refused, "{facts:?}");
        }
    });
}

#[test]
fn no_refusal_hides_a_duty() {
    for_all_facts(|policy, facts, decision| {
        let asked_by_officer = matches!(facts.question, Question::Invite(_) | Question::Cancel(_));
        let due = decide(policy, &Facts { question: Question::Duties, ..facts.clone() }).duties;
        assert_eq!(decision.duties, if asked_by_officer { Vec::<Duty>::new() } else { due }, "{facts:?}");
    });
}

/// The steps of the explanation lead to the same decision, with each reason and duty in its place.
#[test]
fn the_steps_lead_to_the_decision() {
    let mut seen: BTreeSet<&'static str> = BTreeSet::new();
    for_all_facts(|policy, facts, decision| {
        let (explained, steps) = explain(policy, facts);
        assert_eq!(explained, *decision, "{facts:?}");
        let (mut reasons, mut duties, mut channel) = (Vec::new(), Vec::new(), None);
        for step in &steps {
            seen.insert(step.saw.code());
            match step.concluded {
                Conclusion::Nothing => {}
                Conclusion::Reason(reason) => reasons.push(Ground { reason, source: step.source.clone() }),
                Conclusion::Due(duty) => duties.push(duty),
                Conclusion::Channel(by) => channel = Some(by),
            }
        }
        assert_eq!((reasons, duties, channel), (explained.reasons, explained.duties, explained.channel), "{facts:?}");
        assert!(!steps.is_empty() && steps.iter().all(|step| notice::find(&step.source).is_some()), "{facts:?}");
    });
    let unknown: Vec<_> = seen.iter().filter(|code| !Saw::CODES.contains(code)).collect();
    assert!(unknown.is_empty(), "{unknown:?} would have no text");
}

/// The field `earliest` is exact: on the day before, one of the reasons that end still stands; on the day, none does.
#[test]
fn the_earliest_day_is_exact() {
    let mut looked_at = 0;
    for_all_facts(|policy, facts, decision| {
        let Some(earliest) = decision.earliest else { return };
        let ends = |reason: &Reason| matches!(reason, Reason::QuarantineNotOver | Reason::PassportCapacityReduced);
        let still_stands_on = |day| {
            let then = decide(policy, &Facts { at: noon(day), ..facts.clone() });
            decision.codes().filter(ends).any(|reason| then.codes().any(|other| other == reason))
        };
        assert!(still_stands_on(earliest - Days::new(1)), "{facts:?} gives {decision:?}");
        assert!(!still_stands_on(earliest), "{facts:?} gives {decision:?}");
        looked_at += 1;
    });
    assert!(looked_at > 100_000, "{looked_at} looked at");
}

/// The first possible day is exact: refused until the day before, allowed on the day.
#[test]
fn the_first_day_to_book_is_exact() {
    let mut looked_at = 0;
    for_all_facts(|policy, facts, decision| {
        if !matches!(facts.question, Question::Book(_)) || decision.outcome != Outcome::Refused {
            return;
        }
        let Some(first) = first_day_allowed(policy, facts) else { return };
        let on = |day| decide(policy, &Facts { at: noon(day), ..facts.clone() }).outcome;
        assert_eq!(on(first), Outcome::Allowed, "{facts:?}: {first}");
        assert_ne!(on(first - Days::new(1)), Outcome::Allowed, "{facts:?}: {first}");
        looked_at += 1;
    });
    assert!(looked_at > 100_000, "{looked_at} looked at");
}

/// The same facts with one more obstacle to booking.
fn burdened(facts: &Facts) -> Vec<Facts> {
    let Question::Book(booking) = facts.question else { unreachable!("facts to book") };
    let with = |booking| Facts { question: Question::Book(booking), ..facts.clone() };
    let entry = Entry { on: facts.day(), quarantine: true };
    let appointment = Appointment { starts: facts.at, status: AppointmentStatus::Booked };
    vec![
        with(Booking { application: Application { submitted: false, ..booking.application }, ..booking }),
        with(Booking { availability: Availability { type_open: Some(false), ..booking.availability }, ..booking }),
        with(Booking { availability: Availability { type_open: Some(true), free: Some(0) }, ..booking }),
        Facts { entry: Some(entry), ..facts.clone() },
        Facts { appointment: Some(appointment), ..facts.clone() },
        Facts { told_to_report_within_week: true, ..facts.clone() },
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn more_against_booking_never_turns_a_refusal_into_a_yes(facts in facts_to_book()) {
        let policy = Policy::published();
        if decide(&policy, &facts).outcome != Outcome::Refused {
            return Ok(());
        }
        for burdened in burdened(&facts) {
            // A type that becomes open is no obstacle.
            let opened = matches!((&facts.question, &burdened.question), (Question::Book(before), Question::Book(after))
                if before.availability.type_open == Some(false) && after.availability.type_open == Some(true));
            if !opened {
                prop_assert_ne!(decide(&policy, &burdened).outcome, Outcome::Allowed, "{:?}", burdened);
            }
        }
    }

    #[test]
    fn the_order_of_citizenships_is_irrelevant(facts in facts_to_book(), by in 0..4_usize) {
        let policy = Policy::published();
        let mut turned = facts.clone();
        if !turned.citizenships.is_empty() {
            let by = by % turned.citizenships.len();
            turned.citizenships.rotate_left(by);
        }
        prop_assert_eq!(decide(&policy, &turned), decide(&policy, &facts));
    }
}
