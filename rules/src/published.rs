//! The published policy, which `build.rs` generates from the documents in `notices/`.

use std::borrow::Cow;

use crate::{
    ApplicationType, Country, District,
    day::day,
    policy::{Dated, Policy, Source, Version},
};

impl Policy {
    /// Returns the policy of the two notices and of the regulations they rest on.
    pub fn published() -> Policy {
        include!(concat!(env!("OUT_DIR"), "/published.rs"))
    }
}

/// The TOML texts of the documents in the published policy.
#[cfg(feature = "documents")]
pub const NOTICES: &[&str] = include!(concat!(env!("OUT_DIR"), "/texts.rs"));
