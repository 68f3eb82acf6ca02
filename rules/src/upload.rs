//! Documents electronically: only when the police ask, never on request, never for citizenship.

use chrono::NaiveDate;

use crate::{
    ApplicationType, District, Policy, Reason,
    decision::{Findings, Outcome},
};

/// The police have asked for documents electronically.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invitation {
    pub issued: NaiveDate,
    /// The last day, which still counts; without one it does not end.
    pub expires: Option<NaiveDate>,
    /// The documents could not be delivered for technical reasons.
    pub technical_failure: bool,
}

/// Where an invitation stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// There is none, or it is dated ahead.
    NotInvited,
    Expired,
    Live,
}

impl Invitation {
    pub fn standing(&self, day: NaiveDate) -> Standing {
        if day < self.issued {
            return Standing::NotInvited;
        }
        match self.expires {
            Some(expires) if expires < day => Standing::Expired,
            _ => Standing::Live,
        }
    }
}

/// Whose documents are to be uploaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// An application for citizenship can carry no invitation. Where somebody holds a letter all the same, only its
    /// standing is kept, so that every reason against them can be listed.
    Citizenship {
        letter: Standing,
    },
    Other {
        district: District,
        invitation: Option<Invitation>,
    },
}

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
