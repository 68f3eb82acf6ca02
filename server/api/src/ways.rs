//! The ways on from a refusal: what somebody can do now whom the rules have said no to.
//!
//! Which reason opens which way is data ([`ways`]); [`on`] makes steps of it that can be taken, by what is known. There is always
//! one, and each leads somewhere: to a page, a site, a file or a telephone.

use rules::Reason;

use crate::offices::Office;

/// A way on, whether or not what it needs is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The appointment that there is already.
    Appointment,
    /// The free times of the case.
    Times,
    /// UDI's Application Portal, where applications are sent in.
    Portal,
    /// UDI, on the telephone.
    Udi,
    /// The information line that the decision names.
    Line,
    /// The offices that receive people for this, on the telephone.
    Offices,
    /// A reminder of when these offices post times next.
    Posting,
}

/// The ways on that a reason leaves open, the first one first.
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
        // Neither UDI nor the police can be asked for these, so nobody is sent to a telephone.
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

/// What is known of whoever was refused.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'k> {
    pub case: Option<&'k str>,
    pub appointment: Option<&'k str>,
    /// The number that the decision names.
    pub contact: Option<&'k str>,
    /// The offices that receive people for this in their district.
    pub offices: &'k [Office],
}

/// Something that can be done now.
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
    /// The page with all cases, where it is not known which one it is.
    Cases,
    /// An office is called. `remind`: it also posts times at a set time, of which one can be reminded.
    Office {
        office: Office,
        remind: bool,
    },
    /// The list of all offices with their numbers.
    AllOffices,
}

/// The steps that reasons leave open, without repeats. Never empty.
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
            // The line is there so that the offices are not called.
            Way::Offices if steps.iter().any(|step| matches!(step, Step::Line { .. })) => {}
            Way::Offices if known.offices.is_empty() => steps.push(Step::AllOffices),
            Way::Offices => {
                steps.extend(known.offices.iter().map(|office| Step::Office {
                    office: office.clone(),
                    remind: is_posting && office.posts.is_some(),
                }))
            }
            // Said beside each office.
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
            id: "o".to_owned(),
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

    /// Every reason alone and with every other, with everything that may be known and that may be missing.
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
