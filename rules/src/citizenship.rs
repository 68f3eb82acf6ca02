//! Citizenship: which of a person's countries is an EU or EEA state. Called by the rule of duties.

use chrono::NaiveDate;

use crate::{Country, Policy};

/// Returns the first of the citizenships that belongs to an EU or EEA state on that day. One is enough. Returns `None` if
/// there is none, as for a stateless person.
pub fn eea_state(policy: &Policy, citizenships: &[Country], day: NaiveDate) -> Option<Country> {
    let is_member =
        |country: &Country| policy.eea.iter().any(|member| member.value == *country && member.holds_on(day));
    citizenships.iter().copied().find(is_member)
}
