//! Citizenships: who is a national of an EU or EEA state.

use chrono::NaiveDate;

use crate::{Country, Policy};

/// Whether one of the citizenships is of an EU or EEA state on that day. Any one is enough; somebody without any is
/// stateless and so is not.
pub fn is_eea_national(policy: &Policy, citizenships: &[Country], day: NaiveDate) -> bool {
    citizenships.iter().any(|country| policy.eea.iter().any(|member| member.value == *country && member.holds_on(day)))
}
