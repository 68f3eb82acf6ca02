//! The policy of the published notices, made by `build.rs` from the documents in `notices/`.

use std::borrow::Cow;

use crate::{
    ApplicationType, Country, District,
    day::day,
    policy::{Dated, Policy, Source, Version},
};

impl Policy {
    /// What the two notices and the regulations they rest on say.
    pub fn published() -> Policy {
        include!(concat!(env!("OUT_DIR"), "/published.rs"))
    }
}

/// The documents it was made of, as they are written.
#[cfg(feature = "documents")]
pub const NOTICES: &[&str] = include!(concat!(env!("OUT_DIR"), "/texts.rs"));
