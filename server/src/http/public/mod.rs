//! Handlers for everybody, without signing in. None of them reads personal data.

pub(crate) mod decide;
pub(crate) mod feedback;
pub(crate) mod health;
pub(crate) mod links;
pub(crate) mod offices;
pub(crate) mod policy;
pub(crate) mod start;
