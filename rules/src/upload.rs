//! Electronic delivery of documents: only after an invitation by the police, never on request, never for citizenship.
//!
//! Called by [`crate::decide`]. Files are not handled here; the server stores them.

use chrono::NaiveDate;

use crate::{
    ApplicationType, Outcome, Policy, Reason,
    facts::{Delivery, Standing},
    findings::Findings,
    trace::{Rule, Saw},
};

/// Decides whether documents can be delivered now, and names the phone line after a technical failure.
pub(crate) fn decide(policy: &Policy, delivery: &Delivery, day: NaiveDate, found: &mut Findings) -> Outcome {
    let (standing, invitation) = match delivery {
        Delivery::Citizenship { letter, .. } => {
            found.reason(Rule::Citizenship, Reason::CitizenshipExcluded, || Saw::Citizenship);
            (*letter, None)
        }
        Delivery::Other { invitation, .. } => {
            found.nothing(Rule::Citizenship, || Saw::NotCitizenship);
            let standing = invitation.map_or(Standing::NotInvited, |invitation| invitation.standing(day));
            (standing, *invitation)
        }
    };
    match standing {
        Standing::NotInvited => found.reason(Rule::Invitation, Reason::NotInvited, || Saw::NotInvited),
        Standing::Expired => found.reason(Rule::Invitation, Reason::InvitationExpired, || Saw::InvitationOver {
            expires: invitation.and_then(|invitation| invitation.expires),
        }),
        Standing::Live => found.nothing(Rule::Invitation, || match invitation {
            Some(invitation) => Saw::Invited { issued: invitation.issued, expires: invitation.expires },
            None => Saw::Letter,
        }),
    }
    if found.any_reason() {
        return Outcome::Refused;
    }
    match delivery {
        Delivery::Other { district, invitation: Some(invitation), .. } if invitation.technical_failure => {
            let line = policy.information_line(*district, day);
            let phone = line.map(|line| line.value.1.clone());
            found.contact.clone_from(&phone);
            match line {
                Some(line) => {
                    found.reason_by(Rule::Delivery, Reason::TechnicalFailure, &line.source, || Saw::TechnicalFailure {
                        phone,
                    });
                }
                None => {
                    found.reason(Rule::Delivery, Reason::TechnicalFailure, || Saw::TechnicalFailure { phone: None })
                }
            }
            Outcome::ByPhone
        }
        _ => {
            found.reason(Rule::Delivery, Reason::FollowPoliceInstructions, || Saw::Delivers);
            Outcome::Allowed
        }
    }
}

/// Decides whether an officer may invite an application of this type to electronic delivery.
pub(crate) fn decide_invitation(
    policy: &Policy,
    kind: ApplicationType,
    day: NaiveDate,
    found: &mut Findings,
) -> Outcome {
    if kind == ApplicationType::Citizenship {
        found.reason(Rule::Citizenship, Reason::CitizenshipExcluded, || Saw::Citizenship);
    } else if policy.is_digital(kind, day) {
        found.nothing(Rule::DigitalTypes, || Saw::DigitalType);
    } else {
        found.reason(Rule::DigitalTypes, Reason::TypeNotDigital, || Saw::NotDigitalType);
    }
    found.refused_if_any()
}
