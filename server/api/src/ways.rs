//! Next steps after a refusal.
//!
//! [`ways`] lists the options that each reason leaves open. [`on`] turns them into concrete steps for a case. There is always at
//! least one step, and each leads to a page, a site, a file or a phone number. The page calls [`on`].

use rules::Reason;

use crate::offices::Office;

/// An option after a refusal, regardless of whether its details are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The existing appointment.
    Appointment,
    /// The free slots of the case.
    Times,
    /// UDI's Application Portal, where applications are sent in.
    Portal,
    /// UDI, by phone.
    Udi,
    /// The information line that the decision names.
    Line,
    /// The offices that receive applicants of this type, by phone.
    Offices,
    /// A calendar reminder of the time at which these offices post new slots.
    Posting,
}

/// Returns the options that a reason leaves open, best first.
pub fn ways(reason: Reason) -> &'static [Way] {
    match reason {
        Reason::NotApplied => &[Way::Portal, Way::Udi],
        Reason::NoFreeAppointment => &[Way::Posting, Way::Offices],
        Reason::AlreadyBooked => &[Way::Appointment],
        Reason::TechnicalFailure => &[Way::Line, Way::Offices],
        Reason::NoAppointment
        | Reason::AppointmentCancelled
        | Reason::CitizenshipExcluded
        | Reason::InvitationExpired => &[Way::Times, Way::Offices],
        // The notices say not to contact UDI or the police about these, so no phone number is offered.
        Reason::NotInvited | Reason::TypeNotDigital | Reason::UdiCannotBook | Reason::DigitalNotOnRequest => {
            &[Way::Times]
        }
        Reason::QuarantineNotOver
        | Reason::WeekRuleGivesWay
        | Reason::PassportCapacityReduced
        | Reason::CriticalTravelByPhone
        | Reason::TypeNotBookable
        | Reason::FollowPoliceInstructions => &[Way::Offices],
    }
}

/// The known details of the refused person.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'k> {
    pub case: Option<&'k str>,
    pub appointment: Option<&'k str>,
    /// The phone number of the decision.
    pub contact: Option<&'k str>,
    /// The offices of the district that receive applicants of this type.
    pub offices: &'k [Office],
}

/// A concrete next step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Line {
        phone: String,
    },
    Portal,
    Udi,
    Appointment {
        id: String,
    },
    Times {
        case: String,
    },
    /// The list of cases, if the case is not known.
    Cases,
    /// A call to an office. `remind` is `true` if the office also posts slots at a set time, so that a reminder can be offered.
    Office {
        office: Office,
        remind: bool,
    },
    /// The list of all offices with their phone numbers.
    AllOffices,
}

/// Returns the steps that the reasons leave open, without duplicates. The list is never empty.
pub fn on(reasons: impl IntoIterator<Item = Reason>, known: Known<'_>) -> Vec<Step> {
    let mut all: Vec<Way> = Vec::new();
    for way in reasons.into_iter().flat_map(ways) {
        if !all.contains(way) {
            all.push(*way);
        }
    }
    let is_posting = all.contains(&Way::Posting);
    let mut steps: Vec<Step> = Vec::new();
    for way in all {
        match way {
            Way::Line => steps.extend(known.contact.map(|phone| Step::Line { phone: phone.to_owned() })),
            Way::Portal => steps.push(Step::Portal),
            Way::Udi => steps.push(Step::Udi),
            Way::Appointment => {
                steps.push(known.appointment.map_or(Step::Cases, |id| Step::Appointment { id: id.to_owned() }));
            }
            Way::Times => steps.push(known.case.map_or(Step::Cases, |case| Step::Times { case: case.to_owned() })),
            // The information line exists so that people do not call the offices.
            Way::Offices if steps.iter().any(|step| matches!(step, Step::Line { .. })) => {}
            Way::Offices if known.offices.is_empty() => steps.push(Step::AllOffices),
            Way::Offices => {
                steps.extend(known.offices.iter().map(|office| Step::Office {
                    office: office.clone(),
                    remind: is_posting && office.posts.is_some(),
                }))
            }
            // The step of each office includes it.
            Way::Posting => {}
        }
    }
    if steps.is_empty() {
        steps.push(Step::AllOffices);
    }
    let mut once: Vec<Step> = Vec::new();
    for step in steps {
        if !once.contains(&step) {
            once.push(step);
        }
    }
    once
}

#[cfg(test)]
mod tests {
    use chrono::Weekday;
    use rules::{Coded, District};

    use super::*;
    use crate::offices::{OfficeKind, Posting};

    fn office(posts: bool) -> Office {
        Office {
            id: "o".into(),
            name: "Oslo".to_owned(),
            kind: OfficeKind::Immigration,
            district: District::Oslo,
            address: "Storgata 1".to_owned(),
            phone: "+47 22 34 21 00".to_owned(),
            hours: Vec::new(),
            bring: Vec::new(),
            posts: posts.then_some(Posting { day: Weekday::Mon, at: 8 * 60 }),
        }
    }

    /// Checks each pair of reasons with every combination of known details.
    #[test]
    fn nobody_is_refused_without_a_way_on() {
        let offices = [office(true), office(false)];
        for first in Reason::ALL {
            assert!(!ways(*first).is_empty(), "{}", first.code());
            for second in Reason::ALL {
                for case in [None, Some("c")] {
                    for appointment in [None, Some("a")] {
                        for contact in [None, Some("22 34 21 00")] {
                            for offices in [&offices[..0], &offices[..1], &offices[..]] {
                                let known = Known { case, appointment, contact, offices };
                                let steps = on([*first, *second], known);
                                assert!(!steps.is_empty(), "{} {}", first.code(), second.code());
                                for (place, step) in steps.iter().enumerate() {
                                    assert!(!steps[..place].contains(step), "{step:?} twice");
                                }
                            }
                        }
                    }
                }
            }
        }
        assert_eq!(on([], Known::default()), [Step::AllOffices]);
    }

    #[test]
    fn a_reason_leads_where_it_can_be_dealt_with() {
        let offices = [office(true)];
        let known = Known { case: Some("c"), appointment: Some("a"), contact: Some("1"), offices: &offices };
        let call = |remind| Step::Office { office: office(true), remind };
        for (reason, steps) in [
            (Reason::NotApplied, vec![Step::Portal, Step::Udi]),
            (Reason::NoFreeAppointment, vec![call(true)]),
            (Reason::CriticalTravelByPhone, vec![call(false)]),
            (Reason::AlreadyBooked, vec![Step::Appointment { id: "a".to_owned() }]),
            (Reason::TechnicalFailure, vec![Step::Line { phone: "1".to_owned() }]),
            (Reason::UdiCannotBook, vec![Step::Times { case: "c".to_owned() }]),
        ] {
            assert_eq!(on([reason], known), steps, "{}", reason.code());
        }
    }
}
