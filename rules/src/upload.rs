//! Documents electronically: only when the police ask, never on request, never for citizenship.

use chrono::NaiveDate;

use crate::{
    ApplicationType, Outcome, Policy, Reason,
    facts::{Delivery, Standing},
    findings::Findings,
};

pub(crate) fn decide(policy: &Policy, delivery: &Delivery, day: NaiveDate, found: &mut Findings) -> Outcome {
    let standing = match delivery {
        Delivery::Citizenship { letter } => {
            found.reason(Reason::CitizenshipExcluded);
            *letter
        }
        Delivery::Other { invitation, .. } => {
            invitation.as_ref().map_or(Standing::NotInvited, |invitation| invitation.standing(day))
        }
    };
    match standing {
        Standing::NotInvited => found.reason(Reason::NotInvited),
        Standing::Expired => found.reason(Reason::InvitationExpired),
        Standing::Live => {}
    }
    if !found.reasons().is_empty() {
        return Outcome::Refused;
    }
    match delivery {
        Delivery::Other { district, invitation: Some(invitation) } if invitation.technical_failure => {
            found.reason(Reason::TechnicalFailure);
            found.contact = policy.information_line(*district, day).map(str::to_owned);
            Outcome::ByPhone
        }
        _ => {
            found.reason(Reason::FollowPoliceInstructions);
            Outcome::Allowed
        }
    }
}

/// May an officer invite to deliver electronically?
pub(crate) fn decide_invitation(
    policy: &Policy,
    kind: ApplicationType,
    day: NaiveDate,
    found: &mut Findings,
) -> Outcome {
    if kind == ApplicationType::Citizenship {
        found.reason(Reason::CitizenshipExcluded);
    } else if !policy.is_digital(kind, day) {
        found.reason(Reason::TypeNotDigital);
    }
    found.refused_if_any()
}
