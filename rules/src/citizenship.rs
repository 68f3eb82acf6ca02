//! Citizenships: who is a national of an EU or EEA state.

use chrono::NaiveDate;

use crate::{Country, Policy};

/// The first of the citizenships that is of an EU or EEA state on that day. Any one is enough; somebody without any is
/// stateless and so is not.
pub fn eea_state(policy: &Policy, citizenships: &[Country], day: NaiveDate) -> Option<Country> {
    let is_member =
        |country: &Country| policy.eea.iter().any(|member| member.value == *country && member.holds_on(day));
    citizenships.iter().copied().find(is_member)
}
