//! Handlers for applicants who are signed in, and for their sign-in. Each sees only what is theirs.

pub(crate) mod account;
pub(crate) mod appointments;
pub(crate) mod cases;
pub(crate) mod holds;
pub(crate) mod messages;
pub(crate) mod session;
pub mod sign_in_codes;
pub(crate) mod uploads;
